"""Memory, block and mutex profiles and runtime.MemStats from outside, against
what the programs write of themselves."""
import json
import pathlib
import re
import sys

import targets
from targets import FOLDER, Target, goprof

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "truth"))
import pprof  # noqa: E402

# What a stop of the world and the writing of JSON may take: objects, and bytes that come in
# chunks of 256 KiB and whole pages.
OBJECTS, BYTES = 64, 512 << 10


def texts(text):
    """The records of a debug=1 text, each with its stack, but those that count nothing."""
    head, _, rest = text.partition("\n")
    body = rest.split("\n# runtime.MemStats\n")[0]
    records = [block.strip() for block in body.split("\n\n")]
    return head, sorted(r for r in records if r and not r.startswith("0: 0 [0: 0]"))


def samples(path):
    profile = pprof.Profile(path)
    return profile, sorted(
        (sample.values, [(f.name, f.file, f.line, f.address) for f in sample.frames],
         sorted(sample.labels.items()))
        for sample in profile.samples if any(sample.values))


def differences(ours, truth):
    return ([x for x in ours if x not in truth][:2], [x for x in truth if x not in ours][:2])


def same_text(suite, name, target, kind):
    result = goprof(kind, target.pid, "--debug=1")
    suite.check(f"{name} {kind}: is read", result.returncode == 0 and not result.stderr,
                result.stderr)
    truth = pathlib.Path(f"{target.truth}.{kind}.1").read_text()
    (ours_head, ours), (truth_head, expected) = texts(result.stdout), texts(truth)
    suite.check(f"{name} {kind}: debug=1 head", ours_head == truth_head,
                (ours_head, truth_head))
    suite.check(f"{name} {kind}: debug=1 has records", len(expected) > 0)
    suite.check(f"{name} {kind}: debug=1 records", ours == expected,
                differences(ours, expected))


def same_profile(suite, name, target, kind):
    out = FOLDER / f"{kind}.pb.gz"
    result = goprof(kind, target.pid, "-o", out)
    suite.check(f"{name} {kind}: is written", result.returncode == 0, result.stderr)
    ours, ours_samples = samples(out)
    truth, expected = samples(f"{target.truth}.{kind}.0")
    suite.check(f"{name} {kind}: types", (ours.types, ours.period, ours.period_type,
                                          ours.default_type) ==
                (truth.types, truth.period, truth.period_type, truth.default_type),
                (ours.types, ours.period, truth.types, truth.period))
    suite.check(f"{name} {kind}: samples", ours_samples == expected,
                differences(ours_samples, expected))


def same_memstats(suite, name, ours, truth):
    suite.check(f"{name}: fields", ours.keys() == truth.keys(), ours.keys() ^ truth.keys())
    exact = {"LastGC", "PauseTotalNs", "PauseNs", "PauseEnd", "NumGC", "NumForcedGC",
             "EnableGC", "DebugGC", "Lookups", "NextGC", "MCacheInuse", "MCacheSys"}
    counts = {"Mallocs", "Frees", "HeapObjects"}
    for field, value in truth.items():
        if field == "BySize":
            off = sum(abs(a[k] - b[k]) for a, b in zip(ours[field], value) for k in a)
            suite.check(f"{name}: BySize", off <= OBJECTS, off)
        elif field == "GCCPUFraction":
            suite.check(f"{name}: {field}", abs(ours[field] - value) <= 1e-9 * value,
                        (ours[field], value))
        else:
            slack = 0 if field in exact else OBJECTS if field in counts else BYTES
            off = ours[field] - value if slack else ours[field] != value
            suite.check(f"{name}: {field}", abs(off) <= slack, (ours[field], value))


def memory_adds_up(suite, name, target, stats):
    """The parts are the resident size, and those of the heap are what MemStats says."""
    result = goprof("memory", target.pid, "--json")
    suite.check(f"{name} memory: is read", result.returncode == 0, result.stderr)
    memory = json.loads(result.stdout)
    parts = {part["name"]: part["bytes"] for part in memory["parts"]}
    status = pathlib.Path(f"/proc/{target.pid}/status").read_text()
    rss = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
    suite.check(f"{name} memory: adds up", sum(parts.values()) == memory["resident"], parts)
    # The kernel's sums lag behind by some pages for each processor.
    suite.check(f"{name} memory: is what is resident", abs(memory["resident"] - rss) <= 2 << 20,
                (memory["resident"], rss))
    suite.check(f"{name} memory: has the heap", parts["live heap"] + parts["garbage"] ==
                stats["HeapAlloc"], (parts, stats["HeapAlloc"]))
    # Without cgo there is no C to have a heap.
    suite.check(f"{name} memory: no C heap", parts["C heap"] == 0, parts)


