"""Functions that misbehave. Each is bounded by itself too, so that nothing suffers where the platform cannot hold it."""
import os
import sys
import time


def timeout(event, context):
    time.sleep(20)


def memory(event, context):
    held = []
    while len(held) < 1024:
        held.append(bytearray(os.urandom(1024) * 1024))
    return len(held)


def leave(event, context):
    os._exit(1)


def forks(event, context):
    end = time.monotonic() + 20
    depth = 0
    while time.monotonic() < end:
        try:
            if depth < 12 and os.fork() == 0:
                depth += 1
        except OSError:
            pass
    os._exit(0)


def prints(event, context):
    line = "x" * 1023 + "\n"
    for _ in range(100 * 1024):
        sys.stdout.write(line)
    return "printed"


def large(event, context):
    return "x" * (7 * 1024 * 1024)


def twice(event, context):
    os.fork()
    return "answered"
