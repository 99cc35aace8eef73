"""
What probes do from inside a function, step by step; probe.js and Fixture.Probe of C# know the same words.

Run as a handler; with --serve as a client of the Runtime API; else as a program that reads steps and writes what came of them.
"""
import ctypes
import errno
import http.client
import json
import os
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
kept = []


def read(path, bytes=65536):
    with open(path, "rb") as file:
        return file.read(bytes).decode("latin-1")


def write(path):
    created = not os.path.lexists(path)
    with open(path, "ab") as file:
        file.write(b"x")
    if created:
        os.unlink(path)
    return "written"


def talk(host, port, text=""):
    with socket.create_connection((host, port), 1) as connection:
        connection.settimeout(5)
        connection.sendall(text.encode())
        answer = b""
        while text:
            chunk = connection.recv(65536)
            if not chunk:
                break
            answer += chunk
        return answer.decode("latin-1")


def unix(path, packets=False):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET if packets else socket.SOCK_STREAM) as connection:
        connection.settimeout(2)
        connection.connect("\0" + path[1:] if path.startswith("@") else path)
    return "connected"


def call(number, arguments):
    """A system call as it is: its result, or the number of its error."""
    arguments = [ctypes.c_char_p(one.encode()) if isinstance(one, str) else ctypes.c_long(one) for one in arguments]
    result = libc.syscall(ctypes.c_long(number), *arguments)
    return {"error": ctypes.get_errno()} if result == -1 else result


def run(words):
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=10)
    return {"status": ended.returncode, "output": ended.stdout.decode("latin-1")}


def leave(name):
    """What a neighbour could see if walls were missing: a file, sockets, shared memory, a queue."""
    with open("/tmp/" + name, "w") as file:
        file.write(name)
    seen = []
    for family, place in ((socket.AF_UNIX, "\0" + name), (socket.AF_UNIX, "/tmp/%s.sock" % name), (socket.AF_INET, ("0.0.0.0", 0))):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(place)
        listener.listen(16)
        kept.append(listener)
        seen.append(listener.getsockname())
    if libc.shmget(0x6D617966, 4096, 0o1666) < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))
            address = way.getsockname()[0]
        except OSError:
            address = None
    return {"port": seen[-1][1], "address": address}


def bomb(kind):
    if kind == "files":
        return until_refused(lambda: os.open("/dev/null", os.O_RDONLY), os.close)
    if kind == "processes":
        return until_refused(lambda: subprocess.Popen(["/bin/sleep", "60"], stdout=subprocess.DEVNULL), lambda child: (child.kill(), child.wait()))
    if kind == "disk":
        chunk = bytes(1 << 20)
        with open("/tmp/bomb", "wb", 0) as file:
            try:
                return until_refused(lambda: file.write(chunk) == len(chunk) or no_space(), lambda _: None)
            finally:
                os.unlink("/tmp/bomb")
    if kind == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(b"x" * (8 << 20)))
    if kind == "log":
        line = "p" * 1023
        for _ in range(64 * 1024):
            print(line)
        return "printed"
    while True:
        pass


def no_space():
    raise OSError(errno.ENOSPC, "the rest did not fit")


def until_refused(take, give):
    taken = []
    try:
        while True:
            taken.append(take())
    except OSError as error:
        return {"taken": len(taken), "refused": errno.errorcode[error.errno]}
    finally:
        for one in taken:
            give(one)


WORDS = {
    "read": read,
    "list": lambda path: os.listdir(path),
    "link": lambda path: os.readlink(path),
    "write": write,
    "talk": talk,
    "unix": unix,
    "call": call,
    "run": run,
    "leave": leave,
    "bomb": bomb,
    "environment": lambda: dict(os.environ),
}


def carry_out(step):
    step = dict(step)
    try:
        result = WORDS[step.pop("do")](**step)
    except Exception as error:
        return {"error": errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)}
    return result if isinstance(result, dict) and "error" in result else {"ok": result}


def handler(event, context):
    return [carry_out(step) for step in event["steps"]]


def serve():
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        event = connection.getresponse()
        place = "/2018-06-01/runtime/invocation/%s/response" % event.headers["Lambda-Runtime-Aws-Request-Id"]
        connection.request("POST", place, json.dumps(handler(json.loads(event.read()), None)))
        connection.getresponse().read()


if __name__ == "__main__" and sys.argv[1:] == ["--serve"]:
    serve()
elif __name__ == "__main__" and sys.argv[1:] == ["--steps"]:
    json.dump(handler(json.load(sys.stdin), None), sys.stdout)
