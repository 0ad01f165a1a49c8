"""The scheduler seen from outside, against GODEBUG=schedtrace of a program at rest."""
import json
import os
import re
import time

import targets
from targets import FOLDER, Target, goprof


def without_time(line):
    """Without what changes at rest: the time, and how often a processor was given work."""
    return re.sub(r"schedticks=.*", "schedticks", re.sub(r"^SCHED \d+ms", "SCHED", line))


def elapsed(line):
    return int(re.match(r"SCHED (\d+)ms", line)[1])


def follow(suite, name, program):
    log = FOLDER / f"{program.name}.schedtrace"
    env = dict(os.environ, GODEBUG="schedtrace=100", GOMAXPROCS="3")
    with open(log, "w") as stderr, Target(program, stderr=stderr, env=env) as target:
        time.sleep(0.5)
        before = len(log.read_text().splitlines())
        result = goprof("schedtrace", target.pid, "--period=100ms", "--count=10")
        time.sleep(0.2)
        parsed = goprof("schedtrace", target.pid, "--period=10ms", "--count=5", "--json")
        total = goprof("schedtrace", target.pid, "--period=10ms", "--count=5", "--json",
                       "--summary")
        threads = goprof("schedtrace", target.pid, "--period=10ms", "--count=1", "--threads")
    truth = [x for x in log.read_text().splitlines()[before - 1:] if x.startswith("SCHED")]
    ours = result.stdout.splitlines()
    suite.check(f"{name}: schedtrace prints its lines", len(ours) == 10, result)
    known = {without_time(line) for line in truth}
    suite.check(f"{name}: a line is the program's own",
                any(without_time(line) in known for line in ours), (ours[:2], truth[:2]))
    shape = {re.sub(r"\d+", "N", line) for line in truth}
    suite.check(f"{name}: all lines have its form",
                {re.sub(r"\d+", "N", line) for line in ours} <= shape, (ours[:1], shape))
    suite.check(f"{name}: time is counted as the program does",
                ours and truth and elapsed(truth[0]) <= elapsed(ours[0]) and
                elapsed(ours[-1]) <= elapsed(truth[-1]) + 1000, (ours, truth))
    lines = [json.loads(line) for line in parsed.stdout.splitlines()]
    suite.check(f"{name}: schedtrace --json", len(lines) == 5 and all(
        x["gomaxprocs"] == 3 == len(x["queues"]) for x in lines), parsed)
    suite.check(f"{name}: schedtrace --summary", total.returncode == 0 and
                json.loads(total.stdout)["summary"]["looks"] == 5, total)
    suite.check(f"{name}: --threads shows threads", " running=" in threads.stdout, threads)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        program = targets.build("resting", version)
        if program is None:
            suite.skip(f"schedtrace {version}", "that release of Go cannot be had here")
            continue
        follow(suite, f"{version} resting", program)
    stripped = targets.build("resting", "1.26", "stripped")
    if stripped is not None:
        follow(suite, "1.26 stripped resting", stripped)
