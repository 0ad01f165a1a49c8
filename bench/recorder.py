#!/usr/bin/env python3
"""What libgoprof costs its host: malloc and free, start-up, looks at threads, children; and
whether the CPU time it reports is the true one. Peers run in turn with it, where they are installed; figures
are the least of all rounds. BUILD names the build folder; ROUNDS how many."""
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "truth"))
import pprof  # noqa: E402

BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
LIBRARY = BUILD / "libgoprof.so"
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PEERS = ["heaptrack"]


def compile_program(source, name, flags=(), libraries=()):
    out = BUILD / "bench" / name
    out.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-O2", "-g", "-fomit-frame-pointer", "-D_GNU_SOURCE", "-pthread",
                    *flags, "-o", out, source, *libraries], check=True)
    return out


def heap_settings():
    """Name -> (words before the program, environment)."""
    ours = {"LD_PRELOAD": str(LIBRARY)}
    settings = {"plain glibc": ([], {}), "libgoprof, off": ([], ours),
                "libgoprof, 512 KiB": ([], {**ours, "GOPROF": "heap=512k"}),
                "libgoprof, every one": ([], {**ours, "GOPROF": "heap=1"})}
    if shutil.which("heaptrack"):
        settings["heaptrack"] = (["heaptrack", "-o", f"{BUILD}/bench/heaptrack"], {})
    return settings


def bench_heap():
    program = compile_program(ROOT / "bench" / "recorder_heap.c", "recorder_heap")
    columns = [("1", "10"), ("1", "30"), ("2", "10")]
    least = {}
    for _ in range(ROUNDS):
        for name, (words, env) in heap_settings().items():
            for column in columns:
                # Peers that are a hundred times slower get less to do.
                rounds = "1" if name in PEERS else "9"
                out = subprocess.run([*words, program, *column, rounds], capture_output=True, text=True,
                                     env={**os.environ, **env}, check=False).stdout
                pair = re.search(r"^([0-9.]+) ([0-9.]+)$", out, re.MULTILINE)
                for i, value in enumerate(map(float, pair.groups())):
                    key = name, column, i
                    least[key] = min(value, least.get(key, value))
    print("malloc and free, ns a pair: one size | random live set of 65536 blocks")
    print(f"{'':26}" + "".join(f"{t} thread{'s' * (t != '1')}, depth {d:8}" for t, d in columns))
    for name in heap_settings():
        cells = [f"{least[name, c, 0]:8.1f} |{least[name, c, 1]:7.1f}      " for c in columns]
        print(f"{name:26}" + "".join(cells))


def bench_start():
    print("\nstart of /bin/true, us")
    ours = {"LD_PRELOAD": str(LIBRARY)}
    settings = {"alone": {}, "libgoprof, off": ours, "libgoprof, heap": {**ours, "GOPROF": "heap"},
                "libgoprof, heap and cpu": {**ours, "GOPROF": "heap,cpu"}}
    least = {}
    for _ in range(60 * ROUNDS):
        for name, env in settings.items():
            start = time.perf_counter()
            pid = os.posix_spawn("/bin/true", ["true"], {**os.environ, **env})
            os.waitpid(pid, 0)
            taken = (time.perf_counter() - start) * 1e6
            least[name] = min(taken, least.get(name, taken))
    for name, value in least.items():
        print(f"{name:26}{value:8.0f}  +{value - least['alone']:.0f}")


def cpu_of(path):
    fields = list(pprof.fields(gzip.decompress(path.read_bytes())))
    samples = [pprof.fields(value) for number, value in fields if number == 2]
    # Two values, the second is the time; they may be packed or not.
    return sum([n for number, value in sample if number == 2
                for n in pprof.numbers(value)][1] for sample in samples)


def bench_cpu():
    print("\nCPU time reported over CPU time used, one thread, 2 s")
    program = compile_program(ROOT / "tests" / "programs" / "shares.c", "recorder_cpu",
                              [f"-I{ROOT}/tests/programs"])
    for rate in [10, 100, 250, 1000]:
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "c.pb.gz"
            text = subprocess.run(
                [BUILD / "goprof", "run", "--cpuprofile", out, "--cpuprofilerate", str(rate),
                 "--", program, "2"], capture_output=True, text=True, check=True).stdout
            truth = [int(line.split()[2]) for line in text.splitlines()
                     if line.startswith("truth total")][-1]
            print(f"asked for {rate:5} Hz {cpu_of(out) / truth:14.4f}")


def bench_threads():
    print("\ndump of 200 blocked threads, us: the whole profile, packed")
    program = compile_program(ROOT / "bench" / "recorder_threads.c", "recorder_threads",
                              [f"-I{ROOT}/include", f"-L{BUILD}", f"-Wl,-rpath,{BUILD}"],
                              ["-lgoprof"])
    rounds = [subprocess.run([program, "200"], capture_output=True, text=True, check=True,
                             env={**os.environ, "GOPROF": "heap"}).stdout.split()
              for _ in range(ROUNDS)]
    print(f"libgoprof {min(float(r[0]) for r in rounds):14.0f}")
    print(f"of which packing a profile alone {min(float(r[1]) for r in rounds):.0f}")


def bench_children():
    print("\na script that starts 500 programs, s")
    with tempfile.TemporaryDirectory() as folder:
        script = ["bash", "-c", "for i in $(seq 500); do /bin/true; done"]
        settings = {"alone": script,
                    "goprof run, heap": [BUILD / "goprof", "run", "--memprofile",
                                         pathlib.Path(folder) / "m.pb.gz", "--", *script]}
        least = {}
        for _ in range(ROUNDS):
            for name, words in settings.items():
                start = time.perf_counter()
                subprocess.run(words, check=True, capture_output=True)
                taken = time.perf_counter() - start
                least[name] = min(taken, least.get(name, taken))
    for name, value in least.items():
        print(f"{name:26}{value:8.2f}  +{value - least['alone']:.2f}")


def main():
    bench_heap()
    bench_start()
    bench_cpu()
    bench_threads()
    bench_children()


if __name__ == "__main__":
    main()
