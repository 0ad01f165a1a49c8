#!/usr/bin/env python3
"""The flame graph of large profiles in the browser: goprof beside `go tool pprof -http`.

    bench/web.py [--samples 200000,1000000] [--peer 200000] [--rounds 3]

Prints for each profile the least time and the bytes the server takes for the flame graph
(the page with its data), and what a headless Chromium sees: first paint, and the medians of
zoom, search (with the pause of 30 ms that begins one), pivot and inversion by the page's own
clock. The peer is asked for its flame graph once for each sample count of --peer.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import viewer

BUILD = viewer.BUILD


def start(command, says):
    """A server, its address, and the seconds until it says where it is."""
    begun = time.monotonic()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, start_new_session=True)
    for line in server.stderr:
        if says in line:
            return server, line.split()[-1].rstrip("/"), time.monotonic() - begun
    sys.exit(f"bench: {' '.join(command)} does not serve")


def stop(server):
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def fetch(url, compressed):
    """Seconds and bytes of one answer."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"} if compressed else {})
    begun = time.monotonic()
    with urllib.request.urlopen(request, timeout=900) as answer:
        size = len(answer.read())
    return time.monotonic() - begun, size


def ours(path, rounds):
    """Least seconds until the flame graph is there, once the server says it serves; bytes with
    the files of the page."""
    seconds = size = None
    for _ in range(rounds):
        server, url, ready = start([f"{BUILD}/goprof", "-http=localhost:0", "-no_browser", path],
                                   "Serving web UI")
        parts = [fetch(url + part, True) for part in ["/", "/ui.css", "/ui.js", "/api/state"]]
        parts.append(fetch(url + "/api/flame", True))
        took = sum(part[0] for part in parts)
        if seconds is None or took < seconds[0]:
            seconds = (took, ready)
        size = sum(part[1] for part in parts)
        stop(server)
    return *seconds, size


def seen(path):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or shutil.which("node") is None:
        return {}
    server, url, _ = start([f"{BUILD}/goprof", "-http=localhost:0", "-no_browser", path],
                           "Serving web UI")
    answer = subprocess.run(["node", "bench/web.mjs", chromium, url + "/"], check=True,
                            stdout=subprocess.PIPE, text=True)
    stop(server)
    return json.loads(answer.stdout)


def free_port():
    with socket.create_server(("localhost", 0)) as taken:
        return taken.getsockname()[1]


def wait_for(port):
    """The peer says where it serves before it does, and of port 0 not which it is."""
    while True:
        try:
            socket.create_connection(("localhost", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)


def peer(path):
    tool = viewer.tool_of(["go", "tool", "pprof"])
    port = free_port()
    server, _, ready = start(tool + [f"-http=localhost:{port}", "-no_browser", path],
                             "Serving web UI")
    wait_for(port)
    for page in ["/ui/flamegraph", "/ui/flamegraph2"]:
        try:
            took, size = fetch(f"http://localhost:{port}{page}", False)
            break
        except urllib.error.HTTPError:
            continue
    with open(f"/proc/{server.pid}/status") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    stop(server)
    return took, ready, size, peak


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--samples", default="200000,1000000")
    options.add_argument("--peer", default="200000")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    subprocess.run(["make", "-s", f"BUILD={BUILD}", "all", f"{BUILD}/bench/make_profile"],
                   check=True)
    print("| samples | tool | serving after s | page s | bytes | in the browser, ms |")
    print("|---|---|---|---|---|---|")
    for samples in chosen.samples.split(","):
        path = viewer.profile_of(samples)
        took, ready, size = ours(path, chosen.rounds)
        shown = ", ".join(f"{name} {value}" for name, value in seen(path).items())
        print(f"| {samples} | goprof | {ready:.2f} | {took:.3f} | {size} | {shown} |", flush=True)
        if samples in chosen.peer.split(","):
            peer_took, peer_ready, peer_size, peak = peer(path)
            print(f"| {samples} | go tool pprof, {peak:.0f} MB | {peer_ready:.2f} | "
                  f"{peer_took:.3f} ({peer_took / took:.0f} times) | {peer_size} "
                  f"({peer_size / size:.0f} times) | |", flush=True)


if __name__ == "__main__":
    main()
