"""Snapshot start: a process that has initialised a function and is forked for each of its instances."""
import array
import fcntl
import gc
import json
import os
import select
import signal
import socket
import stat
import struct
import sys

ORDERS = 5
# Where the exit status of each fork goes, by its process.
statuses = {}
# Descriptors whose state forks would share without noticing.
SHARED = ("anon_inode:[eventpoll]", "anon_inode:[eventfd]", "anon_inode:[timerfd]", "anon_inode:inotify")


def offer(shim, buffer):
    """Returns in an instance: a fork, or this process where it cannot be forked."""
    hooks = sys.modules.get("snapshot_restore_py")
    reason = run_before(hooks) or obstacle()
    shim.flush()
    shim.send(shim.TEMPLATE, 0, reason.encode())
    if not reason:
        fork_on_order(shim, buffer)
    try:
        for hook, arguments, named in hooks.get_after_restore() if hooks else ():
            hook(*arguments, **named)
    except Exception as error:
        kind, message, trace = shim.describe(error)
        raise shim.Fault("Runtime.AfterRestoreError", "%s: %s" % (kind, message), trace) from error


def run_before(hooks):
    waiting = hooks.get_before_snapshot() if hooks else []
    try:
        while waiting:
            hook, arguments, named = waiting.pop()
            hook(*arguments, **named)
    except Exception as error:
        return "a hook that runs before the snapshot failed: %s: %s" % (type(error).__name__, error)
    return ""


def obstacle():
    """Why this process cannot be forked, or nothing."""
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        return "it runs %d threads" % threads
    try:
        if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return "it runs other processes"
    except ChildProcessError:
        pass
    for _, target in descriptors():
        if target in SHARED:
            return "it keeps an event loop open"
    return ""


def descriptors():
    """What is open beyond the standard streams and our own, with what it leads to."""
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in (0, 1, 2, 3, ORDERS):
            try:
                yield int(name), os.readlink("/proc/self/fd/" + name)
            except OSError:
                pass  # the listing's own


def fork_on_order(shim, buffer):
    """Forks as often as it is told. Returns in a fork only; ends with the server, or when it is told to stop."""
    gc.collect()
    gc.freeze()
    orders = socket.socket(fileno=ORDERS)
    reaper = signal.signal(signal.SIGCHLD, reap)
    while True:
        ready = select.select([shim.CHANNEL, orders], [], [])[0]
        if shim.CHANNEL in ready:
            # Only Stop and the end come here, and both mean the same.
            sys.exit(0)
        passed, variables = receive(orders)
        if passed is None:
            sys.exit(0)
        # A fork may end before it is noted.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        try:
            child = os.fork()
        except OSError:
            child = -1  # out of processes or memory: the next order may fare better
        if child == 0:
            break
        channel, output, status = passed
        os.close(channel)
        os.close(output)
        if child > 0:
            statuses[child] = status
        else:
            os.close(status)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        orders.sendall(struct.pack(">I", max(child, 0)))
    signal.signal(signal.SIGCHLD, reaper)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    orders.close()
    channel, output, status = passed
    for descriptor in [status, *statuses.values()]:
        os.close(descriptor)
    statuses.clear()
    for descriptor, place in ((output, 1), (output, 2), (channel, shim.CHANNEL)):
        os.dup2(descriptor, place, inheritable=place != shim.CHANNEL)
        if place != 1:
            os.close(descriptor)
    part_from_siblings()
    for name, value in variables.items():
        os.environ[name] = value
    shim.process = os.getpid()
    buffer.clear()


def reap(*_):
    try:
        while True:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            told = statuses.pop(child, None)
            if told is not None:
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
                os.write(told, struct.pack("<i", code))
                os.close(told)
    except ChildProcessError:
        pass


def receive(orders):
    """One order: the letter f with three descriptors, and the variables that change."""
    data, rights, _, _ = orders.recvmsg(65536, socket.CMSG_SPACE(12), socket.MSG_CMSG_CLOEXEC)
    passed = array.array("i")
    for _, _, numbers in rights:
        passed.frombytes(numbers)
    while data and (len(data) < 5 or len(data) < 5 + struct.unpack_from(">I", data, 1)[0]):
        more = orders.recv(65536)
        data = data + more if more else b""
    if not data:
        return None, None
    if data[:1] != b"f" or len(passed) != 3:
        sys.exit("mayfly: an order that is none")
    return passed, json.loads(data[5:])


def part_from_siblings():
    """Gives a fork its own chance and its own descriptors, as a restored snapshot has them: connections are broken, files at their place."""
    for descriptor, target in list(descriptors()):
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISSOCK(kind):
            with socket.socket(fileno=os.dup(descriptor)) as old, socket.socket(old.family, old.type) as broken:
                os.dup2(broken.fileno(), descriptor, inheritable=os.get_inheritable(descriptor))
        elif stat.S_ISREG(kind):
            reopen(descriptor)
    for name in ("random", "numpy.random"):
        module = sys.modules.get(name)
        if module is not None:
            module.seed()


def reopen(descriptor):
    """An offset of its own in an open file."""
    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL) & ~(os.O_CREAT | os.O_EXCL | os.O_TRUNC)
    try:
        own = os.open("/proc/self/fd/%d" % descriptor, flags)
    except OSError:
        return  # deleted, or no longer ours to open: then it stays shared
    os.lseek(own, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(own, descriptor, inheritable=os.get_inheritable(descriptor))
    os.close(own)
