#!/usr/bin/env python3
"""What recording every allocation and free costs: goprof alloctrace, heaptrack, valgrind's
dhat, ltrace, in turn where they are installed; the least of all rounds. heaptrack records no
stacks of frees; --brief is the like of it. BUILD names the build folder; ROUNDS how many rounds."""
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
ROUNDS = int(os.environ.get("ROUNDS", "3"))
OUT = BUILD / "bench"
COLUMNS = [("1", "10"), ("1", "30"), ("2", "10")]
TRACE = OUT / "alloctrace.trace"
PEERS = {
    "plain glibc": [],
    "goprof alloctrace": [BUILD / "goprof", "alloctrace", "-o", TRACE, "--size", str(4 << 30), "--"],
    "goprof alloctrace --brief": [BUILD / "goprof", "alloctrace", "--brief", "-o", TRACE,
                                  "--size", str(4 << 30), "--"],
    "heaptrack": ["heaptrack", "-o", OUT / "heaptrack"],
    "valgrind --tool=dhat": ["valgrind", "--tool=dhat", f"--dhat-out-file={OUT}/dhat"],
    "ltrace": ["ltrace", "-f", "-e", "malloc+free", "-o", "/dev/null"],
}


def measure(program, words, column):
    """(ns a pair of one size, ns a pair in a random live set, bytes of the trace)"""
    for old in OUT.glob("heaptrack.*"):
        old.unlink()
    done = subprocess.run([*words, program, *column, "1"], capture_output=True, text=True, timeout=600,
                          check=False)
    pair = re.search(r"^([0-9.]+) ([0-9.]+)$", done.stdout, re.MULTILINE)
    return [float(x) for x in pair.groups()] if pair else None


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    program = OUT / "recorder_heap"
    subprocess.run(["gcc", "-O2", "-g", "-fomit-frame-pointer", "-D_GNU_SOURCE", "-pthread", "-o", program,
                    ROOT / "bench" / "recorder_heap.c"], check=True)
    peers = {name: words for name, words in PEERS.items() if not words or shutil.which(words[0])}
    least = {}
    for turn in range(ROUNDS):
        for name, words in peers.items():
            for column in COLUMNS:
                if name == "ltrace" and (turn or column[0] == "2"):
                    continue
                for i, value in enumerate(measure(program, words, column) or []):
                    key = name, column, i
                    least[key] = min(value, least.get(key, value))
    print("recording every malloc and free, ns a pair: one size | random live set of 65536 blocks")
    print(f"{'':26}" + "".join(f"{t} thread{'s' * (t != '1')}, depth {d:8}" for t, d in COLUMNS))
    for name in peers:
        print(f"{name:26}" + "".join("  |  ".join(
            f"{least[name, c, i]:.0f}" if (name, c, i) in least else "-" for i in (0, 1)).ljust(25)
            for c in COLUMNS))
    def added(name):
        return [least[name, c, i] - least["plain glibc", c, i] for c in COLUMNS for i in (0, 1)]
    if "heaptrack" in peers:
        for name in ("goprof alloctrace", "goprof alloctrace --brief"):
            ratios = [theirs / ours for theirs, ours in zip(added("heaptrack"), added(name))]
            print(f"added by heaptrack / added by {name}: {min(ratios):.1f} to {max(ratios):.1f}")
    size = TRACE.stat().st_size - (64 << 20)
    print(f"goprof's trace of the last run: {size / 1e6:.0f} MB beside 64 MB for stacks")
    TRACE.unlink()


main()
