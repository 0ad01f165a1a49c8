"""Collections seen from outside, line by line against GODEBUG=gctrace=1 of the program."""
import json
import os
import re
import time

import targets
from targets import FOLDER, Target, goprof

SECONDS = 4
# Lines that must be equal, of some 15 collections a second.
ENOUGH = 15


def numbered(text):
    """The lines by their collection's number."""
    lines = [line for line in text.splitlines() if re.match(r"gc \d+ ", line)]
    return {int(line.split()[1]): line for line in lines}


def follow(suite, name, program):
    log = FOLDER / f"{program.name}.gctrace"
    env = dict(os.environ, GODEBUG="gctrace=1")
    with open(log, "w") as stderr, Target(program, stderr=stderr, env=env) as target:
        result = goprof("gctrace", target.pid, f"--seconds={SECONDS}")
        # The program prints its line a moment after the collection can be seen.
        time.sleep(0.5)
        suite.check(f"{name}: gctrace is read", result.returncode == 0, result.stderr)
    ours, truth = numbered(result.stdout), numbered(log.read_text())
    missed = {n for n, line in ours.items() if "(missed" in line}
    seen = {n: line for n, line in ours.items() if n not in missed}
    wrong = [(line, truth.get(n)) for n, line in seen.items() if line != truth.get(n)]
    suite.check(f"{name}: gctrace lines are the program's own", not wrong, wrong[:3])
    suite.check(f"{name}: enough lines", len(seen) >= ENOUGH, (len(seen), result.stdout))
    suite.check(f"{name}: no collection is left out",
                sorted(ours) == list(range(min(ours, default=0), max(ours, default=-1) + 1)),
                sorted(ours))
    suite.check(f"{name}: forced ones are seen", any("(forced)" in x for x in seen.values()))
    told = re.search(r"(\d+) of \d+ collections were missed", result.stderr)
    suite.check(f"{name}: missed ones are said", int(told[1] if told else 0) == len(missed),
                (result.stderr, missed))


def machine_readable(suite, name, program):
    with Target(program) as target:
        result = goprof("gctrace", target.pid, "--seconds=1", "--json")
    cycles = [json.loads(line) for line in result.stdout.splitlines()]
    whole = [c for c in cycles if c["is_complete"]]
    suite.check(f"{name}: gctrace --json", len(whole) > 0, result)
    suite.check(f"{name}: the pauses are those of the phases", all(
        0 < c["pause_ns"] <= c["sweep_termination_ns"] + c["mark_termination_ns"]
        for c in whole), whole[:2])


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        program = targets.build("collector", version)
        if program is None:
            suite.skip(f"gctrace {version}", "that release of Go cannot be had here")
            continue
        follow(suite, f"{version} collector", program)
        if version in ("1.19", "1.27"):
            machine_readable(suite, f"{version} collector", program)
    stripped = targets.build("collector", "1.26", "stripped")
    if stripped is not None:
        follow(suite, "1.26 stripped collector", stripped)
