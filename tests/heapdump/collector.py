"""Programs on the Boehm collector: a line for each collection, and its heap in the profile."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import leak_check

LINE = re.compile(r"gc (\d+) @[\d.]+ms \d+%: [\d.]+\+[\d.]+\+[\d.]+\+[\d.]+ ms clock, "
                  r"(\d+)->(\d+) KB, (\d+) KB heap, \d+ KB from the system, [1-9]\d* P")
ALLOCATE = "(do ((i 0 (+ i 1))) ((= i 300)) (make-list 1000 (make-string 100)))"


def traced(goprof, settings, *words):
    library = pathlib.Path(goprof).parent / "libgoprof.so"
    return leak_check.run(*words, env=dict(os.environ, LD_PRELOAD=str(library),
                                           GOPROF=settings))


def check_lines(suite, goprof, program):
    done = traced(goprof, "gctrace=1", program)
    collections, own = map(int, re.match(r"collections (\d+) own (\d+)", done.stdout).groups())
    lines = [LINE.fullmatch(line) for line in done.stderr.splitlines()]
    suite.check("gctrace: every line is one", all(lines), done.stderr[-300:])
    suite.equal("gctrace: collections", [int(line[1]) for line in lines],
                list(range(1, collections + 1)))
    suite.equal("gctrace: the program's own callback", own, collections)
    suite.check("gctrace: live memory", 0 < int(lines[-1][3]) <= int(lines[-1][4]), lines[-1][0])
    rows = [json.loads(line) for line in traced(goprof, "gctrace=json",
                                                program).stderr.splitlines()]
    suite.equal("gctrace as JSON", [row["gc"] for row in rows], list(range(1, len(rows) + 1)))
    suite.equal("gctrace is off", traced(goprof, "gctrace=0", program).stderr, "")


def check_heap(suite, goprof, program, folder):
    profile = folder / "collected.pb.gz"
    leak_check.run(goprof, "run", "--memprofile", profile, "--memprofilerate=1", "--", program)
    objects = {}
    for kind in ("alloc", "inuse"):
        text = leak_check.run(goprof, "-top", "-cum", f"-sample_index={kind}_objects",
                              profile).stdout
        for name in ("keep", "waste"):
            row = re.search(rf"^ +\d+ +[\d.]+% +[\d.]+% +(\d+) .* {name}$", text, re.M)
            objects[kind, name] = int(row[1]) if row else 0
    suite.equal("collected heap: allocated", (objects["alloc", "keep"], objects["alloc", "waste"]),
                (1000, 20000))
    suite.equal("collected heap: kept", objects["inuse", "keep"], 1000)
    # What a number on the stack passes for stays.
    suite.check("collected heap: garbage is gone", objects["inuse", "waste"] < 1000, objects)


def check_guile(suite, goprof):
    if not shutil.which("guile"):
        suite.skipped += 1
        print("skip gctrace of guile: there is none here")
        return
    done = traced(goprof, "gctrace=1", "guile", "--no-auto-compile", "-c", ALLOCATE)
    lines = [LINE.fullmatch(line) for line in done.stderr.splitlines()]
    suite.check("gctrace of guile", len(lines) > 3 and all(lines), done.stderr[-300:])


def check(suite, goprof, folder):
    if not os.path.exists("/usr/include/gc/gc.h"):
        suite.skipped += 1
        print("skip collected programs: no libgc here")
        return
    program = folder / "collected"
    subprocess.run(["gcc", "-O1", "-g", leak_check.HERE / "collected.c", "-o", program, "-lgc"],
                   check=True, timeout=leak_check.TIMEOUT)
    check_lines(suite, goprof, program)
    check_heap(suite, goprof, program, folder)
    check_guile(suite, goprof)
