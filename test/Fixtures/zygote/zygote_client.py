"""Plays sandboxd for the tests and measurements of the zygote: starts it, asks it for stems, attaches code, speaks frames."""
import array
import ctypes
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
INVOKE, STOP, ASSIGN, READY, RESPONSE, ERROR, WARM = 1, 2, 4, 16, 18, 19, 24
RIGHTS = ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "SYS_CHROOT", "DAC_OVERRIDE", "KILL")
SEEN = ("ssl", "ca-certificates", "ca-certificates.conf", "resolv.conf", "nsswitch.conf", "localtime", "ld.so.cache", "alternatives", "mime.types")
HIDDEN = ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/proc/scsi")
UID = 1900000001
LIMIT = 20


def call(*arguments):
    result = libc.syscall(*[argument if isinstance(argument, (bytes, ctypes.Array)) else ctypes.c_long(argument) for argument in arguments])
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def in_child(work):
    """Runs something that changes the process in one of its own."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            os.write(2, ("%r\n" % error).encode())
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("a step in a child failed")


def attach(mounts, folder, target):
    """Brings a folder to a place in the sandbox, read-only before it is anywhere."""
    tree = call(428, -100, folder.encode(), 0x80000 | 1 | 0x8000)
    attributes = (ctypes.c_uint64 * 4)(1 | 2 | 4, 0, 0, 0)
    call(442, tree, b"", 0x1000 | 0x8000, attributes, 32)

    def move():
        if libc.setns(mounts, 0x20000):
            raise OSError(ctypes.get_errno(), "setns")
        call(429, tree, b"", -100, target.encode(), 4)
    in_child(move)
    os.close(tree)


def pid_of(pidfd):
    with open("/proc/self/fdinfo/%d" % pidfd) as fields:
        return next(int(field.split()[1]) for field in fields if field.startswith("Pid:"))


class Stem:
    def __init__(self, first, pidfd, channel, output, code=lambda: None):
        self.first, self.pidfd, self.channel, self.output, self.exit_code = first, pidfd, channel, output, code
        self.buffer = bytearray()

    def send(self, kind, payload=b"", slot=0):
        self.channel.sendall(struct.pack(">IBI", len(payload), kind, slot) + payload)

    def receive(self):
        while len(self.buffer) < 9 or len(self.buffer) < 9 + struct.unpack_from(">I", self.buffer)[0]:
            chunk = self.channel.recv(262144)
            if not chunk:
                raise RuntimeError("the stem is gone; it printed: " + self.printed())
            self.buffer += chunk
        length, kind, slot = struct.unpack_from(">IBI", self.buffer)
        payload = bytes(self.buffer[9:9 + length])
        del self.buffer[:9 + length]
        return kind, slot, payload

    def expect(self, kind):
        got, _, payload = self.receive()
        if got != kind:
            raise RuntimeError("frame %d instead of %d: %s; it printed: %s" % (got, kind, payload.decode(), self.printed()))
        return payload

    def assign(self, code, variables=None, layers=None):
        attach(self.mounts, code, "/var/task")
        if layers:
            attach(self.mounts, layers, "/opt")
        self.send(ASSIGN, environment(variables))

    def invoke_later(self, event, slot=1, request="r-1"):
        self.send(INVOKE, invocation(event, request), slot)

    def invoke(self, event):
        self.invoke_later(event)
        return json.loads(self.expect(RESPONSE))

    def printed(self):
        text = b""
        while select.select([self.output], [], [], 0.2)[0]:
            chunk = os.read(self.output, 65536)
            if not chunk:
                break
            text += chunk
        return text.decode()

    def ended(self, limit=LIMIT):
        return bool(select.select([self.pidfd], [], [], limit)[0])

    def kill(self):
        """All of it: what the first process is to the others."""
        signal.pidfd_send_signal(self.first, signal.SIGKILL)

    def close(self):
        self.channel.close()
        for descriptor in (self.output, self.first, self.pidfd, self.mounts):
            os.close(descriptor)


def environment(variables):
    usual = {"PATH": "/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC", "HOME": "/tmp", "TMPDIR": "/tmp", "PYTHONPATH": "/var/runtime",
             "PYTHONDONTWRITEBYTECODE": "1", "LAMBDA_TASK_ROOT": "/var/task", "LAMBDA_RUNTIME_DIR": "/var/runtime",
             "_HANDLER": "app.handler", "AWS_LAMBDA_FUNCTION_NAME": "hello"}
    return json.dumps(dict(usual, **(variables or {}))).encode()


def invocation(event, request="r-1"):
    texts = (request.encode(), b"arn:aws:lambda:us-east-1:000000000000:function:hello", b"Root=1-2", b"", b"", b"")
    return struct.pack(">q", int(time.time() * 1000) + 3000) + b"".join(struct.pack(">H", len(t)) + t for t in texts) + json.dumps(event).encode()


class Zygote:
    """A zygote in bubblewrap, as sandboxd starts it."""

    def __init__(self, shim, python=None, modules="", program=None, user_namespace=False):
        self.user_namespace = user_namespace
        self.connection, theirs = socket.socketpair()
        self.connection.settimeout(LIMIT)
        memory = -1
        if program:
            memory = os.memfd_create("filter")
            os.write(memory, program)
        python = python or os.path.realpath(sys.executable)
        command = self.walls(shim, python) + ["--clearenv", "--", python, "-I", "-S", "/var/runtime/zygote.py", modules]
        command[1:1] = ["--unshare-pid", "--as-pid-1"]

        def place():
            # Numbers that are in the way were taken at the start of this program.
            os.dup2(theirs.fileno(), 3)
            if memory >= 0:
                os.dup2(memory, 4)
        self.process = subprocess.Popen(command, preexec_fn=place, pass_fds=(3, 4) if memory >= 0 else (3,), env={"SECRET": "of-sandboxd"})
        theirs.close()
        if memory >= 0:
            os.close(memory)
        self.next = 0
        self.codes, self.received, self.handed = {}, b"", []
        self.started = self.read()

    def walls(self, shim, python):
        line = ["bwrap", "--die-with-parent", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL"]
        for right in RIGHTS + ("SETFCAP",) * self.user_namespace:
            line += ["--cap-add", "CAP_" + right]
        line += ["--ro-bind", "/usr", "/usr"]
        for folder in ("bin", "sbin", "lib", "lib32", "lib64"):
            path = "/" + folder
            if os.path.islink(path):
                line += ["--symlink", os.readlink(path), path]
            elif os.path.isdir(path):
                line += ["--ro-bind", path, path]
        line += ["--perms", "0755", "--dir", "/etc"]
        for name in SEEN:
            line += ["--ro-bind-try", "/etc/" + name, "/etc/" + name]
        for name in ("passwd", "group"):
            line += ["--ro-bind", "/etc/" + name, "/etc/" + name]
        for folder in ("/var", "/var/task", "/opt"):
            line += ["--perms", "0755", "--dir", folder]
        if not python.startswith("/usr/"):
            prefix = os.path.dirname(os.path.dirname(python))
            for end in [i for i, letter in enumerate(prefix) if letter == "/"][1:]:
                line += ["--perms", "0755", "--dir", prefix[:end]]
            line += ["--ro-bind", prefix, prefix]
        line += ["--ro-bind", shim, "/var/runtime", "--proc", "/proc"]
        for path in filter(os.path.exists, HIDDEN):
            line += ["--perms", "0555", "--tmpfs", path, "--remount-ro", path] if os.path.isdir(path) else ["--ro-bind", "/dev/null", path]
        line += ["--dev", "/dev", "--remount-ro", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
        return line + ["--remount-ro", "/"]

    def start(self, shim, code, variables):
        """A start without a zygote, behind the same walls."""
        python = os.path.realpath(sys.executable)
        ours, channel = socket.socketpair()
        output, printed = os.pipe()
        line = self.walls(shim, python)
        line[line.index("/var/task") - 3:line.index("/var/task") + 1] = ["--ro-bind", code, "/var/task"]
        line += ["--chdir", "/var/task", "--clearenv"]
        for name, value in json.loads(environment(variables)).items():
            line += ["--setenv", name, value]
        process = subprocess.Popen(line + ["--", python, "-s", "/var/runtime/mayfly_shim.py"], preexec_fn=lambda: os.dup2(channel.fileno(), 3),
                                   pass_fds=(3,), stdin=subprocess.DEVNULL, stdout=printed, stderr=printed)
        channel.close()
        os.close(printed)
        ours.settimeout(LIMIT)
        return Stem(None, None, ours, output)

    def read(self):
        """The next answer; descriptors that come are handed over in its order."""
        while len(self.received) < 4 or len(self.received) < 4 + struct.unpack_from(">I", self.received)[0]:
            data, rights, _, _ = self.connection.recvmsg(4096, socket.CMSG_SPACE(16))
            if not data:
                raise RuntimeError("the zygote ended with %r" % self.process.wait())
            for _, _, numbers in rights:
                self.handed.extend(array.array("i", numbers))
            self.received += data
        end = 4 + struct.unpack_from(">I", self.received)[0]
        answer, self.received = json.loads(self.received[4:end]), self.received[end:]
        return answer

    def request(self, passed, **fields):
        """Asks for a fork: gives its descriptor and the request."""
        self.next += 1
        request = {"id": self.next, "uid": 1000 if self.user_namespace else UID + self.next, "userNamespace": self.user_namespace, "processes": None,
                   "files": 1024, "passed": [name for name, _ in passed]}
        request.update(fields)
        text = json.dumps(request).encode()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor for _, descriptor in passed]))]
        self.connection.sendmsg([struct.pack(">I", len(text)) + text], rights)
        while True:
            answer = self.read()
            if "code" in answer:
                self.codes[answer["id"]] = answer["code"]
                continue
            if "error" in answer or answer["id"] != self.next:
                raise RuntimeError(str(answer))
            return self.handed.pop(0), request

    def code_of(self, number):
        while number not in self.codes:
            answer = self.read()
            self.codes[answer["id"]] = answer["code"]
        return self.codes[number]

    def cell(self, network=None, cgroups=(), tmpBytes=16 << 20):
        """A sandbox without a program: its first process, and what a program gets to enter it."""
        status, their_status = os.pipe()
        entrances = [("join", group) for group in cgroups] + [("network", network)] * (network is not None)
        first, request = self.request([("status", their_status)] + entrances, cell=True, tmpBytes=tmpBytes)
        os.close(their_status)
        said = os.read(status, 4096).decode()
        os.close(status)
        if said:
            raise RuntimeError(said)
        kinds = ["mnt", "pid", "ipc", "uts", "cgroup"] + ["user"] * self.user_namespace
        spaces = [(kind, os.open("/proc/%d/ns/%s" % (pid_of(first), kind), os.O_RDONLY)) for kind in kinds]
        return first, request["uid"], entrances, spaces

    def ask(self, rehearse=True, files=1024, **changes):
        """Asks for a stem and does not wait until it is warm."""
        first, uid, entrances, spaces = self.cell(**changes)
        ours, channel = socket.socketpair()
        output, their_output = os.pipe()
        passed = [("output", their_output), ("channel", channel.fileno())] + entrances + spaces
        pidfd, request = self.request(passed, cell=False, rehearse=rehearse, uid=uid, files=files)
        channel.close()
        for descriptor in [their_output] + [descriptor for _, descriptor in spaces[1:]]:
            os.close(descriptor)
        ours.settimeout(LIMIT)
        stem = Stem(first, pidfd, ours, output, lambda: self.code_of(request["id"]))
        stem.mounts = spaces[0][1]
        return stem

    def stem(self, **changes):
        stem = self.ask(**changes)
        stem.expect(WARM)
        return stem

    def close(self):
        self.connection.close()
        return self.process.wait(LIMIT)


def reserve_low_numbers():
    while os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC) < 16:
        pass


reserve_low_numbers()
