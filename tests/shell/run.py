#!/usr/bin/env python3
"""The shell: scripts must give byte for byte what `go tool pprof FILE <SCRIPT` gives, and on a
terminal lines are edited, completed and remembered. Usage: run.py [-k WORD]."""
import argparse, os, pathlib, shutil, subprocess, sys, tempfile

import scripts
import terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", default="", help="only cases whose name contains this")
    word = parser.parse_args().k
    goprof = os.environ.get("GOPROF", str(ROOT / BUILD / "goprof"))
    pprof = None
    if shutil.which("go"):
        pprof = subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True,
                               text=True).stdout.strip()
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory(prefix="goprof-shell-") as folder:
        cases = terminal.cases(goprof, pathlib.Path(folder))
        if pprof:
            cases += scripts.cases(goprof, pprof, pathlib.Path(folder))
        else:
            print("skipped: no go, so no go tool pprof to compare with")
            skipped = 1
        for name, run in cases:
            if word not in name:
                continue
            problems = run()
            passed += not problems
            failed += bool(problems)
            for problem in problems:
                print("FAIL %s: %s" % (name, problem))
    print("shell: %d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
