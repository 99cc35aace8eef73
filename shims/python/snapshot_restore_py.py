"""What functions register to run before a snapshot and after a restore: the module of this name that AWS's runtime brings."""

_before_snapshot = []
_after_restore = []


def register_before_snapshot(func, *args, **kwargs):
    """Runs func before the snapshot: what was registered last runs first. Serves as a decorator too."""
    _before_snapshot.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    """Runs func in each instance before its first invocation, in the order of registration. Serves as a decorator too."""
    _after_restore.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return _before_snapshot


def get_after_restore():
    return _after_restore
