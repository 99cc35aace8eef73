"""Prints as JSON what is set up in the machine's network: interfaces, tables of the packet filter, addresses, what forwards."""
import glob
import json
import os
import socket
import struct

NEW_TABLE, GET_TABLE, DUMP, DONE = 10 << 8, (10 << 8) | 1, 0x301, 3


def tables():
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    kernel.send(struct.pack("=IHHII", 20, GET_TABLE, DUMP, 1, 0) + bytes(4))
    found = []
    while True:
        data = kernel.recv(65536)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind in (DONE, 2):
                return sorted(found)
            if kind == NEW_TABLE:
                size, _ = struct.unpack_from("=HH", data, 20)
                found.append(data[24:20 + size].rstrip(b"\0").decode())
            data = data[(length + 3) & ~3:]


forwarding = {}
for path in glob.glob("/proc/sys/net/ipv4/conf/*/forwarding"):
    forwarding[path.split("/")[-2]] = open(path).read().strip()
print(json.dumps({"interfaces": sorted(os.listdir("/sys/class/net")), "tables": tables(), "forwarding": forwarding, "routes": open("/proc/net/route").read()}, sort_keys=True))
