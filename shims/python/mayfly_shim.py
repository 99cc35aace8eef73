"""Runs a function behind Mayfly's frame protocol on descriptor 3. Standard library only, Python 3.8 and later."""
import importlib
import json
import marshal
import os
import select
import struct
import sys
import time
from _frozen_importlib_external import PathFinder

CHANNEL = 3
INVOKE, STOP, ASSIGN, POLL, READY, INIT_ERROR, RESPONSE, ERROR, WARM, TEMPLATE = 1, 2, 4, 5, 16, 17, 18, 19, 24, 25
FRAME_LIMIT = 16 * 1024 * 1024
# Larger blocks would be mapped and given back with every read.
READ_SIZE = 65536
HEADER = struct.Struct(">IBI")
SHIM_FILE = os.path.abspath(__file__)
# What the managed runtimes bring along: taken from this machine when neither the function nor a layer has it.
SDK = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}
# What is set up for functions as they import it, and by which module here.
CONFIGURED = {"logging": "mayfly_logging", "botocore.session": "mayfly_endpoints"}
request_id = ""
process = 0
# What gives memory back once nothing was called for so many milliseconds: sooner than the server lets an idle process stand still.
rest, IDLE = None, 100


class Fault(Exception):
    """An error with the type name that the managed runtime reports."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


def shown(value, names):
    """The form in which the managed runtime prints the context and its parts."""
    return "%s([%s])" % (type(value).__name__, ",".join("%s=%s" % (name, getattr(value, name)) for name in names))


class Part:
    """A part of the context, filled from JSON; what the JSON lacks is None."""

    __slots__ = ()

    def __init__(self, fields):
        for name in self.__slots__:
            setattr(self, name, fields.get(name))

    def __repr__(self):
        return shown(self, self.__slots__)


class CognitoIdentity(Part):
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(Part):
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(Part):
    __slots__ = ("custom", "env", "client")


class LambdaContext:
    def __init__(self, aws_request_id, arn, deadline, client_context, identity, tenant_id):
        environ = os.environ
        self.aws_request_id = aws_request_id
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = arn
        self.tenant_id = tenant_id or None
        self.client_context = None
        if client_context:
            self.client_context = ClientContext(part_of(client_context, "Client Context"))
            if self.client_context.client is not None:
                self.client_context.client = Client(self.client_context.client)
        fields = part_of(identity, "Cognito Identity") if identity else {}
        self.identity = CognitoIdentity({
            "cognito_identity_id": fields.get("cognitoIdentityId"), "cognito_identity_pool_id": fields.get("cognitoIdentityPoolId")})
        self._epoch_deadline_time_in_ms = deadline

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return shown(self, (
            "aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
            "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id"))


def part_of(text, title):
    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (title, error)) from error


class SdkFinder:
    """Asked last, so only for what was found nowhere else: finds the SDK where this machine keeps it."""

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in SDK:
            return None
        import mayfly_late
        return PathFinder.find_spec(name, mayfly_late.machine_folders())


class ImportHook:
    """Sets up what functions import for Lambda when, and only when, something imports it: the import costs milliseconds."""

    def find_spec(self, name, path=None, target=None):
        if name not in CONFIGURED:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = ConfiguringLoader(spec.loader, CONFIGURED[name])
        return spec


class ConfiguringLoader:
    def __init__(self, inner, by):
        self._inner = inner
        self._by = by

    def create_module(self, spec):
        return self._inner.create_module(spec)

    def exec_module(self, module):
        self._inner.exec_module(module)
        importlib.import_module(self._by).configure(module, lambda: current_request())

    def __getattr__(self, name):
        return getattr(self._inner, name)


def current_request():
    """The id of the invocation that runs; mayfly_slots puts in its place one that can tell several apart."""
    return request_id


def send(kind, slot, payload):
    if os.getpid() != process:
        os._exit(1)  # a fork that came back from the handler: only the first process answers
    if len(payload) > FRAME_LIMIT and kind == RESPONSE:
        kind, payload = ERROR, encode_error(
            "Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291556 bytes).", [], None)
    left = memoryview(HEADER.pack(len(payload), kind, slot) + payload)
    while left:
        left = left[os.write(CHANNEL, left):]


def encode_error(kind, message, trace, invocation):
    error = {"errorMessage": message, "errorType": kind, "requestId": invocation or "", "stackTrace": trace}
    return encode(error).encode("utf-8", "backslashreplace")


def describe(error):
    if isinstance(error, Fault):
        return error.kind, str(error), error.trace
    import mayfly_late
    return type(error).__name__, str(error), mayfly_late.trace_of(error, SHIM_FILE)


def report(kind, message, trace, invocation=None):
    import mayfly_late
    mayfly_late.report(kind, message, trace, invocation, encode)


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
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error)) from error
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)) from None


def jsonable(value):
    if isinstance(value, bytes):
        return str(value, "utf-8")
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


# json.dumps with arguments builds an encoder a call; one made once is a third faster. Versions from 3.12 on leave text as it is.
encode = json.JSONEncoder(ensure_ascii=sys.version_info < (3, 12), default=jsonable).encode


def marshal_result(result):
    if isinstance(result, bytes):
        return result
    try:
        try:
            # One walk in C tells whether there is anything but built-in types: only those are encoded in C too.
            marshal.dumps(result, 2)
            return encode(result)
        except (ValueError, TypeError):
            import mayfly_late
            return mayfly_late.encode_any(result, encode)
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


def opened(payload):
    """The parts of an Invoke frame: what the context is made of, the trace id and the event."""
    deadline, = struct.unpack_from(">q", payload)
    offset, texts = 8, []
    for _ in range(6):
        length, = struct.unpack_from(">H", payload, offset)
        texts.append(str(payload[offset + 2:offset + 2 + length], "utf-8"))
        offset += 2 + length
    invocation, arn, trace_id, client_context, identity, tenant_id = texts
    return (invocation, arn, deadline, client_context, identity, tenant_id), trace_id, payload[offset:]


def failed(error, invocation):
    """Prints an error and gives the answer that tells of it."""
    described = describe(error)
    report(*described, invocation)
    return ERROR, encode_error(*described, invocation)


def invoke(handler, slot, payload):
    global request_id
    parts, trace_id, event = opened(payload)
    request_id = parts[0]
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        event = unmarshal(event)
        result = handler(event, LambdaContext(*parts))
        if hasattr(result, "__await__"):
            result = run_awaitable(result)
        kind, text = RESPONSE, marshal_result(result)
    except Exception as error:
        kind, text = failed(error, request_id)
        # The frames of a failed call would keep its locals alive until the next one fails.
        error = None
    # Half a surrogate pair that was not escaped cannot be sent: the managed runtime ends here too.
    answer = text if isinstance(text, bytes) else text.encode()
    flush()
    send(kind, slot, answer)


def take(buffer):
    """Cuts the first whole frame off what was read: (type, slot, payload), or None."""
    if len(buffer) < HEADER.size:
        return None
    length, kind, slot = HEADER.unpack_from(buffer)
    end = HEADER.size + length
    if len(buffer) < end:
        return None
    payload = bytes(memoryview(buffer)[HEADER.size:end])
    del buffer[:end]
    return kind, slot, payload


def frames(buffer):
    """Yields (type, slot, payload) until the server is gone. One read a frame in the usual case."""
    # A read that waits would also wake when the server takes what was sent; this wait does not.
    poll = select.poll()
    poll.register(CHANNEL, select.POLLIN)
    patience = 0
    while True:
        frame = take(buffer)
        if frame is not None:
            if frame[0] == POLL:
                patience = int.from_bytes(frame[2], "big") * 1000
            else:
                yield frame
            continue
        if patience:
            # The next frame is expected sooner than a processor that sleeps wakes.
            end = time.perf_counter_ns() + patience
            patience = 0
            while not poll.poll(0) and time.perf_counter_ns() < end:
                os.sched_yield()
        if not poll.poll(rest and IDLE):
            rest()
            poll.poll()
        chunk = os.read(CHANNEL, READ_SIZE)
        if not chunk:
            return
        buffer += chunk


def prepare():
    """Brings the process into the state in which functions find it."""
    global process
    process = os.getpid()
    os.set_inheritable(CHANNEL, False)
    for stream in (sys.stdout, sys.stderr):
        if not (stream.line_buffering and stream.errors == "backslashreplace"):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")
    task_root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()
    # Without mounts the layers lie elsewhere.
    opt = os.environ.get("MAYFLY_OPT", "/opt")
    site = opt + "/python/lib/python%d.%d/site-packages" % sys.version_info[:2]
    first = [task_root, site, opt + "/python", os.path.dirname(SHIM_FILE)]
    sys.path[:] = first + [entry for entry in sys.path if entry not in first]
    sys.meta_path.insert(0, ImportHook())
    sys.meta_path.append(SdkFinder())


def refuse(error):
    """Tells of a function that cannot be served, and ends."""
    described = describe(error)
    report(*described)
    flush()
    send(INIT_ERROR, 0, encode_error(*described, None))
    sys.exit(1)


def serve(buffer):
    """Loads the handler and runs it until the server is gone. Serves first what the buffer holds already."""
    slots = int(os.environ.get("MAYFLY_CONCURRENCY") or 1)
    template = os.environ.pop("MAYFLY_TEMPLATE", None)
    try:
        handler = load_handler(os.environ.get("_HANDLER", ""))
        if template:
            import mayfly_template
            mayfly_template.offer(sys.modules[__name__], buffer)
    except Exception as error:
        refuse(error)
    flush()
    send(READY, 0, b"")
    if slots > 1:
        import mayfly_slots
        mayfly_slots.serve(sys.modules[__name__], handler, buffer)
        return
    for kind, slot, payload in frames(buffer):
        if kind == INVOKE:
            invoke(handler, slot, payload)
        elif kind == STOP:
            return
        else:
            unknown(kind)


def unknown(kind):
    sys.exit("mayfly: a frame of unknown type %d" % kind)


# The zygote loads this file as its own main module, and starts it later.
if __name__ == "__main__" and sys.argv[0] == __file__:
    if sys.argv[1:] == ["--stem"]:
        import mayfly_stem
        mayfly_stem.Stem(sys.modules[__name__], sys.path).run(rehearse=True)
    else:
        prepare()
        serve(bytearray())
