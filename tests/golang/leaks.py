"""Goroutines that can never run again: what a program knows to have leaked, no more and no
less, and what Go's own goroutineleak profile says where there is one."""
import pathlib
import re
import subprocess
import sys
import time

import targets
from targets import FOLDER, Target, goprof

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "truth"))
import pprof  # noqa: E402

LEAKED = {"leakReceive", "leakSend", "leakSelect", "leakNil", "leakForever", "leakMutex",
          "leakGroup", "leakRead", "leakCircle"}


def functions(text):
    return set(re.findall(r"main\.((?:leak|live)\w+)", text))


def own_profile(target):
    """What the runtime takes for leaked; nothing where it has no such profile."""
    target.process.stdin.write("\n")
    target.process.stdin.flush()
    lines = []
    while not (lines and lines[-1].startswith("end ")):
        lines.append(target.process.stdout.readline())
    return functions("".join(lines[:-1]))


def live(suite, version, mode="plain"):
    name = f"leaks {version} {mode}"
    path = targets.build("leaky", version, mode)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    with Target(path) as target:
        for way in ("--snapshot", "--stop"):
            # A busy machine may take a while to stop a process.
            result = goprof("leaks", target.pid, way, "--debug=2", "--stop-limit", "10s")
            suite.check(f"{name} {way}: just those", functions(result.stdout) == LEAKED,
                        result.stderr + str(functions(result.stdout) ^ LEAKED))
            suite.check(f"{name} {way}: is counted", "10 of 18 blocked" in result.stderr,
                        result.stderr)
        profile = goprof("leaks", target.pid, "--snapshot", "-raw")
        suite.check(f"{name}: profile", "goroutine/count" in profile.stdout and
                    functions(profile.stdout) == LEAKED, profile.stderr)
        own = own_profile(target)
        if own:
            # The runtime may miss one by a stale value, as goprof may.
            suite.check(f"{name}: what Go says of itself", own <= LEAKED, own ^ LEAKED)


def grow(target):
    target.process.stdin.write("grow\n")
    target.process.stdin.flush()
    target.process.stdout.readline()


def origins(profile):
    """How many goroutines of a profile each function started."""
    counts = {}
    for sample in profile.samples:
        name = sample.labels["created_by"].split()[0]
        counts[name] = counts.get(name, 0) + sample.values[0]
    return {name: count for name, count in counts.items() if count != 0}


def timed(words, target, out):
    """What came between two looks of one run, in which the program is told to grow."""
    with_time = subprocess.Popen([str(word) for word in (
        targets.BUILD / "goprof", *words, "--seconds=2.5", "-o", out)],
        stderr=subprocess.PIPE, text=True)
    time.sleep(1)  # the first look takes a few hundredths of a second
    grow(target)
    said = with_time.communicate(timeout=60)[1]
    return origins(pprof.Profile(out)), said


def growth(suite, version, mode="plain"):
    name = f"leaks {version} {mode}: growth"
    path = targets.build("leaky", version, mode)
    if path is None:
        return
    new = {"main.growFast": 3, "main.growSlow": 2}
    base, out = FOLDER / "leaks.base", FOLDER / "leaks.growth"
    with Target(path) as target:
        words = ["leaks", target.pid, "--snapshot", "--stop-limit", "10s"]
        none = goprof(*words, "--seconds=0.1", "--debug=2")
        suite.check(f"{name}: nothing new", none.returncode == 0 and
                    functions(none.stdout) == set() and "0 of them are new" in none.stderr,
                    none)
        silent = goprof(*words, "--seconds=0.1")
        suite.check(f"{name}: none is a good answer", silent.returncode == 0 and
                    "idle" not in silent.stderr, silent)
        goprof(*words, "-o", base)
        grow(target)
        goprof(*words, "-base", base, "-proto", "-o", out)
        suite.check(f"{name}: against an earlier profile",
                    origins(pprof.Profile(out)) == new, origins(pprof.Profile(out)))
        again = goprof(*words, "-base", base, "-tags")
        for _ in range(3):  # on a busy machine the first look may be late
            found, said = timed(words, target, out)
            if found == new:
                break
        suite.check(f"{name}: those between two looks, by who started them",
                    found == new and "5 of them are new" in said, (said, found))
        suite.check(f"{name}: by tag", re.search(r"3 .*main\.growFast main\.go:\d+",
                                                 again.stdout), again)


def refusal(suite):
    with Target(targets.build("leaky", "1.26")) as target:
        result = goprof("leaks", target.pid)
        suite.check("leaks: not without being allowed to", result.returncode == 2 and
                    "--snapshot" in result.stderr, result.stderr)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        live(suite, version)
        if is_long or version in ("1.19", "1.27"):
            growth(suite, version)
    growth(suite, "1.26", "stripped")
    live(suite, "1.26", "stripped")
    live(suite, "1.26", "pie")
    refusal(suite)
