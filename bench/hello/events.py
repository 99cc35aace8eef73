"""Does nothing but tell when its handler began: eight bytes over a connection that stays, to the port that the event names."""
import json
import socket
import struct
import time

connection = None


def handler(event, context):
    began = time.monotonic_ns()
    global connection
    if "port" not in event:
        return
    if connection is None:
        connection = socket.create_connection(("127.0.0.1", event["port"]))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(struct.pack("<q", began))


def message(event, context):
    for record in event.get("Records", ()):
        handler(json.loads(record["body"]), context)
