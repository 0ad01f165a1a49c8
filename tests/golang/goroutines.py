"""Goroutines from outside against what the programs say of themselves."""
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import targets
from targets import FOLDER, Target, goprof

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "truth"))
import pprof  # noqa: E402


def blocks(text):
    """Goroutine id -> its block of a dump."""
    return {int(block.split()[1]): block for block in text.strip().split("\n\n") if block}


def same_blocks(suite, name, ours, truth, ran):
    """All but those that ran between the dumps are equal, byte for byte."""
    ours, truth = blocks(ours), blocks(truth)
    suite.check(f"{name}: the same goroutines", ours.keys() == truth.keys(),
                (sorted(ours), sorted(truth)))
    for number, block in truth.items():
        # The signal that asks for the truth wakes one more.
        if number in ran or "os/signal.loop" in block:
            continue
        # Time passes: a minute may end between the dumps.
        strip = lambda text: re.sub(r", \d+ minutes", "", text or "")
        suite.check(f"{name}: goroutine {number}", strip(ours.get(number)) == strip(block),
                    f"\n{ours.get(number)}\n--- but it says\n{block}")


def dump(suite, version, mode, program="zoo"):
    name = f"{program} {version} {mode}"
    path = targets.build(program, version, mode)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    with Target(path, "TRUTH") as target:
        result = goprof("goroutine", target.pid, "--debug=2")
        suite.check(f"{name}: is read", result.returncode == 0, result.stderr)
        suite.check(f"{name}: says nothing else", result.stderr == "", result.stderr)
        same_blocks(suite, name, result.stdout, target.tell_truth(), ran={1})


def profile(suite, version):
    """debug=0 and debug=1 against runtime/pprof's."""
    path = targets.build("zoo", version)
    if path is None:
        suite.skip(f"profile {version}", "this release cannot be had here")
        return
    with Target(path, "TRUTH") as target:
        out = FOLDER / "goroutine.pb.gz"
        result = goprof("goroutine", target.pid, "-o", out)
        suite.check(f"profile {version}: is written", result.returncode == 0,
                    result.stderr)
        text = goprof("goroutine", target.pid, "--debug=1").stdout
        target.tell_truth()
        # Go's own profiles cut stacks off; ours need not.
        limit = 32 if int(version.split(".")[1]) < 23 else 128
        ours = stacks(out, limit)
        truth = stacks(pathlib.Path(f"{target.truth}.0"), limit)
        suite.check(f"profile {version}: stacks", ours == truth,
                    [pair for pair in zip(ours, truth) if pair[0] != pair[1]][:2])
        counted = records(pathlib.Path(f"{target.truth}.1").read_text())
        suite.check(f"profile {version}: debug=1", records(text) == counted,
                    set(counted) ^ set(records(text)))


def stacks(path, limit):
    """Sorted (names, lines, labels), but of the goroutine that dumps."""
    found = []
    for sample in pprof.Profile(path).samples:
        if "main.main" in sample.names:
            continue
        labels = {key: value for key, value in sample.labels.items() if key != "state"}
        frames = [(frame.name, frame.line) for frame in sample.frames][:limit]
        found += [(frames, sorted(labels.items()))] * sample.count
    return sorted(found, key=str)


def records(text):
    """The records of a debug=1 text, but for the goroutine that dumps, and those that
    Go's own cuts off."""
    header, _, rest = text.partition("\n")
    return [header] + [record for record in rest.split("\n\n")
                       if "main.main+" not in record and "main.deep+" not in record]


