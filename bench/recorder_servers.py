#!/usr/bin/env python3
"""Throughput of redis, nginx and PostgreSQL under the load tests of their makers, alone and with
libgoprof preloaded and its default profilers on (CPU at 100 Hz, heap at 512 KiB, block, mutex), in
turn; the best of all rounds. BUILD names the build folder; ROUNDS how many."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "recorder"))
import servers  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "3"))
AS_USER = {"user": "postgres"} if os.getuid() == 0 else {}


def text_of(words, **more):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True, check=True,
                          **more).stdout


def until_works(words, **more):
    for _ in range(200):
        if subprocess.run([str(w) for w in words], capture_output=True, check=False,
                          **more).returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit(f"{words[0]} never works")


def redis(folder):
    where = ["-s", folder / "r"]
    return (["redis-server", "--port", "0", "--unixsocket", folder / "r", "--save", ""],
            ["redis-cli", *where, "ping"],
            ["redis-benchmark", *where, "-q", "-n", "100000", "-t", "get"],
            r"GET: ([0-9.]+) requests", {})


def nginx(folder):
    (folder / "page").write_bytes(bytes(10000))
    port = servers.free_port()
    (folder / "n.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; events {{}} http {{ access_log off; "
        f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n")
    wrk = ["wrk", "-t1", "-c8"]
    url = f"http://127.0.0.1:{port}/page"
    return (["nginx", "-c", folder / "n.conf", "-e", folder / "error"], [*wrk, "-d1", url],
            [*wrk, "-d4", url], r"Requests/sec: +([0-9.]+)", {})


def postgres(folder):
    text_of([servers.POSTGRES / "initdb", "-D", folder / "d", "-A", "trust", "-U", "me",
             "--no-sync"], **AS_USER)
    where = ["-h", folder, "-U", "me", "postgres"]
    return ([servers.POSTGRES / "postgres", "-D", folder / "d", "-k", folder, "-c",
             "listen_addresses=", "-F"], ["pgbench", "-i", "-q", *where],
            ["pgbench", "-n", "-S", "-c", "4", "-T", "4", *where], r"tps = ([0-9.]+)", AS_USER)


def measure(make, env):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        servers.give(folder)
        server, ready, load, pattern, more = make(folder)
        env = {key: value.format(folder) for key, value in env.items()}
        with subprocess.Popen([str(w) for w in server], env={**os.environ, **env}, cwd=folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              **more) as child:
            try:
                until_works(ready)
                return float(re.search(pattern, text_of(load)).group(1))
            finally:
                child.send_signal(subprocess.signal.SIGINT)


def main():
    ours = {"LD_PRELOAD": "{}/libgoprof.so", "GOPROF": "cpu,heap,block,mutex"}
    print("requests or transactions a second: alone, with libgoprof, ratio")
    for make in [redis, nginx, postgres]:
        best = [0.0, 0.0]
        for _ in range(ROUNDS):
            for i, env in enumerate([{}, ours]):
                best[i] = max(best[i], measure(make, env))
        print(f"{make.__name__:10}{best[0]:12.0f}{best[1]:12.0f}{best[1] / best[0]:8.4f}")


if __name__ == "__main__":
    main()
