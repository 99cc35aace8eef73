throw new RangeError('no setting');