def filters(suite):
    path = targets.build("zoo", "1.26")
    with Target(path, "TRUTH") as target:
        everything = blocks(target.tell_truth())

        def ids(*words):
            return set(blocks(goprof("goroutine", target.pid, "--debug=2", *words).stdout))

        for state in ["select", "chan receive$", "IO wait|syscall"]:
            wanted = {number for number, block in everything.items()
                      if re.search(state, block.split("[", 1)[1].split("]")[0].split(",")[0])
                      and number != 1}
            suite.check(f"--state {state}", ids("--state", state) - {1} == wanted,
                        (ids("--state", state), wanted))
        wanted = {number for number, block in everything.items()
                  if "created by main.labelled" in block}
        suite.check("--created-by", ids("--created-by", "main.labelled") == wanted)
        suite.check("--label finds both of a set", len(ids("--label", "user=bob")) == 2)
        suite.check("--label by key", len(ids("--label", "user")) == 2)
        suite.check("--label of another value", ids("--label", "user=eve") == set())
        suite.check("--waiting-over finds what waits", len(ids("--waiting-over", "1ms")) > 20)
        suite.check("--waiting-over leaves out", ids("--waiting-over", "1h") == set())
        wrong = goprof("goroutine", target.pid, "--state", "(")
        suite.check("a pattern that is none", wrong.returncode == 2 and
                    "--state" in wrong.stderr, wrong.stderr)
        listed = json.loads(goprof("goroutine", target.pid, "--debug=2", "--json").stdout)
        suite.check("JSON has all", {item["id"] for item in listed["goroutines"]} ==
                    set(everything), listed["user"])
        labelled = [item for item in listed["goroutines"] if item["labels"]]
        suite.check("JSON has labels", len(labelled) == 2 and
                    {label["key"] for label in labelled[0]["labels"]} ==
                    {"request", "user", "path"}, labelled)


def running(suite):
    """One that never stops running has no stack, unless the program is stopped for it."""
    with Target(targets.build("zoo", "1.26"), "TRUTH", "spin") as target:
        result = goprof("goroutine", target.pid, "--debug=2")
        shown = [block for block in blocks(result.stdout).values()
                 if "created by main.main" in block]
        suite.check("a running goroutine is shown as running",
                    any("[running]" in block and "unavailable" in block or
                        "[runnable]" in block and "main.spin" in block
                        for block in shown), shown)
        for _ in range(20):  # a thread that does not get a processor is not seen
            sampled = goprof("goroutine", target.pid, "--debug=2", "--sample")
            if sampled.returncode != 0 or "a moment before" in sampled.stderr:
                break
        if sampled.returncode != 0:
            suite.skip("--sample", sampled.stderr.strip())
        else:
            suite.check("with --sample its stack is that of a moment before",
                        "main.spin()" in sampled.stdout and "main.turn(" in sampled.stdout,
                        sampled.stderr)
        # A busy machine may take longer than the default allows.
        stopped = goprof("goroutine", target.pid, "--debug=2", "--stop",
                         "--stop-limit", "5s")
        spins = [block for block in blocks(stopped.stdout).values()
                 if "main.spin()" in block]
        suite.check("with --stop its stack is whole", len(spins) == 1 and
                    1 <= spins[0].count("main.turn(") <= 6, stopped.stdout[-2000:])
        suite.check("the pause is said", re.search(r"stood still for \d+\.\d ms",
                                                   stopped.stderr), stopped.stderr)
        suite.check("--stop shows all others too", len(blocks(stopped.stdout)) ==
                    len(blocks(target.tell_truth())))
        hurried = goprof("goroutine", target.pid, "--stop", "--stop-limit", "1us")
        suite.check("--stop gives up in time", hurried.returncode == 1 and
                    "--stop-limit" in hurried.stderr, hurried.stderr)
        target.tell_truth()
        traced = pathlib.Path(f"/proc/{target.pid}/status").read_text()
        suite.check("no thread stays stopped", "TracerPid:\t0" in traced, traced)


