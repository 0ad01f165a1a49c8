#!/usr/bin/env python3
"""What libgoprof adds to a lock that is free. All settings run
in turn; figures are the least and the median of all rounds. BUILD names the build folder;
ROUNDS how many."""
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
ROUNDS = int(os.environ.get("ROUNDS", "9"))
OURS = {"LD_PRELOAD": str(BUILD / "libgoprof.so")}
SETTINGS = {"plain glibc": {}, "libgoprof, off": OURS,
            "libgoprof, block": {**OURS, "GOPROF": "block=1"},
            "libgoprof, block and mutex": {**OURS, "GOPROF": "block=1,mutex=1"}}
KINDS = {"mutex": "one mutex", "mutexes": "1024 mutexes", "recursive": "recursive",
         "rwlock": "rwlock, reader"}


def compile_program(source):
    out = BUILD / "bench" / source.removesuffix(".c")
    out.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-O2", "-g", "-D_GNU_SOURCE", "-pthread", "-o", out,
                    ROOT / "bench" / source], check=True)
    return out


def measure(program, env):
    text = subprocess.run([program, "60"], capture_output=True, text=True, check=True,
                          env={**os.environ, **env}).stdout
    return {name: (float(least), float(median))
            for name, least, median in map(str.split, text.splitlines())}


def main():
    program = compile_program("locks.c")
    seen = {}
    for _ in range(ROUNDS):
        for name, env in SETTINGS.items():
            for kind, figures in measure(program, env).items():
                seen.setdefault((name, kind), []).append(figures)
    print("lock and unlock of what is free, ns a pair: least, median (added to plain glibc)")
    print(f"{'':28}" + "".join(f"{title:>30}" for title in KINDS.values()))
    for name in SETTINGS:
        cells = ""
        for kind in KINDS:
            least, median = figures_of(seen, name, kind)
            plain = figures_of(seen, "plain glibc", kind)
            cells += f"{least:8.2f} {median:6.2f} ({least - plain[0]:+5.2f} {median - plain[1]:+5.2f})  "
        print(f"{name:28}{cells}")


def figures_of(seen, name, kind):
    figures = seen[name, kind]
    return min(f[0] for f in figures), statistics.median(f[1] for f in figures)


if __name__ == "__main__":
    main()
