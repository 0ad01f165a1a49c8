#!/usr/bin/env python3
"""Servers with all profilers of libgoprof on, under the loads that their own makers ship: they
answer as they do alone, end as they do alone, and say what they did when asked meanwhile. BUILD
names the build folder; words on the command line pick the tests whose names hold them."""
import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from run import GOPROF, LIBRARY, TIMEOUT, check, execute, main, read, total

PROFILES = "cpu=1000,heap=64k,block=1000,mutex=10"
POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")


def give(folder):
    """Servers refuse to be root, or give it up: the folder is for everyone."""
    folder.chmod(0o777)
    shutil.copy(LIBRARY, folder / "libgoprof.so")
    (folder / "libgoprof.so").chmod(0o755)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def serving(folder, command, ready, status=0, user=None):
    """The server between its start and the end that its caller gives it, which is `status`."""
    env = {**os.environ, "LD_PRELOAD": str(folder / "libgoprof.so"),
           "GOPROF": f"{PROFILES},http=unix:{folder}/s"}
    with open(folder / "log", "w", encoding="utf-8") as log, subprocess.Popen(
            [str(w) for w in command], stdout=log, stderr=log, env=env, user=user,
            cwd=folder) as child:
        try:
            until = time.time() + TIMEOUT
            while not ready():
                check(child.poll() is None and time.time() < until,
                      f"does not start: {(folder / 'log').read_text()[-400:]}")
                time.sleep(0.1)
            yield child
            check(child.wait(TIMEOUT) == status, f"exit {child.returncode}: "
                  f"{(folder / 'log').read_text()[-400:]}")
        finally:
            child.kill()


def ask(folder, path, *names):
    """A profile from the server's endpoint, in which functions of these names must be."""
    done = execute([GOPROF, "-proto", "-output", folder / "f.pb.gz",
                    f"unix://{folder}/s/debug/pprof/{path}"])
    check(done.returncode == 0, f"{path}: {done.stderr[-300:]}")
    _, rows = read(folder / "f.pb.gz")
    seen = {name for row in rows for name in row.names}
    for name in names:
        check(name in seen, f"{path}: no {name} in {sorted(seen)[:20]}")
    return rows


def run(words, folder, **more):
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, cwd=folder,
                          timeout=TIMEOUT, check=False, **more)
    check(done.returncode == 0, f"{words[0]}: exit {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def test_redis(folder):
    give(folder)
    client = ["redis-cli", "-s", folder / "r"]

    def is_ready():
        return (folder / "r").exists() and execute([*client, "ping"]).stdout == "PONG\n"

    with serving(folder, ["redis-server", "--port", "0", "--unixsocket", folder / "r", "--save",
                          "",], is_ready):
        load = subprocess.Popen(["redis-benchmark", "-s", str(folder / "r"), "-q", "-n", "5000",
                                 "-t", "set,get,lpush,lrange_100"], stdout=subprocess.DEVNULL)
        rows = ask(folder, "profile?seconds=1", "aeMain")
        check(total(rows, "cpu") > 50e6, f"{total(rows, 'cpu')} ns of CPU time")
        rows = ask(folder, "threads", "main")
        check(total(rows, "threads") >= 4, "not all threads")
        check(any(r.labels.get("thread", "").startswith("bio_") for r in rows), "no bio_ thread")
        check(load.wait(TIMEOUT) == 0, "redis-benchmark fails")
        check(run([*client, "eval", "return redis.sha1hex('x')", "0"], folder) ==
              "11f6ad8ec52a2984abaafd7c3b516503785c2072\n", "sha1")
        run([*client, "shutdown", "nosave"], folder)


def test_nginx(folder):
    give(folder)
    port = free_port()
    page = os.urandom(30000)
    (folder / "page").write_bytes(page)
    (folder / "page").chmod(0o644)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error;\n"
        "events {}\nhttp { access_log off; server { "
        f"listen 127.0.0.1:{port}; root {folder}; }} }}\n")
    url = f"http://127.0.0.1:{port}/page"

    def get():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.read()
        except OSError:
            return b""

    with serving(folder, ["nginx", "-c", folder / "nginx.conf", "-e", folder / "error"],
                 lambda: get() == page) as server:
        text = run(["wrk", "-t1", "-c8", "-d2", url], folder)
        check("Socket errors" not in text and "Non-2xx" not in text, text)
        check(get() == page, "another page")
        rows = ask(folder, "threads", "main")
        check(total(rows, "threads") >= 1, "no threads")
        ask(folder, "heap", "main")
        check(not (folder / "error").read_text().count("signal"), (folder / "error").read_text())
        server.send_signal(subprocess.signal.SIGQUIT)


def test_postgres(folder):
    give(folder)
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = {"user": user} if os.getuid() == 0 else {}
    run([POSTGRES / "initdb", "-D", folder / "data", "-A", "trust", "-U", "me", "--no-sync"],
        folder, **as_user)
    where = ["-h", str(folder), "-U", "me", "postgres"]

    def is_ready():
        return execute(["pg_isready", "-q", *where[:2]]).returncode == 0

    with serving(folder, [POSTGRES / "postgres", "-D", folder / "data", "-k", folder, "-c",
                          "listen_addresses=", "-F"], is_ready,
                 user=as_user.get("user")) as server:
        run(["pgbench", "-i", "-q", *where], folder)
        run(["pgbench", "-c", "4", "-T", "3", *where], folder)
        sums = run(["psql", *where[:4], "-At", "-c",
                    "select (select sum(abalance) from pgbench_accounts), (select sum(delta) from "
                    "pgbench_history), (select sum(tbalance) from pgbench_tellers)", "postgres"],
                   folder).strip().split("|")
        check(len(sums) == 3 and len(set(sums)) == 1, f"sums {sums}")
        ask(folder, "threads", "PostmasterMain")
        ask(folder, "heap", "PostmasterMain")
        server.send_signal(subprocess.signal.SIGINT)
    check("terminated by signal" not in (folder / "log").read_text(),
          (folder / "log").read_text()[-400:])


if __name__ == "__main__":
    sys.exit(main("servers", globals()))
