#!/usr/bin/env python3
"""Fetches profiles from servers on loopback and on Unix sockets: what is asked for, what is
said, what is saved, and what happens when servers fail. BUILD names the build folder."""
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time

import debuginfod
import serve

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPROF = (ROOT / os.environ.get("BUILD", "build") / "goprof").resolve()


class Suite:
    def __init__(self, folder):
        self.folder = folder
        self.saved = folder / "saved"
        self.passed = self.failed = self.skipped = 0
        kept = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        self.environ = {**kept, "PPROF_TMPDIR": str(self.saved)}

    def check(self, name, is_right, shown=""):
        self.passed += bool(is_right)
        self.failed += not is_right
        if not is_right:
            print(f"FAIL {name}: {shown}")

    def run(self, *words, **environ):
        return subprocess.run([GOPROF, *map(str, words)], cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=50,
                              env={**self.environ, **environ}, check=False)

    def refuses(self, name, says, *words):
        result = self.run("-top", *words)
        self.check(name, result.returncode != 0 and not result.stdout and
                   re.search(says, result.stderr), result.stderr)


def test_words(suite, server, base):
    result = suite.run("-top", "-seconds=90", base)
    url = f"http://{base}/debug/pprof/profile?seconds=90"
    suite.check("says what it fetches",
                result.stderr.startswith(f"Fetching profile over HTTP from {url}\n"
                                         "Please wait... (1m30s)\n"), result.stderr)
    suite.check("asks for seconds", server.seen[-2][0] == "/debug/pprof/profile?seconds=90"
                and server.seen[-2][1]["User-Agent"].startswith("goprof/"), server.seen)
    saved = suite.saved / "pprof.program.samples.001.pb.gz"
    suite.check("saves a copy", f"Saved profile in {saved}\n" in result.stderr and
                saved.exists(), result.stderr)
    again = suite.run("-top", saved)
    suite.check("reports the copy alike", again.stdout == result.stdout, again.stdout)
    (suite.folder / "host:80").write_bytes(saved.read_bytes())
    suite.check("takes an existing file first",
                suite.run("-top", "host:80").stdout == result.stdout)


def test_symbols(suite, server, base):
    server.seen.clear()
    result = suite.run("-top", f"{base}/debug/pprof/heap")
    suite.check("asks for names", ("/debug/pprof/symbol", "0x1010+0x1020") in server.seen,
                server.seen)
    suite.check("shows the names", "leaf_function" in result.stdout and
                "main::run" in result.stdout, result.stdout)
    result = suite.run("-top", f"{base}/x/profilez")
    suite.check("asks symbolz", server.seen[-1][0] == "/x/symbolz" and
                "leaf_function" in result.stdout, server.seen)
    server.seen.clear()
    suite.run("-top", "-symbolize=local", f"{base}/debug/pprof/heap")
    suite.check("asks nothing unasked", len(server.seen) == 1, server.seen)


def test_failures(suite, base):
    suite.refuses("404", r"server response: 404 Not Found: check the path", f"{base}/gone")
    suite.refuses("500 with the server's words", r"server response: 500 Internal Server Error - "
                  r"Could not enable CPU profiling: cpu profiling already in use: see",
                  f"{base}/busy")
    suite.refuses("401", r"401 Unauthorized: pass -bearer_token_file", f"{base}/locked")
    suite.refuses("a page", r"not a profile: the answer is a web page", f"{base}/page")
    suite.refuses("nothing", r"not a profile: the answer is empty", f"{base}/empty")
    suite.refuses("a cut answer", r"http fetch: .*: check the program's log", f"{base}/cut")
    suite.refuses("nobody listens", r"connect: connection refused: check", "127.0.0.1:1")
    suite.refuses("other schemes", r"use|give an HTTP server", "ftp://127.0.0.1/x")
    suite.refuses("TLS where there is none", r"server speaks https", f"https://{base}/x")
    suite.refuses("malformed", r"neither a file nor a URL", "http://[::1/x")
    suite.refuses("no socket", r"No such file", "unix:///no/such.sock/debug/pprof/heap")
    suite.refuses("key without certificate", r"-tls_cert must also be specified",
                  "-tls_key=x", base)
    suite.refuses("bad header", r"write it as 'Name: value'", "-header", "x", base)
    start = time.monotonic()
    suite.refuses("silence", r"timeout: no answer for 1 s: pass more with -timeout",
                  "-timeout=1", f"{base}/silent")
    suite.check("silence ends in time", time.monotonic() - start < 20)


