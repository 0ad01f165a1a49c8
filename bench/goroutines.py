#!/usr/bin/env python3
"""100,000 goroutines: goprof from outside against the program's own debug=2 dump, in turns.
The longest gap is what a goroutine that never stops saw while each was at work."""
import os
import pathlib
import resource
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/golang"))
import targets  # noqa: E402
from targets import FOLDER, Target, goprof  # noqa: E402

COUNT = int(os.environ.get("GOROUTINES", 100_000))
ROUNDS = int(os.environ.get("ROUNDS", 5))


class Crowd:
    def __init__(self, target):
        self.process = target.process
        self.pid = target.pid
        self.ask("spin")

    def ask(self, word):
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def measure(self, work):
        """(seconds, longest gap in ms, turns a second) while work() is done."""
        self.ask("gap")
        start = time.monotonic()
        work()
        seconds = time.monotonic() - start
        gap, turns = map(int, self.ask("gap"))
        return seconds, gap / 1e6, turns / seconds


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def outside(crowd, *words):
    def work():
        result = goprof("goroutine", crowd.pid, *words)
        if result.returncode != 0 or result.stderr:
            raise RuntimeError(result.stderr)
    before = children_cpu()
    measured = crowd.measure(work)
    return *measured, children_cpu() - before


def inside(crowd, path):
    return *crowd.measure(lambda: crowd.ask(path)), 0


def goroutines_in(path):
    with open(path, "rb") as file:
        return sum(line.startswith(b"goroutine ") for line in file)


def main():
    program = targets.build("crowd", "1.26")
    profile, text, own = (FOLDER / name for name in ("own.pb.gz", "ours.txt", "own.txt"))
    with Target(program, COUNT) as target:
        crowd = Crowd(target)
        ways = {
            "goprof, aggregated": lambda: outside(crowd, "-o", profile),
            "goprof, full text": lambda: outside(crowd, "--debug=2", "-o", text),
            "own debug=2": lambda: inside(crowd, own),
            "nothing": lambda: (*crowd.measure(lambda: time.sleep(0.5)), 0),
        }
        results = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                results[name].append(way())
    print(f"{COUNT} goroutines, best of {ROUNDS} rounds in turns")
    print(f"{'':20} {'wall s':>8} {'CPU s':>8} {'gap ms':>8} {'turns/s':>12} {'printed':>9}")
    printed = {"goprof, full text": goroutines_in(text), "own debug=2": goroutines_in(own)}
    for name, rows in results.items():
        print(f"{name:20} {min(row[0] for row in rows):8.3f} {min(row[3] for row in rows):8.3f} "
              f"{min(row[1] for row in rows):8.2f} {max(row[2] for row in rows):12.0f} "
              f"{printed.get(name, ''):>9}")


if __name__ == "__main__":
    main()
