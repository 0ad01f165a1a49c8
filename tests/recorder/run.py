#!/usr/bin/env python3
"""libgoprof inside programs: what they say they did against their profiles, ways to end, what
breaks guests, its API, and real programs that must not notice it. BUILD names the build
folder; words on the command line pick the tests whose names hold them."""
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from math import exp, sqrt

from support import (BUILD, GOPROF, LIBRARY, ROOT, SOURCE, TIMEOUT, TRUTH, Failure, ask,
                     check, compile_program, execute, read, record, total)
import interval


def truths(text):
    for line in text.splitlines():
        if line.startswith("truth "):
            _, name, *numbers = line.split()
            yield name, [int(n) for n in numbers]


HEAP_TYPES = ["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"]


def check_exact_heap(folder, program, expected):
    done = record(folder, [program], "--memprofile", "m.pb.gz", "--memprofilerate", "1")
    profile, rows = read(folder / "m.pb.gz")
    check([t for t, _ in profile.types] == HEAP_TYPES, f"types {profile.types}")
    count = 0
    for name, truth in truths(done.stdout):
        found = [total(rows, t, name) for t in HEAP_TYPES]
        check(found == truth, f"{name}: {found}, not {truth}")
        count += 1
    check(count == expected, f"{count} truths")


def test_heap_is_exact_at_rate_1(folder):
    check_exact_heap(folder, compile_program("heap.c"), 10)


def test_stacks_that_differ_far_up_are_told_apart(folder):
    check_exact_heap(folder, compile_program("recurring.c"), 5)
    check_exact_heap(folder, compile_program("recurring.c", "recurring-fp",
                                             ["-fno-omit-frame-pointer"]), 5)


def sampling_error(objects, size, rate):
    """The standard deviation of an estimate by independent samples of blocks of one size."""
    p = 1 - exp(-size / rate)
    return sqrt(objects * (1 - p) / p)


def test_heap_is_estimated_within_sampling_error(folder):
    program = compile_program("sampled.c")
    for rate in [4096, 524288]:
        done = record(folder, [program], "--memprofile", "m.pb.gz", "--memprofilerate",
                      str(rate))
        _, rows = read(folder / "m.pb.gz")
        for name, truth in truths(done.stdout):
            for kind, objects, space in [("alloc", truth[0], truth[1]),
                                         ("inuse", truth[2], truth[3])]:
                size = space // objects
                found = total(rows, f"{kind}_objects", name)
                # One more block: estimates are whole numbers.
                allowed = interval.Z * sampling_error(objects, size, rate) + 1 / (
                    1 - exp(-size / rate))
                check(abs(found - objects) <= allowed,
                      f"{name} at {rate}: {found} {kind}_objects of {objects} +- {allowed:.0f}")


def test_profiles_survive_every_end(folder):
    program = compile_program("ends.c")
    for way, status in [("return", 0), ("exit", 7), ("_exit", 7), ("quick_exit", 7),
                        ("exit_group", 7), ("abort", 134), ("segv", 139), ("overflow", 139),
                        ("term", 143), ("kill", 137), ("exec", 7), ("pthread_exit", 0),
                        ("thread", 7)]:
        record(folder, [program, way], "--memprofile", "m.pb.gz", "--memprofilerate", "1",
               status=status)
        _, rows = read(folder / "m.pb.gz")
        found = total(rows, "alloc_objects", "allocate")
        check(found == 1000, f"{way}: {found} of 1000 blocks")
        (folder / "m.pb.gz").unlink()


def test_signals_pass_through(folder):
    script = "trap 'echo got; exit 5' TERM; echo ready; while :; do sleep 0.05; done"
    run = subprocess.Popen([GOPROF, "run", "--memprofile", "m.pb.gz", "--", "sh", "-c", script],
                           stdout=subprocess.PIPE, text=True, cwd=folder)
    check(run.stdout.readline() == "ready\n", "does not start")
    run.send_signal(signal.SIGTERM)
    output, _ = run.communicate(timeout=TIMEOUT)
    check(output == "got\n" and run.returncode == 5, f"{output!r}, exit {run.returncode}")
    check((folder / "m.pb.gz").exists(), "no profile")


