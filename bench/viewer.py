#!/usr/bin/env python3
"""Reports on large profiles: goprof beside `go tool pprof`, interleaved in one run.

    bench/viewer.py [--samples 200000,1000000] [--reports top,raw,dot] [--rounds 3]

Prints a table of the least and the median wall time and of the peak memory of each, and
their ratios. The profiles are written by bench/make_profile.c from a fixed seed.
"""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

BUILD = os.environ.get("BUILD", "build")


def run(command):
    """Seconds and peak megabytes of one run; its output is thrown away."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"bench: {' '.join(command)} failed: {said.decode(errors='replace')}")
    return seconds, usage.ru_maxrss / 1024


def profile_of(samples):
    path = f"{BUILD}/bench/profile-{samples}.pb.gz"
    if not os.path.exists(path):
        subprocess.run([f"{BUILD}/bench/make_profile", str(samples), path], check=True)
    return path


def tool_of(binary):
    """`go tool pprof` costs a look-up of the tool; the tool itself is what is measured."""
    answer = subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True, text=True)
    if answer.returncode == 0 and os.path.exists(answer.stdout.strip()):
        return [answer.stdout.strip()]
    return binary


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--samples", default="200000,1000000")
    options.add_argument("--reports", default="top")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    subprocess.run(["make", "-s", f"BUILD={BUILD}", "all", f"{BUILD}/bench/make_profile"],
                   check=True)
    peers = {"goprof": [f"{BUILD}/goprof"], "go tool pprof": tool_of(["go", "tool", "pprof"])}

    print("| samples | report | tool | min s | median s | peak MB | time ratio | memory ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for samples in chosen.samples.split(","):
        path = profile_of(samples)
        for report in chosen.reports.split(","):
            seen = {name: [] for name in peers}
            for _ in range(chosen.rounds):
                for name, command in peers.items():
                    seen[name].append(run(command + [f"-{report}", path]))
            ours = seen["goprof"]
            for name, runs in seen.items():
                seconds = [r[0] for r in runs]
                ratio = min(seconds) / min(r[0] for r in ours)
                memory = max(r[1] for r in runs) / max(r[1] for r in ours)
                print(f"| {samples} | {report} | {name} | {min(seconds):.3f} | "
                      f"{statistics.median(seconds):.3f} | {max(r[1] for r in runs):.0f} | "
                      f"{ratio:.1f} | {memory:.1f} |", flush=True)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
