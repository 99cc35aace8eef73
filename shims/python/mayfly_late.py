"""What the shim needs only after something went wrong or out of the ordinary: the start does not pay for it."""
import os
import sys
import time


def machine_folders():
    """Where this machine keeps packages beside the interpreter's own."""
    version = "python%d.%d" % sys.version_info[:2]
    own = ["/usr/local/lib/%s/%s-packages" % (version, kind) for kind in ("site", "dist")]
    return [folder for folder in own + ["/usr/lib/python3/dist-packages"] if os.path.isdir(folder)]


def report(kind, message, trace, invocation, encode):
    """Prints an error as the managed runtime does, in one log line: a carriage return does not end it."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON":
        line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "level": "ERROR", "errorMessage": message,
                "errorType": kind, "requestId": invocation or "", "stackTrace": trace}
        sys.stdout.write(encode(line) + "\n")
        return
    lines = ["[ERROR] %s: %s" % (kind, message) if message else "[ERROR] %s" % kind, "Traceback (most recent call last):"]
    for entry in trace:
        lines.extend("\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in entry.splitlines())
    sys.stdout.write("\r".join(lines).replace("\n", "\r") + "\n")


def trace_of(error, shim):
    """The stack without the frames of the shim above the function's."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    start = 0
    while start < len(frames) - 1 and os.path.abspath(frames[start].filename) == shim:
        start += 1
    # The carets that newer versions print under a line are left out, as the managed runtime leaves them out.
    return traceback.format_list([(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames[start:]])


def plain(value, mark, above):
    """A copy that json encodes as the managed runtime's encoder does: named tuples as objects, decimals with all their digits."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return float("nan") if value.is_nan() else mark + str(value)
    named = getattr(value, "_asdict", None)
    if not callable(named) and not isinstance(value, (list, tuple, dict)):
        return value
    if id(value) in above:
        raise ValueError("Circular reference detected")
    above.add(id(value))
    try:
        if isinstance(value, list) or not callable(named) and isinstance(value, tuple):
            return [plain(item, mark, above) for item in value]
        fields = named() if callable(named) else value
        return {str(name, "utf-8") if isinstance(name, bytes) else name: plain(item, mark, above) for name, item in fields.items()}
    finally:
        above.discard(id(value))


def encode_any(result, encode):
    """Encodes a result with anything in it."""
    mark = os.urandom(12).hex()
    first, *others = encode(plain(result, mark, set())).split('"' + mark)
    return first + "".join(other.replace('"', "", 1) for other in others)
