import json
import os
import struct
import sys
import time


def frame(slot, payload):
    os.write(3, struct.pack(">IBI", len(payload), 18, slot) + payload)


def handler(event, context):
    if "requestContext" in event:
        event = json.loads(event["body"])
    do = event.get("do", "fine")
    if do == "sleep":
        time.sleep(60)
    elif do == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(b"x" * (8 << 20)))
    elif do == "exit":
        os._exit(1)
    elif do == "exit0":
        os._exit(0)
    elif do == "segv":
        os.kill(os.getpid(), 11)
    elif do == "fork":
        while True:
            os.fork()
    elif do == "forkspin":
        while True:
            try:
                os.fork()
            except OSError:
                pass
    elif do == "print":
        line = "p" * 1023 + "\n"
        for _ in range(100 * 1024):
            sys.stdout.write(line)
    elif do == "big":
        return "b" * (7 << 20)
    elif do == "huge":
        return "b" * (20 << 20)
    elif do == "raise":
        raise ValueError("no such luck")
    elif do == "unserialisable":
        return object()
    elif do == "answer-twice":
        frame(1, b'"first"')
        frame(1, b'"second"')
        return "third"
    elif do == "garbage":
        os.write(3, b"\xff" * 64)
        time.sleep(60)
    elif do == "close":
        os.close(3)
        time.sleep(60)
    return "fine"
