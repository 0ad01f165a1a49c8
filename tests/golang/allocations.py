"""Allocations seen from outside, against the program's own count: runtime.MemStats.Mallocs."""
import collections
import json
import subprocess

import targets
from targets import BUILD, FOLDER, Target, goprof

SECONDS = 2


class Trace:
    """goprof alloctrace beside a target; it says on stderr when the probes are set."""

    def __init__(self, target, *words):
        self.process = subprocess.Popen(
            [BUILD / "goprof", "alloctrace", str(target.pid), f"--seconds={SECONDS}", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.first = self.process.stderr.readline()

    def finish(self):
        out, err = self.process.communicate(timeout=targets.TIMEOUT)
        return out, err, self.process.returncode


def ask(target, word="go"):
    target.process.stdin.write(word + "\n")
    target.process.stdin.flush()


def between(events):
    """The events from the one of type main.begin to that of main.end."""
    types = [event["type"] for event in events]
    if "main.begin" not in types or "main.end" not in types:
        return []
    return events[types.index("main.begin"):types.index("main.end") + 1]


def count_all(suite, name, program):
    with Target(program) as target:
        trace = Trace(target, "--json")
        ask(target)
        truth = int(target.process.stdout.readline())
        out, err, status = trace.finish()
        suite.check(f"{name}: alloctrace", status == 0 and "lost" not in err, (trace.first, err))
        suite.check(f"{name}: runs on", target.process.poll() is None)
    seen = between([json.loads(line) for line in out.splitlines()])
    suite.check(f"{name}: as many allocations as MemStats.Mallocs", len(seen) == truth,
                (len(seen), truth))
    types = collections.Counter(event["type"] for event in seen)
    for kind, count in {"small": 1000, "middle": 1000, "large": 20, "deep": 5}.items():
        suite.check(f"{name}: main.{kind}", types["main." + kind] == count, types)
    sizes = {event["type"]: event["size"] for event in seen}
    suite.check(f"{name}: sizes", (sizes.get("main.small"), sizes.get("main.middle"),
                                   sizes.get("main.large")) == (8, 128, 8 + 102400), sizes)
    check_stacks(suite, name, seen)
    large = {event["address"] for event in seen if event["type"] == "main.large"}
    suite.check(f"{name}: addresses", all(a % 8192 == 0 and a >= 0xc000000000 or a > 1 << 32
                                          for a in large) and len(large) > 1, large)


def check_stacks(suite, name, seen):
    small = [event for event in seen if event["type"] == "main.small"]
    suite.check(f"{name}: stacks", all(
        [f for f in event["stack"] if f.startswith("main.")] ==
        ["main.makeSmall", "main.work", "main.main"] and
        event["stack"][-2:] == ["runtime.main", "runtime.goexit"] for event in small), small[:1])
    suite.check(f"{name}: of the main goroutine", all(e["goroutine"] == 1 for e in small),
                small[:1])
    deep = [event for event in seen if event["type"] == "main.deep"]
    suite.check(f"{name}: deep stacks are whole", all(
        event["stack"].count("main.descend") == 101 and event["stack"][-1] == "runtime.goexit"
        for event in deep), deep[:1])
    threads = {event["goroutine"] for event in seen if event["type"] == "main.middle"}
    suite.check(f"{name}: threads that began later", len(threads) == 4, threads)


def forms(suite, name, program):
    profile = FOLDER / "allocations.pb.gz"
    with Target(program) as target:
        trace = Trace(target, "--total")
        ask(target)
        truth = int(target.process.stdout.readline())
        out, err, status = trace.finish()
        suite.check(f"{name}: --total", status == 0 and "1000            8000  main.small" in out
                    and int(out.split()[0]) >= truth, (out[:2000], err))
        trace = Trace(target, "--profile", "-o", profile)
        ask(target)
        target.process.stdout.readline()
        trace.finish()
        top = goprof("pprof", "-top", "-sample_index=alloc_objects", "-tagfocus=main.small", profile)
        suite.check(f"{name}: --profile", " main.makeSmall" in top.stdout and
                    " 1000 " in top.stdout, top)
        trace = Trace(target, "--focus=makeSmall", "--max-size=8")
        ask(target)
        target.process.stdout.readline()
        out, err, status = trace.finish()
        suite.check(f"{name}: text", out.count("tracealloc(0x") == 1000 and
                    out.count(", 0x8, main.small)\ngoroutine 1 [running]:\n") == 1000 and
                    "\nmain.makeSmall(...)\n\t" in out, out[:1000])
        refused = goprof("alloctrace", target.pid, "--faults")
        suite.check(f"{name}: --faults is refused", refused.returncode == 2 and
                    "frees" in refused.stderr, refused)


def counts_what_is_lost(suite, name, program):
    """A program that does nothing else, and a reader that does not keep up."""
    with Target(program) as target:
        ask(target, "spin")
        trace = Trace(target, "--total", "--json")
        out, err, status = trace.finish()
        suite.check(f"{name}: runs on in a storm", target.process.poll() is None)
    total = json.loads(out)
    small = [row for row in total["types"] if row["type"] == "main.small"]
    suite.check(f"{name}: a storm", status == 0 and small and small[0]["count"] > 10000,
                (out[:500], err))
    suite.check(f"{name}: what was lost is said",
                (total["lost_hits"] > 0) == ("were lost" in err), (total["lost_hits"], err))


def run(suite, is_long):
    if not targets.has_probes():
        suite.skip("alloctrace", "probes cannot be set here: see goprof doctor")
        return
    for version in targets.ALL_VERSIONS if is_long else ("1.19", "1.23", "1.27"):
        program = targets.build("allocator", version)
        if program is None:
            suite.skip(f"alloctrace {version}", "that release of Go cannot be had here")
            continue
        count_all(suite, f"{version} allocator", program)
    program = targets.build("allocator", "1.26", "stripped")
    if program is not None:
        count_all(suite, "1.26 stripped allocator", program)
        forms(suite, "1.26 stripped allocator", program)
        counts_what_is_lost(suite, "1.26 stripped allocator", program)
