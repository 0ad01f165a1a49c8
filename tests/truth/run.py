#!/usr/bin/env python3
"""Programs that measure themselves, against what goprof says of them: shares of time within
the sampling statistics, call paths, inlined frames, whole stacks, total time; then the same
run seen by perf. BUILD names the build folder; words on the command line pick the cases."""
import os
import pathlib
import re
import resource
import subprocess
import sys
import time

import attach
import cases
import checks
import debian
import files
import programs
import schedule
from pprof import Profile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
TIMEOUT = 60


def read_truth(text):
    """Sums of the "truth NAME NS" lines, and the last total by itself."""
    truth, last_total = {}, 0
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "truth":
            name, value = rest.split()
            truth[name] = truth.get(name, 0) + int(value)
            last_total = int(value) if name == "total" else last_total
    return truth, last_total


def command_of(case):
    build = BUILD / "truth"
    args = [str(build / word) if word.endswith(".so") else word for word in case.args]
    return [str(build / case.program), str(case.seconds), *args]


def out_of(case):
    return BUILD / "truth" / f"{case.name.replace(' ', '')}.pb.gz"


def record(case):
    """Runs the program under goprof; gives its profile, its truth, or why there is none."""
    out = out_of(case)
    out.unlink(missing_ok=True)
    command = [BUILD / "goprof", "cpu", "--rate", str(case.rate), "-o", out, *case.options,
               "--", *command_of(case)]
    environment = dict(os.environ)
    if case.is_old_kernel:
        environment["LD_PRELOAD"] = str(BUILD / "truth" / "libold_kernel.so")
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT,
                                env=environment)
    except subprocess.TimeoutExpired:
        return None, None, f"still running after {TIMEOUT} s"
    if result.returncode != 0 or not out.exists():
        return None, None, f"exit {result.returncode}: {result.stderr.strip()[-300:]}"
    truth, last_total = read_truth(result.stdout)
    if case.only_last_total:
        truth["total"] = last_total
    return Profile(out), truth, None


class Clocks:
    """Where the kernel's event and a program's own clock differ, on this machine since then:
    time that the hypervisor gave to others, told in whole ticks, which the program's clock
    leaves out; and the switches of our children's tasks, a part of which each clock leaves to
    another task. That is starting and stopping the event's timer, on a virtual machine up to
    two exits to the hypervisor: 50 us."""

    def __init__(self):
        self.stolen, self.switches = self.read()

    @staticmethod
    def read():
        words = pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return int(words[8]), usage.ru_nvcsw + usage.ru_nivcsw

    @property
    def stolen_ns(self):
        return (self.read()[0] - self.stolen + 1) * 1e9 / os.sysconf("SC_CLK_TCK")

    @property
    def switching_ns(self):
        return (self.read()[1] - self.switches) * 50e3


def sees_kernel():
    """Whether samples may be taken in the kernel: by root, or where paranoia is low."""
    level = int(pathlib.Path("/proc/sys/kernel/perf_event_paranoid").read_text())
    return os.geteuid() == 0 or level <= 1


def objection_to_recording():
    """Why this machine permits no recording, or None; any other failure is one of the suite."""
    trial = subprocess.run([BUILD / "goprof", "cpu", "-o", BUILD / "truth" / "trial", "--", "true"],
                           capture_output=True, text=True, timeout=TIMEOUT)
    is_forbidden = trial.returncode != 0 and re.search(r"permi|paranoid", trial.stderr)
    return trial.stderr.strip() if is_forbidden else None


def run_case(suite, case, missing, failures):
    if case.program in missing:
        suite.skip(case.name, missing[case.program])
    elif case.program in failures:
        suite.fail(case.name, "builds", failures[case.program])
    elif case.needs_kernel and not sees_kernel():
        suite.skip(case.name, "samples in the kernel are not permitted")
    else:
        case.unseen += 0 if sees_kernel() else 0.02
        clocks = Clocks()
        profile, truth, problem = record(case)
        if problem:
            suite.fail(case.name, "is recorded", problem)
        else:
            checks.check_all(suite, case, profile, truth, BUILD / "truth" / case.program,
                             clocks)
            checks.check_report(suite, case, profile, BUILD / "goprof", out_of(case))


def run_wanted(suite, wanted, missing, failures):
    for case in cases.all_cases(programs.found_go()):
        if not wanted or any(word in case.name for word in wanted):
            run_case(suite, case, missing, failures)
    for part in (attach, files, debian, schedule):
        if not wanted or part.__name__ in wanted:
            part.check_all(suite, BUILD)


def main():
    if not (BUILD / "goprof").exists():
        print(f"truth: {BUILD}/goprof is missing: run make first", file=sys.stderr)
        return 1
    started = time.monotonic()
    missing, failures = programs.build_all(BUILD / "truth")
    print(f"programs built in {time.monotonic() - started:.0f} s")
    suite = checks.Suite()
    objection = objection_to_recording()
    if objection:
        suite.skip("all", objection)
    else:
        run_wanted(suite, sys.argv[1:], missing, failures)
    for path in pathlib.Path("/tmp").glob("perf-*.map"):
        if "jitted_loop" in path.read_text(errors="replace"):
            path.unlink()
    print(f"truth: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
