"""
Forks sandboxes for sandboxd: it has imported what functions commonly import, and its children share that memory.

Started with rights, so it is small, has one thread, reads nothing but sandboxd's requests and holds nothing secret. Of the
rights CAP_KILL is there because its end must reach children of another user, and CAP_SETFCAP, inside a user namespace only,
because a child maps the user who is root there. A sandbox is made of two forks: its cell, which has the namespaces and no
program, is made ahead; the program is forked into it when it is wanted. The order of the steps in both matters: each needs
what later ones give up. Standard library only, Python 3.8 and later.
"""
import sys

sys.dont_write_bytecode = True  # -I ignores the variable

import os
import site
import types
from _frozen_importlib_external import SourceFileLoader

HERE = os.path.dirname(os.path.abspath(__file__))
REQUESTS, FILTER, STATUS, FIRST = 3, 4, 4, 5
RANDOM = ("/dev/urandom", "/dev/random")
# What functions commonly import and takes its time. More costs memory once, and some time a fork.
COMMON = (
    "abc", "argparse", "array", "asyncio", "base64", "collections.abc", "concurrent.futures", "contextlib", "copy", "csv", "ctypes",
    "dataclasses", "datetime", "decimal", "email.message", "email.mime.multipart", "email.mime.text", "enum", "functools", "glob",
    "gzip", "hashlib", "heapq", "hmac", "html", "http.client", "inspect", "io", "itertools", "locale", "logging", "math", "mimetypes",
    "operator", "pathlib", "pickle", "platform", "pprint", "queue", "random", "re", "resource", "secrets", "select", "shutil", "signal", "socket", "ssl",
    "statistics", "string", "subprocess", "tempfile", "textwrap", "threading", "traceback", "typing", "unicodedata", "urllib.error",
    "urllib.parse", "urllib.request", "uuid", "warnings", "weakref", "xml.etree.ElementTree", "zipfile", "zlib", "zoneinfo",
)


def load_shim():
    """The shim as the main module, which it is where it is started by itself."""
    path = os.path.join(HERE, "mayfly_shim.py")
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=path, __builtins__=__builtins__, __cached__=None, __annotations__={}, __loader__=SourceFileLoader("__main__", path))
    sys.modules["__main__"] = module
    with open(path, "rb") as source:
        exec(compile(source.read(), path, "exec"), module.__dict__)
    return module


def read_filter():
    """The program, or nothing; its descriptor stays taken, so that none of a request gets the number."""
    try:
        size = os.fstat(FILTER).st_size
        return os.pread(FILTER, size, 0)
    except OSError:
        os.dup2(os.open("/dev/null", os.O_RDONLY), FILTER)
        return b""


def opened():
    """The descriptors that are open, with what they lead to."""
    targets = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            targets[int(name)] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass  # the listing's own
    return targets


def preload(names):
    """Imports what there is of it, and tells what came along."""
    before = set(sys.modules)
    for name in names:
        try:
            __import__(name)
        except ImportError:
            pass
    return set(sys.modules) - before


# Before anything else is imported: from here on sys.modules differs from that of a shim that is started by itself.
site.main()
shim = load_shim()
sys.path.insert(0, HERE)
import mayfly_first
import mayfly_late
import mayfly_logging
import mayfly_slots
import mayfly_stem

# Numbers that a sandbox needs are taken before a module may open something there.
PROGRAM = read_filter()
os.dup2(FILTER, FIRST)
own = opened()
common = preload(COMMON)
sys.meta_path.append(shim.SdkFinder())
extra = preload(name for name in "".join(sys.argv[1:2]).split(",") if name)
sys.meta_path.pop()
if "botocore.session" in sys.modules:
    import mayfly_endpoints
    mayfly_endpoints.configure(sys.modules["botocore.session"])
# A library that keeps its source of random numbers open would read, in a fork, from what gets the number after that.
KEPT = {descriptor: target for descriptor, target in opened().items() if descriptor not in own}
import array
import ctypes
import functools
import gc
import json
import mayfly_image
import resource
import select
import signal
import socket
import struct

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_PIDFD = 0x10000000, 0x20000000, 0x40000000, 0x1000
CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_INTO_CGROUP = 0x200000, 0x1000000, 0x200000000
# What a program enters of its cell. Its user namespace last: there it has no rights in the others.
NAMESPACES = (("mnt", CLONE_NEWNS), ("ipc", CLONE_NEWIPC), ("uts", CLONE_NEWUTS), ("cgroup", CLONE_NEWCGROUP), ("network", CLONE_NEWNET), ("user", CLONE_NEWUSER))
SYS_PIDFD_OPEN, SYS_CLONE3, SYS_CLOSE_RANGE = 434, 435, 436  # the same number on every processor
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_GET_TID_ADDRESS = 1, 4, 22, 24, 38, 40
CAPABILITIES_V3 = 0x20080522
SETUP_FAILED = 125
REHEARSALS = 8
LARGE_HOLE, MOST_HOLES, BYTES_HEADER = 1 << 16, 1 << 14, sys.getsizeof(b"")
# The global lock stays held: a child of clone3 must not have to take it again.
libc = ctypes.PyDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


class FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def call(name, *arguments):
    result = getattr(libc, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (name, os.strerror(number)))
    return result


def number(value):
    return ctypes.c_ulong(value)


def mount(source, target, kind, flags, options=None):
    call("mount", source, target, kind, number(flags), options)


def prctl(option, argument=0, more=0):
    call("prctl", option, number(argument), more if isinstance(more, ctypes._Pointer) else number(more), number(0), number(0))


def drop_bounding_set():
    with open("/proc/sys/kernel/cap_last_cap") as last:
        for capability in range(int(last.read()) + 1):
            prctl(PR_CAPBSET_DROP, capability)


def drop_capabilities():
    call("capset", struct.pack("=Ii", CAPABILITIES_V3, 0), bytes(24))


class Fork:
    """One request of sandboxd, and in the child what makes it that."""

    def __init__(self, request, descriptors):
        self.request = request
        named = list(zip(request["passed"], descriptors))
        self.given = dict(named)
        self.joined = [descriptor for name, descriptor in named if name == "join"]

    def clone(self, flags, thread=0):
        """Gives (pid, pidfd), and (0, -1) in the child. Such a number means something only here."""
        pidfd = ctypes.c_int(-1)
        arguments = (ctypes.c_uint64 * 11)(flags | CLONE_PIDFD, ctypes.addressof(pidfd), thread, 0, signal.SIGCHLD)
        group = self.given.get("group")
        if group is not None:
            arguments[0], arguments[10] = arguments[0] | CLONE_INTO_CGROUP, group
        pid = call("syscall", number(SYS_CLONE3), arguments, number(ctypes.sizeof(arguments)))
        return pid, pidfd.value

    def join(self):
        for descriptor in self.joined:
            os.write(descriptor, b"0")

    def limit(self):
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.request["files"],) * 2)

    def drop_rights(self, first):
        """Gives up all rights, and the descriptors from a number on."""
        if self.request["userNamespace"]:
            drop_bounding_set()  # entering a user namespace fills it
        else:
            uid = self.request["uid"]
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        if self.request["processes"] is not None:
            resource.setrlimit(resource.RLIMIT_NPROC, (self.request["processes"],) * 2)
        drop_capabilities()
        # A change of rights clears it, so only now; and the zygote may have ended meanwhile.
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if select.select([ALIVE], [], [], 0)[0]:
            os._exit(SETUP_FAILED)
        for kept in sorted(KEPT) + [1 << 32]:
            if first < kept:
                call("syscall", number(SYS_CLOSE_RANGE), number(first), number(kept - 1), number(0))
            first = kept + 1
        prctl(PR_SET_DUMPABLE, 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        if PROGRAM:
            prctl(PR_SET_SECCOMP, 2, ctypes.pointer(FilterProgram(len(PROGRAM) // 8, PROGRAM)))


class Cell(Fork):
    """The first process of a sandbox, with all that the sandbox will see."""

    def fork(self):
        return self.clone(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS)

    def become(self):
        """Does not return. Once all is done, the descriptor "status" is closed."""
        status = self.given["status"]
        try:
            # No signal from inside may have a handler: then the kernel lets none through. And it reaps what this one inherits.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            self.join()
            # After that: the group it is in becomes the root of what it sees.
            call("unshare", CLONE_NEWCGROUP)
            if "network" in self.given:
                call("setns", self.given["network"], CLONE_NEWNET)
            socket.sethostname("sandbox")
            self.see()
            self.limit()
            os.dup2(status, STATUS, inheritable=False)
            status = STATUS
            if self.request["userNamespace"]:
                self.map_user()
            self.drop_rights(FIRST + 1)
        except BaseException as error:
            os.write(status, str(error).encode())
            os._exit(SETUP_FAILED)
        mayfly_first.be_first(FIRST, STATUS)

    def see(self):
        """Processes, terminals, temporary files and user names of its own."""
        mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        for path, kind in HIDDEN:
            if kind == "proc":
                cover(path, path)
            elif kind == "folder":
                mount(b"tmpfs", path, b"tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, b"mode=0555")
            else:
                cover(b"/dev/null", path)
        mount(b"devpts", b"/dev/pts", b"devpts", MS_NOSUID | MS_NOEXEC, b"newinstance,ptmxmode=0666,mode=620")
        mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=1777,size=%d" % self.request["tmpBytes"])
        uid = self.request["uid"]
        for path, text in ((b"/etc/passwd", USERS % (uid, uid)), (b"/etc/group", GROUPS % uid)):
            if TABLES[path] != text:
                with open(b"/tmp/table", "wb") as table:
                    os.fchmod(table.fileno(), 0o644)
                    table.write(text)
                cover(b"/tmp/table", path)
                os.unlink(b"/tmp/table")
        os.chdir("/")

    def map_user(self):
        """Last of the namespaces: the others, and all mounts, belong to one above it."""
        call("unshare", CLONE_NEWUSER)
        uid = self.request["uid"]
        for path, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (uid, OWN_UID)), ("gid_map", "%d %d 1" % (uid, OWN_GID))):
            with open("/proc/self/" + path, "w") as table:
                table.write(text)


class Program(Fork):
    """The second process of a sandbox, in a cell: what a function's code runs in."""

    def fork(self):
        # The namespace of processes is that of the next child, and never its maker's own.
        call("setns", self.given["pid"], CLONE_NEWPID)
        pid = -1
        try:
            if "group" in self.given:
                pid, pidfd = self.fork_into_group()
            else:
                pid, pidfd = os.fork(), -1
        finally:
            if pid:
                call("setns", OWN_PROCESSES, CLONE_NEWPID)
        if pid and pidfd < 0:
            # It is ours to wait for, so the number is still its.
            pidfd = call("syscall", number(SYS_PIDFD_OPEN), number(pid), number(0))
        return pid, pidfd

    def fork_into_group(self):
        """What os.fork does, which cannot say into which group: the interpreter's own part, and the number of the thread that the C library keeps."""
        thread = ctypes.c_void_p()
        call("prctl", PR_GET_TID_ADDRESS, ctypes.byref(thread))
        ctypes.pythonapi.PyOS_BeforeFork()
        pid = -1
        try:
            pid, pidfd = self.clone(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID, thread.value)
        finally:
            if pid == 0:
                ctypes.pythonapi.PyOS_AfterFork_Child()
            else:
                ctypes.pythonapi.PyOS_AfterFork_Parent()
        return pid, pidfd

    def become(self):
        """Returns with nothing left that could be misused."""
        output = self.given["output"]
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            self.join()
            for name, kind in NAMESPACES:
                if name in self.given:
                    call("setns", self.given[name], kind)
            self.limit()
            nothing = os.open("/dev/null", os.O_RDWR)
            for descriptor, place in ((nothing, 0), (output, 1), (output, 2), (self.given["channel"], 3)):
                os.dup2(descriptor, place)
            output = 1
            self.drop_rights(STATUS)
        except BaseException as error:
            os.write(output, ("mayfly: the sandbox cannot be made: %s\n" % error).encode())
            os._exit(SETUP_FAILED)
        prctl(PR_SET_DUMPABLE, 1)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def cover(source, target):
    mount(source, target, None, MS_BIND)
    mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def hidden_parts():
    """What bubblewrap laid over parts of our /proc: its sandboxes have the same, and so have ours."""
    with open("/proc/self/mountinfo", "rb") as mounts:
        for fields in map(bytes.split, mounts):
            if fields[4].startswith(b"/proc/"):
                kind = fields[fields.index(b"-") + 1]
                yield fields[4], "proc" if kind == b"proc" else "folder" if os.path.isdir(fields[4]) else "file"


def read_table(path):
    with open(path, "rb") as table:
        return table.read()


def check_sharable():
    """What forks would share in a harmful way means that there can be no zygote here."""
    if len(os.listdir("/proc/self/task")) > 1:
        sys.exit("mayfly: a module that is loaded ahead starts threads")
    with open("/proc/self/maps") as maps:
        for line in maps:
            if line.split()[1].startswith("rw") and line.split()[1].endswith("s"):
                sys.exit("mayfly: a module that is loaded ahead maps shared memory: " + line.strip())
    for target in KEPT.values():
        if target not in RANDOM:
            sys.exit("mayfly: a module that is loaded ahead keeps something open: " + target)


def fill_holes():
    """
    Takes the memory that is free between what is in use, for good: what a fork allocates then lies side by side on a few new pages, and not
    a little on each of many that it shared until then.
    """
    # 1. Of the interpreter's own allocator: pools of one size each, up to 512 bytes. The first block of one says that those before are full.
    pool, header = 16384 if sys.version_info >= (3, 10) else 4096, 48
    taken = []
    for make in [object, lambda: float(len(taken))] + [functools.partial(bytes, size - BYTES_HEADER) for size in range(48, 513, 16)]:
        for _ in range(MOST_HOLES):
            taken.append(make())
            if id(taken[-1]) % pool == header:
                break
        else:
            break  # another allocator
    # 2. Of the heap, the large ones first: what then comes from above it finds no hole of its size.
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    end = libc.sbrk(number(0))
    for _ in range(64):
        above = libc.malloc(number(LARGE_HOLE))
        if libc.sbrk(number(0)) != end:
            break
    else:
        return taken  # not a heap that grows at its end
    for size in [LARGE_HOLE >> power for power in range(6)] + list(range(1032, 0, -16)):
        for _ in range(MOST_HOLES):
            if libc.malloc(number(size)) > above:
                break
    return taken


def answer(connection, fields, descriptors=()):
    text = json.dumps(fields).encode()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    connection.sendmsg([struct.pack(">I", len(text)) + text], rights)


def tell_ends(connection, programs):
    """Tells how programs ended. What else ended has no number, or is nobody's any more: it is only waited for."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        request = programs.pop(pid, None)
        if request is not None:
            answer(connection, {"id": request, "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)})


def serve(connection):
    """Answers requests until sandboxd is gone. Returns in a program's process, once it is one."""
    received, descriptors, programs = b"", [], {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.register(woken, select.POLLIN)
    while True:
        ready = [descriptor for descriptor, _ in poll.poll()]
        if woken in ready:
            os.read(woken, 512)
            tell_ends(connection, programs)
        if connection.fileno() not in ready:
            continue
        chunk, rights, _, _ = connection.recvmsg(65536, socket.CMSG_SPACE(64 * 4), socket.MSG_CMSG_CLOEXEC)
        if not chunk:
            os._exit(0)
        received += chunk
        for _, _, numbers in rights:
            descriptors.extend(array.array("i", numbers))
        while len(received) >= 4 and len(received) >= 4 + struct.unpack_from(">I", received)[0]:
            end = 4 + struct.unpack_from(">I", received)[0]
            request, received = json.loads(received[4:end]), received[end:]
            count = len(request["passed"])
            passed, descriptors = descriptors[:count], descriptors[count:]
            made = (Cell if request["cell"] else Program)(request, passed)
            try:
                pid, pidfd = made.fork()
            except OSError as error:
                answer(connection, {"id": request["id"], "error": str(error)})
                pidfd = -1
            else:
                if pid == 0:
                    made.become()
                    return request
                answer(connection, {"id": request["id"]}, [pidfd])
                if not request["cell"]:
                    programs[pid] = request["id"]
            for descriptor in passed + [pidfd] * (pidfd >= 0):
                os.close(descriptor)


USERS = b"root:x:0:0:root:/:/sbin/nologin\nsbx_user:x:%d:%d::/tmp:/sbin/nologin\n"
GROUPS = b"root:x:0:\nsbx_user:x:%d:\n"
TABLES = {path: read_table(path) for path in (b"/etc/passwd", b"/etc/group")}
HIDDEN = list(hidden_parts())
OWN_UID, OWN_GID = os.getuid(), os.getgid()
mayfly_first.open_program(FIRST)
ALIVE = call("syscall", number(SYS_PIDFD_OPEN), number(os.getpid()), number(0))
OWN_PROCESSES = os.open("/proc/self/ns/pid", os.O_RDONLY)
mount(None, b"/", None, MS_REC | MS_PRIVATE)
drop_bounding_set()
os.environ.clear()
libc.clearenv()
stem = mayfly_stem.Stem(shim, sys.path, [common, extra])
image = mayfly_image.image(shim.CHANNEL)
stem.rest = image and image.give
# By then the interpreter has specialised what it runs: a fork need not write that into the code again.
for _ in range(REHEARSALS):
    stem.warm()
check_sharable()
gc.collect()
held = fill_holes()
gc.freeze()
gc.disable()
if image:
    image.take()
channel = socket.socket(fileno=REQUESTS)
answer(channel, {"ready": True})
rehearse = serve(channel)["rehearse"]
channel.detach()
del channel
stem.run(rehearse=rehearse)
