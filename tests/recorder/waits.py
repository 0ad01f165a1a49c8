#!/usr/bin/env python3
"""The block and mutex profiles of libgoprof: waits of known length, sampled ones, odd ones, and
a storm of locks. Called as run.py is."""
import os
import subprocess
import sys
import time
from math import sqrt

from run import (BUILD, GOPROF, LIBRARY, TIMEOUT, check, compile_program, execute, fetch,
                 interval, main, read, record, total, truths)


def check_waits(rows, truth, prefix):
    """Counts are exact. What the program measures includes what the recorder does itself,
    and the turns that others get between the two clocks. What goes to the kernel by itself
    yields to others a dozen times first, which on a busy machine takes as long as any wait,
    and may wake up for nothing."""
    for name, (count, ns) in truth.items():
        if not name.startswith(prefix):
            continue
        found = total(rows, "contentions", name), total(rows, "delay", name)
        if prefix == "futex_":
            check(found[0] > 0 and 0 < found[1] <= 1.01 * ns + 2e6, f"{name}: {found}, not {ns}")
            continue
        check(found[0] == count, f"{name}: {found[0]} contentions, not {count}")
        check(abs(found[1] - ns) <= 0.01 * ns + 2e6, f"{name}: {found[1]} ns, not {ns}")


LOCKS = {"pthread_mutex_lock", "pthread_mutex_timedlock", "pthread_mutex_clocklock", "mtx_lock",
         "mtx_timedlock", "pthread_rwlock_rdlock", "pthread_rwlock_wrlock",
         "pthread_rwlock_timedrdlock", "pthread_rwlock_clockwrlock"}
LEAVES = {"wait_": LOCKS | {"pthread_cond_wait", "pthread_cond_timedwait", "syscall", "cnd_wait",
                            "pthread_cond_clockwait", "sem_wait", "sem_timedwait", "thrd_join",
                            "sem_clockwait", "pthread_barrier_wait", "pthread_join",
                            "pthread_timedjoin_np", "cnd_timedwait"},
          "hold_": {"pthread_mutex_unlock", "mtx_unlock", "pthread_rwlock_unlock",
                    "pthread_cond_wait"}}


def test_waits_are_charged_to_waiter_and_holder(folder):
    done = record(folder, [compile_program("waits.c")], "--blockprofile", "b.pb.gz",
                  "--mutexprofile", "m.pb.gz")
    truth = dict(truths(done.stdout))
    check(len(truth) == 32, f"{len(truth)} truths")
    for path, prefix in [("b.pb.gz", "wait_"), ("m.pb.gz", "hold_")]:
        profile, rows = read(folder / path)
        check(profile.types == [("contentions", "count"), ("delay", "nanoseconds")],
              f"types {profile.types}")
        check_waits(rows, truth, prefix)
        for row in rows:
            # With libc's debug information there are functions inlined in these.
            check(not any(n.startswith(prefix) for n in row.names) or
                  LEAVES[prefix] & {n.lstrip("_") for n in row.names[:3]},
                  f"a stack begins in {row.names[:3]}")
        check(not any("main" in r.names for r in rows if prefix == "hold_"),
              "main is charged for a mutex")


def test_cancelled_waits_count(folder):
    done = record(folder, [compile_program("cancelled_waits.c")], "--blockprofile", "b.pb.gz")
    truth = dict(truths(done.stdout))
    check(len(truth) == 6, f"{len(truth)} truths: {done.stdout}")
    check_waits(read(folder / "b.pb.gz")[1], truth, "wait_")


def test_waits_of_cxx_are_seen(folder):
    # What a destructor unlocks last is to be called by the function, not jumped to.
    program = compile_program("waits_cxx.cpp", compiler="g++",
                              flags=["-std=c++20", "-fno-optimize-sibling-calls"])
    done = record(folder, [program], "--blockprofile", "b.pb.gz", "--mutexprofile", "m.pb.gz")
    truth = dict(truths(done.stdout))
    check(len(truth) == 16, f"{len(truth)} truths")
    for path, prefix in [("b.pb.gz", "wait_"), ("m.pb.gz", "hold_"), ("b.pb.gz", "futex_")]:
        _, rows = read(folder / path)
        for row in rows:
            row.names = [name.split("(")[0] for name in row.names]
        check_waits(rows, truth, prefix)


