#!/usr/bin/env python3
"""libgoprof inside programs that are hard on their guests: a storm, threads in every state
and ten thousand of them, sandboxes, other allocators, sanitizers. BUILD names the build folder;
words on the command line pick the tests whose names hold them."""
import os
import re
import subprocess
import sys

from run import (BUILD, GOPROF, LIBRARY, TIMEOUT, TRUTH, check, compile_program, execute, main,
                 read, total)


def test_threads_are_seen_without_a_signal(folder):
    program = compile_program("threads.c", flags=["-L", BUILD, "-lgoprof", f"-Wl,-rpath,{BUILD}"])
    done = execute([program, "t.pb.gz"], {"GOPROF": "heap"}, folder)
    check(done.returncode == 0, f"exit {done.returncode}: {(done.stdout + done.stderr)[-300:]}")
    done = execute([GOPROF, "-proto", "-output", "named.pb.gz", "t.pb.gz"], folder=folder)
    check(done.returncode == 0, done.stderr[-300:])
    _, rows = read(folder / "named.pb.gz")
    check(total(rows, "threads") == 203, f"{total(rows, 'threads')} threads")
    for name, state, truth in [("wait_in_condition", "futex wait", 100),
                               ("sleep_in_variable_frame", "sleep", 100),
                               ("lock_crosswise", "mutex wait", 2), ("main", "running", 1)]:
        found = [r for r in rows if name in r.names]
        check(total(found, "threads") == truth, f"{total(found, 'threads')} in {name}")
        check({r.labels["state"] for r in found} == {state}, f"{name}: {found[0].labels}")
        check(all(r.labels["thread"] and r.labels["created_by"].startswith("0x")
                  for r in found if name != "main"), f"{name}: {found[0].labels}")
        check(all(100e6 < r.labels.get("waiting", 0) < 60e9 for r in found if name != "main"),
              f"{name} waits {[r.labels.get('waiting') for r in found][:4]}")
    locked = [r for r in rows if "deadlock" in r.labels]
    check({r.labels["owner"] for r in locked} == {r.labels["tid"] for r in locked},
          f"owners {[r.labels for r in locked]}")
    check(all(r.labels["waits_on"].startswith("mutex 0x") for r in locked), "not on mutexes")
    check(total(locked, "threads") == 2, f"{total(locked, 'threads')} in a deadlock")
    check(all("lock_crosswise" in r.names and r.labels["thread"] == "philosopher"
              for r in locked), "somebody else in the deadlock")
    starts = ("run_waiter", "run_sleeper", "run_philosopher")
    whole = [r for r in rows if "main" in r.names or any(n in r.names for n in starts)]
    check(total(whole, "threads") == 203, "stacks are cut")


def test_storm(folder):
    """STORM_SECONDS=180 makes it the long one."""
    seconds = os.environ.get("STORM_SECONDS", "10")
    library = compile_program("life_library.c", "life_library.so", ["-shared", "-fPIC"])
    program = compile_program("storm.cpp", folder=TRUTH, compiler="g++")
    done = subprocess.run(
        [program, seconds, library], capture_output=True, text=True, check=False,
        env={**os.environ, "LD_PRELOAD": str(LIBRARY), "GOPROF": "cpu=4000,heap=64k,block=1,"
             f"mutex=1,cpuprofile={folder}/c.%p.pb.gz"}, timeout=float(seconds) + TIMEOUT)
    check(done.returncode == 0 and done.stdout.endswith("all well\n"),
          f"exit {done.returncode}: {(done.stdout + done.stderr)[-400:]}")
    check(re.search(r"\b[1-9]\d* looks", done.stdout), f"no look at the threads: {done.stdout}")
    profile = max(folder.glob("c.*.pb.gz"), key=lambda path: path.stat().st_size)
    done = execute([GOPROF, "-top", "-nodecount=9999", profile], folder=folder)
    check("dive" in done.stdout and "life_library_work" in done.stdout, done.stdout[-400:])


ALL = "cpu=4000,heap=64k,block=1,mutex=1"