def wall(suite, version):
    """Every goroutine is there all the time, so each has the same share of the whole."""
    path = targets.build("zoo", version)
    if path is None:
        suite.skip(f"wall {version}", "this release cannot be had here")
        return
    with Target(path, "TRUTH", "spin") as target:
        out = FOLDER / "wall.pb.gz"
        result = goprof("wall", target.pid, "--seconds", "1", "--rate", "50", "-o", out)
        if not suite.check(f"wall {version}: is recorded", result.returncode == 0,
                           result.stderr):
            return
        profile = pprof.Profile(out)
        suite.check(f"wall {version}: types", profile.types ==
                    [("samples", "count"), ("wall", "nanoseconds")], profile.types)
        locked = [sample for sample in profile.samples if "main.locked" in sample.names]
        share = sum(sample.cpu_ns for sample in locked)
        count = len(blocks(target.tell_truth()))
        total = sum(sample.cpu_ns for sample in profile.samples)
        suite.check(f"wall {version}: shares add up", abs(total - count * share) <=
                    0.02 * total, (total, count, share))
        suite.check(f"wall {version}: no more than the time", 0 < share <=
                    profile.duration_ns, (share, profile.duration_ns))
        suite.check(f"wall {version}: states", {sample.labels["state"] for sample in locked}
                    == {"chan receive"}, locked[0].labels)
        spin = [sample for sample in profile.samples if "main.spin" in sample.names]
        suite.check(f"wall {version}: one that runs", {sample.labels["state"]
                    for sample in spin} <= {"running", "runnable", "preempted", "waiting"}
                    and sum(sample.cpu_ns for sample in spin) == share,
                    [(sample.labels, sample.cpu_ns) for sample in spin])
        busy = FOLDER / "busy.pb.gz"
        goprof("wall", target.pid, "--seconds", "0.5", "--hide-idle", "-o", busy)
        parked = [sample.names for sample in pprof.Profile(busy).samples
                  if "main.locked" in sample.names or "main.deep" in sample.names]
        suite.check(f"wall {version}: --hide-idle", not parked, parked)


