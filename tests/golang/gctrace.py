"""Collections seen from outside, line by line against GODEBUG=gctrace=1 of the program."""
import ctypes
import json
import os
import re
import subprocess
import time

import targets
from targets import BUILD, FOLDER, Target, goprof

SECONDS = 4
# Lines that must be equal, of some 15 collections a second.
ENOUGH = 15


def numbered(text):
    """The lines by their collection's number."""
    lines = [line for line in text.splitlines() if re.match(r"gc \d+ ", line)]
    return {int(line.split()[1]): line for line in lines}


def forgive_early_forced(seen, truth):
    """Go 1.19 sets "forced" for the next collection before it has printed the line of the
    one before (gcStart does so before it takes worldsema), and so prints it of both."""
    for n, line in seen.items():
        if "(forced)" in truth.get(n + 1, "") and truth.get(n) == line + " (forced)":
            truth[n] = line


def follow(suite, name, program):
    log = FOLDER / f"{program.name}.gctrace"
    env = dict(os.environ, GODEBUG="gctrace=1")
    with open(log, "w") as stderr, Target(program, stderr=stderr, env=env) as target:
        result = goprof("gctrace", target.pid, f"--seconds={SECONDS}")
        # The program prints its line a moment after the collection can be seen.
        time.sleep(0.5)
        suite.check(f"{name}: gctrace is read", result.returncode == 0, result.stderr)
    ours, truth = numbered(result.stdout), numbered(log.read_text())
    missed = {n for n, line in ours.items() if "(missed" in line}
    seen = {n: line for n, line in ours.items() if n not in missed}
    if "1.19" in name:
        forgive_early_forced(seen, truth)
    wrong = [(line, truth.get(n)) for n, line in seen.items() if line != truth.get(n)]
    suite.check(f"{name}: gctrace lines are the program's own", not wrong, wrong[:3])
    suite.check(f"{name}: enough lines", len(seen) >= ENOUGH, (len(seen), result.stdout))
    suite.check(f"{name}: no collection is left out",
                sorted(ours) == list(range(min(ours, default=0), max(ours, default=-1) + 1)),
                sorted(ours))
    suite.check(f"{name}: forced ones are seen", any("(forced)" in x for x in seen.values()))
    told = re.search(r"(\d+) of \d+ collections were missed", result.stderr)
    suite.check(f"{name}: missed ones are said", int(told[1] if told else 0) == len(missed),
                (result.stderr, missed))


def follow_exactly(suite, name, program):
    """Collections as fast as the program can: by the probe every line is there, and equal."""
    log = FOLDER / f"{program.name}.exact"
    env = dict(os.environ, GODEBUG="gctrace=1")
    with open(log, "w") as stderr, Target(program, "storm", stderr=stderr, env=env) as target:
        result = goprof("gctrace", target.pid, "--exact", "--seconds=1")
        suite.check(f"{name}: runs on", target.process.poll() is None)
    ours, truth = numbered(result.stdout), numbered(log.read_text())
    if "1.19" in name:
        forgive_early_forced(ours, truth)
    wrong = [(line, truth.get(n)) for n, line in ours.items() if line != truth.get(n)]
    suite.check(f"{name}: gctrace --exact is the program's own", not wrong, wrong[:3])
    suite.check(f"{name}: --exact has enough lines", len(ours) >= ENOUGH, result)
    suite.check(f"{name}: --exact leaves nothing out",
                sorted(ours) == list(range(min(ours, default=0), max(ours, default=-1) + 1)),
                sorted(ours))


def drop_capabilities():
    """Of the bounding set, so that the program that is started has none, root or not."""
    libc = ctypes.CDLL(None)
    PR_CAPBSET_DROP = 24
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def refused_without_rights(suite, program):
    with Target(program, preexec_fn=drop_capabilities) as target:
        result = subprocess.run(
            [BUILD / "goprof", "gctrace", str(target.pid), "--exact", "--seconds=1"],
            capture_output=True, text=True, timeout=60, preexec_fn=drop_capabilities)
    suite.check("gctrace --exact without rights says what mends it", result.returncode == 1 and
                "CAP_BPF" in result.stderr and "without --exact" in result.stderr and
                result.stdout == "", result)


