#!/usr/bin/env python3
"""Reports on large profiles: goprof beside `go tool pprof`, interleaved in one run.

    bench/viewer.py [--samples 200000,1000000,3000000] [--reports top,raw,...] [--rounds 3]
                    [--peer-samples 200000]

Prints a table of the least and the median wall time and of the peak memory of each, and
their ratios; then how much more each larger profile costs goprof than the one before it.
The profiles are written by bench/make_profile.c from a fixed seed; those with
more than --peer-samples are read by goprof alone, since pprof takes minutes and gigabytes.
The listings are of Go's compiler, profiled while it compiles one of its own packages.
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


# By name: goprof's flags, and the peer's where it has no such report.
REPORTS = {
    "top": (["-top"], None),
    "tree": (["-tree"], None),
    "dot": (["-dot"], None),
    "raw": (["-raw"], None),
    "traces": (["-traces"], None),
    "folded": (["-folded"], ["-raw"]),
    "proto": (["-proto"], None),
    "callgrind": (["-callgrind"], None),
    "peek": (["-peek=77$"], None),
    "focus": (["-top", "-focus=[13579]$", "-ignore=77"], None),
}
LISTINGS = {
    "list": (["-list=rewriteBlock|mallocgc"], None),
    "weblist": (["-weblist=rewriteBlock|mallocgc"], None),
}


def compiler_profile():
    """(the program, its profile)"""
    folder = os.path.abspath(f"{BUILD}/bench")
    profile = f"{folder}/compiler.pb.gz"
    if not os.path.exists(profile):
        subprocess.run(["go", "build", f"-gcflags=-cpuprofile={profile}", "-o", os.devnull,
                        "cmd/compile/internal/ssa"], check=True,
                       env=dict(os.environ, GOCACHE=f"{folder}/go-cache"))
    tool = subprocess.run(["go", "tool", "-n", "compile"], capture_output=True, text=True)
    return [tool.stdout.strip(), profile]


def tool_of(binary):
    """`go tool pprof` costs a look-up of the tool; the tool itself is what is measured."""
    answer = subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True, text=True)
    if answer.returncode == 0 and os.path.exists(answer.stdout.strip()):
        return [answer.stdout.strip()]
    return binary


def compare(label, report, peers, sources, rounds):
    """Runs all peers in turn, several times, and prints a row for each.

    Returns the least seconds and the peak megabytes of goprof.
    """
    ours, theirs = report
    flags = {name: ours if name == "goprof" else theirs or ours for name in peers}
    seen = {name: [] for name in peers}
    for _ in range(rounds):
        for name, command in peers.items():
            seen[name].append(run(command + flags[name] + sources))
    for name, runs in seen.items():
        seconds = [r[0] for r in runs]
        ratio = min(seconds) / min(r[0] for r in seen["goprof"])
        memory = max(r[1] for r in runs) / max(r[1] for r in seen["goprof"])
        print(f"| {label} | {' '.join(flags[name])} | {name} | {min(seconds):.3f} | "
              f"{statistics.median(seconds):.3f} | {max(r[1] for r in runs):.0f} | "
              f"{ratio:.1f} | {memory:.1f} |", flush=True)
    return min(r[0] for r in seen["goprof"]), max(r[1] for r in seen["goprof"])


def print_growth(costs):
    """How time and memory follow the number of samples; linear is as many times."""
    print("\n| report | samples | times the samples | times the time | times the memory |")
    print("|---|---|---|---|---|")
    for (report, samples), (seconds, memory) in costs.items():
        smaller = max((n for r, n in costs if r == report and n < samples), default=None)
        if smaller is None:
            continue
        before = costs[report, smaller]
        print(f"| {report} | {samples} | {samples / smaller:.1f} | {seconds / before[0]:.2f} | "
              f"{memory / before[1]:.2f} |")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--samples", default="200000,1000000,3000000")
    options.add_argument("--peer-samples", type=int, default=200000)
    options.add_argument("--reports", default=",".join([*REPORTS, *LISTINGS]))
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    reports = chosen.reports.split(",")
    subprocess.run(["make", "-s", f"BUILD={BUILD}", "all", f"{BUILD}/bench/make_profile"],
                   check=True)
    alone = {"goprof": [f"{BUILD}/goprof"]}
    peers = {**alone, "go tool pprof": tool_of(["go", "tool", "pprof"])}
    # Pages go to the browser: none, and the file is thrown away.
    os.environ.update(BROWSER="/bin/true", TMPDIR=os.path.abspath(f"{BUILD}/bench"))

    print("| samples | report | tool | min s | median s | peak MB | time ratio | memory ratio |")
    print("|---|---|---|---|---|---|---|---|")
    costs = {}
    for samples in map(int, chosen.samples.split(",")):
        for report in filter(REPORTS.get, reports):
            costs[report, samples] = compare(
                samples, REPORTS[report], peers if samples <= chosen.peer_samples else alone,
                [profile_of(samples)], chosen.rounds)
    for report in filter(LISTINGS.get, reports):
        compare("compiler", LISTINGS[report], peers, compiler_profile(), chosen.rounds)
    print_growth(costs)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
