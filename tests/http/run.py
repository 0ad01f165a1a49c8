#!/usr/bin/env python3
"""Asks the HTTP server what clients should not: malformed, slow, many, rebound, oversized.
The server runs under sanitizers and must end with every exchange accounted for."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pages

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("BUILD", "build") / "http").resolve()
BASE = ["error", "str", "hash", "arena", "log"]
HOST = b"Host: localhost\r\n"


def build():
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / "serve"
    sources = sorted((ROOT / "src/http").glob("*.c"))
    sources += [ROOT / f"src/base/{name}.c" for name in BASE]
    sources = [path for path in sources if path.exists()]
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE", "-g", "-O1",
                    "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined",
                    "-Isrc", "-o", program, "tests/http/serve.c", *sources],
                   cwd=ROOT, check=True)
    return program


class Suite:
    def __init__(self, program, word):
        self.passed = self.failed = 0
        self.server = subprocess.Popen([program, word], stdout=subprocess.PIPE, text=True)
        self.address = ("127.0.0.1", int(self.server.stdout.readline()))
        if "/" in word:
            self.address = word

    def check(self, name, is_right, shown=""):
        self.passed += bool(is_right)
        self.failed += not is_right
        if not is_right:
            print(f"FAIL {name}: {shown!r}"[:400])

    def connect(self):
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        client = socket.socket(family, socket.SOCK_STREAM)
        client.settimeout(20)
        client.connect(self.address)
        return client

    def ask(self, data):
        """Everything the server says until it closes."""
        with self.connect() as client:
            try:
                client.sendall(data)
            except OSError:
                pass
            return read_all(client)

    def get(self, path, headers=b""):
        return self.ask(b"GET " + path + b" HTTP/1.1\r\n" + HOST + headers +
                        b"Connection: close\r\n\r\n")

    def refuses(self, name, status, data):
        answer = self.ask(data)
        self.check(name, answer.startswith(b"HTTP/1.1 %d " % status) and
                   b"Connection: close" in answer, answer)

    def close(self):
        self.server.terminate()
        status = self.server.wait(20)
        self.check("every exchange ended and nothing leaked", status == 0, status)


def read_all(client):
    answer = b""
    try:
        while piece := client.recv(65536):
            answer += piece
    except OSError:
        pass
    return answer


def body(answer):
    return answer.split(b"\r\n\r\n", 1)[-1]


def read_reply(client, rest=b""):
    """One reply with a length; returns it and what came behind it."""
    while b"\r\n\r\n" not in rest:
        rest += client.recv(65536)
    head, rest = rest.split(b"\r\n\r\n", 1)
    size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(rest) < size:
        rest += client.recv(65536)
    return head + b"\r\n\r\n" + rest[:size], rest[size:]


def test_replies(suite):
    suite.check("a page", body(suite.get(b"/")) == b"hello\n")
    suite.check("a missing page", suite.get(b"/none").startswith(b"HTTP/1.1 404 "))
    suite.check("a large body", len(body(suite.get(b"/large"))) == 1 << 23)
    answer = suite.get(b"/stream")
    suite.check("chunks", b"Transfer-Encoding: chunked" in answer and
                body(answer).endswith(b"4\r\ntwo\n\r\n00000000\r\n\r\n"), answer)
    answer = suite.ask(b"GET /stream HTTP/1.0\r\n\r\n")
    answer = suite.ask(b"GET /stream HTTP/1.0\r\n" + HOST + b"\r\n")
    suite.check("no chunks for HTTP/1.0", body(answer) == b"one\ntwo\n", answer)
    suite.check("a late reply", body(suite.get(b"/late")) == b"at last\n")
    answer = suite.ask(b"HEAD /large HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    suite.check("a head alone", b"Content-Length: 8388608" in answer and body(answer) == b"",
                answer)
    answer = suite.ask(b"POST /echo HTTP/1.1\r\n" + HOST +
                       b"Connection: close\r\nContent-Length: 3\r\n\r\na=b")
    suite.check("a form", body(answer) == b"a=b", answer)


def test_keep_alive(suite):
    request = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
    with suite.connect() as client:
        client.sendall(request * 3)
        rest = b""
        for _ in range(3):
            answer, rest = read_reply(client, rest)
            suite.check("requests that came together", body(answer) == b"hello\n", answer)
        client.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\na=")
        time.sleep(0.05)
        client.sendall(b"b" + request)
        answer, rest = read_reply(client, rest)
        suite.check("a body in pieces", body(answer) == b"a=b", answer)
        answer, rest = read_reply(client, rest)
        suite.check("a request behind a body", body(answer) == b"hello\n", answer)


def test_malformed(suite):
    line = b"GET / HTTP/1.1\r\n"
    suite.refuses("no host", 400, line + b"\r\n")
    suite.refuses("two hosts", 400, line + HOST + HOST + b"\r\n")
    suite.refuses("garbage", 400, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    suite.refuses("another method", 405, b"DELETE / HTTP/1.1\r\n" + HOST + b"\r\n")
    suite.refuses("another version", 505, b"PRI * HTTP/2.0\r\n\r\n")
    suite.refuses("chunks sent", 501, line + HOST + b"Transfer-Encoding: chunked\r\n\r\n")
    suite.refuses("expect", 417, line + HOST + b"Expect: 100-continue\r\n\r\n")
    for path in [b"/../etc/passwd", b"/%2e%2e/etc/passwd", b"/..%2f..%2fetc/passwd", b"//etc",
                 b"/a/./b", b"/%00", b"/a%0d%0aX: y", b"/%", b"/a\\b", b"etc", b"*"]:
        suite.refuses(f"path {path}", 400, b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    suite.refuses("a long address", 414, b"GET /" + b"a" * 7000 + b" HTTP/1.1\r\n" + HOST +
                  b"\r\n")
    suite.refuses("an endless address", 414, b"GET /" + b"a" * 9000)
    suite.refuses("long headers", 431, line + HOST + b"X: " + b"a" * 9000)
    suite.refuses("many headers", 431, line + HOST + b"X: y\r\n" * 3000)
    suite.refuses("a large body", 413, b"POST /echo HTTP/1.1\r\n" + HOST +
                  b"Content-Length: 9999999\r\n\r\n" + b"a" * 100000)


def test_other_sites(suite):
    line = b"GET / HTTP/1.1\r\n"
    suite.refuses("a rebound name", 403, line + b"Host: evil.example:80\r\n\r\n")
    suite.refuses("another origin", 403, line + HOST + b"Origin: http://evil.example\r\n\r\n")
    suite.refuses("another site", 403, line + HOST + b"Sec-Fetch-Site: cross-site\r\n\r\n")
    suite.refuses("a form of another site", 403, b"POST /echo HTTP/1.1\r\n" + HOST +
                  b"Origin: null\r\nContent-Length: 0\r\n\r\n")
    for host in [b"127.0.0.1:99", b"[::1]", b"localhost:99"]:
        answer = suite.ask(line + b"Host: " + host + b"\r\nConnection: close\r\n\r\n")
        suite.check(f"own host {host}", body(answer) == b"hello\n", answer)


def test_slow(suite):
    with suite.connect() as client:
        begun = time.monotonic()
        client.settimeout(0.05)
        answer = b""
        for byte in b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500:
            try:
                client.sendall(bytes([byte]))
                answer += client.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                break
            if answer or time.monotonic() - begun > 15:
                break
        suite.check("a slow head", answer.startswith(b"HTTP/1.1 408 "), answer)
    with suite.connect() as client:
        client.sendall(b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n")
        suite.check("others meanwhile", body(suite.get(b"/")) == b"hello\n")
        time.sleep(3)
        client.settimeout(5)
        suite.check("who does not read is left", len(read_all(client)) < 1 << 23)
    with suite.connect() as client:
        client.sendall(b"GET /silent HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(0.2)
    with suite.connect() as client:
        client.sendall(b"GET /late HTTP/1.1\r\n" + HOST + b"\r\n")
    time.sleep(0.5)
    served, ended = map(int, body(suite.get(b"/counts")).split())
    suite.check("clients that left are noticed", served == ended + 1, (served, ended))


def test_many(suite):
    answers = []

    def client():
        for _ in range(20):
            answer = suite.get(b"/")
            if body(answer) == b"hello\n":
                answers.append(True)
                return
            time.sleep(0.1)

    threads = [threading.Thread(target=client) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    suite.check("200 clients at once", len(answers) == 200, len(answers))
    held = [suite.connect() for _ in range(32)]
    for client in held:
        client.sendall(b"GET / HTTP/1.1\r\n")  # busy: not whole yet
    time.sleep(0.2)
    answer = suite.get(b"/")
    suite.check("too many are told so", answer == b"" or answer.startswith(b"HTTP/1.1 503 "),
                answer)
    for client in held:
        client.close()
    time.sleep(0.3)
    idle = [suite.connect() for _ in range(40)]
    suite.check("idle ones make room", body(suite.get(b"/")) == b"hello\n")
    for client in idle:
        client.close()


def main():
    program = build()
    suite = Suite(program, "127.0.0.1:0")
    for test in [test_replies, test_keep_alive, test_malformed, test_other_sites, test_slow,
                 test_many]:
        test(suite)
    suite.close()
    with tempfile.TemporaryDirectory() as folder:
        local = Suite(program, f"{folder}/socket")
        local.check("a Unix socket", body(local.ask(b"GET / HTTP/1.1\r\nHost: any\r\n"
                                                    b"Connection: close\r\n\r\n")) == b"hello\n")
        local.close()
        local.check("its file is gone", not os.listdir(folder))
    pages.run(local)
    passed, failed = suite.passed + local.passed, suite.failed + local.failed
    print(f"http: {passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
