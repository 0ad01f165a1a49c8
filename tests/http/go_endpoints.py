"""The endpoints of goprof serve for a Go program: what scrapers fetch, and its own words."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build(name, folder):
    source = folder / name
    shutil.copytree(ROOT / "tests/programs/go" / name, source)
    (source / "go.mod").write_text(f"module {name}\n\ngo 1.19\n")
    subprocess.run(["go", "build", "-o", folder / f"{name}.out", "."], cwd=source, check=True,
                   timeout=300, env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"})
    return folder / f"{name}.out"


class Running:
    """A program that has said it is ready; ends with the block."""

    def __init__(self, *words):
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def own_words(process, prefix):
    """Makes the program write what its runtime says itself; a kind's text."""
    said = pathlib.Path(prefix)
    os.kill(process.pid, signal.SIGUSR1)
    for _ in range(200):
        if said.exists():
            break
        time.sleep(0.05)
    return lambda kind: pathlib.Path(f"{prefix}.{kind}.1").read_text()


def records(text):
    """Of a text with debug=1: each record's counts, and its functions."""
    found = []
    for part in text.split("\n\n"):
        lines = re.findall(r"^#\t0x[0-9a-f]+\t(\S+?)\+0x", part, re.M)
        counts = re.search(r"^(\d+ \d+) @", part, re.M)
        if counts and lines:
            found.append((counts.group(1), tuple(lines)))
    return sorted(found)


def check_fetches(suite, site, folder):
    """go tool pprof takes each kind from the server by its address."""
    for kind, shows in [("heap", "inuse_space"), ("allocs", "alloc_space"), ("block", "delay"),
                        ("mutex", "delay"), ("goroutine", "goroutine"),
                        ("threadcreate", "threadcreate")]:
        done = subprocess.run(["go", "tool", "pprof", "-top",
                               f"{site.base}/debug/pprof/{kind}"], capture_output=True, text=True,
                              check=False, timeout=120,
                              env={**os.environ, "PPROF_TMPDIR": str(folder)})
        suite.check(f"go tool pprof fetches {kind}", f"Type: {shows}" in done.stdout,
                    done.stdout + done.stderr)


def check_texts(suite, site, own):
    for kind in ["block", "mutex"]:
        text = site.ask(f"/debug/pprof/{kind}?debug=1")[2]
        suite.check(f"{kind}?debug=1 is the program's own", records(text) and
                    records(text) == records(own(kind)), text)
    heap = site.ask("/debug/pprof/heap?debug=1")[2]
    suite.check("heap?debug=1", heap.startswith("heap profile: ") and
                "# runtime.MemStats" in heap and "main.allocate" in heap, heap)
    text = site.ask("/debug/pprof/goroutine?debug=1")[2]
    suite.check("goroutine?debug=1", re.match(r"goroutine profile: total \d+\n\d+ @ 0x", text) and
                "main.main" in text, text)
    text = site.ask("/debug/pprof/goroutine?debug=2")[2]
    suite.check("goroutine?debug=2", text.startswith("goroutine 1 [chan receive") and
                "main.main()" in text, text)


def check_refusals(suite, site):
    status, _, text = site.ask("/debug/pprof/trace?seconds=1")
    suite.check("no execution trace from outside", status == 501 and "gctrace" in text, text)
    status, _, text = site.ask("/debug/pprof/heap?gc=1")
    suite.check("no collection without leave", status == 403 and "--allow-gc" in text, text)
    suite.check("gc=0 is none", site.ask("/debug/pprof/heap?gc=0&debug=1")[0] == 200)
    suite.check("a wrong gc", site.ask("/debug/pprof/heap?gc=x")[0] == 400)
    suite.check("a wrong debug", site.ask("/debug/pprof/heap?debug=9")[0] == 400)
    suite.check("a wrong period", site.ask("/debug/pprof/schedtrace?period=x")[0] == 400)


def check_schedule(suite, site):
    status, headers, text = site.ask("/debug/pprof/schedtrace?seconds=1&period=200")
    lines = text.splitlines()
    suite.check("lines of the scheduler", status == 200 and 3 <= len(lines) <= 5 and
                all(line.startswith("SCHED ") and "gomaxprocs=" in line for line in lines), text)
    suite.check("in chunks", headers["Transfer-Encoding"] == "chunked", dict(headers))


