"""Core files of Go programs: what they give is what the living program gave while it stood
still, whoever wrote them, whichever release and build."""
import contextlib
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import targets
from targets import FOLDER, Target, goprof

# Everything that needs no time to pass.
QUESTIONS = [
    ["goroutine", "-raw"], ["goroutine", "--debug=1"], ["goroutine", "--debug=2"],
    ["goroutine", "--debug=2", "--system"],
    ["leaks", "-raw"], ["leaks", "--debug=2"],
    ["heap", "-raw"], ["heap", "--debug=1"], ["heap", "--live", "-raw"], ["allocs", "-raw"],
    ["block", "-raw"], ["block", "--debug=1"], ["mutex", "-raw"], ["mutex", "--debug=1"],
    ["threadcreate", "-raw"], ["threadcreate", "--debug=1"],
    ["memstats"], ["memstats", "--json"], ["info"],
]

# When it was taken, how long the program ran, how fast its clock ticks, how much of it was
# resident: a core file does not tell.
PASSES = re.compile(r"^(Time: .*|uptime .*|cycles/second=\d+|# MaxRSS = \d+)\n", re.M)


def ask(source, question, is_live=False):
    stops = is_live and question[0] in {"goroutine", "leaks"}
    result = goprof(question[0], source, *question[1:],
                    *(["--stop", "--stop-limit", "10s"] if stops else []))
    said = re.sub(r"goprof: process \d+ stood still.*\n", "", result.stderr)
    return result.returncode, PASSES.sub("", result.stdout), said


def dump(source, *words):
    """How many objects and roots the heap dump has."""
    result = goprof("heapdump", source, *words, "-o", FOLDER / "of.heap")
    return result.returncode, re.findall(r"\d+ objects, \d+ bytes, \d+ roots", result.stderr)


def stand_still(target):
    os.kill(target.pid, signal.SIGSTOP)
    # All threads, not only the first that is told.
    tasks = pathlib.Path(f"/proc/{target.pid}/task")
    deadline = time.monotonic() + targets.TIMEOUT
    while any((task / "stat").read_text().rsplit(")")[-1].split()[0] != "T"
              for task in tasks.iterdir()):
        if time.monotonic() > deadline:
            raise RuntimeError("the program did not stop")
        time.sleep(0.01)


@contextlib.contextmanager
def core_of_gdb(target, folder):
    path = pathlib.Path(folder) / f"core.{target.pid}"
    subprocess.run(["gcore", "-o", pathlib.Path(folder) / "core", str(target.pid)],
                   timeout=targets.TIMEOUT, capture_output=True)
    yield path
    path.unlink(missing_ok=True)


def alike(suite, name, core, live):
    for question, expected in live.items():
        ours = ask(core, question.split())
        suite.check(f"{name}: {question}", ours == expected and ours[0] == 0,
                    f"\n{ours[2]}\n{difference(ours[1], expected[1])}")


def difference(ours, expected):
    ours, expected = ours.split("\n"), expected.split("\n")
    return "\n".join([f"core: {line}" for line in ours if line not in expected][:5] +
                     [f"live: {line}" for line in expected if line not in ours][:5])


def gdb_core(suite, program, version, mode="plain", words=()):
    name = f"core of {program} {version} {mode}"
    path = targets.build(program, version, mode)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    env = dict(os.environ, GODEBUG="madvdontneed=1")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        with Target(path, "TRUTH", *words, env=env) as target:
            target.tell_truth()
            stand_still(target)
            live = {" ".join(q): ask(target.pid, q, is_live=True) for q in QUESTIONS}
            heap = dump(target.pid, "--stop", "--stop-limit", "10s")
            with core_of_gdb(target, folder) as core:
                alike(suite, name, core, live)
                suite.check(f"{name}: heap dump", dump(core) == heap and heap[1],
                            (dump(core), heap))
                info = goprof("info", core)
                suite.check(f"{name}: environment", re.search(
                    r"^GODEBUG +madvdontneed=1$", info.stdout, re.M), info.stdout)


def moved(suite):
    """The program is not where the core says."""
    path = targets.build("zoo", "1.26")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        copy = pathlib.Path(folder) / "gone"
        shutil.copy(path, copy)
        with Target(copy, "TRUTH") as target:
            stand_still(target)
            live = {"goroutine --debug=2": ask(target.pid, ["goroutine", "--debug=2"])}
            with core_of_gdb(target, folder) as core:
                copy.unlink()
                lost = goprof("goroutine", core)
                suite.check("core without its binary", lost.returncode == 1 and
                            str(copy) in lost.stderr and
                            "name the binary behind the core file" in lost.stderr,
                            lost.stderr)
                told = goprof("goroutine", core, path, "--debug=2")
                suite.check("core with its binary named", told.returncode == 0 and
                            told.stdout == live["goroutine --debug=2"][1], told.stderr)
                wrong = goprof("goroutine", core, targets.ROOT / "Makefile")
                suite.check("core with a binary that is none", wrong.returncode == 1 and
                            "binary" in wrong.stderr, wrong.stderr)
                other = goprof("goroutine", core, targets.build("zoo", "1.19"))
                suite.check("core with the binary of another program",
                            other.returncode == 1 and "another build" in other.stderr and
                            not other.stdout, other.stderr)
                timed = goprof("wall", core, path)
                suite.check("core: what needs time", timed.returncode == 1 and
                            f"from {core}: it is a core file" in timed.stderr,
                            timed.stderr)


