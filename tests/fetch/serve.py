"""A server for the tests: each path is one behaviour that a fetch may meet."""
import http.server
import os
import socketserver
import threading
import time


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def nameless_profile():
    """One sample of 7 at 0x1010 and 0x1020 in a mapping that has no functions."""
    strings = ["", "samples", "count", "/no/such/program"]
    out = block(1, number(1, 1) + number(2, 2))
    out += block(2, block(1, varint(1) + varint(2)) + block(2, varint(7)))
    out += block(3, number(1, 1) + number(2, 0x1000) + number(3, 0x2000) + number(5, 3))
    for row, address in ((1, 0x1010), (2, 0x1020)):
        out += block(4, number(1, row) + number(2, 1) + number(3, address))
    return out + b"".join(block(6, text.encode()) for text in strings)


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def address_string(self):
        return "local"

    def send(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        path = self.path.split("?")[0]
        if path in getattr(self.server, "files", {}):
            self.send(200, self.server.files[path].read_bytes())
        elif path.startswith("/buildid/"):
            self.send(404, b"not found")
        elif path == "/gone":
            self.send(404, b"<html>no</html>", Content_Type="text/html")
        elif path == "/busy":
            self.send(500, b"Could not enable CPU profiling: cpu profiling already in use\n",
                      X_Go_Pprof="1", Content_Type="text/plain; charset=utf-8")
        elif path == "/page":
            self.send(200, b"<html>hello</html>")
        elif path == "/empty":
            self.send(200, b"")
        elif path == "/cut":
            self.send(200, nameless_profile()[:40], Content_Length="4000")
        elif path == "/moved":
            self.send(302, b"", Location="/debug/pprof/heap")
        elif path == "/silent":
            time.sleep(8)
        elif path == "/locked" and self.headers.get("Authorization") != "Bearer s3cret":
            self.send(401, b"")
        else:
            self.send(200, nameless_profile())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.seen.append((self.path, body))
        if "/debug/pprof/" not in self.path and not self.path.endswith("symbolz"):
            self.send(404, b"")
            return
        names = {"0x1010": "leaf_function", "0x1020": "_ZN4main3runEi"}
        lines = [f"{a} {names[a]}\n" for a in body.split("+") if a in names]
        self.send(200, ("num_symbols: 1\n" + "".join(lines)).encode())


class Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def start(server):
    server.seen = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def tcp():
    return start(Tcp(("127.0.0.1", 0), Answers))


def unix(path):
    if os.path.exists(path):
        os.unlink(path)
    return start(Unix(str(path), Answers))