def machine_readable(suite, name, program):
    with Target(program) as target:
        result = goprof("gctrace", target.pid, "--seconds=1", "--json")
    cycles = [json.loads(line) for line in result.stdout.splitlines()]
    whole = [c for c in cycles if c["is_complete"]]
    suite.check(f"{name}: gctrace --json", len(whole) > 0, result)
    suite.check(f"{name}: the pauses are those of the phases", all(
        0 < c["pause_ns"] <= c["sweep_termination_ns"] + c["mark_termination_ns"]
        for c in whole), whole[:2])


def settings(suite, name, program):
    log = FOLDER / f"{program.name}.set"
    with open(log, "w") as stderr, Target(program, stderr=stderr) as target:
        first = goprof("set", target.pid, "GOGC=400", "gctrace=1", "schedtrace=100")
        time.sleep(2)
        second = goprof("set", target.pid, "GOMEMLIMIT=2GiB", "gctrace=0", "schedtrace=0")
        third = goprof("set", target.pid, "GOGC=off", "GOMEMLIMIT=off", "--json")
        info = json.loads(goprof("info", target.pid, "--json").stdout)
        refused = goprof("set", target.pid, "GOGC=50", "GOMAXPROCS=1")
        still = json.loads(goprof("info", target.pid, "--json").stdout)
        suite.check(f"{name}: runs on", target.process.poll() is None)
    text = log.read_text()
    told = [line.split(" (")[0] for line in (first.stdout + second.stdout).splitlines()]
    suite.check(f"{name}: set says old and new", told == [
        "GOGC: 100 -> 400", "gctrace: 0 -> 1", "schedtrace: 0 -> 100",
        "GOMEMLIMIT: off -> 2GiB", "gctrace: 1 -> 0", "schedtrace: 100 -> 0"],
        (first, second))
    suite.check(f"{name}: set --json", [json.loads(x) for x in third.stdout.splitlines()] == [
        {"setting": "GOGC", "old": "400", "new": "off"},
        {"setting": "GOMEMLIMIT", "old": "2GiB", "new": "off"}], third)
    suite.check(f"{name}: set has set", (info["gogc"], info["gomemlimit_bytes"]) ==
                (-1, 2**63 - 1), info)
    suite.check(f"{name}: GOMAXPROCS is refused", refused.returncode == 2 and
                "GOMAXPROCS" in refused.stderr, refused)
    suite.check(f"{name}: and nothing is set then", still["gogc"] == -1, still)
    suite.check(f"{name}: the program traces itself", "SCHED " in text and "gc " in text,
                text)
    # 400 percent: the goal is about five times what the collection before left alive, or
    # the smallest heap, which grows with it.
    goals = [int(re.search(r"(\d+) MB goal", line)[1]) for line in numbered(text).values()
             if "(forced)" not in line]
    suite.check(f"{name}: with GOGC=400 goals are larger", max(goals, default=0) >= 16, goals)


def run(suite, is_long):
    has_probes = targets.has_probes()
    if not has_probes:
        suite.skip("gctrace --exact", "probes cannot be set here: see goprof doctor")
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        program = targets.build("collector", version)
        if program is None:
            suite.skip(f"gctrace {version}", "that release of Go cannot be had here")
            continue
        follow(suite, f"{version} collector", program)
        if has_probes:
            follow_exactly(suite, f"{version} storm", program)
        if version in ("1.19", "1.26", "1.27"):
            settings(suite, f"{version} set", program)
            machine_readable(suite, f"{version} collector", program)
    stripped = targets.build("collector", "1.26", "stripped")
    if stripped is not None:
        follow(suite, "1.26 stripped collector", stripped)
        if has_probes:
            follow_exactly(suite, "1.26 stripped storm", stripped)
        refused_without_rights(suite, stripped)
