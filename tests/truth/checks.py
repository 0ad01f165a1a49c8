"""What is asked of a profile whose truth is known."""
import os
import pathlib
import re
import subprocess

import interval
from pprof import follows

WHOLE = 0.99  # share of stacks that must reach their outermost frame, and of exact paths

# Time of a process that only one of the two clocks sees: its own runs before exec already and
# goprof's until the very end.
ENDS_NS = 5e6

ROOTS = re.compile(r"_start|_dl_start_user|_dl_start|__libc_start_main.*|__libc_start_call_main"
                   r"|start_thread|(__)?clone3?|__clone_internal.*|thread_start"
                   r"|runtime\.(goexit|mstart|rt0_go|mcall|morestack|asmcgocall).*|_rt0_.*|mstart"
                   r"|std::thread::.*")
KERNEL = re.compile(r"\[(kernel|guest\.kernel).*|\[k\].*|vmlinux.*|.*\.ko.*")


class Suite:
    """Counts, and prints a line for what fails or is left out."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def expect(self, case, what, holds, detail):
        if holds:
            self.passed += 1
        else:
            self.fail(case, what, detail)

    def fail(self, case, what, detail):
        self.failed += 1
        print(f"FAIL {case}: {what}: {detail}")

    def skip(self, case, why):
        self.skipped += 1
        print(f"skip {case}: {why}")


def samples_in(profile, pattern):
    """The samples in whose stack the function is."""
    match = re.compile(pattern).fullmatch
    return [s for s in profile.samples if any(map(match, s.names))]


def count(samples):
    return sum(sample.count for sample in samples)


def share_in(profile, pattern):
    """Of the CPU time: where the machine stood still within a function, its one sample then
    stands for as much as the function's own clock saw."""
    return sum(s.cpu_ns for s in samples_in(profile, pattern)) / max(profile.cpu_ns, 1)


def check_shares(suite, case, profile, truth, switching_ns=0):
    said = []
    for name, path in case.paths.items():
        real = truth[name] / truth["total"]
        seen = share_in(profile, path[-1])
        low, high = interval.wilson(real, max(profile.count, 1))
        unseen = case.unseen + (ENDS_NS + switching_ns) / truth["total"]
        low, high = low - unseen, high + unseen
        said.append(f"{name} {seen:.1%} ({real:.1%})")
        suite.expect(case.name, f"share of {name}", low <= seen <= high,
                     f"{seen:.2%} is not within {low:.2%}..{high:.2%} of {profile.count} samples")
    print(f"{case.name}: {profile.count} samples, {profile.cpu_ns / truth['total'] - 1:+.1%} time, "
          f"{', '.join(said)}")
    for a, b in case.equal:
        x, y = (share_in(profile, case.paths[name][-1]) for name in (a, b))
        allowed = interval.difference((x + y) / 2, profile.count, profile.count)
        suite.expect(case.name, f"{a} equals {b}", abs(x - y) <= allowed,
                     f"{x:.2%} and {y:.2%} differ by more than {allowed:.2%}")


def check_paths(suite, case, profile):
    for path in case.paths.values():
        check_path(suite, case, path, samples_in(profile, path[-1]))
    for path in case.also:
        # Its last function may have other callers: those samples that show the rest count.
        check_path(suite, case, path, [s for s in samples_in(profile, path[-1])
                                       if all(follows(s.names, [p]) for p in path[1:])])


def check_path(suite, case, path, inside):
    exact = [s for s in inside if follows(s.names[::-1], path)]
    suite.expect(case.name, f"path to {path[-1]}",
                 inside and count(exact) >= WHOLE * count(inside),
                 f"{count(exact)} of {count(inside)} samples came by {' > '.join(path[-4:])}; "
                 f"another: {example(inside, exact)}")


def example(samples, good):
    other = next((s for s in samples if s not in good), None)
    return " > ".join(name or "?" for name in other.names[::-1][-8:]) if other else "none"


def reaches_root(sample):
    """Threads of the kernel's own making, such as a process that exits, have no user frames."""
    frames = sample.frames
    if not frames:
        return False
    return bool(ROOTS.fullmatch(frames[-1].name) or KERNEL.fullmatch(frames[-1].mapping))


def check_whole(suite, case, profile):
    cut = [s for s in profile.samples if not reaches_root(s)]
    suite.expect(case.name, "whole stacks", count(cut) <= (1 - WHOLE) * profile.count,
                 f"{count(cut)} of {profile.count} do not reach the root; one: "
                 f"{example(cut, [])}")


def check_inlined(suite, case, profile):
    for outer, inner in case.inlined.items():
        inside = samples_in(profile, outer)
        shown = [s for s in inside if follows(s.names[::-1], (outer, inner))]
        suite.expect(case.name, f"{inner} inlined into {outer}",
                     inside and count(shown) >= case.inlined_share * count(inside),
                     f"shown in {count(shown)} of {count(inside)} samples")


