#!/usr/bin/env python3
"""Which kinds work for which build mode and release: a cell for each, and what goprof said
where one does not. Words choose releases ("1.21") and modes ("stripped"); all otherwise.

Not part of `make test`, which compares what comes out for some of the cells; here every cell
must give an answer with something in it."""
import sys

import targets
from suite import Suite
from targets import FOLDER, Target, goprof

OUT = FOLDER / "matrix.out"

# Name of the column, words, and what stands in a good answer.
KINDS = [
    ("goroutine", ["goroutine", "--debug=2"], "main.main()"),
    ("stopped", ["goroutine", "--stop", "--stop-limit", "10s", "--debug=2"], "main.main()"),
    ("leaks", ["leaks", "--stop", "--stop-limit", "10s", "--debug=1"], "goroutine profile: "),
    ("heap", ["heap", "--debug=1"], "# HeapAlloc = "),
    ("live", ["heap", "--live", "--debug=1"], "main."),
    ("allocs", ["allocs", "-raw"], "alloc_space/bytes"),
    ("block", ["block", "--debug=1"], "main."),
    ("mutex", ["mutex", "--debug=1"], "main."),
    ("threads", ["threadcreate", "--debug=1"], "threadcreate profile: total"),
    ("memstats", ["memstats", "--json"], '"Mallocs":'),
    ("memory", ["memory", "--json"], '"live heap"'),
    ("info", ["info"], "GOMAXPROCS"),
    ("gctrace", ["gctrace", "--seconds", "0.1", "--summary"], ""),
    ("sched", ["schedtrace", "--count", "1"], "SCHED "),
    ("detail", ["schedtrace", "--count", "1", "--detail"], "  G1: "),
    ("wall", ["wall", "--seconds", "0.1", "-raw"], "wall/nanoseconds"),
    ("cpu", ["cpu", "--seconds", "0.1", "-raw"], "cpu/nanoseconds"),
    ("dump", ["heapdump", "--stop", "--stop-limit", "10s", "-o", OUT], ""),
    ("GOGC", ["set", "GOGC=150"], ""),
    ("LIMIT", ["set", "GOMEMLIMIT=1GiB"], ""),
    ("trace", ["set", "gctrace=0"], ""),
]


def row(suite, version, mode):
    """Shows a row of the table; what is said of cells that fail follows."""
    path = targets.build("profiles", version, mode)
    if path is None:
        print(f"{version:6}{mode:10} cannot be had here")
        return
    cells, said = [], []
    with Target(path, "TRUTH") as target:
        for column, words, wanted in KINDS:
            result = goprof(words[0], target.pid, *words[1:])
            is_right = result.returncode == 0 and wanted in result.stdout
            suite.passed += is_right
            suite.failed += not is_right
            cells.append("+" if is_right else "-")
            if not is_right:
                said.append(f"    {column}: {result.stderr.strip() or result.stdout[:200]}")
    print(f"{version:6}{mode:10}" + "".join(f"{cell:^10}" for cell in cells), flush=True)
    print("".join(f"{line}\n" for line in said), end="", flush=True)


def main():
    words = set(sys.argv[1:])
    suite = Suite()
    print(" " * 16 + "".join(f"{column:^10}" for column, _, _ in KINDS))
    for version in targets.ALL_VERSIONS:
        for mode in targets.MODES:
            if (version in words or not words & set(targets.ALL_VERSIONS)) and \
                    (mode in words or not words & set(targets.MODES)):
                row(suite, version, mode)
    print(f"matrix: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return suite.failed > 0


if __name__ == "__main__":
    sys.exit(main())
