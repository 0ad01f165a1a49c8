"""Debian's own programs as targets: stripped, without frame pointers, built by others. Their
shares are not known, their call paths are: whole stacks, and the library they work in."""
import os
import shutil
import subprocess

from checks import KERNEL, ROOTS, WHOLE, count, follows
from pprof import Profile

RATE = 997
QUERY = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000) "
         "SELECT sum(i * i % 7), count(DISTINCT i % 1000) FROM n;")
LOOP = "x = 1\nfor i in range(6000000): x = x * 31 + i & 0xffffff"

# Program, its words, part of the file name that nearly all stacks must pass, and a call path.
TARGETS = [
    ("xz", ["-T2", "-9", "--block-size=1MiB", "--stdout", "TEXT"], "liblzma", ()),
    ("gzip", ["-9", "--stdout", "TEXT"], "gzip", ()),
    ("sqlite3", [":memory:", QUERY], "libsqlite3", ("sqlite3_step",)),
    ("python3", ["-I", "-S", "-c", LOOP], "python", ("Py_BytesMain", "_PyEval_EvalFrameDefault")),
    ("git", ["-C", "/usr/include/linux", "grep", "--no-index", "-E", "-c", "(a|b).*(c|d).*[e-k]+x"],
     "git", ()),
]


def make_text(path):
    """A few megabytes of what this machine has in any case: its headers and libraries."""
    with open(path, "wb") as out:
        for folder, _, names in os.walk("/usr/include"):
            for name in sorted(names):
                file = os.path.join(folder, name)
                if os.path.isfile(file) and out.tell() < 3 << 20:
                    with open(file, "rb") as source:
                        out.write(source.read())


def is_whole(sample):
    """Stripped programs do not name _start, but what calls main is known by libc's name."""
    ends = sample.frames[-3:]
    return bool(ends) and (any(ROOTS.fullmatch(f.name) for f in ends)
                           or bool(KERNEL.fullmatch(ends[-1].mapping)))


def check_target(suite, build, program, words, file, path):
    out = build / "truth" / f"debian-{program}.pb.gz"
    out.unlink(missing_ok=True)
    result = subprocess.run([build / "goprof", "cpu", "--rate", str(RATE), "-o", out, "--",
                             program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            text=True, timeout=60)
    if not out.exists():
        suite.fail(program, "is recorded", f"exit {result.returncode}: {result.stderr[-300:]}")
        return
    profile = Profile(out)
    print(f"{program}: {profile.count} samples, quality {profile.quality()}")
    suite.expect(program, "leaves its exit status", result.returncode == 0,
                 f"exit {result.returncode}")
    cut = [s for s in profile.samples if not is_whole(s)]
    suite.expect(program, "whole stacks",
                 profile.count > 100 and count(cut) <= (1 - WHOLE) * profile.count,
                 f"{count(cut)} of {profile.count} do not reach the root; one: "
                 f"{[f.name or f.mapping for s in cut[:1] for f in s.frames[:-9:-1]]}")
    inside = [s for s in profile.samples if any(file in f.mapping for f in s.frames)]
    suite.expect(program, f"works in {file}", count(inside) >= 0.9 * profile.count,
                 f"{count(inside)} of {profile.count} samples pass it")
    if path:
        by_path = [s for s in profile.samples if follows(s.names[::-1], path)]
        suite.expect(program, f"path to {path[-1]}", count(by_path) >= 0.8 * profile.count,
                     f"{count(by_path)} of {profile.count} samples")


def check_all(suite, build):
    text = build / "truth" / "text"
    make_text(text)
    for program, words, file, path in TARGETS:
        if shutil.which(program):
            words = [str(text) if word == "TEXT" else word for word in words]
            check_target(suite, build, program, words, file, path)
        else:
            suite.skip(program, "is not installed")
