"""Runs a function behind Mayfly's frame protocol on descriptor 3. Standard library only, Python 3.8 and later."""
import importlib
import json
import os
import struct
import sys
import time
from _frozen_importlib_external import PathFinder

CHANNEL = 3
INVOKE, STOP, READY, INIT_ERROR, RESPONSE, ERROR = 1, 2, 16, 17, 18, 19
FRAME_LIMIT = 16 * 1024 * 1024
HEADER = struct.Struct(">IBI")
SHIM_FILE = os.path.abspath(__file__)
request_id = ""


class Fault(Exception):
    """An error with the type name that the managed runtime reports."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None

    def __repr__(self):
        return "CognitoIdentity([cognito_identity_id=%s,cognito_identity_pool_id=%s])" % (
            self.cognito_identity_id, self.cognito_identity_pool_id)


class Client:
    installation_id = app_title = app_version_name = app_version_code = app_package_name = None


class ClientContext:
    custom = env = client = None


class LambdaContext:
    def __init__(self, aws_request_id, arn, deadline, client_context, identity):
        environ = os.environ
        self.aws_request_id = aws_request_id
        self.invoked_function_arn = arn
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.tenant_id = None
        self.identity = CognitoIdentity()
        self.client_context = None
        self._epoch_deadline_time_in_ms = deadline
        if identity:
            fields = json.loads(identity)
            self.identity.cognito_identity_id = fields.get("cognitoIdentityId")
            self.identity.cognito_identity_pool_id = fields.get("cognitoIdentityPoolId")
        if client_context:
            self.client_context = _filled(ClientContext(), json.loads(client_context))
            if self.client_context.client is not None:
                self.client_context.client = _filled(Client(), self.client_context.client)

    def get_remaining_time_in_millis(self):
        return max(int(self._epoch_deadline_time_in_ms - time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return "LambdaContext([aws_request_id=%s,function_name=%s,function_version=%s,invoked_function_arn=%s])" % (
            self.aws_request_id, self.function_name, self.function_version, self.invoked_function_arn)


def _filled(target, fields):
    for name in ("custom", "env", "client", "installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
        if hasattr(type(target), name):
            setattr(target, name, fields.get(name))
    return target


class LoggingHook:
    """Sets up Lambda's log format when, and only when, something imports logging: the import costs milliseconds."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = ConfiguringLoader(spec.loader)
        return spec


class ConfiguringLoader:
    def __init__(self, inner):
        self._inner = inner

    def create_module(self, spec):
        return self._inner.create_module(spec)

    def exec_module(self, module):
        self._inner.exec_module(module)
        configure_logging(module)

    def __getattr__(self, name):
        return getattr(self._inner, name)


def configure_logging(logging):
    class LambdaLoggerHandler(logging.Handler):
        def emit(self, record):
            try:
                sys.stdout.write(self.format(record))
            except Exception:
                self.handleError(record)

    class LambdaLoggerFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = request_id
            return True

    formatter = logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    handler.setFormatter(formatter)
    handler.addFilter(LambdaLoggerFilter())
    logging.root.addHandler(handler)


def send(kind, slot, payload):
    if len(payload) > FRAME_LIMIT and kind == RESPONSE:
        kind, payload = ERROR, encode_error(
            "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes).", [], None)
    left = memoryview(HEADER.pack(len(payload), kind, slot) + payload)
    while left:
        left = left[os.write(CHANNEL, left):]


def encode_error(kind, message, trace, invocation):
    error = {"errorMessage": message, "errorType": kind}
    if invocation is not None:
        error["requestId"] = invocation
    error["stackTrace"] = trace
    return json.dumps(error).encode()


def report(kind, message, trace):
    """Prints an error as the managed runtime does, in one log line: a carriage return does not end it."""
    lines = ["[ERROR] %s: %s" % (kind, message) if message else "[ERROR] %s" % kind]
    if trace:
        lines.append("Traceback (most recent call last):")
        for entry in trace:
            lines.extend("\u00a0" * (len(line) - len(line.lstrip())) + line.lstrip() for line in entry.splitlines())
    sys.stdout.write("\r".join(lines) + "\n")


