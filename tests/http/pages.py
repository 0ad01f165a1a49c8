"""The pages and the endpoints that goprof serves, asked without a browser."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request

import go_endpoints

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPROF = (ROOT / os.environ.get("BUILD", "build") / "goprof").resolve()
PROFILE = ROOT / "tests/golden/profiles/go_cpu.pb.gz"


class Site:
    """A server and what it says; ends with the block."""

    def __init__(self, *words, env=()):
        self.process = subprocess.Popen([GOPROF, *map(str, words)], stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **dict(env)})
        self.said = ""
        for line in self.process.stderr:
            self.said += line
            found = re.search(r" on (http://\S+|unix:\S+)$", line)
            if found:
                self.url = found.group(1)
                break
        else:
            raise RuntimeError(self.said)
        self.base = "/".join(self.url.split("/")[:3])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.status = self.process.wait(20)

    def ask(self, path, form=None, **headers):
        """Status, headers and body."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, data=data, headers=named)
        try:
            with OPENER.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode(errors="replace")


class Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(Unmoved, urllib.request.ProxyHandler({}))


def test_pages(suite, profile):
    with Site("-http=localhost:0", "-no_browser", profile) as site:
        status, headers, page = site.ask("/")
        policy = headers["Content-Security-Policy"] or ""
        suite.check("the page", status == 200 and "<canvas" in page, page)
        suite.check("a policy without inline scripts", "default-src 'none'" in policy and
                    "unsafe" not in policy and "script-src 'self'" in policy, policy)
        suite.check("no script in the page", "<script>" not in page and " onclick" not in page)
        status, headers, _ = site.ask("/ui/flamegraph?f=x")
        suite.check("pprof's paths", status == 307 and headers["Location"] == "/?f=x", headers)
        state = json.loads(site.ask("/api/state")[2])
        suite.check("the state", len(state["profiles"]) == 1, state)
        data = json.loads(site.ask("/api/flame")[2])
        suite.check("the flame graph", data["nodeCount"] > 0 and data["types"], data)
        for path in ["labels", "peek?symbol=.", "tree", "traces", "top"]:
            status, _, text = site.ask("/api/" + path)
            suite.check(f"/api/{path}", status == 200 and text, text)
        suite.check("a wrong pattern", site.ask("/api/flame?f=%5B")[0] == 422)
        suite.check("a wrong number", site.ask("/api/top?n=x")[0] == 422)
        suite.check("a bad escape", site.ask("/api/top?f=%zz")[0] == 422)
        suite.check("a long parameter", site.ask("/api/top?f=" + "a" * 7000)[0] == 414)
        suite.check("no such profile", site.ask("/api/flame?p=77")[0] == 404)
        suite.check("no such page", site.ask("/api/none")[0] == 404)
        suite.check("a shared page", "<canvas" in site.ask("/share")[2])
        suite.check("a rebound name", site.ask("/api/flame", Host="evil.example")[0] == 403)
        for path in ["/ui.js/../../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/x",
                     "/etc/passwd", "/ui/../../etc/passwd"]:
            suite.check(f"path {path}", site.ask(path)[0] in (307, 400, 404))
        suite.check("no captures of a profile", site.ask("/api/capture", {"pid": 1})[0] == 404)
    suite.check("ends well", site.status == 0, site.status)


def test_same_answers(suite, profile):
    """What pages show is what the command line says."""
    said = subprocess.run([GOPROF, "-json", profile], capture_output=True, text=True,
                          check=True, timeout=60).stdout
    with Site("-http=localhost:0", "-no_browser", profile) as site:
        suite.check("the table is the command's", site.ask("/api/top")[2] == said)
        filtered = subprocess.run([GOPROF, "-json", "-focus=main", "-lines", "-cum", profile],
                                  capture_output=True, text=True, check=True, timeout=60).stdout
        suite.check("also with options",
                    site.ask("/api/top?f=main&g=lines&sort=cum")[2] == filtered)


