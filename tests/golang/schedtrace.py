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


def blocks(text):
    """The looks, each without what changes at rest: the time, and the locks that the thread
    holds (M1, the runtime's monitor) because it prints."""
    looks = re.split(r"(?m)^(?=SCHED )", text)
    return [re.sub(r"(?m)^(  M1: .* locks=)\d+", r"\1", re.sub(r"\d+ms", "", look))
            for look in looks if look.startswith("SCHED")]


def follow_detail(suite, name, program):
    log = FOLDER / f"{program.name}.scheddetail"
    env = dict(os.environ, GODEBUG="schedtrace=100,scheddetail=1", GOMAXPROCS="3")
    with open(log, "w") as stderr, Target(program, stderr=stderr, env=env) as target:
        time.sleep(0.5)
        result = goprof("schedtrace", target.pid, "--detail", "--period=50ms", "--count=4")
        parsed = goprof("schedtrace", target.pid, "--detail", "--period=10ms", "--count=1",
                        "--json")
        threads = goprof("schedtrace", target.pid, "--detail", "--threads",
                         "--period=10ms", "--count=1")
        time.sleep(0.3)
    truth = blocks(log.read_text())[:-1]  # the last one may have been cut by the end
    ours = blocks(result.stdout)
    suite.check(f"{name}: schedtrace --detail prints its looks", len(ours) == 4, result)
    suite.check(f"{name}: --detail is the program's own, line for line",
                any(look in truth for look in ours), (ours[-1:], truth[-1:]))
    look = json.loads(parsed.stdout) if parsed.stdout else {}
    suite.check(f"{name}: --detail --json has the same rows",
                [len(look.get(key, [])) for key in "pmg"] ==
                [len(re.findall(f"(?m)^  {key}", ours[-1])) for key in "PMG"], parsed)
    suite.check(f"{name}: its locked goroutines have their threads", sorted(
        g["lockedm"] for g in look["g"] if g["lockedm"] is not None and g["id"] != 1) ==
        sorted(m["id"] for m in look["m"] if m["lockedg"] not in (None, 1)), look)
    suite.check(f"{name}: --detail --threads shows threads",
                " running=" in threads.stdout, threads)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        program = targets.build("resting", version)
        if program is None:
            suite.skip(f"schedtrace {version}", "that release of Go cannot be had here")
            continue
        follow(suite, f"{version} resting", program)
        follow_detail(suite, f"{version} resting", program)
    stripped = targets.build("resting", "1.26", "stripped")
    if stripped is not None:
        follow(suite, "1.26 stripped resting", stripped)
        follow_detail(suite, "1.26 stripped resting", stripped)