def check_lines(suite, case, profile):
    if not case.sources:
        return
    for name, path in case.paths.items():
        frames = [f for s in samples_in(profile, path[-1]) for f in s.frames
                  if re.fullmatch(path[-1], f.name)]
        placed = [f for f in frames if f.line > 0 and pathlib.Path(f.file).name in case.sources]
        suite.expect(case.name, f"lines of {name}",
                     frames and len(placed) >= WHOLE * len(frames),
                     f"{len(placed)} of {len(frames)} frames lie in {case.sources}, "
                     f"the first in {frames[0].file}:{frames[0].line}" if frames else "no frames")


def check_names(suite, case, profile, program):
    own = [f for s in profile.samples for f in s.frames
           if pathlib.Path(f.mapping).name == program.name]
    nameless = [f for f in own if not f.name]
    suite.expect(case.name, "names in its own code", own and not nameless,
                 f"{len(nameless)} of {len(own)} frames have none, such as "
                 + (f"{nameless[0].address:#x}" if nameless else "any"))


def check_total(suite, case, profile, truth, clocks):
    """What was sampled and what goprof says was not are together what the program measured,
    but for what happens before exec and behind the program's last look at its clock, for
    interrupts at the edges (1 percent), and for what run.Clocks tells. And only so much may be
    unsampled: the last period of each thread on each CPU."""
    unsampled_ns = (profile.quality() or [0] * 6)[4] * 1e6
    less = ENDS_NS + (0.01 + case.unseen) * truth["total"] + clocks.switching_ns
    more = less + clocks.stolen_ns
    off = profile.cpu_ns + unsampled_ns - truth["total"]
    suite.expect(case.name, "total time", -less <= off <= more,
                 f"{profile.cpu_ns / 1e6:.1f} ms sampled and {unsampled_ns / 1e6:.0f} ms not, "
                 f"{truth['total'] / 1e6:.1f} ms measured, {less / 1e6:.1f} ms less or "
                 f"{more / 1e6:.1f} ms more allowed")
    if case.is_old_kernel:
        return  # what a halted CPU costs is unsampled there
    allowed = case.threads * os.cpu_count() * 1e9 / case.rate + 1e6
    suite.expect(case.name, "time without samples", unsampled_ns <= allowed,
                 f"{unsampled_ns / 1e6:.0f} ms, {allowed / 1e6:.1f} ms allowed")


def check_quality(suite, case, profile):
    quality = profile.quality()
    suite.expect(case.name, "states its quality", quality is not None,
                 f"the comments are {profile.comments}")
    if quality:
        samples, rate, lost, truncated = quality[:4]
        suite.expect(case.name, "its quality is good",
                     samples == profile.count and rate == case.rate
                     and lost <= 0.01 * samples and truncated <= (1 - WHOLE) * samples,
                     f"{profile.count} samples at {case.rate} Hz, it says {quality}")


TOP_LINE = re.compile(r"\s*(\d+)(?:ns)?\s+\S+%\s+\S+%\s+(\d+)(?:ns)?\s+\S+%\s+"
                      r"(.*?)(?: \((?:partial-)?inline\))?")


def top_of(goprof, path):
    """Function -> (flat, cum) in nanoseconds, as `goprof -top` prints them."""
    text = subprocess.run([str(goprof), "-top", "-unit=ns", "-nodecount=1000000",
                           "-nodefraction=0", str(path)], capture_output=True, text=True).stdout
    lines = filter(None, map(TOP_LINE.fullmatch, text.splitlines()))
    return {line.group(3): (int(line.group(1)), int(line.group(2))) for line in lines}


def check_report(suite, case, profile, goprof, path):
    """The report says of each function what another reader counts in the same file."""
    flat, cum = {}, {}
    for sample in profile.samples:
        for name in set(sample.names):
            cum[name] = cum.get(name, 0) + sample.cpu_ns
        flat[sample.names[0]] = flat.get(sample.names[0], 0) + sample.cpu_ns
    counted = {name: (flat.get(name, 0), cum[name]) for name in cum if name}
    shown = top_of(goprof, path)
    wrong = [f"{name} {shown.get(name)} is {value}" for name, value in counted.items()
             if shown.get(name) != value]
    suite.expect(case.name, "-top agrees with the file", counted and not wrong,
                 f"{len(wrong)} of {len(counted)} functions differ: {wrong[:3]}")


def check_all(suite, case, profile, truth, program, clocks):
    check_shares(suite, case, profile, truth, clocks.switching_ns)
    check_paths(suite, case, profile)
    check_whole(suite, case, profile)
    check_inlined(suite, case, profile)
    check_lines(suite, case, profile)
    check_names(suite, case, profile, program)
    check_total(suite, case, profile, truth, clocks)
    check_quality(suite, case, profile)
