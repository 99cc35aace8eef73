"""Plays the internet for tests: a web server that says who called, and a name server that knows one name.

internet.py web <address>            serves HTTP on port 80
internet.py names <address> <answer> serves DNS on port 53: every name ending in .example is <answer>
"""
import http.server
import socket
import socketserver
import struct
import sys


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("hello %s" % self.client_address[0]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def answer(question, address):
    end = 12
    name = []
    while question[end]:
        name.append(question[end + 1:end + 1 + question[end]])
        end += 1 + question[end]
    end += 5
    wants = struct.unpack("!H", question[end - 4:end - 2])[0]
    known = bool(name) and name[-1] == b"example"
    found = known and wants == 1
    head = question[:2] + struct.pack("!HHHHH", 0x8180 | (0 if known else 3), 1, found, 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address) if found else b""
    return head + question[12:end] + record


class Datagram(socketserver.BaseRequestHandler):
    def handle(self):
        question, back = self.request
        back.sendto(answer(question, self.server.answer), self.client_address)


class Stream(socketserver.StreamRequestHandler):
    def handle(self):
        length = struct.unpack("!H", self.rfile.read(2))[0]
        reply = answer(self.rfile.read(length), self.server.answer)
        self.wfile.write(struct.pack("!H", len(reply)) + reply)


class Names(socketserver.ThreadingUDPServer):
    allow_reuse_address = True


class NamesOverStreams(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if sys.argv[1] == "web":
    server = http.server.ThreadingHTTPServer((sys.argv[2], 80), Hello)
else:
    import threading
    streams = NamesOverStreams((sys.argv[2], 53), Stream)
    server = Names((sys.argv[2], 53), Datagram)
    streams.answer = server.answer = sys.argv[3]
    threading.Thread(target=streams.serve_forever, daemon=True).start()
print("listening", flush=True)
server.serve_forever()
