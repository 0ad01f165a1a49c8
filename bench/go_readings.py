#!/usr/bin/env python3
"""Heap and block profiles of a Go program with many records: goprof's reading (two that
agree) and making the profile of it, against the program's own WriteTo, in turns. The least
of ROUNDS rounds, in ms."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/golang"))
import targets  # noqa: E402
from targets import BUILD, Target  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", 10))


def tool():
    out = BUILD / "go_readings"
    flags = subprocess.run(["make", "-s", "print-LDLIBS"], cwd=ROOT, text=True, check=True,
                           capture_output=True).stdout.split()
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-O2", "-D_GNU_SOURCE", "-Isrc",
                    "-o", out, "bench/go_readings.c", BUILD / "libhouse.a", *flags],
                   cwd=ROOT, check=True)
    return out


def own(target):
    target.process.stdin.write("\n")
    target.process.stdin.flush()
    return [int(word) / 1e6 for word in target.process.stdout.readline().split()]


def measure(read, version, count):
    path = targets.build("buckets", version)
    if path is None:
        return
    ours, truth = {}, {}
    with Target(path, count) as target:
        for _ in range(ROUNDS):
            text = subprocess.run([read, str(target.pid), "10"], check=True, text=True,
                                  capture_output=True).stdout
            for line in text.splitlines():
                kind, buckets, *numbers = line.split()
                ours.setdefault(kind, []).append([int(buckets), *map(float, numbers)])
            for kind, ms in zip(["heap", "block"], own(target)):
                truth.setdefault(kind, []).append(ms)
    for kind, rows in ours.items():
        reading = min(row[1] for row in rows)
        print(f"{version:8}{kind:8}{rows[0][0]:8}{reading:12.3f}"
              f"{1000 * reading / rows[0][0]:14.3f}{min(row[2] for row in rows):12.3f}"
              f"{min(truth[kind]):12.3f}")


def main():
    read = tool()
    print("release kind     records  reading ms  ms per 1,000   making ms     own ms")
    for version in ["1.19", "1.26"]:
        for count in [1000, 10000]:
            measure(read, version, count)


if __name__ == "__main__":
    main()
