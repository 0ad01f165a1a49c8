#!/usr/bin/env python3
"""What recording costs a busy program of two threads without frame pointers: goprof, perf with
stack copies (dwarf), perf with frame pointers (fp) and nothing, interleaved in rounds.

The program does a fixed amount of work. Its own CPU time shows what sampling adds to it; its
wall time shows also what the recorder takes away from it, as the two threads keep two
processors busy. Writes a markdown table. BUILD names the build folder, ROUNDS their number."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "truth"))

import perf  # noqa: E402
from checks import count, reaches_root  # noqa: E402
from pprof import Profile  # noqa: E402

BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
OUT = BUILD / "bench" / "recording"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
RATES = (100, 1000)
UNITS = "10000"


class Recorder:
    """A way to record, and what it took in each round."""

    def __init__(self, name, rate, command, suffix):
        self.name, self.rate = name, rate
        self.file = OUT / f"{name.replace(' ', '-')}-{rate}{suffix}"
        self.command = [str(word) for word in command(rate, self.file)] if command else []
        self.cpu, self.wall, self.own = [], [], []

    def run(self):
        self.file.unlink(missing_ok=True)
        before = os.times()
        result = subprocess.run([*self.command, str(OUT / "busy"), UNITS],
                                capture_output=True, text=True)
        after = os.times()
        if result.returncode != 0:
            raise SystemExit(f"recording: {self.name} failed: {result.stderr[-400:]}")
        truth = {line.split()[1]: int(line.split()[2]) / 1e9
                 for line in result.stdout.splitlines() if line.startswith("truth ")}
        self.cpu.append(truth["total"])
        self.wall.append(truth["wall"])
        spent = (after.children_user - before.children_user
                 + after.children_system - before.children_system)
        self.own.append(max(0.0, spent - truth["total"]))

    def profile(self):
        return Profile(self.file) if self.name == "goprof" else perf.read(self.file, self.rate)

    def whole(self):
        profile = self.profile()
        return count(s for s in profile.samples if reaches_root(s)) / max(profile.count, 1)

    def report_seconds(self):
        command = ([BUILD / "goprof", "-top", self.file] if self.name == "goprof" else
                   ["perf", "report", "--stdio", "-g", "none", "--no-inline", "-i", self.file])
        started = time.monotonic()
        subprocess.run([str(word) for word in command], capture_output=True)
        return time.monotonic() - started


def goprof(rate, out):
    return [BUILD / "goprof", "cpu", "--rate", rate, "-o", out, "--"]


def perf_command(mode):
    return lambda rate, out: ["perf", "record", "-q", "-e", "cpu-clock", "-F", rate,
                              "--call-graph", mode, "-o", out, "--"]


def recorders():
    plain = Recorder("nothing", 0, None, "")
    others = []
    for rate in RATES:
        others.append(Recorder("goprof", rate, goprof, ".pb.gz"))
        if perf.is_usable():
            others.append(Recorder("perf dwarf", rate, perf_command("dwarf"), ".data"))
            others.append(Recorder("perf fp", rate, perf_command("fp"), ".data"))
    return plain, others


def slowdown(times, base):
    """Best against best, and the median of what each round saw."""
    rounds = statistics.median(t / b - 1 for t, b in zip(times, base))
    return f"{min(times) / min(base) - 1:+.2%} / {rounds:+.2%}"


def row(recorder, plain):
    return [recorder.name, f"{recorder.rate} Hz", slowdown(recorder.cpu, plain.cpu),
            slowdown(recorder.wall, plain.wall),
            f"{min(recorder.own):.2f} / {statistics.median(recorder.own):.2f} s",
            f"{recorder.file.stat().st_size:,}", f"{recorder.whole():.2%}",
            f"{recorder.report_seconds():.2f} s"]


def print_table(plain, others):
    print(f"A program of two busy threads, {min(plain.cpu):.2f} s of CPU time in "
          f"{min(plain.wall):.2f} s; {ROUNDS} rounds, interleaved; minimum / median.\n")
    print("| recorder | rate | CPU time of the program | its wall time | CPU time of the recorder "
          "| bytes on disk | whole stacks | then until the report |")
    print("|---|---|---|---|---|---|---|---|")
    for recorder in others:
        print("| " + " | ".join(row(recorder, plain)) + " |")
    sizes = {(r.name, r.rate): r.file.stat().st_size for r in others}
    for rate in RATES:
        if ("perf dwarf", rate) in sizes:
            ratio = sizes["perf dwarf", rate] / sizes["goprof", rate]
            print(f"\nAt {rate} Hz the file of perf's dwarf mode is {ratio:.0f} times as large.")


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    subprocess.run(["gcc", "-O2", "-g", "-fomit-frame-pointer", "-pthread", "-D_GNU_SOURCE", "-o",
                    OUT / "busy", ROOT / "tests" / "programs" / "busy.c"], check=True)
    plain, others = recorders()
    plain.run()
    plain.cpu, plain.wall, plain.own = [], [], []  # the first run only warms up
    for _ in range(ROUNDS):
        for recorder in (plain, *others):
            recorder.run()
    print_table(plain, others)


if __name__ == "__main__":
    main()