def kernel_core(suite, program, version):
    """What the kernel writes when a program dies. On its way down it allocates nothing and
    waits for nothing that it counts."""
    name = f"core of the kernel: {program} {version}"
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
    if pattern != "core":
        suite.skip(name, f"they go to {pattern}")
        return
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        limit = lambda: resource.setrlimit(
            resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with Target(targets.build(program, version), "TRUTH", cwd=folder, preexec_fn=limit,
                    stderr=subprocess.DEVNULL,
                    env=dict(os.environ, GOTRACEBACK="crash")) as target:
            target.tell_truth()
            stand_still(target)
            live = {" ".join(q): ask(target.pid, q) for q in QUESTIONS
                    if q[0] in {"heap", "allocs", "block", "mutex"} and "--live" not in q}
            ids = goroutines(target.pid)
            os.kill(target.pid, signal.SIGABRT)
            os.kill(target.pid, signal.SIGCONT)
            target.process.wait(targets.TIMEOUT)
        cores = list(pathlib.Path(folder).glob("core*"))
        if not cores:
            suite.skip(name, "none was written")
            return
        for question, expected in live.items():
            ours = ask(cores[0], question.split())
            suite.check(f"{name}: {question}", records(ours) == records(expected) and
                        ours[0] == 0,
                        f"\n{ours[2]}\n{difference(ours[1], expected[1])}")
        suite.check(f"{name}: goroutines", goroutines(cores[0]) == ids,
                    (goroutines(cores[0]), ids))


def goroutines(source):
    return re.findall(r"^goroutine (\d+) ", ask(source, ["goroutine", "--debug=2"])[1], re.M)


def records(answer):
    """Without the numbers of the runtime, which go on."""
    return answer[0], answer[1].split("\n# runtime.MemStats")[0]


def stacks(text):
    """The blocks of -traces: how many threads, and the functions of the program itself."""
    ours = {"worker", "waits", "falls", "main"}
    blocks = re.split(r"^-+\+-+\n", text, flags=re.M)[1:]
    return sorted((int(words[0]), [w for w in words[1:] if w in ours])
                  for words in (block.split() for block in blocks) if words)


def native_core(suite):
    """A program without a Go runtime: the stacks of its threads."""
    program = FOLDER / "crash"
    FOLDER.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-O1", "-g", "-pthread", "-o", program,
                    targets.ROOT / "tests/programs/crash.c"], check=True, timeout=60)
    expected = [(1, ["falls"] * 4 + ["main"]), (5, ["waits", "worker"])]
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        with Target(program, "rests") as target, core_of_gdb(target, folder) as core:
            result = goprof("goroutine", core)
            suite.check("native core of gcore: stacks", stacks(result.stdout) == expected,
                        result.stdout + result.stderr)
            for kind, words in [("heap", "which gives: goroutine"), ("info", "no Go program"),
                                ("memory", "shows the threads"), ("goroutine", "")]:
                binary = [targets.ROOT / "Makefile"] if not words else []
                refused = goprof(kind, core, *binary)
                suite.check(f"native core: {kind} is refused", refused.returncode == 1 and
                            words in refused.stderr and not refused.stdout, refused.stderr)
    if pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core":
        suite.skip("native core of the kernel", "they go elsewhere")
        return
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        subprocess.run(["sh", "-c", 'ulimit -c unlimited; "$0"', program], cwd=folder,
                       capture_output=True, timeout=60)
        for core in pathlib.Path(folder).glob("core*"):
            result = goprof("goroutine", core, program)
            suite.check("native core of the kernel: stacks",
                        stacks(result.stdout) == expected, result.stdout + result.stderr)
            suite.check("native core of the kernel: what it died of",
                        "signal 11 (Segmentation fault)" in result.stderr, result.stderr)


def run(suite, is_long):
    if shutil.which("gcore") is None:
        suite.skip("core files", "there is no gcore")
        return
    versions = targets.ALL_VERSIONS if is_long else ["1.19", "1.22", "1.26", "1.27"]
    for version in versions:
        for program in ["zoo", "profiles"] if is_long else ["profiles"]:
            gdb_core(suite, program, version)
    gdb_core(suite, "zoo", "1.26", words=["spin"])
    gdb_core(suite, "zoo", "1.24", "stripped")
    gdb_core(suite, "zoo", "1.27", "pie")
    for mode in targets.MODES if is_long else []:
        gdb_core(suite, "zoo", "1.26", mode)
    moved(suite)
    native_core(suite)
    for version in versions if is_long else ["1.19", "1.26"]:
        kernel_core(suite, "profiles", version)
