"""Runs a command of either tool as a user would, in one time zone."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GOPROF = os.environ.get("GOPROF", os.path.join(ROOT, os.environ.get("BUILD", "build"), "goprof"))


def run(args, cwd=None, env=None):
    full = dict(os.environ, TZ="America/New_York", **(env or {}))
    done = subprocess.run(args, cwd=cwd, env=full, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def check_run(args, **more):
    status, _, err = run(args, **more)
    if status != 0:
        sys.exit("differential: %s failed:\n%s" % (" ".join(args), err.decode()))


def decode_proto(path, pprof, data):
    """Compares what a profile says, not how it was packed."""
    with open(path, "wb") as f:
        f.write(data)
    _, out, err = run([pprof, "-raw", path])
    return (out + err).replace(os.path.basename(path).encode(), b"")
