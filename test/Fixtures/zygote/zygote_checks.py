"""Prints what is seen of stems as one JSON object: zygote_checks.py <shims/python> <filter or -> <root|user>."""
import json
import os
import shutil
import signal
import sys
import tempfile
import time

from zygote_client import READY, STOP, Zygote, libc, pid_of

HERE = os.path.dirname(os.path.abspath(__file__))


def new_network():
    """A network namespace with nothing in it, as a descriptor."""
    pipe = os.pipe()
    go = os.pipe()

    def hold():
        if libc.unshare(0x40000000):
            os._exit(1)
        os.write(pipe[1], b"x")
        os.read(go[0], 1)
    child = os.fork()
    if child == 0:
        hold()
        os._exit(0)
    os.read(pipe[0], 1)
    descriptor = os.open("/proc/%d/ns/net" % child, os.O_RDONLY)
    os.write(go[1], b"x")
    os.waitpid(child, 0)
    return descriptor


def ready(zygote, code, handler="see", variables=None, **options):
    stem = zygote.stem(**options)
    stem.assign(code, dict({"_HANDLER": "app." + handler}, **(variables or {})))
    stem.expect(READY)
    return stem


def observe(start, code):
    seen = {}
    zygote = start()
    see, other = ready(zygote, code["code"], variables={"COLOUR": "blue"}), ready(zygote, code["code"])
    seen["see"], seen["other"] = see.invoke({}), other.invoke({})
    see.send(STOP)
    seen["stopped"] = see.exit_code()

    # PWD is the shell's in bubblewrap; a path of the function's own, and a time zone that is not the usual one.
    own = {"PWD": "/var/task", "PYTHONPATH": "/var/runtime:/var/task/lib::lib", "TZ": "Asia/Tokyo", "LANG": "C", "_HANDLER": "app.state"}
    started = zygote.start(code["shim"], code["code"], own)
    started.expect(READY)
    seen["differences"] = differences(started.invoke({}), ready(zygote, code["code"], "state", own).invoke({}))

    seen["rests"] = rests(ready(zygote, code["code"], "rest"))
    seen["orphans"] = ready(zygote, code["code"], "orphans").invoke({})
    for name, event in (("exits", 7), ("dies", -9)):
        leaving = ready(zygote, code["code"], "leave")
        leaving.invoke_later(event)
        seen[name] = leaving.exit_code()
    unassigned = zygote.stem()
    unassigned.channel.close()
    seen["without server"], seen["quiet"] = unassigned.exit_code(), unassigned.printed()

    logged = ready(zygote, code["code"], "log", {"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    logged.invoke({})
    seen["logged"] = logged.printed()
    shadowed = ready(zygote, code["shadow"], "handler")
    seen["shadowed"], seen["shadow log"] = shadowed.invoke({}), shadowed.printed()

    network = new_network()
    lonely = ready(zygote, code["network"], "handler", network=network)
    seen["network"] = lonely.invoke({})
    seen["environment of the zygote"] = [p for p in ("SECRET",) if p in str(seen["see"]["environment"])]

    lingering = ready(zygote, code["code"], "linger")
    lingering.invoke({})
    lingering.kill()
    # The output's last writer is gone with the last process.
    seen["killed tree"] = lingering.ended() and closes(lingering.output)
    orphaned = ready(zygote, code["code"], "linger")
    orphaned.invoke({})
    zygote.process.kill()
    seen["dies with zygote"] = orphaned.ended() and closes(orphaned.output)

    bad = start()
    try:
        try:
            bad.cell(tmpBytes=-1)
        except RuntimeError as error:
            seen["cell failure"] = str(error)
        failing = bad.ask(files=-2)
        seen["set-up failure"] = [failing.ended(), failing.exit_code(), failing.printed()]
        awaited = bad.ask(rehearse=False)
        awaited.assign(code["code"], {"_HANDLER": "app.see"})
        awaited.expect(READY)
        seen["after a failure"] = ready(bad, code["code"]).invoke({})["pid"]
    finally:
        seen["closed"] = bad.close()

    random = start("opens_random")
    seen["random"] = ready(random, code["random"], "handler").invoke({})
    random.close()
    try:
        start("opens_file")
    except RuntimeError as error:
        seen["file kept open"] = str(error)
    return seen


def rests(stem):
    """What a stem tells that is called, left alone until it has given memory back, and called again; a signal comes while it rests."""
    told = []
    for event in ("one", "two", "three"):
        told.append(stem.invoke(event))
        process = pid_of(stem.pidfd)
        end = time.time() + 20
        while private(process) > told[-1][1] * 0.9:
            if time.time() > end:
                return "%d KiB, as in the call" % private(process)
            time.sleep(0.01)
        os.kill(process, signal.SIGUSR1)
    return [kept for kept, _ in told]


def private(process):
    with open("/proc/%d/smaps_rollup" % process) as memory:
        return sum(int(line.split()[1]) for line in memory if line.startswith("Private_"))


def differences(one, other):
    return {name: [one[name], other[name]] for name in one if one[name] != other[name]}


def closes(output, limit=10):
    end = time.time() + limit
    os.set_blocking(output, False)
    while time.time() < end:
        try:
            if not os.read(output, 4096):
                return True
        except BlockingIOError:
            time.sleep(0.01)
    return False


def main(shim, program, mode):
    filter_program = None if program == "-" else open(program, "rb").read()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        code = {}
        for name in ("code", "shadow"):
            code[name] = shutil.copytree(os.path.join(HERE, name), os.path.join(folder, name))
        code["network"] = os.path.join(folder, "network")
        os.mkdir(code["network"])
        with open(code["network"] + "/app.py", "w") as app:
            app.write("import socket\ndef handler(e, c): return [name for _, name in socket.if_nameindex()]\n")
        code["random"] = os.path.join(folder, "random")
        os.mkdir(code["random"])
        with open(code["random"] + "/app.py", "w") as app:
            app.write("import os, opens_random as o\ndef handler(e, c): return [os.readlink('/proc/self/fd/%d' % o.source), len(os.read(o.source, 8)), sorted(n for n in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + n))]\n")
        code["shim"] = shutil.copytree(shim, os.path.join(folder, "shim"))
        for name, path in (("random", "/dev/urandom"), ("file", "/etc/passwd")):
            with open(code["shim"] + "/opens_" + name + ".py", "w") as module:
                module.write("import os\nsource = os.open('%s', os.O_RDONLY)\n" % path)
        print(json.dumps(observe(lambda modules="": Zygote(code["shim"], modules=modules, program=filter_program, user_namespace=mode == "user"), code)))


main(*sys.argv[1:])
