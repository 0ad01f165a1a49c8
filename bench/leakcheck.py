#!/usr/bin/env python3
"""The leak check at the exit of a program with a million live blocks, a thousand of them lost:
goprof run --leakcheck, LeakSanitizer and valgrind, in turn, the fastest of several rounds. What
the check itself takes is the difference to the same run without it. BUILD names the build
folder; a number is that of blocks."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
ROUNDS, TIMEOUT = 7, 300
PROGRAM = """
#include <stdlib.h>
struct node { struct node *next, *other; long rest[4]; };
struct node *head;
int main(int argc, char **argv)
{
	for (long i = 0, n = atol(argv[argc - 1]); i < n; i++) {
		struct node *node = malloc(sizeof(*node));

		node->next = head;
		node->other = NULL;
		if (i % 1000 != 0)
			head = node;
	}
	return 0;
}
"""


def seconds(words, environment):
    start = time.monotonic()
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          timeout=TIMEOUT, check=False, env={**os.environ, **environment})
    return time.monotonic() - start, done.stderr + done.stdout


def main():
    count = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    with tempfile.TemporaryDirectory() as folder:
        source, plain, checked = (pathlib.Path(folder) / name for name in
                                  ("million.c", "plain", "checked"))
        source.write_text(PROGRAM)
        for program, flags in ((plain, []), (checked, ["-fsanitize=leak"])):
            subprocess.run(["gcc", "-O1", "-g", *flags, source, "-o", program], check=True)
        recorded = {"GOPROF": "heap=1", "LD_PRELOAD": str(BUILD / "libgoprof.so")}
        rows = {
            "the program alone": ([plain, count], {}),
            "goprof run --leakcheck": ([BUILD / "goprof", "run", "--leakcheck", "--", plain,
                                        count], {}),
            "  recorded, without the check": ([plain, count], recorded),
            "LeakSanitizer": ([checked, count], {}),
            "  without the check": ([checked, count], {"LSAN_OPTIONS": "detect_leaks=0"}),
            "valgrind": (["valgrind", "--leak-check=full", plain, count], {}),
        }
        best = dict.fromkeys(rows, float("inf"))
        for _ in range(ROUNDS):
            for name, (words, environment) in rows.items():
                took, said = seconds(words, environment)
                best[name] = min(best[name], took)
                if name in ("goprof run --leakcheck", "valgrind"):
                    lost = int(count) // 1000
                    assert re.search(rf"definitely lost: [\d,]+ bytes in {lost:,} ", said) or \
                        re.search(rf"definitely lost: \d+ bytes in {lost} ", said), said[-400:]
    for name, took in best.items():
        print(f"{name:32} {took * 1000:8.0f} ms")
    ours = best["goprof run --leakcheck"] - best["  recorded, without the check"]
    theirs = best["LeakSanitizer"] - best["  without the check"]
    print(f"the check alone: {ours * 1000:.0f} ms, LeakSanitizer's {theirs * 1000:.0f} ms")


if __name__ == "__main__":
    main()
