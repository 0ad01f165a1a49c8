#!/usr/bin/env python3
"""Files of `perf record`, read by goprof: programs that measure themselves against what the
report says, and every stack against what `perf script` prints of the same file. BUILD names
the build folder; words on the command line pick the cases."""
import collections
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "truth"))

import cases  # noqa: E402
import checks  # noqa: E402
import programs  # noqa: E402
from pprof import Profile  # noqa: E402

BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
WORK = BUILD / "perf_data"
GOPROF = BUILD / "goprof"
RATE = 997
TIMEOUT = 120

# Program of tests/truth, words for perf record, what holds of such a recording.
MODES = {
    "fp": ["--call-graph", "fp"],
    "dwarf": ["--call-graph", "dwarf"],
    "compressed": ["--call-graph", "dwarf", "-z"],
    "build ids in mappings": ["--call-graph", "fp", "--buildid-mmap"],
    "no stacks": [],
}


def run(words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, timeout=TIMEOUT,
                          **options)


def perf_record(name, program, words, seconds=1.0, event="cpu-clock"):
    """Records a program; gives the file and the program's own account of its time."""
    path = WORK / (re.sub(r"\W+", "-", name) + ".data")
    path.unlink(missing_ok=True)
    result = run(["perf", "record", "-q", "-F", RATE, "-e", event, *words, "-o", path, "--",
                  WORK / program, seconds], text=True)
    truth = {word: int(value) for word, value in
             re.findall(r"^truth (\S+) (\d+)$", result.stdout, re.MULTILINE)}
    return path, truth


