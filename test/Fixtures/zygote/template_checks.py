"""Prints what is seen of a template and its forks as one JSON object: template_checks.py <shims/python>."""
import array
import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile

from zygote_client import LIMIT, READY, STOP, Stem, environment

HERE = os.path.dirname(os.path.abspath(__file__))
INIT_ERROR, TEMPLATE = 17, 25


class Template:
    def __init__(self, shim, **variables):
        ours, channel = socket.socketpair()
        self.orders, orders = socket.socketpair()
        output, printed = os.pipe()
        ours.settimeout(LIMIT)
        self.orders.settimeout(LIMIT)

        def place():
            os.dup2(channel.fileno(), 3)
            os.dup2(orders.fileno(), 5)
        code = os.path.join(HERE, "template")
        all_of = dict(json.loads(environment({"LAMBDA_TASK_ROOT": code, "MAYFLY_TEMPLATE": "1", "PYTHONPATH": shim})), **variables)
        self.process = subprocess.Popen([sys.executable, "-s", shim + "/mayfly_shim.py"], cwd=code, env=all_of, preexec_fn=place, pass_fds=(3, 5), stdout=printed, stderr=printed)
        for end in (channel, orders):
            end.close()
        os.close(printed)
        self.instance = Stem(None, None, ours, output)
        self.reason = self.instance.expect(TEMPLATE).decode()

    def fork(self, **variables):
        ours, channel = socket.socketpair()
        ours.settimeout(LIMIT)
        output, printed = os.pipe()
        status, told = os.pipe()
        text = json.dumps(variables).encode()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [channel.fileno(), printed, told]))]
        self.orders.sendmsg([b"f" + struct.pack(">I", len(text)) + text], rights)
        channel.close()
        os.close(printed)
        os.close(told)
        fork = Stem(None, None, ours, output)
        fork.pid, fork.status = struct.unpack(">I", self.orders.recv(4))[0], status
        return fork


def gone(pid):
    """Whether a process has ended and was waited for; it is given the time it takes."""
    descriptor = os.pidfd_open(pid)
    ended = select.select([descriptor], [], [], LIMIT)[0]
    os.close(descriptor)
    return bool(ended)


def main(shim):
    seen = {}
    template = Template(shim)
    seen["reason"] = template.reason
    forks = [template.fork(NAME="one"), template.fork(NAME="two")]
    for fork in forks:
        fork.expect(READY)
    seen["answers"] = [fork.invoke(index) for index, fork in enumerate(forks)]
    seen["pids"] = [fork.pid for fork in forks]
    seen["template"] = template.process.pid
    forks[0].send(STOP)
    seen["ends alone"] = gone(forks[0].pid)
    seen["status"] = os.read(forks[0].status, 4).hex()
    third = template.fork(NAME="three")
    third.expect(READY)
    seen["later"] = third.invoke(3)["name"]
    template.orders.close()
    seen["template ends"] = template.process.wait(LIMIT)
    seen["outlives"] = third.invoke(4)["event"]
    third.channel.close()

    threads = Template(shim, THREADS="1")
    seen["threads"] = threads.reason
    threads.instance.expect(READY)
    seen["normal instance"] = threads.instance.invoke("normal")
    threads.instance.send(STOP)
    seen["normal end"] = threads.process.wait(LIMIT)

    broken = Template(shim, BROKEN="1").fork()
    seen["broken hook"] = json.loads(broken.expect(INIT_ERROR))
    print(json.dumps(seen))


main(*sys.argv[1:])