def trace_of(error):
    """The stack of the function alone: without this file and the import machinery above it."""
    import traceback  # late: it costs milliseconds that a start without an error need not pay

    frames = traceback.extract_tb(error.__traceback__)
    start = 0
    while start < len(frames) and (os.path.abspath(frames[start].filename) == SHIM_FILE
                                   or "importlib" in frames[start].filename and start < len(frames) - 1):
        start += 1
    return traceback.format_list(frames[start:])


def describe(error):
    if isinstance(error, Fault):
        return error.kind, str(error), error.trace
    return type(error).__name__, str(error), trace_of(error)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (ValueError, OSError, AttributeError):
            pass


def load_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (name, error))
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error), trace_of(error)) from error
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)) from None


def jsonable(value):
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


# json.dumps with arguments builds an encoder a call; one made once is a third faster.
encode = json.JSONEncoder(ensure_ascii=False, default=jsonable).encode


def marshal(result):
    try:
        return encode(result).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error) from error


def unmarshal(event):
    try:
        return json.loads(event) if event else None
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error) from error


event_loop = None


def run_awaitable(awaitable):
    global event_loop
    import asyncio

    async def outer():
        return await awaitable

    if event_loop is None:
        event_loop = asyncio.new_event_loop()
        asyncio.set_event_loop(event_loop)
    return event_loop.run_until_complete(outer())


def invoke(handler, slot, payload):
    global request_id
    deadline, = struct.unpack_from(">q", payload)
    offset, texts = 8, []
    for _ in range(5):
        length, = struct.unpack_from(">H", payload, offset)
        texts.append(str(payload[offset + 2:offset + 2 + length], "utf-8"))
        offset += 2 + length
    request_id, arn, trace_id, client_context, identity = texts
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        event = unmarshal(bytes(payload[offset:]))
        result = handler(event, LambdaContext(request_id, arn, deadline, client_context, identity))
        if hasattr(result, "__await__"):
            result = run_awaitable(result)
        kind, answer = RESPONSE, marshal(result)
    except Exception as error:
        described = describe(error)
        report(*described)
        kind, answer = ERROR, encode_error(*described, request_id)
        # The frames of a failed call would keep its locals alive until the next one fails.
        error = None
    flush()
    send(kind, slot, answer)


def frames():
    """Yields (type, slot, payload) until the server is gone. One read a frame in the usual case."""
    buffer = bytearray()
    while True:
        while len(buffer) < HEADER.size:
            chunk = os.read(CHANNEL, 262144)
            if not chunk:
                return
            buffer += chunk
        length, kind, slot = HEADER.unpack_from(buffer)
        end = HEADER.size + length
        while len(buffer) < end:
            chunk = os.read(CHANNEL, max(end - len(buffer), 65536))
            if not chunk:
                return
            buffer += chunk
        payload = bytes(memoryview(buffer)[HEADER.size:end])
        del buffer[:end]
        yield kind, slot, payload


def main():
    os.set_inheritable(CHANNEL, False)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    task_root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()
    site = "/opt/python/lib/python%d.%d/site-packages" % sys.version_info[:2]
    here = os.path.dirname(SHIM_FILE)
    first = [task_root, site, "/opt/python", here]
    sys.path[:] = first + [entry for entry in sys.path if entry not in first]
    sys.meta_path.insert(0, LoggingHook())
    try:
        handler = load_handler(os.environ.get("_HANDLER", ""))
    except Exception as error:
        described = describe(error)
        report(*described)
        flush()
        send(INIT_ERROR, 0, encode_error(*described, None))
        sys.exit(1)
    flush()
    send(READY, 0, b"")
    for kind, slot, payload in frames():
        if kind == INVOKE:
            invoke(handler, slot, payload)
        elif kind == STOP:
            return
        else:
            sys.exit("mayfly: a frame of unknown type %d" % kind)


if __name__ == "__main__":
    main()
