#!/usr/bin/env python3
"""A soak: every kind of look, over and over, at busy Go programs of the oldest and of the
newest release. No look fails, no program dies, stands still or answers no more, nothing is
left behind, and what the looks cost the program is measured.

  tests/golang/soak.py [SECONDS]      for each release, 60 unless said otherwise

Not part of `make test`: it takes its time."""
import collections
import pathlib
import sys
import time

import targets
from suite import Suite
from targets import FOLDER, Target, goprof

VERSIONS = ["1.19", "1.27"]
OUT = FOLDER / "soak.out"
# Shorter than this no share of throughput means anything.
WINDOW = 3.0

# What reads, and what writes or stops as well.
LOOKS = [
    ["goroutine", "-o", OUT], ["goroutine", "--debug=2"], ["goroutine", "--debug=1"],
    ["goroutine", "--debug=2", "--json"], ["goroutine", "--sample", "-o", OUT],
    ["heap", "-o", OUT], ["heap", "--debug=1"], ["heap", "--live", "-o", OUT],
    ["allocs", "-o", OUT], ["block", "-o", OUT], ["mutex", "--debug=1"],
    ["threadcreate", "-o", OUT], ["memstats"], ["memstats", "--json"], ["memory"],
    ["info"], ["info", "--json"], ["wall", "--seconds", "0.1", "-o", OUT],
    ["cpu", "--seconds", "0.1", "-o", OUT], ["gctrace", "--seconds", "0.1"],
    ["gctrace", "--seconds", "0.1", "--summary"],
    ["schedtrace", "--period", "20ms", "--count", "3"],
    ["schedtrace", "--period", "20ms", "--count", "2", "--detail"],
]
HARD_LOOKS = [
    ["goroutine", "--stop", "--stop-limit", "5s", "-o", OUT],
    ["leaks", "--snapshot", "--stop-limit", "5s"], ["leaks", "--stop", "--stop-limit", "5s"],
    ["heapdump", "--snapshot", "--stop-limit", "5s", "-o", OUT],
    ["heapdump", "--stop", "--stop-limit", "5s", "-o", OUT],
    ["heap", "--enable", "--seconds", "0.1", "-o", OUT],
    ["block", "--enable=10000", "--seconds", "0.1", "-o", OUT],
    ["mutex", "--enable=10", "--seconds", "0.1", "-o", OUT],
    ["heap", "--gc", "-o", OUT], ["set", "GOGC=200"], ["set", "GOGC=100"],
    ["set", "GOMEMLIMIT=1GiB"], ["set", "GOMEMLIMIT=off"],
]


def look(pid, words):
    return goprof(words[0], pid, *words[1:])


def rounds(target):
    target.process.stdin.write("\n")
    target.process.stdin.flush()
    return int(target.process.stdout.readline())


def throughput(target, seconds, work):
    """Rounds a second while work() is done again and again."""
    rounds(target)
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        work()
    return rounds(target) / (time.monotonic() - start)


def threads(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        yield (task / "status").read_text()


def children(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return [word for task in tasks for word in (task / "children").read_text().split()]


def probes():
    """Of all the machine's, those that goprof made."""
    found = []
    for tracing in [pathlib.Path("/sys/kernel/tracing"), pathlib.Path("/sys/kernel/debug/tracing")]:
        for name in ["uprobe_events", "kprobe_events"]:
            try:
                text = (tracing / name).read_text()
            except OSError:
                continue
            found += [line for line in text.splitlines() if "goprof" in line]
    return found


def nothing_left(suite, name, target, before):
    suite.check(f"{name}: no child is left", children(target.pid) == [], children(target.pid))
    # Stopping and waiting are told apart by the letter of the state.
    for status in threads(target.pid):
        suite.check(f"{name}: nobody traces it", "TracerPid:\t0\n" in status, status)
        suite.check(f"{name}: no thread is stopped", "State:\tT" not in status and
                    "State:\tt" not in status, status)
    suite.check(f"{name}: no probe is left", probes() == before, probes())
    suite.check(f"{name}: it still works", rounds(target) >= 0 and
                throughput(target, 0.5, lambda: time.sleep(0.1)) > 0)


def soak(suite, version, seconds):
    name = f"soak {version}"
    path = targets.build("toil", version)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    looks, failed = collections.Counter(), collections.Counter()
    before = probes()
    with Target(path) as target:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for words in LOOKS + HARD_LOOKS:
                result = look(target.pid, words)
                key = " ".join(str(word) for word in words if word != OUT)
                looks[key] += 1
                if result.returncode != 0:
                    failed[key, result.stderr[:200]] += 1
            nothing_left(suite, name, target, before)
        suite.check(f"{name}: no look of {sum(looks.values())} failed", not failed, failed)
        measure(name, target)
    print(f"{name}: {sum(looks.values())} looks of {len(looks)} kinds in {seconds:.0f} s")


def poll(target):
    """Once a second what a monitor would ask for."""
    for words in [["goroutine", "-o", OUT], ["heap", "-o", OUT], ["memstats", "--json"]]:
        look(target.pid, words)
    time.sleep(1)


def measure(name, target):
    """Alternating, so that what else the machine does is in both."""
    shares = []
    for _ in range(4):
        alone = throughput(target, WINDOW, lambda: time.sleep(0.2))
        polled = throughput(target, WINDOW, lambda: poll(target))
        shares.append(polled / alone)
    print(f"{name}: throughput under 1 Hz goroutine + heap + memstats: " +
          ", ".join(f"{100 * share:.1f}%" for share in sorted(shares)) + " of that without")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    suite = Suite()
    for version in VERSIONS:
        soak(suite, version, seconds)
    print(f"soak: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return suite.failed > 0


if __name__ == "__main__":
    sys.exit(main())