def check_collections(suite, site):
    """A line comes while the answer is still being sent."""
    with urllib.request.urlopen(site.base + "/debug/pprof/gctrace?seconds=60",
                                timeout=90) as lines:
        line = lines.readline()
    suite.check("a line of a collection", re.match(rb"gc \d+ @", line), line)
    status, _, text = site.ask("/debug/pprof/heap?gc=1&debug=1")
    suite.check("gc=1 where it is allowed", status == 200 and text.startswith("heap profile"), text)


def state_of(site):
    return json.loads(site.ask("/api/state")[2])["recordings"]


def until(site, is_right):
    for _ in range(300):
        found = state_of(site)
        if is_right(found):
            break
        time.sleep(0.1)
    return found


def check_dump(suite, site, process):
    """A heap dump at a click: taken, saved, looked into; cancelled ones are gone."""
    dump = {"kind": "heapdump"}
    suite.check("no dump by GET", site.ask("/api/capture?kind=heapdump")[0] == 405)
    suite.check("a dump begins", site.ask("/api/capture", dump)[0] == 200)
    one = until(site, lambda all: all and not all[0]["isRunning"])[0]
    suite.check("a dump is taken", one["isDumped"] and one["error"] == "", one)
    text = site.ask("/api/dump?id=%d" % one["id"])[2]
    suite.check("the file", text.startswith("goprof heap dump") and len(text) > 100000, text[:99])
    suite.check("no pages by GET", site.ask("/api/open?id=%d" % one["id"])[0] == 404)
    suite.check("its pages begin", site.ask("/api/open", {"id": one["id"]})[0] == 200)
    url = until(site, lambda all: all[0]["url"])[0]["url"]
    with urllib.request.urlopen(url, timeout=60) as page:
        suite.check("its pages", "main.node" in page.read().decode())
    begun = json.loads(site.ask("/api/capture", dump)[2])["id"]
    suite.check("a dump is cancelled", site.ask("/api/cancel", {"id": begun})[0] == 200 and
                begun not in [one["id"] for one in state_of(site)])
    suite.check("the process goes on", process.poll() is None)


def check_numbers(suite, site):
    given = json.loads(site.ask("/api/process")[2])
    suite.check("what a Go program gives", given["givesDump"] and
                [one["name"] for one in given["numbers"]] == ["memory", "memstats"] and
                [one["name"] for one in given["streams"]] == ["gctrace", "schedtrace"], given)
    suite.check("its memory", "live heap" in site.ask("/api/numbers?kind=memory")[2])
    suite.check("its statistics", "TotalAlloc" in site.ask("/api/numbers?kind=memstats")[2])
    suite.check("no other numbers", site.ask("/api/numbers?kind=secrets")[0] == 404)
    suite.check("no other process", site.ask("/api/numbers?kind=memory&pid=1")[0] == 422)
    with urllib.request.urlopen(site.base + "/api/stream?kind=gctrace", timeout=60) as lines:
        line = lines.readline()
    suite.check("its collections", re.match(rb"gc \d+ @", line), line)


def run(suite, site_of, folder):
    if shutil.which("go") is None:
        print("SKIP endpoints of a Go program: go is not installed")
        return
    prefix = folder / "said"
    with Running(build("profiles", folder), prefix) as process, \
            site_of("serve", process.pid, "--listen", "localhost:0") as site:
        index = site.ask("/debug/pprof/")[2]
        suite.check("the index lists Go's kinds", all(
            f'href="{kind}' in index for kind in
            ["allocs", "block", "goroutine", "heap", "mutex", "profile", "threadcreate",
             "gctrace", "schedtrace"]), index)
        check_fetches(suite, site, folder)
        check_texts(suite, site, own_words(process, prefix))
        check_refusals(suite, site)
        check_schedule(suite, site)
    with Running(build("collector", folder)) as process, \
            site_of("serve", process.pid, "--listen", "localhost:0", "--allow-gc") as site:
        check_collections(suite, site)
        with site_of("web", "--no-browser", process.pid, env={"TMPDIR": folder}) as pages:
            check_numbers(suite, pages)
            check_dump(suite, pages, process)
        suite.check("dumps are removed", not list(folder.glob("goprof-dump-*")))