def profile_of(path, *words):
    out = path.with_suffix(".pb.gz")
    result = run([GOPROF, "-proto", *words, "-output", out, path], text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{path.name}: {result.stderr.strip()}")
    return Profile(out)


# One location of -raw: its address, and where its mapping shows which file from.
LOCATION = re.compile(r"\s+(\d+): (0x[0-9a-f]+) (?:M=(\d+) )?")
MAPPING = re.compile(r"(\d+): (0x[0-9a-f]+)/(0x[0-9a-f]+)/(0x[0-9a-f]+) (\S*)")
SAMPLE = re.compile(r"((?:\s+\d+)+): ([\d ]+)")


def stacks_of_goprof(path):
    """Stack, as offsets in files, leaf first -> samples with it."""
    text = run([GOPROF, "-raw", "-symbolize=none", path], text=True).stdout
    mappings, locations, stacks = {}, {}, collections.Counter()
    for line in text[text.index("Mappings"):].splitlines():
        if match := MAPPING.match(line.strip()):
            number, start, _, offset, file = match.groups()
            mappings[number] = (int(start, 16) - int(offset, 16), file)
    for line in text[text.index("Locations"):text.index("Mappings")].splitlines():
        if match := LOCATION.match(line):
            number, address, mapping = match.groups()
            base, file = mappings.get(mapping, (0, ""))
            locations[number] = (pathlib.Path(file).name, int(address, 16) - base)
    for line in text[text.index("Samples:"):text.index("Locations")].splitlines():
        if match := SAMPLE.match(line):
            stack = tuple(locations[number] for number in match.group(2).split())
            stacks[stack] += int(match.group(1).split()[0])
    return stacks


def stacks_of_perf(path, step):
    """The same as perf unwinds it, `step` less for callers: the call, not the return."""
    text = run(["perf", "script", "-i", path, "--no-inline", "--max-stack", "2048", "-F",
                "ip,sym,dso"], text=True, errors="replace").stdout
    stacks = collections.Counter()
    for block in text.split("\n\n"):
        frames = []
        for line in filter(str.strip, block.splitlines()):
            address, _, rest = line.strip().partition(" ")
            if frames and int(address, 16) == 0:  # what ran into a cleared stack
                break
            file = pathlib.Path(rest.rpartition(" (")[2].rstrip(")")).name
            file = "" if file == "[unknown]" else file
            frames.append((file, int(address, 16) - (step if frames else 0)))
        if frames:
            stacks[tuple(frames)] += 1
    return stacks


def check_stacks(suite, name, path, equal_share, step=1):
    ours, theirs = stacks_of_goprof(path), stacks_of_perf(path, step)
    total = sum(theirs.values())
    equal = sum((ours & theirs).values())
    other = next(iter(theirs - ours), None)
    suite.expect(name, "as many samples as perf script", sum(ours.values()) == total,
                 f"{sum(ours.values())} and {total}")
    suite.expect(name, "stacks as in perf script", total > 0 and equal >= equal_share * total,
                 f"{equal} of {total} are equal; perf has {other[:8] if other else None}")
    print(f"{name}: {equal} of {total} stacks are those of perf script")


def case_of(program, mode):
    paths = {name: ("main", "run_round", name) for name in ("heavy", "medium", "light")}
    # gcc gives functions that call nothing no frame pointer: their callers are skipped.
    if "fp" in MODES[mode]:
        paths = {name: ("main", name) for name in paths}
    if mode == "no stacks":
        paths = {name: (name,) for name in paths}
    return cases.Case(program, paths, rate=RATE, label=mode,
                      inlined={"heavy": "truth_work"})


def test_truth(suite, program, mode):
    case = case_of(program, mode)
    path, truth = perf_record(case.name, program, MODES[mode])
    profile = profile_of(path)
    suite.expect(case.name, "columns", profile.types == [("samples", "count"),
                                                         ("cpu-clock", "nanoseconds")],
                 profile.types)
    checks.check_shares(suite, case, profile, truth)
    checks.check_paths(suite, case, profile)
    checks.check_inlined(suite, case, profile)
    # To perf each sample is a period, also where the CPU stood still for several.
    suite.expect(case.name, "total time", abs(profile.cpu_ns - profile.count * profile.period)
                 <= profile.count, f"{profile.cpu_ns} ns of {profile.count} samples")
    checks.check_names(suite, case, profile, WORK / program)
    checks.check_quality(suite, case, profile)
    if "dwarf" in MODES[mode]:
        checks.check_whole(suite, case, profile)


def test_stacks(suite, program, mode, equal_share):
    name = f"{program} {mode}, user"
    path, _ = perf_record(name, program, MODES[mode], 0.5, "cpu-clock:u")
    # Where perf unwinds itself, it has stepped back already.
    check_stacks(suite, name, path, equal_share, 0 if "dwarf" in MODES[mode] else 1)


def test_pipe(suite):
    """A pipe has no header to go back to: events come as records."""
    for name, words in {"pipe": [], "compressed pipe": ["-z"]}.items():
        path = WORK / f"{name.replace(' ', '-')}.data"
        with path.open("wb") as out:
            subprocess.run(["perf", "record", "-q", "-F", str(RATE), "-e", "cpu-clock:u", "-g",
                            *words, "-o", "-", "--", str(WORK / "silent"), "0.5"],
                           stdout=out, stderr=subprocess.DEVNULL, timeout=TIMEOUT)
        check_stacks(suite, name, path, 1)


def test_packed(suite):
    path, _ = perf_record("packed", "silent", ["-g"], 0.5, "cpu-clock:u")
    plain = run([GOPROF, "-traces", path], text=True)
    packed = {"gzip": ["gzip", "-k", "-f", path], "zstd": ["zstd", "-q", "-k", "-f", path]}
    for (name, command), suffix in zip(packed.items(), [".gz", ".zst"]):
        run(command)
        read = run([GOPROF, "-traces", f"{path}{suffix}"], text=True)
        suite.expect(f"packed by {name}", "the report of the plain file",
                     read.returncode == 0 and "Type: cpu-clock" in plain.stdout
                     and read.stdout == plain.stdout, read.stderr)


def sums_of_perf(path):
    """Event -> (samples, sum of their periods)."""
    text = run(["perf", "script", "-i", path, "-F", "event,period", "-G"], text=True).stdout
    sums = {}
    for line in text.splitlines():
        period, event = line.split()
        event = event.rstrip(":").partition(":")[0]
        count, total = sums.get(event, (0, 0))
        sums[event] = (count + 1, total + int(period))
    return sums


def test_events(suite):
    """Several events are several columns, and none takes from another."""
    path, _ = perf_record("events", "children", ["-g"], 0.5,
                          "cpu-clock:u,page-faults:u,context-switches")
    text = run([GOPROF, "-raw", "-symbolize=none", path], text=True).stdout
    lines = text[text.index("Samples:"):text.index("Locations")].splitlines()
    names = [word.split("/")[0] for word in lines[1].split()]
    sums, samples = collections.Counter(), 0
    for line in lines[2:]:
        if match := SAMPLE.match(line):
            values = [int(value) for value in match.group(1).split()]
            samples += values[0]
            sums.update(dict(zip(names[1:], values[1:])))
    theirs = sums_of_perf(path)
    suite.expect("events", "columns are events with samples",
                 set(names[1:]) == set(theirs) and len(theirs) > 1, f"{names}, {theirs}")
    for event, (_, total) in theirs.items():
        suite.expect("events", f"sum of {event}", sums[event] == total,
                     f"{sums[event]}, perf script has {total}")
    suite.expect("events", "samples", samples == sum(count for count, _ in theirs.values()),
                 f"{samples}, perf script has {theirs}")


def test_processes(suite):
    """Each process's samples are told apart as perf tells them apart."""
    path, _ = perf_record("processes", "children", ["--call-graph", "dwarf"], 0.5,
                          "cpu-clock:u")
    text = run(["perf", "script", "-i", path, "-F", "pid", "-G"], text=True).stdout
    theirs = collections.Counter(text.split())
    ours = collections.Counter()
    for sample in profile_of(path).samples:
        ours[sample.labels.get("pid")] += sample.count
    suite.expect("processes", "samples of each", ours == theirs and len(theirs) > 1,
                 f"{ours}, perf script has {theirs}")


def test_damage(suite):
    """What was read of a file that breaks off is reported, and said."""
    whole, _ = perf_record("damage", "shares-gcc", ["-g"], 0.5)
    data = whole.read_bytes()
    cut = WORK / "cut.data"
    cut.write_bytes(data[:len(data) // 2])
    few, all_of_them = profile_of(cut), profile_of(whole)
    suite.expect("damage", "samples before the cut", 0 < few.count < all_of_them.count,
                 f"{few.count} of {all_of_them.count}")
    suite.expect("damage", "is said", any("may be missing" in c or "damaged" in c
                                          for c in few.comments), few.comments)
    for name, start in {"swapped": b"2ELIFREP", "header": data[:40]}.items():
        cut.write_bytes(start + (data[8:] if name == "swapped" else b""))
        result = run([GOPROF, "-top", cut], text=True)
        suite.expect("damage", f"{name}: one sentence",
                     result.returncode != 0 and result.stderr.count("\n") == 1
                     and "perf.data" in result.stderr, result.stderr)


def test_other_program(suite):
    """A program that was rebuilt since gives no names, and that is said."""
    path, _ = perf_record("rebuilt", "rebuilt", ["-g"], 0.3)
    build("rebuilt", "shares-gcc-O0")
    # perf has kept a copy of the program that ran.
    os.environ["PERF_BUILDID_DIR"] = "/no/such/folder"
    own = [f for s in profile_of(path).samples for f in s.frames if f.mapping.endswith("rebuilt")]
    suite.expect("rebuilt", "no names of another build", own and not any(f.name for f in own),
                 f"{len(own)} frames, {[f.name for f in own if f.name][:3]}")
    del os.environ["PERF_BUILDID_DIR"]
    if not (pathlib.Path.home() / ".debug" / ".build-id").is_dir():
        return  # perf keeps nothing here
    names = {f.name for s in profile_of(path).samples for f in s.frames}
    suite.expect("rebuilt", "names from perf's store", "heavy" in names, names)


def build(name, recipe):
    source, compiler, flags = programs.C_BUILDS[recipe]
    result = run([compiler, *programs.WARN, *flags, "-o", WORK / name,
                  programs.SOURCE / source, "-ldl"], text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr)


def prepare():
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ("shares-gcc", "shares-gcc-fp", "deep", "threads", "children"):
        build(name, name)
    build("rebuilt", "shares-gcc")
    silent = WORK / "silent"
    silent.write_text(f"#!/bin/sh\nexec {WORK}/shares-gcc-fp $1 >/dev/null\n")
    silent.chmod(0o755)


def tests():
    for mode in MODES:
        fp = mode != "dwarf" and mode != "compressed"
        program = "shares-gcc-fp" if fp else "shares-gcc"
        yield f"{program} {mode}", lambda s, m=mode, p=program: test_truth(s, p, m)
    # perf's own unwinder gives up on a few stacks of a busy start and end.
    for program, mode, share in (("shares-gcc-fp", "fp", 1), ("threads", "fp", 1),
                                 ("shares-gcc", "dwarf", 0.95), ("deep", "dwarf", 0.95)):
        yield f"{program} {mode}", lambda s, p=program, m=mode, e=share: test_stacks(s, p, m, e)
    yield "pipe", test_pipe
    yield "packed", test_packed
    yield "events", test_events
    yield "processes", test_processes
    yield "damage", test_damage
    yield "rebuilt", test_other_program


def main():
    suite = checks.Suite()
    trial = run(["perf", "record", "-q", "-e", "cpu-clock", "-o", "/dev/null", "true"])
    if trial.returncode != 0:
        print(f"skip: perf cannot record here: {trial.stderr.decode().strip()[:200]}")
        print("perf_data: 0 passed, 0 failed, 1 skipped")
        return 0
    prepare()
    for name, test in tests():
        if not sys.argv[1:] or any(word in name for word in sys.argv[1:]):
            test(suite)
    print(f"perf_data: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