def test_headers(suite, server, base):
    token = suite.folder / "token"
    token.write_text("s3cret\n")
    result = suite.run("-top", "-bearer_token_file", token, "-header", "X-Team: a b",
                       f"{base}/locked")
    sent = [headers for path, headers in server.seen if path == "/locked"][-1]
    suite.check("sends headers", result.returncode == 0 and sent.get("X-Team") == "a b",
                result.stderr)
    suite.check("follows redirections", suite.run("-top", f"{base}/moved").returncode == 0)
    suite.refuses("keeps headers to the server named", r"302 Found: headers are sent only",
                  "-header=A: b", f"{base}/moved")


def test_places(suite, base):
    socket = suite.folder / "a.sock"
    server = serve.unix(socket)
    plain = suite.run("-top", f"{base}/debug/pprof/heap").stdout
    for url in (f"unix://{socket}/debug/pprof/heap", f"unix:{socket}",
                f"http+unix://{str(socket).replace('/', '%2F')}/debug/pprof/heap"):
        result = suite.run("-top", url)
        suite.check(f"socket by {url.split(':')[0]}", result.stdout == plain and
                    "leaf_function" in plain, result.stderr)
    server.shutdown()
    proxy = serve.tcp()
    where = f"http://127.0.0.1:{proxy.server_address[1]}"
    result = suite.run("-top", "http://nowhere.test/debug/pprof/heap", HTTP_PROXY=where)
    suite.check("goes through a proxy", result.stdout == plain and
                proxy.seen[0][0] == "http://nowhere.test/debug/pprof/heap", result.stderr)
    proxy.seen.clear()
    suite.run("-top", f"{base}/debug/pprof/heap", http_proxy=where)
    suite.check("loopback needs no proxy", not proxy.seen, proxy.seen)
    proxy.shutdown()


def test_many(suite, base):
    result = suite.run("-top", f"{base}/debug/pprof/heap", f"{base}/debug/pprof/heap",
                       f"{base}/gone")
    suite.check("good ones among bad", "14" in result.stdout and
                "Fetched 2 source profiles out of 3" in result.stderr, result.stderr)
    start = time.monotonic()
    result = suite.run("-top", "-timeout=1", *[f"{base}/silent"] * 4,
                       f"-base={base}/silent")
    suite.check("all at once", time.monotonic() - start < 20 and
                "failed to fetch any source profiles" in result.stderr, result.stderr)


def test_progress(suite, base):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(suite.environ)
        os.execv(GOPROF, [str(GOPROF), "-top", "-timeout=1", f"{base}/silent?seconds=30"])
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass
    os.waitpid(pid, 0)
    suite.check("counts on a terminal", b"2 s of 30 s" in shown and
                shown.rstrip().endswith(b"SECONDS"), shown)


def test_go(suite):
    go = shutil.which("go") or "/usr/lib/go-1.19/bin/go"
    if not os.path.exists(go):
        suite.skipped += 1
        print("skip Go's own server: no go here")
        return
    program = suite.folder / "server"
    subprocess.run([go, "build", "-o", program, "main.go"], check=True,
                   cwd=ROOT / "tests/fetch/server", env={**os.environ, "GO111MODULE": "off"})
    server = subprocess.Popen([program, "tcp", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        base = server.stdout.readline().strip()
        for words in (["-seconds=1", base], [f"{base}/debug/pprof/heap"],
                      [f"{base}/debug/pprof/goroutine"]):
            result = suite.run("-top", *words)
            saved = re.search(r"Saved profile in (.*)", result.stderr)
            oracle = saved and subprocess.run(
                [go, "tool", "pprof", "-top", saved.group(1)], text=True, check=False,
                capture_output=True, env=suite.environ)
            suite.check(f"go tool pprof agrees on {words[-1]}", oracle and
                        "main." in result.stdout and result.stdout == oracle.stdout,
                        result.stderr + result.stdout)
    finally:
        server.kill()
        server.wait()


def main():
    with tempfile.TemporaryDirectory(prefix="fetch-") as name:
        suite = Suite(pathlib.Path(name))
        server = serve.tcp()
        base = f"127.0.0.1:{server.server_address[1]}"
        test_words(suite, server, base)
        test_symbols(suite, server, base)
        test_failures(suite, base)
        test_headers(suite, server, base)
        test_places(suite, base)
        test_many(suite, base)
        test_progress(suite, base)
        test_go(suite)
        debuginfod.test(suite, server, base)
    print(f"fetch: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return suite.failed > 0


if __name__ == "__main__":
    sys.exit(main())