def test_waits_are_estimated_within_sampling_error(folder):
    program = compile_program("sampled_waits.c")
    rate, fraction = 1_000_000, 10
    done = record(folder, [program], "--blockprofile", "b.pb.gz", "--blockprofilerate",
                  str(rate), "--mutexprofile", "m.pb.gz", "--mutexprofilefraction",
                  str(fraction))
    truth = dict(truths(done.stdout))
    count, ns = truth["wait_short"]
    _, rows = read(folder / "b.pb.gz")
    # A wait of the mean length is sampled with the chance p. The longer ones, which are
    # counted more surely, only make it better.
    p = min(1, ns / count / rate)
    allowed = interval.Z * sqrt(count * (1 - p) / p)
    found = total(rows, "contentions", "wait_short")
    check(abs(found - count) <= allowed, f"{found} waits of {count} +- {allowed:.0f}")
    found = total(rows, "delay", "wait_short")
    check(abs(found - ns) <= ns / count * allowed + 0.02 * ns, f"{found} ns of {ns}")
    count, ns = truth["hold_short"]
    _, rows = read(folder / "m.pb.gz")
    allowed = interval.Z * sqrt(count * (fraction - 1))
    found = total(rows, "contentions", "hold_short")
    check(found % fraction == 0, f"{found} is no multiple of {fraction}")
    check(abs(found - count) <= allowed, f"{found} unlocks of {count} +- {allowed:.0f}")


def test_storm_of_locks(folder):
    done = record(folder, [compile_program("lock_storm.c"), "3000"], "--blockprofile", "b.pb.gz",
                  "--mutexprofile", "m.pb.gz", "--mutexprofilefraction", "2", "--memprofile",
                  "h.pb.gz", "--cpuprofile", "c.pb.gz", "--cpuprofilerate", "4000")
    check(done.stdout.splitlines()[-1:] == ["all well"], done.stdout[-200:])
    _, rows = read(folder / "b.pb.gz")
    for name in ["run_locker", "run_reader", "run_canceller"]:
        check(total(rows, "delay", name) > 0, f"{name} never waited")
    _, rows = read(folder / "m.pb.gz")
    check(total(rows, "delay", "run_locker") > 0, "no lock was waited for")


def test_odd_waits_end_as_without(folder):
    program = compile_program("odd_waits.c")
    plain = execute([program])
    check(plain.returncode == 0 and plain.stdout.count("\n") > 250, plain.stdout[-200:])
    seen = record(folder, [program], "--blockprofile", "b.pb.gz", "--mutexprofile", "m.pb.gz")
    for before, now in zip(plain.stdout.splitlines(), seen.stdout.splitlines()):
        check(before == now, f"{now}, not {before}")
    check(seen.stdout == plain.stdout, "something is missing")


def test_sleeps_count_if_asked_for(folder):
    program = compile_program("waits.c")
    for flags, low, high in [([], 0, 0), (["--blocksleep"], 150, 100000)]:
        record(folder, [program], "--blockprofile", "b.pb.gz", *flags)
        _, rows = read(folder / "b.pb.gz")
        found = total(rows, "contentions", "pause_ms")
        check(low <= found <= high, f"{flags}: {found} sleeps")


def test_rates_at_run_time(folder):
    for name, flags in [("rates-so", [f"-L{BUILD}", "-lgoprof", f"-Wl,-rpath,{BUILD}"]),
                        ("rates-a", [BUILD / "libgoprof.a"])]:
        done = execute([compile_program("wait_rates.c", name, flags), folder])
        check(done.returncode == 0, f"{name}: exit {done.returncode}: {done.stderr}")
        for path, function in [("b.pb.gz", "wait_counted"), ("m.pb.gz", "run_holder")]:
            done = execute([GOPROF, "-proto", "-output", "named.pb.gz", path], folder=folder)
            check(done.returncode == 0, done.stderr[-300:])
            profile, rows = read(folder / "named.pb.gz")
            check(profile.period == 1, f"period {profile.period}")
            found = total(rows, "contentions", function), total(rows, "contentions")
            check(found == (1, 1), f"{name}, {path}: {found} contentions")


def test_endpoints_of_waits(folder):
    program = compile_program("lock_storm.c")
    settings = {"LD_PRELOAD": str(LIBRARY), "GOPROF": f"block,mutex,http=unix:{folder}/s"}
    with subprocess.Popen([program, "6000"], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL, env={**os.environ, **settings}) as child:
        try:
            time.sleep(1)
            for kind in ("block", "mutex"):
                _, change = fetch(folder, f"{kind}?seconds=1")
                _, whole = fetch(folder, kind)
                some, more = (total(rows, "delay", "run_locker") for rows in (change, whole))
                check(0 < some < more, f"{kind}: {some} ns in a second, {more} in all")
            output, _ = child.communicate(timeout=TIMEOUT)
            check(output.endswith("all well\n"), output[-200:])
        finally:
            child.kill()


if __name__ == "__main__":
    sys.exit(main("waits", globals()))
