"""Functions that take all they can get. Each ends by itself too, so that nothing suffers where the platform cannot hold it."""
import os
import socket
import sys
import time

SECONDS = 2.5


def until():
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        yield


def forks(event, context):
    for _ in until():
        try:
            os.fork()
        except OSError:
            pass
    os._exit(0)


def memory(event, context):
    held = []
    for _ in until():
        if len(held) < 1024:
            held.append(bytearray(os.urandom(1024) * 1024))


def disk(event, context):
    block = os.urandom(1024) * 1024
    number = 0
    for _ in until():
        try:
            with open(f"/tmp/{number % 2048}", "wb") as file:
                file.write(block)
        except OSError:
            pass
        number += 1


def descriptors(event, context):
    held = []
    for _ in until():
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
            held.append(os.pipe())
            ends = socket.socketpair()
            held.append(ends)
            ends[0].setblocking(False)
            ends[0].send(b"x" * 65536)
        except OSError:
            pass


def logs(event, context):
    line = "x" * 1023 + "\n"
    for _ in until():
        sys.stdout.write(line)


def spin(event, context):
    children = [child for child in (os.fork() for _ in range(4)) if child == 0]
    for _ in until():
        pass
    if children:
        os._exit(0)
