"""Tells what a function in a stem sees and may do."""
import ctypes
import json
import os
import subprocess
import sys


def lines(path):
    with open(path) as file:
        return dict((line.split(":", 1)[0], line.split(":", 1)[1].strip()) for line in file if ":" in line)


def refused(action):
    try:
        action()
    except OSError as error:
        return error.strerror
    return "done"


def see(event, context):
    import getpass, random, time, uuid
    status = lines("/proc/self/status")
    libc = ctypes.CDLL(None, use_errno=True)
    tmp = os.statvfs("/tmp")
    return {
        "pid": os.getpid(), "parent": os.getppid(), "uid": os.getuid(), "groups": os.getgroups() if os.getuid() != 1000 else [], "user": getpass.getuser(),
        "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()), "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:4],
        "open": len(os.listdir("/proc/self/fd")) - 1, "environment": dict(os.environ), "C environment": subprocess.check_output(["env"], text=True).split("\n"),
        "status": {name: status[name] for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")},
        "writes": {path: refused(lambda: open(path + "/x", "w")) for path in ("/", "/usr", "/etc", "/var/task", "/opt", "/var/runtime", "/dev", "/tmp")},
        "tmp bytes": tmp.f_blocks * tmp.f_frsize, "tmp": sorted(os.listdir("/tmp")), "hostname": os.uname().nodename, "cwd": os.getcwd(),
        "first process": {"signal": refused(lambda: os.kill(1, 9)), "memory": refused(lambda: open("/proc/1/mem", "rb")), "status": refused(lambda: open("/proc/1/fd/4", "wb"))},
        "alive": os.path.exists("/proc/1"), "unshare": (libc.unshare(0x10000000), ctypes.get_errno())[1], "sysctl": refused(lambda: open("/proc/sys/kernel/hostname", "w")),
        "hidden": {path: os.listdir(path) if os.path.isdir(path) else refused(lambda: open(path).close())
                   for path in ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/proc/scsi") if os.path.exists(path)},
        "main": sys.modules["__main__"].__file__, "path": sys.path, "argv": sys.argv, "tz": time.tzname[0], "random": random.random(), "uuid": str(uuid.uuid4()),
        "dumpable": libc.prctl(3), "interrupt": str(__import__("signal").getsignal(2)), "encoding": sys.stdout.encoding,
    }


def orphans(event, context):
    """A child that leaves a child behind: somebody must wait for it."""
    import time
    if os.fork() == 0:
        os.fork()
        os._exit(0)
    os.wait()
    end = time.time() + 10
    while time.time() < end:
        left = [name for name in os.listdir("/proc") if name.isdigit() and int(name) > 2]
        if not left:
            return "reaped"
        time.sleep(0.01)
    return left


def leave(event, context):
    if event < 0:
        os.kill(os.getpid(), -event)
    sys.exit(event)


def linger(event, context):
    if os.fork() == 0:
        while True:
            os.read(0, 1) or __import__("time").sleep(60)
    return "here"


def private():
    with open("/proc/self/smaps_rollup") as memory:
        return sum(int(line.split()[1]) for line in memory if line.startswith("Private_"))


kept = []


def rest(event, context):
    """What it kept from call to call, and its memory."""
    import gc, signal
    signal.signal(signal.SIGUSR1, lambda number, frame: kept.append("a signal"))
    kept.append(event)
    gc.collect()
    return [list(kept), private()]


def log(event, context):
    import logging
    logging.getLogger().warning("careful")
    print("plain")


def state(event, context):
    """What a program can tell of its own start."""
    import builtins, gc, locale, logging, resource, signal, threading, time, warnings
    umask = os.umask(0)
    os.umask(umask)
    main = sys.modules["__main__"]
    return {
        "path": sys.path, "argv": sys.argv, "orig_argv": getattr(sys, "orig_argv", None), "executable": sys.executable, "environment": dict(os.environ), "cwd": os.getcwd(),
        "hooks": [getattr(hook, "__name__", type(hook).__name__) for hook in sys.meta_path + sys.path_hooks],
        "streams": [[s.name, s.mode, s.encoding, s.errors if s is not sys.stdin else "", s.line_buffering, s.write_through, type(s.buffer).__name__, s.buffer.raw.name, s.closed]
                    for s in (sys.stdin, sys.stdout, sys.stderr)],
        "same streams": [sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__],
        "main": [sorted(set(vars(main)) - {"__cached__", "__annotations__", "mayfly_slots"}), main.__name__, main.__file__, main.__spec__ is None, main.__package__, type(main.__loader__).__name__, context.__class__.__module__],
        "signals": [str(signal.getsignal(n)) for n in range(1, 32) if n not in (9, 19)], "mask": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "locale": locale.setlocale(locale.LC_ALL), "tz": [time.tzname, time.timezone],
        "gc": [gc.isenabled(), gc.get_threshold()], "umask": umask, "bytecode": sys.dont_write_bytecode, "builtins": sorted(vars(builtins)), "recursion": sys.getrecursionlimit(),
        "limits": [resource.getrlimit(n) for n in (resource.RLIMIT_CORE, resource.RLIMIT_NPROC)] if event else [], "thread": threading.current_thread().name, "filters": len(warnings.filters),
        "logging": [logging.root.level, [type(h).__name__ for h in logging.root.handlers], [f.__class__.__name__ for h in logging.root.handlers for f in h.filters]],
    }
