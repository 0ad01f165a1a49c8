#!/usr/bin/env python3
"""Allocation traces and memory statistics of programs whose allocations are known. Called as
run.py is."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from run import (GOPROF, LIBRARY, TIMEOUT, check, compile_program, execute, main, read, sockets, total,
                 wait_for)


def trace(folder, *words, options=()):
    """The summary of a trace of alloctrace.c, and the command's exit status."""
    path = folder / "a.trace"
    done = subprocess.run([GOPROF, "alloctrace", "-o", path, *options, "--", compile_program("alloctrace.c"),
                           *words], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    text = subprocess.run([GOPROF, "alloctrace", "--read", path, "--total", "--json"], capture_output=True,
                          text=True, timeout=TIMEOUT, check=True).stdout
    return json.loads(text), done.returncode


def by_leaf(summary):
    found = {}
    for stack in summary["stacks"]:
        if stack["stack"]:
            found[stack["stack"][0]] = stack
    return found


def check_trace(summary):
    rows = by_leaf(summary)
    kept, passed, grown = rows["allocate_kept"], rows["allocate_passed"], rows["grow"]
    check((kept["allocated"], kept["live"], kept["live_bytes"]) == (7, 7, 7000), f"kept: {kept}")
    check((passed["allocated"], passed["live"]) == (20000, 0), f"passed: {passed}")
    check((grown["allocated"], grown["live"]) == (1, 0), f"grown: {grown}")
    check(summary["lost"] == 0 and summary["unknown_frees"] == 0, f"lost: {summary['lost']}")


def test_alloctrace_is_exact(folder):
    summary, status = trace(folder)
    check(status == 0 and summary["wrong_frees"] == [], f"status {status}, {summary['wrong_frees']}")
    check_trace(summary)
    text = subprocess.run([GOPROF, "alloctrace", "--read", folder / "a.trace", "--focus", "allocate_kept"],
                          capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout
    check(text.count("tracealloc(") == 7 and "0x3e8, malloc)" in text, "seven blocks of 1000 bytes")
    check("tracefree(" not in text and "7 blocks, 7000 bytes not freed:" in text, "none is freed")
    subprocess.run([GOPROF, "alloctrace", "--read", folder / "a.trace", "--profile", "-o", folder / "h.pb.gz"],
                   timeout=TIMEOUT, check=True)
    _, rows = read(folder / "h.pb.gz")
    kept = [row for row in rows if row.names[0] == "allocate_kept"]
    check(total(kept, "inuse_space") == 7000, "the profile")


def test_alloctrace_outlives_sigkill(folder):
    summary, status = trace(folder, "killed")
    check(status == 137, f"status {status}")
    check_trace(summary)


def test_alloctrace_finds_wrong_frees(folder):
    for word, fault in [("twice", "double"), ("inside", "interior")]:
        summary, status = trace(folder, word)
        wrong = summary["wrong_frees"]
        check(status == 134 and len(wrong) == 1 and wrong[0]["fault"] == fault, f"{word}: {status}, {wrong}")
        check(wrong[0]["stack"][0] == "free_again" and wrong[0]["allocated"][0] == "main", f"{wrong}")


def test_alloctrace_is_bounded(folder):
    summary, status = trace(folder, options=["--size", str((64 << 20) + 200000)])
    check(status == 0 and summary["lost"] > 10000, f"status {status}, lost {summary['lost']}")
    check((folder / "a.trace").stat().st_size <= (64 << 20) + 200000, "the size of the file")


def is_traced(process):
    return "goprof allocation trace" in pathlib.Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")


def trace_while_it_works(target, folder, *options):
    """What goprof alloctrace PID says of one piece of the program's work."""
    command = [GOPROF, "alloctrace", str(target.pid), "--total", "--json", "-o", folder / "p.trace", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tracer:
        while not is_traced(target) and tracer.poll() is None:
            time.sleep(0.01)
        target.stdin.write("go\n")
        target.stdin.flush()
        check(target.stdout.readline() == "done\n", "the program's work")
        out, err = tracer.communicate(timeout=TIMEOUT)
    check(tracer.returncode == 0 and not is_traced(target), f"status {tracer.returncode}: {err}")
    return json.loads(out)


def test_alloctrace_tells_kinds_apart(folder):
    program = compile_program("kinds.cpp", compiler="g++", flags=["-std=c++17"])
    text = execute([GOPROF, "alloctrace", "--", program], folder=folder).stdout
    found = {int(size, 16): kind for size, kind in re.findall(r"^tracealloc\(0x\w+, 0x(\w+), (.*)\)$", text, re.M)}
    wanted = {1002: "new", 1003: "new[]", 128: "new", 1004: "malloc", 1005: "calloc", 1006: "realloc", 1024: "aligned"}
    check({size: found.get(size) for size in wanted} == wanted, f"{found}")
    # In libstdc++ the plain new[] jumps to new and leaves no frame.
    check({found.get(1001), found.get(9 * 128)} <= {"new[]", "new"}, f"{found}")


def test_alloctrace_with_profiles(folder):
    """Beside the profiles of goprof run, of a program that is killed."""
    done = execute([GOPROF, "run", "--alloctrace", "a.trace", "--memprofile", "h.pb.gz", "--memprofilerate", "1",
                    "--", compile_program("alloctrace.c"), "killed"], folder=folder)
    check(done.returncode == 137, f"status {done.returncode}: {done.stderr}")
    text = execute([GOPROF, "alloctrace", "--read", folder / "a.trace", "--total", "--json"]).stdout
    check_trace(json.loads(text))
    check((folder / "a.trace").stat().st_size < 128 << 20, "the size of the file")
    _, rows = read(folder / "h.pb.gz")
    check(total([row for row in rows if row.names[0] == "allocate_kept"], "inuse_objects") == 7, "the profile")


def test_alloctrace_of_a_process(folder):
    """Of one that runs already, with a heap profile on: twice, then with too little room."""
    env = {**os.environ, "LD_PRELOAD": LIBRARY, "GOPROF": "heap=512"}
    with subprocess.Popen([compile_program("alloctrace.c"), "served"], env=env, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as target:
        try:
            wait_for(lambda: sockets(target.pid), "no socket")
            for options in ["--seconds=3"], ["--seconds=3", "--brief"]:
                summary = trace_while_it_works(target, folder, *options)
                rows = by_leaf(summary)
                check((rows["allocate_kept"]["allocated"], rows["allocate_kept"]["live"]) == (7, 7), f"{rows}")
                check((rows["allocate_passed"]["allocated"], rows["allocate_passed"]["live"]) == (20000, 0), f"{rows}")
                check(summary["lost"] == 0 and summary["wrong_frees"] == [], f"{summary}")
            text = execute([GOPROF, "alloctrace", "--read", folder / "p.trace", "--faults"]).stdout
            check(text.startswith("allocated in that time and not freed in it:"), text)
            check(trace_while_it_works(target, folder, "--seconds=60", "--size=100000")["lost"] > 1000, "no room")
            done = execute([GOPROF, "heap", str(target.pid), "--text", "-sample_index=alloc_objects"])
            check("allocate_passed" in done.stdout, f"the heap profile goes on: {done.stdout}")
        finally:
            target.stdin.close()
            check(target.wait(TIMEOUT) == 0, "the program's end")


def check_schedtrace(text):
    lines = [line for line in text.splitlines() if line.startswith("SCHED ")]
    check(len(lines) >= 2, f"too few lines: {text}")
    for line in lines:
        # Its own threads, not those of the library.
        check(" threads=4 " in line and "processors=" in line and " avg running=" in line, text)
    check(text.count("  T") == 4 * len(lines) and " state=S wait=" in text, text)


def test_tracers_combine(folder):
    """Lines of the scheduler on whatever is stderr then, beside those of the collector."""
    env = {"LD_PRELOAD": LIBRARY, "GOPROF": "gctrace=1,schedtrace=100,scheddetail=1"}
    done = execute([compile_program("schedtraced.c"), folder / "later", "700000"], env=env)
    check(done.returncode == 0, f"status {done.returncode}: {done.stderr}")
    check_schedtrace(done.stderr)
    check_schedtrace((folder / "later").read_text(encoding="utf-8"))
    if shutil.which("guile"):
        script = "(let loop ((i 0)) (if (< i 100) (begin (make-vector 200000) (usleep 10000) (loop (+ i 1)))))"
        text = execute(["guile", "--no-auto-compile", "-c", script],
                       env={**env, "GOPROF": "gctrace=1,schedtrace=100"}).stderr
        check("\ngc " in text and "\nSCHED " in text, f"guile: {text[-500:]}")


def check_memstats(program, allocator, library):
    held = 1000 * 30000
    env = {**os.environ, "LD_PRELOAD": f"{LIBRARY} {library}", "GOPROF": "heap=1"}
    with subprocess.Popen([program], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as target:
        try:
            name, grown, difference, mallocs = target.stdout.readline().split()
            check(name == allocator, f"{allocator}: it says {name}")
            check(held <= int(grown) <= held * 1.3, f"{allocator}: grown by {grown}")
            check(int(difference) == 0 and int(mallocs) >= 1000, f"{allocator}: {difference} {mallocs}")
            wait_for(lambda: sockets(target.pid), "no socket")
            done = execute([GOPROF, "memstats", "--json", str(target.pid)])
            found = json.loads(done.stdout)
            check(found["Allocator"] == allocator, f"{allocator}: {found}")
            check(held <= found["HeapAlloc"] <= found["HeapSys"] <= found["Sys"], f"{allocator}: {found}")
            check(found["Resident"] >= held and found["HeapObjects"] >= 1000, f"{allocator}: {found}")
        finally:
            target.stdin.close()
            check(target.wait(TIMEOUT) == 0, f"{allocator}: the program's end")


def test_memory_statistics(folder):
    program = compile_program("memstats.c", flags=[LIBRARY])
    check_memstats(program, "glibc", "")
    for allocator, name in [("jemalloc", "libjemalloc.so.2"), ("tcmalloc", "libtcmalloc_minimal.so.4")]:
        library = pathlib.Path("/usr/lib/x86_64-linux-gnu") / name
        if library.exists():
            check_memstats(program, allocator, str(library))
    with subprocess.Popen(["sleep", "60"]) as target:
        found = json.loads(execute([GOPROF, "memstats", "--json", str(target.pid)]).stdout)
        check(found["Sys"] > found["StackSys"] > 0 and "HeapAlloc" not in found, f"sleep: {found}")
        target.kill()


def test_statistics_of_a_collector(folder):
    """Of guile, whose heap is libgc's: they grow by what it allocates."""
    if not shutil.which("guile"):
        return
    script = """(define kept '()) (define (work) (do ((i 0 (+ i 1))) ((= i 50))
      (set! kept (cons (make-bytevector 1000000) kept)) (gc)))
      (use-modules (rnrs bytevectors)) (display "ready\n") (force-output) (read-char) (work)
      (display "done\n") (force-output) (read-char) (read-char)"""
    env = {**os.environ, "LD_PRELOAD": LIBRARY, "GOPROF": "heap=524288"}
    with subprocess.Popen(["guile", "--no-auto-compile", "-c", script], env=env, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True, cwd=folder) as target:
        try:
            check(target.stdout.readline() == "ready\n", "it starts")
            wait_for(lambda: sockets(target.pid), "no socket")
            before = json.loads(execute([GOPROF, "memstats", "--json", str(target.pid)]).stdout)
            target.stdin.write("\n")
            target.stdin.flush()
            check(target.stdout.readline() == "done\n", "it works")
            after = json.loads(execute([GOPROF, "memstats", "--json", str(target.pid)]).stdout)
        finally:
            target.kill()
    grown = {name: after[name] - before[name] for name in after if isinstance(after[name], int) and name in before}
    check(50 <= grown["NumGC"] <= 200 and grown["PauseTotalNs"] > 0, f"{grown}")
    check(grown["GCTotalAlloc"] >= 50e6 and grown["GCHeapAlloc"] >= 45e6, f"{grown}")
    check(after["GCHeapAlloc"] + after["GCHeapReleased"] <= after["GCHeapSys"] <= after["Sys"], f"{after}")


def test_memory_adds_up(folder):
    """Of a process without libgoprof, which holds still."""
    with subprocess.Popen(["sleep", "60"], cwd=folder) as sleeper:
        try:
            text = execute([GOPROF, "memory", "--json", str(sleeper.pid)]).stdout
        finally:
            sleeper.kill()
    memory = json.loads(text)
    for size in ("rss", "pss", "dirty", "size"):
        whole = memory["total"][size]
        check(sum(kind[size] for kind in memory["kinds"].values()) == whole, f"{size} of kinds: {text}")
        check(sum(row[size] for row in memory["rows"]) == whole, f"{size} of rows: {text}")
    check(abs(memory["total"]["rss"] - memory["rss_stated"]) <= 1 << 20 and memory["rss_stated"] > 0, text)


if __name__ == "__main__":
    sys.exit(main("memory", globals()))