def test_many_clients(suite, profile):
    with Site("-http=localhost:0", "-no_browser", profile) as site:
        right = []

        def client(number):
            # Some ask for the same, some for something of their own.
            status, _, text = site.ask(f"/api/flame?n={number % 20}")
            if status == 200 and json.loads(text)["nodeCount"] > 0:
                right.append(number)

        threads = [threading.Thread(target=client, args=(n,)) for n in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        suite.check("200 clients at once", len(right) == 200, len(right))
    suite.check("ends well after them", site.status == 0, site.status)


def test_token(suite, profile):
    with Site("-http=0.0.0.0:0", "-no_browser", profile) as site:
        token = site.url.partition("token=")[2]
        site.base = site.base.replace("0.0.0.0", "127.0.0.1")
        suite.check("prints a token", len(token) == 32, site.url)
        suite.check("asks for it", site.ask("/api/flame")[0] == 401)
        suite.check("not another", site.ask("/api/flame?token=" + "0" * 32)[0] == 401)
        suite.check("as a bearer", site.ask("/api/state",
                                            Authorization="Bearer " + token)[0] == 200)
        status, headers, _ = site.ask("/?token=" + token)
        cookie = headers["Set-Cookie"] or ""
        suite.check("becomes a cookie", status == 303 and "HttpOnly" in cookie and
                    "SameSite=Strict" in cookie, cookie)
        suite.check("as a cookie", site.ask("/api/state", Cookie=cookie.split(";")[0])[0] == 200)


def test_live(suite, busy):
    with Site("web", "--no-browser", busy.pid) as site:
        suite.check("no change by GET", site.ask("/api/capture?pid=%d" % busy.pid)[0] == 405)
        form = {"pid": busy.pid, "seconds": 1}
        suite.check("no change from another site", site.ask("/api/capture", form,
                    Origin="http://evil.example")[0] == 403)
        suite.check("no other process", site.ask("/api/capture", {"pid": 1})[0] == 422)
        status, _, text = site.ask("/api/process")
        suite.check("what it gives", status == 200 and
                    any(kind["name"] == "cpu" for kind in json.loads(text)["kinds"]), text)
        text = site.ask("/api/processes")[2]
        suite.check("one process alone", json.loads(text)["count"] == 1, text)
        suite.check("no command line", "while" not in text, text)
        status, _, text = site.ask("/api/capture", {"pid": busy.pid, "seconds": 600})
        suite.check("a capture begins", status == 200, text)
        number = json.loads(text)["id"]
        running = json.loads(site.ask("/api/state")[2])["recordings"]
        suite.check("and is listed", [one["id"] for one in running] == [number], running)
        suite.check("and is cancelled", site.ask("/api/cancel", {"id": number})[0] == 200)
        suite.check("and is gone", json.loads(site.ask("/api/state")[2])["recordings"] == [])


def can_record(busy):
    done = subprocess.run([GOPROF, "cpu", "--seconds", "0.2", str(busy.pid)], check=False,
                          capture_output=True, timeout=60)
    return done.returncode == 0


def test_endpoints(suite, busy, folder):
    with Site("serve", busy.pid, "--listen", "localhost:0") as site:
        status, headers, page = site.ask("/debug/pprof/")
        suite.check("the index", status == 200 and 'href="profile?seconds=' in page, page)
        suite.check("no collections of a program that is not Go's", 'href="schedtrace"' in page and
                    "gctrace\"" not in page, page)
        suite.check("as Go redirects to it", site.ask("/debug/pprof")[0] == 307)
        suite.check("no pages", site.ask("/")[0] == 404 and site.ask("/api/state")[0] == 404)
        suite.check("no arguments shown", site.ask("/debug/pprof/cmdline")[2] == "sh")
        suite.check("wrong seconds", site.ask("/debug/pprof/profile?seconds=x")[0] == 400)
        suite.check("too many seconds", site.ask("/debug/pprof/profile?seconds=9999")[0] == 400)
        status, _, text = site.ask("/debug/pprof/heap")
        suite.check("what it has not", status == 422 and "cpu" in text, text)
        if not can_record(busy):
            print("SKIP endpoints: perf events are not permitted here")
            return
        fetched = folder / "profile.pb.gz"
        request = urllib.request.Request(site.base + "/debug/pprof/profile?seconds=1")
        with OPENER.open(request, timeout=60) as answer:
            suite.check("its type", answer.headers["Content-Type"] == "application/octet-stream")
            fetched.write_bytes(answer.read())
        top = subprocess.run([GOPROF, "-top", fetched], capture_output=True, text=True,
                             check=False, timeout=60)
        suite.check("a profile", "Type: cpu" in top.stdout, top.stdout + top.stderr)
        long = [socket.create_connection(("localhost", int(site.base.split(":")[2])))
                for _ in range(4)]
        for client in long:
            client.sendall(b"GET /debug/pprof/profile?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        site.ask("/debug/pprof/cmdline")  # they are read before this one is
        suite.check("four at once are enough",
                    site.ask("/debug/pprof/profile?seconds=1")[0] == 429)
        for client in long:
            client.close()
        go_fetches(suite, site)


def go_fetches(suite, site):
    go = shutil.which("go")
    if go is None:
        return
    for _ in range(50):  # until the captures of those who left have ended
        done = subprocess.run([go, "tool", "pprof", "-top", "-seconds=1",
                               site.base + "/debug/pprof/profile"], capture_output=True,
                              text=True, check=False, timeout=120,
                              env={**os.environ, "PPROF_TMPDIR": tempfile.gettempdir()})
        if "429" not in done.stderr:
            break
    suite.check("go tool pprof fetches it", "Type: cpu" in done.stdout,
                done.stdout + done.stderr)


def test_words(suite, profile):
    for words, says in [(["-http=localhost:0", "-top", profile], "not compatible"),
                        (["-no_browser", profile], "-http"),
                        (["-http=nowhere:0", profile], "address"),
                        (["web", "--listen", "8080", profile], "HOST"),
                        (["serve"], "process"), (["serve", "no such name"], "no process")]:
        done = subprocess.run([GOPROF, *map(str, words)], capture_output=True, text=True,
                              check=False, timeout=30, stdin=subprocess.DEVNULL)
        suite.check(f"{words} is refused", done.returncode in (1, 2) and says in done.stderr and
                    not done.stdout, done.stderr)


def run(suite):
    busy = subprocess.Popen(["sh", "-c", "while :; do :; done"])
    try:
        with tempfile.TemporaryDirectory() as name:
            test_pages(suite, PROFILE)
            test_same_answers(suite, PROFILE)
            test_many_clients(suite, PROFILE)
            test_token(suite, PROFILE)
            test_live(suite, busy)
            test_endpoints(suite, busy, pathlib.Path(name))
            test_words(suite, PROFILE)
            go_endpoints.run(suite, Site, pathlib.Path(name))
    finally:
        busy.kill()