def cpu_profile(folder, source, rate):
    program = compile_program(source, folder=TRUTH, flags=[f"-I{TRUTH}"])
    done = record(folder, [program, "2"], "--cpuprofile", "c.pb.gz", "--cpuprofilerate",
                  str(rate))
    profile, rows = read(folder / "c.pb.gz")
    return dict((n, v[0]) for n, v in truths(done.stdout)), profile, rows


def check_total(name, found, truth, period, threads):
    """Such timers go off at ticks that find the thread running: the last sample of a thread
    may come late and fall into what it does then, more so where many want the processor."""
    missing = threads * (20e6 + 2 * period)
    check(-0.01 * truth - missing <= found - truth <= 0.01 * truth + threads * period,
          f"{name}: {found / 1e6:.1f} ms CPU, not {truth / 1e6:.1f}")


def test_cpu_total_is_true_at_every_rate(folder):
    for rate in [10, 100, 250, 1000]:
        truth, profile, rows = cpu_profile(folder, "shares.c", rate)
        check(profile.period == 1_000_000_000 // rate, f"period {profile.period}")
        check_total(f"at {rate} Hz", total(rows, "cpu"), truth["total"], profile.period, 1)


def test_equal_threads_get_equal_time(folder):
    truth, profile, rows = cpu_profile(folder, "threads.c", 1000)
    for name in ["equal_a", "equal_b", "late"]:
        check_total(name, total(rows, "cpu", name), truth[name], profile.period, 1)
    check_total("all", total(rows, "cpu"), truth["total"], profile.period, 1)
    roots = {r.names[-1] for r in rows}
    check(roots <= {"_start", "clone3", "__clone3", "__GI___clone3"}, f"roots {roots}")


def test_shares_within_sampling_error(folder):
    truth, _, rows = cpu_profile(folder, "shares.c", 1000)
    samples = total(rows, "samples")
    for name, ns in truth.items():
        if name == "total":
            continue
        low, high = interval.wilson(ns / truth["total"], samples)
        found = total(rows, "samples", name) / samples
        check(low - 0.005 <= found <= high + 0.005,
              f"{name}: {found:.4f} of the time, not {ns / truth['total']:.4f}")


def test_guest_disturbs_nothing(folder):
    library = compile_program("life_library.c", "life_library.so", ["-shared", "-fPIC"])
    program = compile_program("life.c")
    done = record(folder, [program, "4", library], "--cpuprofile", "c.pb.gz",
                  "--cpuprofilerate", "4000", "--memprofile", "m.pb.gz", "--memprofilerate",
                  "1000")
    check(done.stdout.splitlines()[-1:] == ["all well"], done.stdout[-200:])
    _, rows = read(folder / "m.pb.gz")
    names = {name for row in rows for name in row.names}
    for name in ["life_library_work", "short_thread", "fiber", "on_fault"]:
        check(name in names, f"{name} is in no stack")


def test_children_are_recorded_under_labels(folder):
    program = compile_program("ends.c")
    record(folder, ["sh", "-c", f"{program} kill; {program} exit; exit 3"], "--memprofile",
           "m.pb.gz", "--memprofilerate", "1", status=3)
    _, rows = read(folder / "m.pb.gz")
    rows = [r for r in rows if r.labels.get("process") == "ends"]
    check(len({r.labels["pid"] for r in rows}) == 2, "not two processes")
    check(total(rows, "alloc_objects", "allocate") == 2000, "not 2000 blocks")


def test_program_may_use_the_signal(folder):
    done = record(folder, [compile_program("prof_signal.c")], "--cpuprofile", "c.pb.gz",
                  "--cpuprofilerate", "1000", status=128 + signal.SIGPROF)
    check(done.stdout == "all well\n", done.stdout)
    _, rows = read(folder / "c.pb.gz")
    check(total(rows, "cpu", "spin") > 200e6, "hardly any samples")


def test_another_signal_is_taken(folder):
    program = compile_program("own_signal.c", flags=["-L", BUILD, "-lgoprof",
                                                     f"-Wl,-rpath,{BUILD}"])
    for env, said in [({}, "uses SIGPROF itself"), ({"GOPROF": "signal=40"}, "")]:
        done = execute([program, folder / "c.pb.gz"], env)
        check(done.returncode == 0, f"exit {done.returncode}")
        check(said in done.stderr and (said or done.stderr == ""), done.stderr)
        named = execute([GOPROF, "-top", folder / "c.pb.gz"])
        check(re.search(r"\bspin\b", named.stdout), named.stdout + named.stderr)


def test_what_is_executed_need_not_be_followed(folder):
    program = compile_program("ends.c")
    script = f'{program} exit; echo "${{GOPROF-none}} ${{LD_PRELOAD-none}}"; exit 3'
    for options, others, followed in [([], "", True), (["--no-follow"], "", False),
                                      (["--no-follow"], "libm.so.6", False)]:
        done = subprocess.run(
            [GOPROF, "run", "--memprofile", "m.pb.gz", "--memprofilerate", "1", *options, "--",
             "bash", "-c", script], env={**os.environ, "LD_PRELOAD": others} if others else None,
            capture_output=True, text=True, cwd=folder, timeout=TIMEOUT, check=False)
        check(done.returncode == 3, f"exit {done.returncode}: {done.stderr}")
        _, rows = read(folder / "m.pb.gz")
        check((total(rows, "alloc_objects", "allocate") == 1000) == followed, f"{options}")
        left = f"none {others or 'none'}"
        check((done.stdout.splitlines()[-1] == left) == (not followed), done.stdout)


def test_handler_never_allocates(folder):
    program = compile_program("guard.c", flags=["-rdynamic", f"-L{BUILD}", "-lgoprof",
                                                f"-Wl,-rpath,{BUILD}"])
    done = execute([program, folder / "c.pb.gz"])
    check(done.returncode == 0, f"exit {done.returncode}: {done.stderr}")
    _, rows = read(folder / "c.pb.gz")
    check(total(rows, "samples") >= 50, "hardly any samples")


def check_api(folder, program):
    done = execute([program, folder])
    check(done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}")
    _, rows = read(folder / "labels.pb.gz")
    by_labels = {}
    for row in rows:
        key = tuple(sorted(row.labels.items()))
        by_labels[key] = by_labels.get(key, 0) + row.values["cpu"]
    for key in [(), (("request", "slow"),), (("request", "slow"), ("step", "inner"))]:
        check(abs(by_labels.get(key, 0) - 200e6) < 30e6, f"{key}: {by_labels}")
    _, rows = read(folder / "second.pb.gz")
    check(abs(total(rows, "cpu") - 100e6) <= 30e6, f"second: {total(rows, 'cpu')}")
    _, rows = read(folder / "things.pb.gz")
    check(total(rows, "objects") == 4, "things")
    _, rows = read(folder / "heap.pb.gz")
    check(total(rows, "inuse_space") >= 12345, "heap")


def test_api_of_shared_library(folder):
    check_api(folder, compile_program("api.c", "api-so", [
        f"-L{BUILD}", "-lgoprof", f"-Wl,-rpath,{BUILD}"]))


def test_api_of_static_library(folder):
    check_api(folder, compile_program("api.c", "api-a", [BUILD / "libgoprof.a"]))


def test_program_without_a_loader(folder):
    flags = ["-static", "-Wl,-u,goprof_static", "-Wl,-z,muldefs", "-Wl,--eh-frame-hdr"]
    check_api(folder, compile_program("api.c", "api-static", [BUILD / "libgoprof.a", *flags]))
    program = compile_program("heap.c", "heap-static", [BUILD / "libgoprof.a", *flags])
    done = execute([program], {"GOPROF": f"heap=1,memprofile={folder}/m.pb.gz"})
    check(done.returncode == 0, f"exit {done.returncode}: {done.stderr}")
    named = execute([GOPROF, "-proto", "-output", "named.pb.gz", "m.pb.gz"], folder=folder)
    check(named.returncode == 0, named.stderr)
    _, rows = read(folder / "named.pb.gz")
    for name, truth in truths(done.stdout):
        found = [total(rows, t, name) for t in HEAP_TYPES]
        check(found == truth, f"{name}: {found}, not {truth}")
    starts = {row.names[-1] for row in rows}
    check(starts == {"_start"}, f"stacks begin in {starts}")


def test_header_is_cxx_too(folder):
    (folder / "h.cpp").write_text('#include "goprof.h"\nint main() { return 0; }\n')
    compile_program(folder / "h.cpp", "h-cxx", ["-std=c++98", "-pedantic", "-Werror"],
                    compiler="g++")


def test_outputs_named_by_environment(folder):
    program = compile_program("ends.c")
    for way in ["return", "exit", "_exit", "pthread_exit"]:
        execute([program, way], {"LD_PRELOAD": str(LIBRARY),
                                 "GOPROF": f"heap=1,memprofile={folder}/m.%p.pb.gz"})
        files = list(folder.glob("m.*.pb.gz"))
        check(len(files) == 1, f"{way}: {files}")
        _, rows = read(files[0])
        check(total(rows, "alloc_objects") >= 1000, f"{way}: {total(rows, 'alloc_objects')}")
        files[0].unlink()
    done = execute(["true"], {"LD_PRELOAD": str(LIBRARY), "GOPROF": "heap=1,nonsense=3"})
    check("nonsense=3" in done.stderr and done.returncode == 0, done.stderr)


SQL = ("create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c "
       "where x < 100000) insert into t select x, hex(x * 7919) from c; create index i on t(b);"
       "select count(*), sum(a) from t where b like '3%'; select b from t order by b limit 3;")
PYTHON = ("import threading, subprocess, hashlib\n"
          "out = []\n"
          "def f(n): out.append((n, hashlib.sha256(str(n).encode() * 9999).hexdigest()))\n"
          "ts = [threading.Thread(target=f, args=(n,)) for n in range(20)]\n"
          "[t.start() for t in ts]; [t.join() for t in ts]\n"
          "print(sorted(out)); print(subprocess.run(['sh', '-c', 'exit 3']).returncode)\n"
          "raise SystemExit(4)\n")


def test_real_programs_do_not_notice(folder):
    commands = [["xz", "-9e", "-k", "-c", "-T2", LIBRARY], ["sqlite3", ":memory:", SQL],
                ["python3", "-c", PYTHON], ["git", "-C", ROOT, "log", "--stat", "-20"],
                ["gcc", "-O2", "-S", "-o", "-", SOURCE / "life.c"],
                ["sh", "-c", "for i in 1 2 3; do echo $i | cat; done; exit 6"]]
    for command in commands:
        command = [str(word) for word in command]
        plain = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        seen = subprocess.run(
            [GOPROF, "run", "--cpuprofile", folder / "c.pb.gz", "--cpuprofilerate", "1000",
             "--memprofile", folder / "m.pb.gz", "--memprofilerate", "65536", "--blockprofile",
             folder / "b.pb.gz", "--mutexprofile", folder / "x.pb.gz", "--", *command],
            capture_output=True, timeout=TIMEOUT, check=False)
        check(plain.stdout == seen.stdout, f"{command[0]}: other output")
        check(plain.returncode == seen.returncode, f"{command[0]}: exit {seen.returncode}: "
              f"{seen.stderr[-200:]}")


def fetch(folder, path):
    done = execute([GOPROF, "-proto", "-output", "f.pb.gz",
                    f"unix://{folder}/s/debug/pprof/{path}"], folder=folder)
    check(done.returncode == 0, f"{path}: {done.stderr[-300:]}")
    return read(folder / "f.pb.gz")


def check_endpoints(folder):
    _, rows = fetch(folder, "profile?seconds=1")
    check(total(rows, "cpu", "burn") >= 0.9 * total(rows, "cpu") > 0, "not the burner")
    _, change = fetch(folder, "allocs?seconds=1")
    _, whole = fetch(folder, "heap?gc=1")
    some, more = (total(r, "alloc_objects", "allocate") for r in (change, whole))
    check(0 < some < more, f"{some} objects in a second, {more} in all")
    check(total(whole, "inuse_space", "allocate") <= 4096 * 1000, "too much in use")
    for name in ("threads", "goroutine"):
        _, rows = fetch(folder, name)
        check(total(rows, name) == 3, f"{total(rows, name)} threads")
        reading = [r for r in rows if "main" in r.names]
        check(len(reading) == 1 and reading[0].labels["state"] == "read", "main")


def body_of(folder, path):
    status, answer = ask(folder, f"debug/pprof/{path}")
    check(status == "200", f"{path}: {answer[:200]}")
    return answer.split("\r\n\r\n", 1)[1]


def check_texts(folder):
    """In Go's formats, named, and read back as the profiles they are the text of."""
    heap = body_of(folder, "heap?debug=1")
    head = re.match(r"heap profile: (\d+): (\d+) \[(\d+): (\d+)\] @ heap/2\n", heap)
    check(head, heap[:99])
    rows = re.findall(r"^(\d+): (\d+) \[(\d+): (\d+)\] @( 0x[0-9a-f]+)+$", heap, re.M)
    check(sum(int(r[2]) for r in rows) == int(head[3]), "rows of the heap do not add up")
    check(re.search(r"^#\t0x[0-9a-f]+\tallocate\+0x[0-9a-f]+\t/", heap, re.M), "no name")
    check(re.search(r"^# MaxRSS = \d{6}", heap, re.M), "no statistics at the foot")
    threads = body_of(folder, "goroutine?debug=1")
    check(threads.startswith("goroutine profile: total 3\n"), threads[:99])
    stacks = body_of(folder, "goroutine?debug=2")
    check(re.search(r"^goroutine \d+ \[read, serve\]:$(?s:.*?)^main\(\.\.\.\)\n\t/", stacks, re.M),
          stacks)
    check(len(re.findall(r"^created by main\n", stacks, re.M)) == 2, stacks)
    check(body_of(folder, "mutex?debug=1").startswith("--- mutex:\ncycles/second="), "mutex")
    address = re.search(r"^#\t(0x[0-9a-f]+)\tallocate", heap, re.M)[1]
    check(f"{address} allocate\n" in body_of(folder, f"symbol?{address}+0x1"), "symbol")
    for name, text, function in [("heap", heap, "run_allocator"), ("goroutine", threads, "burn"),
                                 ("goroutine", stacks, "burn")]:
        (folder / "text").write_text(text)
        tools = [[GOPROF], ["go", "tool", "pprof"]] if text != stacks else [[GOPROF]]
        for tool in tools:
            done = execute([*tool, "-top", "-nodefraction=0", "text"], folder=folder)
            check(done.returncode == 0 and re.search(rf"\b{function}\b", done.stdout),
                  f"{tool}, {name}: {done.stdout[-400:]}{done.stderr[-200:]}")


def test_endpoints_answer(folder):
    program = compile_program("serve.c", flags=["-L", BUILD, "-lgoprof", f"-Wl,-rpath,{BUILD}"])
    with subprocess.Popen([program, f"unix:{folder}/s"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as child:
        try:
            check(child.stdout.readline() == "ready\n", "not ready")
            check_endpoints(folder)
            check_texts(folder)
            for path, status, text in [("debug/pprof/", "200", "threadcreate"),
                                       ("debug/pprof/cmdline", "200", str(program)),
                                       ("debug/pprof/symbol", "200", "num_symbols: 1"),
                                       ("debug/pprof/none", "404", "Unknown profile"),
                                       ("other", "404", "not found")]:
                code, body = ask(folder, path)
                check(code == status and text in body, f"{path}: {code} {body[:99]}")
            child.stdin.close()
            check(child.wait(TIMEOUT) == 0, f"exit {child.returncode}")
        finally:
            child.kill()


def sockets(pid):
    uid = os.geteuid()
    places = [f"/run/user/{uid}/goprof/{pid}.sock", f"/tmp/goprof-{uid}/{pid}.sock"]
    return [p for p in map(pathlib.Path, places) if p.exists()]


def wait_for(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        check(time.monotonic() < deadline, what)
        time.sleep(0.02)


def check_by_pid(folder, pid):
    for kind, types, name in [("heap", HEAP_TYPES, "allocate"), ("goroutine", ["goroutine"],
                              "main"), ("threadcreate", ["threadcreate"], "main"),
                              ("block", ["contentions", "delay"], None)]:
        done = execute([GOPROF, kind, pid, "-o", "k.pb.gz"], folder=folder)
        check(done.returncode == 0, f"{kind}: {done.stderr}")
        profile, rows = read(folder / "k.pb.gz")
        check([t for t, _ in profile.types] == types, f"{kind}: {profile.types}")
        check(name is None or any(name in r.names for r in rows), f"{kind}: no {name}")
    check(total(read_kind(folder, "goroutine", pid), "goroutine") == 3, "its own thread is seen")
    done = execute([GOPROF, "heap", pid, "--gc"])
    check(done.returncode == 2 and "with libgoprof" in done.stderr, done.stderr)
    done = execute([GOPROF, "ps", "--json"])
    offers = [o for o in json.loads(done.stdout) if o["pid"] == pid]
    check(len(offers) == 1 and "heap" in offers[0]["kinds"], f"ps: {offers}")


def read_kind(folder, kind, pid):
    execute([GOPROF, kind, pid, "-o", "k.pb.gz"], folder=folder)
    return read(folder / "k.pb.gz")[1]


def test_process_is_found_by_its_id(folder):
    program = compile_program("serve.c", flags=["-L", BUILD, "-lgoprof", f"-Wl,-rpath,{BUILD}"])
    for end in ["close", "kill"]:
        with subprocess.Popen([program, f"unix:{folder}/s"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as child:
            try:
                check(child.stdout.readline() == "ready\n", "not ready")
                wait_for(lambda: sockets(child.pid), "no socket")
                check(stat.S_IMODE(sockets(child.pid)[0].parent.stat().st_mode) == 0o700, "mode")
                links = [os.readlink(f"/proc/{child.pid}/fd/{n}")
                         for n in os.listdir(f"/proc/{child.pid}/fd")]
                check(not any("socket:" in link for link in links), f"descriptors {links}")
                if end == "close":
                    check_by_pid(folder, child.pid)
                    child.stdin.close()
                    check(child.wait(TIMEOUT) == 0, f"exit {child.returncode}")
                    check(not sockets(child.pid), "the socket is left behind")
            finally:
                child.kill()
    left = child.pid
    check(sockets(left), "SIGKILL took the socket along")
    other = subprocess.Popen([program, f"unix:{folder}/s"], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL)
    wait_for(lambda: not sockets(left), "the stale socket is not swept")
    other.communicate(timeout=TIMEOUT)


def test_cpu_is_asked_inside_where_perf_is_refused(folder):
    refused = compile_program("refused.c", folder=TRUTH)
    busy = compile_program("shares.c", "shares", flags=[f"-I{TRUTH}"], folder=TRUTH)
    for settings, status in [("cpu", 0), ("socket=off", 1)]:
        preload = {**os.environ, "LD_PRELOAD": str(LIBRARY), "GOPROF": settings}
        with subprocess.Popen([busy, "60"], env=preload, stdout=subprocess.DEVNULL) as child:
            try:
                wait_for(lambda: status == 1 or sockets(child.pid), "no socket")
                done = execute([refused, "1", GOPROF, "cpu", "--seconds", "1", "-o",
                                "k.pb.gz", child.pid], folder=folder)
                check(done.returncode == status, f"{settings}: {done.stderr}")
                check("perf" in done.stderr, done.stderr)
                check(("libgoprof" in done.stderr) == (status == 0), done.stderr)
            finally:
                child.kill()
    _, rows = read(folder / "k.pb.gz")
    check(total(rows, "cpu", "main") > 0, "no time in the program")


def test_forked_child_has_its_own_socket(folder):
    preload = {**os.environ, "LD_PRELOAD": str(LIBRARY), "GOPROF": "heap=1"}
    code = ("import os, time\npid = os.fork()\nif pid == 0: time.sleep(60)\n"
            "print(pid, flush=True); input()\nos.kill(pid, 9); os.wait()")
    for more, expected in [("", True), (",socket=off", False)]:
        preload["GOPROF"] = "heap=1" + more
        with subprocess.Popen(["python3", "-c", code], env=preload, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as parent:
            pid = int(parent.stdout.readline())
            if expected:
                wait_for(lambda: sockets(pid) and sockets(parent.pid), "no sockets")
            done = execute([GOPROF, "heap", str(pid), "-top"])
            check((done.returncode == 0) == expected, f"{more}: {done.stdout}{done.stderr}")
            parent.communicate("go on\n", timeout=TIMEOUT)
            check(parent.returncode == 0, f"exit {parent.returncode}")


def test_run_serves(folder):
    for address, shown in [("localhost:0", r"serves (http://127\.0\.0\.1:\d+)/debug/pprof/"),
                           (f"unix:{folder}/s", rf"serves (unix://{folder}/s)/debug/pprof/")]:
        with subprocess.Popen([GOPROF, "run", "--http", address, "--memprofilerate", "1", "--",
                               "sh", "-c", "cat; cat < /dev/null; exit 3"],
                              stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            line = run.stderr.readline()
            check(re.search(shown, line), line)
            url = re.search(shown, line)[1]
            done = execute([GOPROF, "-raw", f"{url}/debug/pprof/heap"], folder=folder)
            check(done.returncode == 0 and "inuse_space" in done.stdout, done.stderr)
            _, rest = run.communicate("", timeout=TIMEOUT)
            check(run.returncode == 3 and rest == "", f"exit {run.returncode}: {rest}")


def test_says_what_is_wrong(folder):
    for words, status, sentence in [
            (["run"], 2, "wants -- and a command"), (["run", "--", "true"], 2, "at least one"),
            (["run", "--memprofile", "m", "true"], 2, "write -- before the command"),
            (["run", "--cpuprofilerate", "x", "--", "true"], 2, "wants a number"),
            (["run", "--memprofile", "m", "--", "./not-there"], 127, "command not found"),
            (["run", "--memprofile", "no/m", "--", "true"], 1, "no/m")]:
        done = execute([GOPROF, *words], folder=folder)
        check(done.returncode == status and sentence in done.stderr,
              f"{words}: exit {done.returncode}, {done.stderr}")
    static = compile_program("ends.c", "ends-static", ["-static"])
    done = execute([GOPROF, "run", "--memprofile", "m", "--", static], folder=folder)
    check(done.returncode == 1 and "statically linked" in done.stderr, done.stderr)


def main(suite, tests):
    """Runs the functions test_* of a module."""
    passed = failed = 0
    picked = sys.argv[1:]
    for name, test in list(tests.items()):
        if not name.startswith("test_") or (picked and not any(p in name for p in picked)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                passed += 1
            except (Failure, subprocess.TimeoutExpired, OSError) as failure:
                failed += 1
                print(f"FAIL {name[5:].replace('_', ' ')}: {failure}")
    print(f"{suite}: {passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main("recorder", globals()))
