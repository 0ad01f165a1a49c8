"""Goroutines and labels of CPU samples, against the stacks of the same samples, which tell
whose they are, and against the program's own CPU profile."""
import math
import pathlib
import re
import sys

import targets
from targets import FOLDER, Target, goprof

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "truth"))
import pprof  # noqa: E402

# Labels are a map before 1.24 and a list from then on.
VERSIONS = ["1.19", "1.24", "1.27"]
WORKERS = ["much", "little", "phases", "clock"]
PHASES = ["long", "short"]


def count(samples):
    return sum(sample.values[0] for sample in samples)


def wrong(samples, key, names):
    """How many samples carry another label than the one of the function they are in."""
    return count(sample for sample in samples for name in names
                 if f"main.{name}" in sample.names
                 and sample.labels.get(key, name) != name)


def shares(samples):
    total = count(samples)
    return total, {name: count(s for s in samples if s.labels.get("worker") == name) / total
                   for name in WORKERS}


def compare(suite, name, ours, own):
    n, our_shares = shares(ours)
    m, own_shares = shares(own)
    for worker in WORKERS:
        p, q = our_shares[worker], own_shares[worker]
        sigma = math.sqrt(q * (1 - q) * (1 / n + 1 / m))
        suite.check(f"{name}: the share of {worker} is that of its own profile",
                    abs(p - q) <= 5 * sigma + 0.03, (p, q, n, m))


def follow(suite, name, program):
    out, own = FOLDER / f"{program.name}.cpu", FOLDER / f"{program.name}.own"
    with Target(program, "TRUTH", own) as target:
        result = goprof("cpu", target.pid, "--seconds=2", "--rate=250", "-o", out)
        ids = dict(line.split() for line in target.tell_truth().splitlines())
    if not suite.check(f"{name}: is profiled", result.returncode == 0, result.stderr):
        return
    samples = pprof.Profile(out).samples
    at_work = [s for s in samples if any(f"main.{w}" in s.names for w in WORKERS)]
    known = [s for s in at_work if "goroutine" in s.labels]
    suite.check(f"{name}: most samples have their goroutine",
                count(known) >= 0.6 * count(at_work), (count(known), count(at_work)))
    # What is read so much later that the goroutine has gone on is a matter of luck.
    limit = 1 + 0.02 * count(at_work)
    suite.check(f"{name}: the labels are those of the function",
                wrong(samples, "worker", WORKERS) <= limit and
                wrong(samples, "phase", PHASES) <= limit,
                (wrong(samples, "worker", WORKERS), wrong(samples, "phase", PHASES)))
    phases = [s for s in at_work if s.labels.get("phase") in PHASES]
    suite.check(f"{name}: labels that change are seen", {s.labels["phase"] for s in phases}
                == set(PHASES), count(phases))
    strange = count(s for s in known for w in WORKERS
                    if f"main.{w}" in s.names and s.labels["goroutine"] != ids[w])
    suite.check(f"{name}: the goroutines are the program's", strange <= limit, strange)
    compare(suite, name, samples, pprof.Profile(own).samples)
    comments = goprof("-comments", out).stdout
    suite.check(f"{name}: how many is said", re.search(
        r"goroutines of \d+ of \d+ samples, with the labels they had \d+ us later",
        comments), comments)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else VERSIONS:
        program = targets.build("labels", version)
        if program is None:
            suite.skip(f"labels {version}", "that release of Go cannot be had here")
            continue
        follow(suite, f"labels {version}", program)
    for mode in ("stripped", "pie", "external"):
        program = targets.build("labels", "1.26", mode)
        if program is not None and (is_long or mode == "stripped"):
            follow(suite, f"labels 1.26 {mode}", program)
