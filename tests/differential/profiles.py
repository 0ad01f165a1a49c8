"""Makes the profiles that are compared: real programs, run by the profilers of Go, gperftools,
jemalloc and perf, and profiles that no program would give."""
import concurrent.futures
import glob
import os
import shutil
import subprocess
import sys

import random_profile
from tool import GOPROF, HERE, ROOT, check_run

KINDS = ["cpu", "heap", "allocs", "block", "mutex", "goroutine", "threadcreate"]
# Releases of Go whose profiles are compared, oldest and newest with all kinds.
RELEASES = {"1.19": KINDS, "1.22": ["cpu", "heap"], "1.24": ["cpu", "heap", "block"],
            "1.26": KINDS, "1.27": ["cpu", "heap", "mutex", "goroutine"]}
RANDOM_COUNT = 8
PACKAGES = {  # and the benchmarks that give a profile in little time
    "flate": ("compress/flate", "Encode/Digits/Speed"),
    "sort": ("sort", "SortString1K|StableInt1K|SortInt64K"),
    "json": ("encoding/json", "CodeMarshal$|CodeUnmarshal$|Unicode"),
}
LIBRARIES = "/usr/lib/x86_64-linux-gnu/"


def find_go(release):
    """The go command of a release, or None where it cannot be had."""
    done = subprocess.run([os.path.join(ROOT, "scripts/go_toolchain.sh"), release],
                          capture_output=True, text=True)
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        print("differential: no profiles of Go %s: %s" % (release, why))
    return done.stdout.strip() or None


def make_folder(folder, name):
    out = os.path.join(folder, name)
    os.makedirs(out)
    return out


def run_go_program(folder, release, kinds):
    go = find_go(release)
    if go is None:
        return {}
    name = "go" + release
    out = make_folder(folder, name)
    env = {"GOTOOLCHAIN": "local", "GOFLAGS": ""}
    check_run([go, "build", "-o", out + "/work", os.path.join(HERE, "work.go")], env=env)
    check_run([out + "/work", out])
    return {name: {k: "%s/%s.pb.gz" % (out, k) for k in kinds}}


def run_go_benchmark(folder, name, package, benchmarks):
    out = make_folder(folder, "test-" + name)
    check_run(["go", "test", "-vet=off", "-run=NONE", "-bench=" + benchmarks,
               "-benchtime=100ms", "-cpuprofile=cpu.pb.gz",
               "-o", out + "/test", "-outputdir", out, package], cwd=out)
    return {"test-" + name: {"cpu": out + "/cpu.pb.gz"}}


def run_c_program(folder):
    """gperftools and jemalloc write formats of their own: compared as they are, without
    names, and as profile.proto with the names that goprof found."""
    out = make_folder(folder, "c")
    check_run(["cc", "-O1", "-g", "-o", out + "/work", os.path.join(HERE, "work.c")])
    check_run([out + "/work"], env={"LD_PRELOAD": LIBRARIES + "libprofiler.so.0",
                                    "CPUPROFILE": out + "/legacy-cpu"})
    check_run([out + "/work"], env={"LD_PRELOAD": LIBRARIES + "libtcmalloc.so.4",
                                    "HEAPPROFILE": out + "/heap"})
    check_run([out + "/work"], env={
        "LD_PRELOAD": LIBRARIES + "libjemalloc.so.2",
        "MALLOC_CONF": "prof:true,prof_final:true,lg_prof_sample:10,prof_prefix:%s/je" % out})
    check_run(["perf", "record", "-q", "-g", "-e", "cpu-clock", "-o", out + "/perf.data",
               out + "/work"])
    os.rename(sorted(glob.glob(out + "/heap.*"))[-1], out + "/legacy-heap")
    written = {"gperftools-cpu": out + "/legacy-cpu", "gperftools-heap": out + "/legacy-heap",
               "jemalloc": glob.glob(out + "/je.*")[0], "perf": out + "/perf.data"}
    for kind, path in written.items():
        check_run([GOPROF, "-proto", "-output=%s/%s.pb.gz" % (out, kind), path])
    found = {kind: "%s/%s.pb.gz" % (out, kind) for kind in written}
    return {"c": dict(found, **{"legacy-cpu": out + "/legacy-cpu",
                                "legacy-heap": out + "/legacy-heap"})}


def make_random(folder, seed):
    out = make_folder(folder, "random%d" % seed)
    with open(out + "/odd.pb.gz", "wb") as f:
        f.write(random_profile.make(seed))
    return {"random%d" % seed: {"odd": out + "/odd.pb.gz"}}


def make_all(folder):
    """Builds and runs every program: {program: {kind: path}}."""
    profiles = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(run_go_program, folder, *r) for r in RELEASES.items()]
        futures += [pool.submit(run_go_benchmark, folder, name, *p)
                    for name, p in PACKAGES.items()]
        futures.append(pool.submit(run_c_program, folder))
        futures += [pool.submit(make_random, folder, s) for s in range(RANDOM_COUNT)]
        for future in futures:
            profiles.update(future.result())
    return profiles


def find_all(folder):
    """Those that an earlier run kept."""
    return {p: {f.removesuffix(".pb.gz"): os.path.join(folder, p, f)
                for f in sorted(os.listdir(os.path.join(folder, p)))
                if f.endswith(".pb.gz") or f.startswith("legacy-")}
            for p in sorted(os.listdir(folder)) if os.path.isdir(os.path.join(folder, p))}
