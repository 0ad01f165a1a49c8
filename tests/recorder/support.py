"""What the tests of libgoprof share: building programs, running them, reading profiles."""
import os
import pathlib
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "truth"))
import pprof  # noqa: E402

BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
GOPROF, LIBRARY = BUILD / "goprof", BUILD / "libgoprof.so"
SOURCE = pathlib.Path(__file__).resolve().parent
TRUTH = ROOT / "tests" / "programs"
PLAIN = ["-O2", "-g", "-fomit-frame-pointer", "-Wall", "-Wextra", "-D_GNU_SOURCE", "-pthread"]
TIMEOUT = 90


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


class Row:
    """A sample: its values by type, the functions of its stack (leaf first), its labels."""

    def __init__(self, values, names, labels):
        self.values, self.names, self.labels = values, names, labels


def read(path):
    """The rows of a profile.proto, by a reader that is not goprof's."""
    profile = pprof.Profile(path)
    raw = {}
    for field, value in pprof.fields(pprof.gzip.decompress(pathlib.Path(path).read_bytes())):
        raw.setdefault(field, []).append(value)
    functions = {f(1): profile.strings[f(2)] for f in map(pprof.record, raw.get(5, []))}
    locations = {}
    for block in raw.get(4, []):
        lines = [pprof.record(v)(1) for n, v in pprof.fields(block) if n == 4]
        locations[pprof.record(block)(1)] = [functions[i] for i in lines]
    rows = []
    for block in raw.get(2, []):
        ids, values, labels = [], [], {}
        for number, value in pprof.fields(block):
            if number == 1:
                ids += pprof.numbers(value)
            elif number == 2:
                values += pprof.numbers(value)
            elif number == 3:
                label = pprof.record(value)
                labels[profile.strings[label(1)]] = profile.strings[label(2)] or label(3)
        names = [name for i in ids for name in locations[i]]
        rows.append(Row(dict(zip((t for t, _ in profile.types), values)), names, labels))
    return profile, rows


def total(rows, value, name=None):
    return sum(r.values[value] for r in rows if name is None or name in r.names)


def compile_program(source, name=None, flags=(), folder=SOURCE, compiler="gcc"):
    out = BUILD / "recorder-tests" / (name or pathlib.Path(source).stem)
    out.parent.mkdir(parents=True, exist_ok=True)
    sources = [str(folder / source)]
    done = subprocess.run([compiler, *PLAIN, f"-I{ROOT}/include", *sources, "-o", str(out),
                           *map(str, flags)], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"compiling {source}: {done.stderr[-400:]}")
    return out


def execute(words, env=None, folder=None):
    return subprocess.run([str(w) for w in words], capture_output=True, text=True,
                          timeout=TIMEOUT, env={**os.environ, **(env or {})}, cwd=folder,
                          check=False)


def record(folder, command, *options, status=0):
    """Runs a command under goprof run and gives its output; status is what must come back."""
    done = execute([GOPROF, "run", *options, "--", *command], folder=folder)
    check(done.returncode == status,
          f"exit {done.returncode}, not {status}: {(done.stdout + done.stderr)[-300:]}")
    return done


def ask(folder, path):
    """Asks the endpoints at the socket "s" of a folder: the status, and the whole answer."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(TIMEOUT)
        s.connect(f"{folder}/s")
        s.sendall(f"GET /{path} HTTP/1.1\r\nHost: localhost\r\n"
                  "Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: s.recv(65536), b""))
    return answer.decode().split(" ", 2)[1], answer.decode()
