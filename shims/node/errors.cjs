'use strict';
// Errors as callers see them.
const { types } = require('util');

// V8 writes the name into the stack while an error is made, so every type needs a class of its own.
const faults = new Map();

/** An error of the runtime itself, under the managed runtime's name for it. */
exports.Fault = class Fault {
  constructor(type, reason) {
    if (!faults.has(type)) {
      const name = type.replace('Runtime.', '');
      const made = { [name]: class extends Error {} }[name];
      made.prototype.name = type;
      faults.set(type, made);
    }
    return new (faults.get(type))(reason);
  }
};

/** The error object of the frame protocol. */
exports.describe = (error) => {
  const clean = (text) => text?.replaceAll('\x7F', '%7F');
  try {
    return isError(error)
      ? { errorType: clean(error.name), errorMessage: clean(error.message), trace: clean(error.stack).split('\n') }
      : { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return { errorType: 'handled', errorMessage: 'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack' };
  }
};

function isError(value) {
  const filled = (text) => typeof text === 'string' && text !== '';
  return types.isNativeError(value) || filled(value?.name) && filled(value.message) && filled(value.stack);
}
