#!/usr/bin/env python3
"""Compares goprof's reports with those of `go tool pprof`, byte by byte, on profiles of real
programs. Usage: run.py [-k WORD] [-v] [--keep FOLDER]; GOPROF names the binary."""
import argparse
import concurrent.futures
import difflib
import os
import shutil
import subprocess
import sys
import tempfile

import cases
import profiles
from rules import rule_of, rule_refused
from tool import GOPROF, decode_proto, run


def compare_error(case, ours, theirs):
    wanted = theirs[2].strip().split(b"\n")[-1]
    wanted = wanted.split(b"regexp", 1)[0]  # words of another regexp library follow
    return ours[0] != 0 and theirs[0] != 0 and wanted in ours[2]


def compare(pprof, folder, case):
    """(whether it is good, the rule that explains a difference, our words, theirs)"""
    theirs = run([pprof] + case.args, cwd=folder)
    ours = run([GOPROF] + case.args, cwd=folder)
    if case.is_error:
        return compare_error(case, ours, theirs), None, ours[2], theirs[2]
    if theirs[0] != 0:
        rule = rule_refused(case.args, ours[1]) if ours[0] == 0 else None
        return ours[0] != 0 or rule is not None, rule, ours[2], theirs[2]
    out, expected = ours[1], theirs[1]
    if "-proto" in case.args or "-topproto" in case.args:
        out = decode_proto("%s/%d.ours" % (folder, case.number), pprof, out)
        expected = decode_proto("%s/%d.theirs" % (folder, case.number), pprof, expected)
    if out == expected and ours[0] == 0:
        return True, None, b"", b""
    rule = rule_of(pprof, case.args, folder, out, expected) if ours[0] == 0 else None
    return rule is not None, rule, out + ours[2], expected


def show_difference(name, ours, theirs):
    print("FAIL", name)
    lines = list(difflib.unified_diff(theirs.decode(errors="replace").splitlines(),
                                      ours.decode(errors="replace").splitlines(),
                                      "pprof", "goprof", lineterm="", n=1))
    for line in lines[:30]:
        print("   ", line)


def run_cases(wanted, pprof, folder, is_verbose):
    """(passed, failed, {rule: how often})"""
    passed = failed = 0
    rules = {}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda case: compare(pprof, folder, case), wanted)
        for case, (good, rule, ours, theirs) in zip(wanted, answers):
            passed += good
            failed += not good
            if rule is not None:
                rules[rule] = rules.get(rule, 0) + 1
                if is_verbose:
                    print("differs by rule", rule + ":", case.name)
            if not good:
                show_difference(case.name, ours, theirs)
    return passed, failed, rules


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", default="", help="only cases whose name contains this")
    parser.add_argument("-v", action="store_true", help="name the rule of each difference")
    parser.add_argument("--keep", help="folder for the profiles, used again if it is there")
    options = parser.parse_args()
    pprof = subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True,
                           text=True).stdout.strip()
    if not pprof:
        sys.exit("differential: go is not installed; it is needed for go tool pprof")
    folder = options.keep or tempfile.mkdtemp(prefix="goprof-differential-")
    if options.keep and os.path.isdir(folder):
        found = profiles.find_all(folder)
    else:
        os.makedirs(folder, exist_ok=True)
        found = profiles.make_all(folder)
    wanted = [case for case in cases.make_all(found) if options.k in case.name]
    passed, failed, rules = run_cases(wanted, pprof, folder, options.v)
    if not options.keep:
        shutil.rmtree(folder)
    for rule in sorted(rules):
        print("differs by the rule \"%s\" of docs/differences.md: %d" % (rule, rules[rule]))
    print("differential: %d profiles" % sum(map(len, found.values())))
    print("differential: %d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
