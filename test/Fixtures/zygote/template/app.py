import os
import random
import socket
import threading
import uuid

from snapshot_restore_py import register_after_restore, register_before_snapshot

seen = ["init %d" % os.getpid()]
text = open(__file__, "rb", 0)
text.read(3)
ours, theirs = socket.socketpair()


@register_before_snapshot
def second():
    seen.append("second")


register_before_snapshot(seen.append, "first")
register_after_restore(seen.append, "restored")
if os.environ.get("THREADS"):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
if os.environ.get("BROKEN"):
    register_after_restore(lambda: 1 / 0)
before = "MAYFLY_TEMPLATE" in os.environ


def handler(event, context):
    try:
        sent = ours.send(b"x")
    except OSError as error:
        sent = type(error).__name__
    return {"seen": seen[1:], "pid": os.getpid(), "init": seen[0], "random": random.random(), "uuid": str(uuid.uuid4()), "offset": text.tell(),
            "read": text.read(3).decode(), "name": os.environ.get("NAME"), "template": before, "sent": sent, "event": event}