def run_hard(folder, what):
    done = execute([compile_program("hard.c"), what, folder / "p.pb.gz"],
                   {"LD_PRELOAD": str(LIBRARY), "GOPROF": ALL})
    check(done.returncode == 0 and done.stdout == "all well\n",
          f"{what}: exit {done.returncode}: {(done.stdout + done.stderr)[-300:]}")
    if not (folder / "p.pb.gz").exists():
        return []
    done = execute([GOPROF, "-proto", "-output", folder / "n.pb.gz", folder / "p.pb.gz"])
    check(done.returncode == 0, done.stderr[-300:])
    return read(folder / "n.pb.gz")[1]


def test_least_stacks_and_a_strict_filter_of_system_calls(folder):
    run_hard(folder, "tiny")
    run_hard(folder, "seccomp")


def test_threads_that_run_are_asked(folder):
    rows = run_hard(folder, "states")

    def only(label, value):
        found = [r for r in rows if r.labels.get(label, "").startswith(value)]
        check(len(found) == 1, f"{len(found)} with {label} {value}")
        return found[0]

    holder = next((r for r in rows if "spin_and_hold" in r.names), None)
    check(holder is not None and holder.labels["state"] == "running", "no stack of the holder")
    check("clone3" in holder.names[-1], f"cut: {holder.names}")
    tid = holder.labels["tid"]
    waiter, joiner = only("state", "mutex wait"), only("state", "thread join")
    check(waiter.labels["owner"] == tid, f"{waiter.labels}, not owner {tid}")
    check(joiner.labels["waits_on"] == f"thread {tid}", f"{joiner.labels}, not {tid}")
    check("SIGPROF" in only("stack", "none").labels["stack"], "the deaf one")
    check(all("deadlock" not in r.labels for r in rows), "a deadlock")


def test_ten_thousand_threads(folder):
    rows = run_hard(folder, "many")
    check(total(rows, "threads") == 10001, f"{total(rows, 'threads')} threads")
    waiting = total(rows, "threads", "wait_for_end")
    check(waiting >= 9900, f"{waiting} with a stack")


def test_other_allocators(folder):
    program = compile_program("ends.c")
    for name in ["libjemalloc.so.2", "libtcmalloc_minimal.so.4", "libmimalloc.so.2"]:
        for words, is_first in [([LIBRARY, name], True), ([name, LIBRARY], False)]:
            done = execute([program, "exit"], {
                "LD_PRELOAD": " ".join(map(str, words)),
                "GOPROF": f"{ALL},heap=1,memprofile={folder}/m.pb.gz"})
            check(done.returncode == 7, f"{words}: exit {done.returncode}: {done.stderr[-300:]}")
            check(("no heap profile" in done.stderr) != is_first, f"{words}: {done.stderr}")
            found = total(read(folder / "m.pb.gz")[1], "alloc_objects")
            check((found >= 1000) == is_first, f"{words}: {found} objects")


def test_sanitized_programs(folder):
    for flag, first in [("address", "libasan.so"), ("thread", "")]:
        program = compile_program("ends.c", f"ends-{flag}", [f"-fsanitize={flag}"])
        words = [LIBRARY]
        if first:
            words.insert(0, subprocess.run(["gcc", f"-print-file-name={first}"], check=True,
                                           capture_output=True, text=True).stdout.strip())
        done = execute([program, "exit"], {
            "LD_PRELOAD": " ".join(map(str, words)), "ASAN_OPTIONS": "detect_leaks=0",
            "GOPROF": f"{ALL},cpuprofile={folder}/c.pb.gz"})
        check(done.returncode == 7, f"{flag}: exit {done.returncode}: {done.stderr[-400:]}")


def test_thread_sanitizer_reports_nothing_of_ours(folder):
    """Neither races in libgoprof, which it cannot understand, nor locks taken behind its back."""
    for source in ["shared_count.c", "shared_queue.c"]:
        program = compile_program(source, source[:-2] + "-thread", ["-fsanitize=thread"])
        for _ in range(4):
            done = execute([program], {"LD_PRELOAD": str(LIBRARY), "GOPROF": ALL})
            check(done.returncode == 7, f"exit {done.returncode}: {done.stderr[:600]}")


if __name__ == "__main__":
    sys.exit(main("guests", globals()))