def target_of(suite, version, mode):
    path = targets.build("profiles", version, mode)
    if path is None:
        suite.skip(f"profiles {version} {mode}", "this release cannot be had here")
        return None
    return Target(path, "TRUTH")


def compare(suite, version, mode):
    name = f"profiles {version} {mode}"
    running = target_of(suite, version, mode)
    if running is None:
        return
    with running as target:
        stats = goprof("memstats", target.pid, "--json")
        suite.check(f"{name} memstats: is read", stats.returncode == 0 and not stats.stderr,
                    stats.stderr)
        memory_adds_up(suite, name, target, json.loads(stats.stdout))
        target.tell_truth()
        same_memstats(suite, f"{name} memstats", json.loads(stats.stdout),
                      json.loads(pathlib.Path(f"{target.truth}.memstats").read_text()))
        for kind in ["heap", "allocs", "block", "mutex"]:
            same_profile(suite, name, target, kind)
            if kind != "allocs":
                same_text(suite, name, target, kind)


def enabled(suite, name, target, kind, function):
    """Sampling is off, is switched on for a second, and is off again behind that."""
    before = goprof(kind, target.pid, "--debug=1")
    suite.check(f"{name} {kind}: is said to be off", "--enable" in before.stderr,
                before.stderr)
    out = FOLDER / f"{kind}.enabled.pb.gz"
    result = goprof(kind, "--enable", "--seconds=1", target.pid, "-o", out)
    suite.check(f"{name} {kind}: says what it wrote", result.returncode == 0 and
                f"of process {target.pid} from 0 to " in result.stderr and
                " back to 0" in result.stderr, result.stderr)
    found = {frame.name for sample in pprof.Profile(out).samples for frame in sample.frames
             if any(sample.values)}
    suite.check(f"{name} {kind}: has {function}", function in found, sorted(found))
    # What is off counts nothing more: two looks agree.
    if kind != "heap":
        looks = [re.sub(r"cycles/second=\d+", "", goprof(kind, target.pid, "--debug=1").stdout)
                 for _ in "12"]
        suite.check(f"{name} {kind}: is off again", looks[0] == looks[1], looks)
    else:
        text = goprof(kind, target.pid, "--debug=1").stdout
        suite.check(f"{name} {kind}: is off again",
                    text.split("\n")[0].endswith("@ heap/0"), text[:100])


def quiet(suite, version, mode):
    name = f"quiet {version} {mode}"
    path = targets.build("quiet", version, mode)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    with Target(path) as target:
        enabled(suite, name, target, "heap", "main.spend")
        enabled(suite, name, target, "block", "main.await")
        enabled(suite, name, target, "mutex", "main.hold")
        before = json.loads(goprof("memstats", target.pid, "--json").stdout)
        result = goprof("heap", "--gc", target.pid, "--debug=1")
        after = json.loads(goprof("memstats", target.pid, "--json").stdout)
        suite.check(f"{name}: collects when told to", result.returncode == 0 and
                    "collect garbage twice" in result.stderr and
                    after["NumGC"] >= before["NumGC"] + 2 and
                    after["NumForcedGC"] == before["NumForcedGC"],
                    (result.stderr, before["NumGC"], after["NumGC"]))


def run(suite, is_long):
    for version in ["1.19", "1.23", "1.26", "1.27"] if is_long else ["1.19", "1.27"]:
        quiet(suite, version, "plain")
    versions = targets.ALL_VERSIONS if is_long else targets.VERSIONS
    for version in versions:
        for mode in ["plain", "stripped", "pie"] if is_long else ["plain"]:
            compare(suite, version, mode)
    if not is_long:
        compare(suite, "1.24", "stripped")
        compare(suite, "1.27", "pie")
