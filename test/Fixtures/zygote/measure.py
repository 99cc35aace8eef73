"""Measures the zygote and its stems: measure.py <shims/python> [modules] [import in the handler's module]. Prints one JSON object."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from zygote_client import READY, RESPONSE, Zygote, attach, environment, invocation, pid_of

ROUNDS = 60


def memory(pid):
    """(RSS, PSS, private) in KiB."""
    fields = {}
    with open("/proc/%s/smaps_rollup" % pid) as rollup:
        for line in rollup.readlines()[1:]:
            name, amount = line.split()[:2]
            fields[name] = int(amount)
    return fields["Rss:"], fields["Pss:"], fields["Private_Clean:"] + fields["Private_Dirty:"]


def processor_time(pid):
    """Microseconds; on a busy machine they say more than the clock."""
    with open("/proc/%s/schedstat" % pid) as stat:
        return int(stat.read().split()[0]) / 1000


def child_of(pid):
    with open("/proc/%s/task/%s/children" % (pid, pid)) as children:
        return children.read().split()[0]


def zygote_pid(bwrap):
    """The zygote runs in the place of bubblewrap, or below it."""
    while b"zygote.py" not in open("/proc/%s/cmdline" % bwrap, "rb").read().split(b"\0--\0")[-1] or b"bwrap" in open("/proc/%s/comm" % bwrap, "rb").read():
        bwrap = child_of(bwrap)
    return bwrap


def main(shim, modules="", statement=""):
    with tempfile.TemporaryDirectory() as code:
        os.chmod(code, 0o755)
        with open(code + "/app.py", "w") as app:
            app.write("import json\n%s\ndef handler(event, context):\n    return {'hello': event}\n" % statement)
        times = {"prepare": [], "ready": [], "answer": [], "prepare processor": [], "answer processor": []}
        began = time.perf_counter()
        zygote = Zygote(shim, modules=modules)
        start = time.perf_counter() - began
        idle, maker = [], zygote_pid(zygote.process.pid)
        for index in range(ROUNDS):
            spent, began = processor_time(maker), time.perf_counter()
            stem = zygote.stem()
            times["prepare"].append(time.perf_counter() - began)
            program = pid_of(stem.pidfd)
            spent = processor_time(maker) - spent + processor_time(pid_of(stem.first))
            before = processor_time(program)
            times["prepare processor"].append(spent + before)
            attach(stem.mounts, code, "/var/task")
            time.sleep(0.005)
            began = time.perf_counter()
            # As sandboxd and the server do: the event is there before the program is ready.
            stem.send(4, environment({}))
            stem.send(1, invocation({"n": 1}), 1)
            stem.expect(READY)
            times["ready"].append(time.perf_counter() - began)
            stem.expect(RESPONSE)
            times["answer"].append(time.perf_counter() - began)
            idle.append(stem)
            times["answer processor"].append(processor_time(program) - before)
        firsts = [memory(pid_of(stem.first)) for stem in idle[-20:]]
        seconds = [memory(pid_of(stem.pidfd)) for stem in idle[-20:]]
        warm = [zygote.stem() for _ in range(5)]
        parked = [sum(memory(pid)[1] for pid in map(pid_of, (stem.first, stem.pidfd))) for stem in warm]
        own = memory(maker)
        bare = subprocess.Popen([sys.executable, "-c", "import sys; %s; sys.stdin.read()" % (statement or "pass")], stdin=subprocess.PIPE)
        time.sleep(1)
        alone = memory(bare.pid)
        bare.kill()
        zygote.close()
        median = statistics.median
        print(json.dumps({
            "processor us, prepare and answer": [round(median(times[name + " processor"])) for name in ("prepare", "answer")],
            "answer p10 us": round(sorted(times["answer"])[ROUNDS // 10] * 1e6), "prepare p10 ms": round(sorted(times["prepare"])[ROUNDS // 10] * 1000, 2),
            "zygote start ms": round(start * 1000), "zygote RSS, PSS KiB": own[:2],
            "prepare ms": round(median(times["prepare"]) * 1000, 2), "assign to Ready us": round(median(times["ready"]) * 1e6),
            "assign to answer us": round(median(times["answer"]) * 1e6), "answer p90 us": round(sorted(times["answer"])[ROUNDS * 9 // 10] * 1e6),
            "idle PSS KiB, first and second process": [median(m[1] for m in firsts), median(m[1] for m in seconds)],
            "idle private KiB": [median(m[2] for m in firsts), median(m[2] for m in seconds)],
            "parked PSS KiB, both": median(parked), "bare interpreter RSS, PSS, private KiB": alone}, indent=1))


main(*sys.argv[1:])
