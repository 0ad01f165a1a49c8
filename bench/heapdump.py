#!/usr/bin/env python3
"""Heap dumps: time and memory a million objects, from one million to ten, and the stall of a
Go program that is dumped against its own debug.WriteHeapDump. BUILD names the build folder."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
COUNTS = [1_000_000, 3_000_000, 10_000_000]
ROUNDS = 3

PROGRAM = """
package main

import ("fmt"; "os"; "runtime"; "runtime/debug"; "strconv"; "time")

type node struct { l, r *node; x [6]uint64 }

var root *node

func grow(d int) *node {
	if d == 0 { return nil }
	return &node{l: grow(d - 1), r: grow(d - 1)}
}

func main() {
	depth, _ := strconv.Atoi(os.Args[1])
	root = grow(depth)
	runtime.GC()
	fmt.Println("ready")
	for {
		if n, _ := os.Stdin.Read(make([]byte, 1)); n == 0 { return }
		f, _ := os.Create(os.Args[2])
		start := time.Now()
		debug.WriteHeapDump(f.Fd())
		fmt.Println(time.Since(start).Seconds())
		f.Close()
	}
}
"""


def anonymous_kb(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+)", text)
    return int(found[1]) if found else 0


def read_dump(path):
    """Seconds, and the most memory beside the mapped file, in KB."""
    started, most = time.monotonic(), 0
    process = subprocess.Popen([BUILD / "goprof", "heapdump", "top", path],
                               stdout=subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, anonymous_kb(process.pid))
        time.sleep(0.005)
    if process.returncode != 0:
        sys.exit("goprof heapdump top failed")
    return time.monotonic() - started, most


def bench_reading(folder):
    subprocess.run(["make", "-s", f"BUILD={BUILD}", str(BUILD / "bench/heapdump")], cwd=ROOT,
                   check=True)
    for count in COUNTS:
        path = folder / "made.dump"
        subprocess.run([BUILD / "bench/heapdump", path, str(count)], check=True)
        seconds, kb = zip(*(read_dump(path) for _ in range(ROUNDS)))
        print(f"graph, dominators and top of {count:,} objects ({path.stat().st_size >> 20} MB): "
              f"{min(seconds):.2f} s, {min(seconds) / count * 1e6:.2f} s a million, "
              f"{max(kb) * 1024 / count:.1f} bytes an object beside the file")
        path.unlink()


def take(pid, out, way):
    started = time.monotonic()
    said = subprocess.run([BUILD / "goprof", "heapdump", str(pid), "-o", out, way],
                          capture_output=True, text=True, check=True).stderr
    return float(re.search(r"stood still for ([\d.]+) ms", said)[1]), time.monotonic() - started


def bench_taking(folder):
    (folder / "program.go").write_text(PROGRAM)
    go = subprocess.run([ROOT / "scripts/go_toolchain.sh", "1.26"], capture_output=True, text=True,
                        cwd=ROOT, check=True).stdout.strip()
    environment = dict(os.environ, GO111MODULE="off", GOTOOLCHAIN="local",
                       GOCACHE=str(BUILD / "go-cache"))
    subprocess.run([go, "build", "-o", folder / "program", folder / "program.go"], check=True,
                   env=environment)
    depth = sys.argv[1] if len(sys.argv) > 1 else "24"
    process = subprocess.Popen([folder / "program", depth, folder / "own.dump"], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    own, snapshots, stops, whole = [], [], [], []
    for _ in range(ROUNDS):
        process.stdin.write("x")
        process.stdin.flush()
        own.append(float(process.stdout.readline()) * 1e3)
        stall, seconds = take(process.pid, folder / "taken.dump", "--snapshot")
        snapshots.append(stall)
        whole.append(seconds * 1e3)
        stops.append(take(process.pid, folder / "taken.dump", "--stop")[0])
    process.stdin.close()
    process.wait(timeout=60)
    size = (folder / "own.dump").stat().st_size >> 20
    print(f"a Go heap of {2 ** int(depth) >> 20} million small objects, dump of {size} MB: "
          f"WriteHeapDump stops it for {min(own):.0f} ms; goprof --snapshot for "
          f"{min(snapshots):.1f} ms ({min(own) / min(snapshots):.0f} times less), done after "
          f"{min(whole):.0f} ms; --stop for {min(stops):.0f} ms")


def main():
    with tempfile.TemporaryDirectory() as folder:
        bench_reading(pathlib.Path(folder))
        bench_taking(pathlib.Path(folder))


if __name__ == "__main__":
    main()
