"""Recordings by process id: late threads and libraries, deep stacks, and perf beside goprof."""
import re
import subprocess
import time

import interval
import perf
import programs
from checks import count, reaches_root, samples_in
from pprof import Profile, follows

RATE = 997


class Target:
    """A program of build/truth that runs while it is watched."""

    def __init__(self, build, name, seconds, *args):
        self.build, self.name = build, name
        self.process = subprocess.Popen([build / "truth" / name, str(seconds), *map(str, args)],
                                        stdout=subprocess.PIPE, text=True)
        time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def watch(self, seconds):
        out = self.build / "truth" / f"{self.name}-pid.pb.gz"
        out.unlink(missing_ok=True)
        recorder = subprocess.Popen(
            [self.build / "goprof", "cpu", "--seconds", str(seconds), "--rate", str(RATE),
             "-o", out, str(self.process.pid)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        return recorder, out


def recorded(suite, name, recorder, out):
    _, stderr = recorder.communicate(timeout=60)
    if recorder.returncode == 0 and out.exists():
        return Profile(out)
    suite.fail(name, "is recorded", f"exit {recorder.returncode}: {stderr.strip()[-300:]}")
    return None


def check_appears(suite, build, program, args, path):
    """What starts only after goprof has attached is seen, with its whole path. On a busy
    machine that may take long: the program's own end is that of the recording."""
    name = f"{program} by process id"
    with Target(build, program, 1.5, *args) as target:
        profile = recorded(suite, name, *target.watch(50))
    if profile:
        inside = samples_in(profile, path[-1])
        exact = [s for s in inside if follows(s.names[::-1], path)]
        suite.expect(name, f"{path[-1]} appears", inside and count(exact) >= .99 * count(inside),
                     f"{count(exact)} of {count(inside)} by the path, {profile.count} in all")


def check_too_deep(suite, build):
    """A stack that cannot be copied whole is cut, and the profile says that it is."""
    name = "deep 20000 by process id"
    with Target(build, "deep", 2, 20000) as target:
        profile = recorded(suite, name, *target.watch(1))
    if profile:
        cut = count(s for s in profile.samples if not reaches_root(s))
        told = (profile.quality() or (0, 0, 0, 0))[3]
        suite.expect(name, "says what it cut", told >= 0.95 * cut,
                     f"{cut} stacks are cut, it speaks of {told}")


def both_record(suite, build, program, mode):
    """goprof and perf on the same process at the same time."""
    name = f"{program} beside perf {mode}"
    data = build / "truth" / f"{program}.perf"
    with Target(build, program, 3) as target:
        other = perf.attach(target.process.pid, data, 1.5, RATE, mode)
        ours = recorded(suite, name, *target.watch(1.5))
        other.wait(timeout=60)
    theirs = perf.read(data, RATE)
    data.unlink(missing_ok=True)
    return name, ours, theirs


# The recorders do not start in the same instant, and helper threads end early: shares are those
# of the main thread's samples, which stay the same all the time. By frame pointers perf misses
# the caller of a Go function that needs no frame, so its main is not enough.
MAIN = r"main|main\.(main|heavy|medium|light)"


def check_against_perf(suite, build, program, mode, functions):
    name, ours, theirs = both_record(suite, build, program, mode)
    if not ours:
        return
    said = []
    n, m = (count(samples_in(p, MAIN)) for p in (ours, theirs))
    for function in functions:
        a, b = (count(samples_in(p, function)) / max(total, 1)
                for p, total in ((ours, n), (theirs, m)))
        allowed = interval.difference(min((a + b) / 2, 1), max(n, 1), max(m, 1))
        said.append(f"{re.sub(r'[^A-Za-z_.]', '', function)} {a:.1%} (perf {b:.1%})")
        suite.expect(name, f"share of {function}", abs(a - b) <= allowed and b > 0,
                     f"{a:.2%} and {b:.2%} differ by more than {allowed:.2%}")
    print(f"{name}: {ours.count} samples, perf {theirs.count}, {', '.join(said)}")
    whole = [count(s for s in p.samples if reaches_root(s)) / max(p.count, 1)
             for p in (ours, theirs)]
    suite.expect(name, "as many whole stacks", whole[0] >= min(whole[1], 0.99) - 0.005,
                 f"{whole[0]:.2%} whole, perf's {whole[1]:.2%}")


def check_all(suite, build):
    check_appears(suite, build, "threads", (), ("thread_main", "late"))
    check_appears(suite, build, "dlopen", (build / "truth" / "liblibrary.so",),
                  ("main", "call_plugin", "plugin_work", "plugin_inner"))
    check_too_deep(suite, build)
    if not perf.is_usable():
        suite.skip("beside perf", "perf is not installed or may not record here")
        return
    shares = ("heavy", "medium", "light")
    check_against_perf(suite, build, "shares-gcc", "dwarf,16384", shares)
    check_against_perf(suite, build, "shares-gcc-fp", "fp", shares)
    check_against_perf(suite, build, "inlined-gcc", "dwarf,16384", ("hash_block",))
    check_against_perf(suite, build, "signals", "dwarf,16384",
                       ("raised_work", "alarm_work", "interrupted"))
    check_against_perf(suite, build, "cxx-gcc", "dwarf,16384",
                       ("storm::catch_failures.*", "storm::sum_by_lambda.*"))
    for version in programs.found_go():
        check_against_perf(suite, build, version, "fp",
                           [rf"main\.{name}" for name in shares])
