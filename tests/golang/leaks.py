"""Goroutines that can never run again: what a program knows to have leaked, no more and no
less, and what Go's own goroutineleak profile says where there is one."""
import re

import targets
from targets import Target, goprof

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


def refusal(suite):
    with Target(targets.build("leaky", "1.26")) as target:
        result = goprof("leaks", target.pid)
        suite.check("leaks: not without being allowed to", result.returncode == 2 and
                    "--snapshot" in result.stderr, result.stderr)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else targets.VERSIONS:
        live(suite, version)
    live(suite, "1.26", "stripped")
    live(suite, "1.26", "pie")
    refusal(suite)