def crowd(suite):
    count = 100_000
    with Target(targets.build("crowd", "1.26"), count) as target:
        out = FOLDER / "crowd.pb.gz"
        result = goprof("goroutine", target.pid, "-o", out)
        suite.check("a crowd is read", result.returncode == 0 and result.stderr == "",
                    result.stderr)
        by_depth = {}
        for sample in pprof.Profile(out).samples:
            depth = sample.names.count("main.recurse")
            if depth:
                by_depth[depth] = by_depth.get(depth, 0) + sample.count
        suite.check("every one of a crowd is counted",
                    by_depth == {depth: count // 8 for depth in range(1, 9)}, by_depth)
        text = goprof("goroutine", target.pid, "--debug=2").stdout
        suite.check("every one of a crowd is printed",
                    text.count("\ngoroutine ") + 1 == count + 1, text.count("\ngoroutine "))


def churn(suite, version, rounds):
    """Stacks of goroutines that run and park all the time are whole or left out: chain a
    and chain b never mix."""
    path = targets.build("crowd", version)
    if path is None:
        suite.skip(f"churn {version}", "this release cannot be had here")
        return
    seen = broken = 0
    torn = []
    with Target(path, 1000, "churn") as target:
        for _ in range(rounds):
            out = FOLDER / "churn.pb.gz"
            result = goprof("goroutine", target.pid, "-o", out)
            broken += result.returncode != 0 or "incomplete" in result.stderr
            for sample in pprof.Profile(out).samples:
                chain = [name for name in sample.names if re.match(r"main\.[ab]\d$", name)]
                ours = {name[:6] for name in chain}
                order = [name[-1] for name in chain]
                seen += sample.count if chain else 0
                if len(ours) > 1 or order != sorted(order, reverse=True):
                    torn.append((sample.names, sample.labels))
    suite.check(f"churn {version}: no stack of {seen} is torn", not torn, torn)
    suite.check(f"churn {version}: no stack is incomplete", broken == 0, broken)
    suite.check(f"churn {version}: most are caught", seen > rounds * 500, seen)


def threads(suite, version):
    """threadcreate against the program's own; threads may come between, so three times."""
    path = targets.build("zoo", version)
    if path is None:
        suite.skip(f"threadcreate {version}", "this release cannot be had here")
        return
    with Target(path, "TRUTH") as target:
        for _ in range(3):
            text = goprof("threadcreate", target.pid, "--debug=1").stdout
            target.tell_truth()
            truth = pathlib.Path(f"{target.truth}.threads").read_text()
            # Since 1.23 Go prints the unused rest of each record as well.
            truth = re.sub(r"( 0x0)+$", "", truth, flags=re.M)
            if text == truth:
                break
        suite.check(f"threadcreate {version}", text == truth, f"{text}--- but\n{truth}")
        profile = goprof("threadcreate", target.pid, "-raw")
        suite.check(f"threadcreate {version}: profile", profile.returncode == 0 and
                    "threadcreate/count" in profile.stdout, profile.stdout[:300])


def info(suite):
    path = targets.build("zoo", "1.26")
    env = dict(os.environ, GODEBUG="madvdontneed=1", GOGC="77", GOMEMLIMIT="1GiB",
               GOMAXPROCS="3")
    with Target(path, "TRUTH", env=env) as target:
        told = json.loads(goprof("info", target.pid, "--json").stdout)
        count = len(blocks(target.tell_truth()))
        for key, value in {"pid": target.pid, "gogc": 77, "gomemlimit_bytes": 1 << 30,
                           "gomaxprocs": 3, "godebug": "madvdontneed=1",
                           "goroutines": count, "program": str(path)}.items():
            suite.check(f"info: {key}", told[key] == value, (told[key], value))
        settings = {(line["kind"], line["name"]) for line in told["build"]}
        suite.check("info: build settings", ("build", "GOOS=linux") in settings, settings)
        text = goprof("info", target.pid).stdout
        suite.check("info: text", "GOGC           77\n" in text and "go1.26" in text, text)
        listed = json.loads(goprof("ps", "--json").stdout)
        ours = [item for item in listed if item["pid"] == target.pid]
        suite.check("ps lists it", len(ours) == 1 and "goroutine" in ours[0]["kinds"] and
                    ours[0]["go"].startswith("go1.26"), listed)
        named = goprof("goroutine", path.name, "-top")
        suite.check("a process by its name", named.returncode == 0, named.stderr)


def endpoint(suite):
    """The same kinds from a server's own endpoints."""
    pages = {"/debug/pprof/goroutine": b"goroutine profile: total 1\n1 @ 0x1\n#\t0x1\n\n",
             "/debug/pprof/goroutine?debug=2": b"goroutine 1 [running]:\nmain.main()\n"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b"none"))

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        text = goprof("goroutine", host, "--debug=2")
        suite.check("an endpoint's text", text.stdout.encode() ==
                    pages["/debug/pprof/goroutine?debug=2"], text.stderr)
        report = goprof("goroutine", f"http://{host}/", "-raw")
        suite.check("an endpoint's profile", "goroutine/count" in report.stdout,
                    report.stderr)
        absent = goprof("threadcreate", host)
        suite.check("an endpoint that is not there", absent.returncode == 1 and
                    "404" in absent.stderr, absent.stderr)
        server.shutdown()


def refusals(suite):
    no_go = goprof("goroutine", os.getpid())
    suite.check("no Go program", no_go.returncode == 1 and "Go" in no_go.stderr and
                no_go.stderr.count("\n") == 1, no_go.stderr)
    none = goprof("goroutine", 2 ** 22 - 1)
    suite.check("no such process", none.returncode == 1 and
                "no such process" in none.stderr, none.stderr)
    nothing = goprof("goroutine")
    suite.check("no source", nothing.returncode == 2, nothing.stderr)
    file = goprof("goroutine", __file__)
    suite.check("a file that is no core", file.returncode == 2 and
                "core" in file.stderr, file.stderr)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        dump(suite, version, "plain")
        profile(suite, version)
        threads(suite, version)
    modes = [mode for mode in targets.MODES if mode != "plain"]
    for mode in modes:
        dump(suite, "1.26", mode)
    for version in ("1.19", "1.27"):
        dump(suite, version, "stripped")
    if is_long:
        for version in targets.ALL_VERSIONS:
            for mode in modes:
                dump(suite, version, mode)
            dump(suite, version, "plain", "callbacks")
    dump(suite, "1.26", "plain", "callbacks")
    filters(suite)
    info(suite)
    wall(suite, "1.19")
    wall(suite, "1.27")
    endpoint(suite)
    running(suite)
    crowd(suite)
    for version in ("1.19", "1.27"):
        churn(suite, version, 2000 if is_long else 60)
    refusals(suite)
