"""How walks through the operations of an API compare."""
import re


def differs(expected, seen, path=""):
    """Where a value is not what was expected: a part of a structure, a regular expression, a question, or the value itself."""
    if callable(expected):
        return None if expected(seen) else f"{path}: {seen!r}"
    if isinstance(expected, re.Pattern):
        return None if isinstance(seen, str) and expected.fullmatch(seen) else f"{path}: {seen!r} is not like {expected.pattern}"
    if isinstance(expected, dict) and isinstance(seen, dict):
        found = (differs(value, seen.get(key), f"{path}.{key}") for key, value in expected.items())
        return next((one for one in found if one), None)
    return None if expected == seen else f"{path}: {seen!r} instead of {expected!r}"
