#!/usr/bin/env python3
"""Go programs read from outside, against what they say of themselves, for several releases
of Go and ways to build. Words pick topics; "long" takes every release and mode."""
import sys
import time

import allocations
import commands
import cores
import gctrace
import goroutines
import layouts
import labels
import leaks
import profiles
import recipes
import schedtrace
from suite import Suite

TOPICS = {
    "allocations": allocations,
    "commands": commands,
    "cores": cores,
    "gctrace": gctrace,
    "goroutines": goroutines,
    "layouts": layouts,
    "labels": labels,
    "leaks": leaks,
    "profiles": profiles,
    "recipes": recipes,
    "schedtrace": schedtrace,
}


def main():
    words = set(sys.argv[1:])
    is_long = "long" in words
    suite = Suite()
    for name, topic in TOPICS.items():
        if words - {"long"} and name not in words:
            continue
        start = time.monotonic()
        topic.run(suite, is_long)
        print(f"{name}: {time.monotonic() - start:.0f} s")
    print(f"golang: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return suite.failed > 0


if __name__ == "__main__":
    sys.exit(main())
