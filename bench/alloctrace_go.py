#!/usr/bin/env python3
"""What goprof alloctrace PID costs a Go program: nanoseconds an allocation, without and with
the probes in turn, the least of each. bench/alloctrace_go.py [GO_VERSION ...]"""
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/golang"))

import targets  # noqa: E402

ROUNDS = 3


def ask(target, word):
    target.process.stdin.write(word + "\n")
    target.process.stdin.flush()
    return int(target.process.stdout.readline())


def traced(target, *words):
    """Nanoseconds an allocation, and what goprof said at the end."""
    trace = subprocess.Popen(
        [targets.BUILD / "goprof", "alloctrace", str(target.pid), "--seconds=60", *words],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    trace.stderr.readline()  # the probes are set
    each = ask(target, "time")
    trace.send_signal(signal.SIGINT)
    return each, trace.communicate()[1]


def main():
    for version in sys.argv[1:] or ["1.19", "1.26", "1.27"]:
        with targets.Target(targets.build("allocator", version)) as target:
            plain, entries, whole = [], [], []
            for _ in range(ROUNDS):
                plain.append(ask(target, "time"))
                entries.append(traced(target, "--total"))
                whole.append(traced(target, "--json"))
        print(f"Go {version}: {min(plain)} ns an allocation, {min(entries)[0]} ns with "
              f"--total, {min(whole)[0]} ns with addresses")
        for _, said in entries + whole:
            if "lost" in said:
                print(f"    {said.splitlines()[-1]}")


main()
