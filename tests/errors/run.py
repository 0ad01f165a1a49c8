#!/usr/bin/env python3
"""The error contract: whatever is wrong, goprof says so in one sentence that names the thing
and a way out, exits 1 (failed) or 2 (wrong usage), prints nothing else and leaves no
half-written file. BUILD names the build folder."""
import errno
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import inputs

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
NOBODY = 65534
TIMEOUT = 60

# A way out is a verb addressed to the reader, or a place to look.
REMEDY = re.compile(r"\b(try|use|run|see|check|pass|choose|write|give|take|record|install|free|"
                    r"expected|wants?|needs?|must be|missing|at least|at most|sudo|doctor|help|"
                    r"goprof \w+|No space left)\b")


class Suite:
    def __init__(self, folder):
        self.folder = folder
        self.goprof = folder / "bin" / "goprof"
        self.passed = self.failed = self.skipped = 0

    def verdict(self, name, complaints):
        if complaints:
            self.failed += 1
            print(f"FAIL {name}: " + "; ".join(complaints))
        else:
            self.passed += 1

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip {name}: {why}")

    def run(self, *words, **options):
        return subprocess.run([str(self.goprof), *map(str, words)], cwd=self.folder,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                              stdout=options.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, **options)

    def refuses(self, name, exit_codes, says, *words, **options):
        """Runs goprof and checks the whole contract; `says` is what the sentence names."""
        stdout = options.get("stdout")
        try:
            result = self.run(*words, **options)
        except subprocess.TimeoutExpired:
            self.verdict(name, [f"still running after {TIMEOUT} s"])
            return
        complaints = objections_to_text(result.stderr.decode(errors="replace"), says)
        if result.returncode not in exit_codes:
            complaints.append(f"exit {result.returncode}, not {exit_codes}")
        if stdout is None and result.stdout:
            complaints.append(f"{len(result.stdout)} bytes on stdout")
        self.verdict(name, complaints)


def objections_to_text(text, says):
    complaints = []
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        complaints.append(f"{len(lines)} lines on stderr, not one sentence")
    if not re.search(says, text):
        complaints.append(f"does not name {says!r}")
    if not REMEDY.search(text):
        complaints.append("says no way out")
    if complaints:
        complaints.append(f"it said {text[:300]!r}")
    return complaints


def allow_2_gib():
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def check_files(suite):
    for name in inputs.broken_profiles():
        suite.refuses(f"file {name}", [1], re.escape(name), "-top", name)
    suite.refuses("no such file", [1], "nowhere", "-top", "nowhere")
    suite.refuses("directory", [1], "bin", "-top", "bin")
    suite.refuses("a program instead of a profile", [1], "true", "-top", "/bin/true")
    for name in ("gzip-bomb", "gzip-bomb-of-strings"):
        started = time.monotonic()
        suite.refuses(name, [1], r"limit|beyond", "-top", name, preexec_fn=allow_2_gib)
        took = time.monotonic() - started
        suite.verdict(f"{name} in time", [f"took {took:.0f} s"] if took > 20 else [])


def check_usage(suite):
    usage = [
        ("unknown flag", "frobnicate", ["-frobnicate", "good"]),
        ("unknown flag of cpu", "frobnicate", ["cpu", "--frobnicate", "1"]),
        ("flag without its value", "nodecount", ["-top", "good", "-nodecount"]),
        ("-o without its value", "-o", ["-top", "good", "-o"]),
        ("number that is none", "twelve", ["-top", "-nodecount=twelve", "good"]),
        ("two formats", "top|tree|format", ["-top", "-tree", "good"]),
        ("cpu without a source", "cpu|source|PID", ["cpu"]),
        ("cpu with nothing behind --", "command|COMMAND|--", ["cpu", "--"]),
        ("seconds that are none", "soon", ["cpu", "--seconds", "soon", "1"]),
        ("negative seconds", "-3|seconds", ["cpu", "--seconds", "-3", "1"]),
        ("rate of nothing", "rate", ["cpu", "--rate", "0", "1"]),
        ("rate beyond reason", "rate", ["cpu", "--rate", "99999999999", "1"]),
        ("bad regular expression", r"\(", ["-top", "-focus=(", "good"]),
        ("unknown sample type", "acorns", ["-top", "-sample_index=acorns", "good"]),
    ]
    for name, says, words in usage:
        suite.refuses(name, [2], says, *words)
    bare = suite.run()
    suite.verdict("no argument at all",
                  ([] if bare.returncode == 2 else [f"exit {bare.returncode}"])
                  + ([] if b"goprof" in bare.stderr else ["no usage on stderr"]))
    suite.refuses("list of an unknown function", [1, 2], "nosuch", "-list=nosuch", "good")


def check_output(suite):
    out = suite.folder / "out"
    suite.refuses("output into a missing folder", [1], "missing/out",
                  "-proto", "-o", "missing/out", "good")
    suite.refuses("output onto a folder", [1], "bin", "-proto", "-o", "bin", "good")
    suite.refuses("output onto a full disk", [1], "/dev/full", "-proto", "-o", "/dev/full", "good")
    with open("/dev/full", "wb") as full:
        suite.refuses("stdout is full", [1], "stdout|output|No space", "-top", "good", stdout=full)
    out.write_text("kept")
    for name in ("proto-truncated", "location-missing"):
        suite.refuses(f"{name} to a file", [1], name, "-proto", "-o", "out", name)
    suite.verdict("a failure keeps what was there",
                  [] if out.read_text() == "kept" else ["the file was overwritten"])
    suite.refuses("recording into a missing folder", [1], "missing/out",
                  "cpu", "-o", "missing/out", "--", "true")
    left = sorted(p.name for p in suite.folder.iterdir() if re.search(r"tmp|out.+|part", p.name))
    suite.verdict("no half-written file is left", [f"found {left}"] if left else [])


def dead_pid():
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def check_processes(suite):
    pid = dead_pid()
    suite.refuses("no such process", [1], str(pid), "cpu", "--seconds", "1", str(pid))
    doctor = suite.run("doctor", pid)
    suite.verdict("doctor of no process", [] if doctor.returncode == 1
                  and str(pid).encode() in doctor.stdout + doctor.stderr
                  else [f"exit {doctor.returncode}, {doctor.stdout!r}"])
    suite.refuses("no such command", [1, 127], "no-such-command", "cpu", "--", "no-such-command")
    suite.refuses("command that is no program", [1, 126], "script", "cpu", "--", "./script")


def spinner(seconds):
    return subprocess.Popen([sys.executable, "-c",
                             f"import time\nend = time.time() + {seconds}\n"
                             "while time.time() < end: sum(range(1000))"])


def recorded(suite, name, result, code, out="recorded"):
    path = suite.folder / out
    complaints = []
    if result.returncode != code:
        complaints.append(f"exit {result.returncode}, not {code}: {result.stderr[:300]!r}")
    if not path.is_file() or suite.run("-top", out).returncode != 0:
        complaints.append("no profile that can be read was left")
    path.unlink(missing_ok=True)
    suite.verdict(name, complaints)


def check_recording(suite):
    """What is not an error: the program's own end, however it comes about."""
    spin = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
    for name, tail, code in [("exit status passes through", "exit 7", 7),
                             ("death by signal shows as in a shell", "kill -KILL $$", 137)]:
        result = suite.run("cpu", "-o", "recorded", "--", "sh", "-c", spin + tail)
        recorded(suite, name, result, code)
    result = suite.run("cpu", "-o", "recorded", "--", "sh", "-c", spin + "echo out; echo err >&2")
    suite.verdict("the command's output is untouched",
                  [] if result.stdout == b"out\n" and b"err\n" in result.stderr
                  else [f"stdout {result.stdout!r}, stderr {result.stderr!r}"])

    target = spinner(1)
    started = time.monotonic()
    result = suite.run("cpu", "--seconds", "40", "-o", "recorded", target.pid)
    took = time.monotonic() - started
    target.wait()
    recorded(suite, "the process ends during the recording", result, 0)
    suite.verdict("and so does the recording", [f"took {took:.0f} s"] if took > 10 else [])


def check_interrupt(suite):
    for number in (signal.SIGINT, signal.SIGTERM):
        target = spinner(20)
        recorder = subprocess.Popen([suite.goprof, "cpu", "--seconds", "40", "-o", "recorded",
                                     str(target.pid)], cwd=suite.folder,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1.5)
        recorder.send_signal(number)
        try:
            recorder.stdout_text, recorder.stderr = recorder.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            recorder.kill()
            recorder.stderr = b"killed by the test"
        recorded(suite, f"{number.name} ends a recording, not its report", recorder, 0)
        suite.verdict(f"{number.name} spares the target",
                      [] if target.poll() is None else ["the target is dead"])
        target.kill()
        target.wait()


def check_permissions(suite):
    if os.geteuid() != 0:
        suite.skip("permissions", "only root can become nobody")
        return
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    secret = suite.folder / "secret"
    shutil.copy(suite.folder / "good", secret)
    secret.chmod(0o600)
    suite.refuses("unreadable file", [1], "secret", "-top", "secret", **as_nobody)
    suite.refuses("unwritable folder", [1], "denied", "-proto", "-o", "denied", "good",
                  **as_nobody)
    target = spinner(20)
    suite.refuses("a process of somebody else", [1], str(target.pid), "cpu", "--seconds", "1",
                  str(target.pid), **as_nobody)
    target.kill()
    target.wait()


def check_sandbox(suite):
    """A container's seccomp filter: `cpu` and `doctor` name it, whatever error it answers."""
    refused = suite.folder / "bin" / "refused"
    source = ROOT / "tests" / "programs" / "refused.c"
    if subprocess.run(["cc", "-o", refused, source], capture_output=True).returncode != 0:
        suite.skip("a seccomp filter", "no C compiler, or no seccomp headers")
        return
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    for number in (errno.EPERM, errno.EACCES, errno.ENOSYS):
        for words in (["cpu", "--", "true"], ["doctor"]):
            name = f"{words[0]} under a filter that answers {errno.errorcode[number]}"
            result = subprocess.run([refused, str(number), suite.goprof, *words],
                                    capture_output=True, text=True, timeout=TIMEOUT,
                                    cwd=suite.folder, **as_nobody)
            said = [line for line in (result.stdout + result.stderr).splitlines()
                    if "seccomp filter is in force" in line and "--cap-add PERFMON" in line]
            suite.verdict(name, [] if result.returncode == 1 and len(said) == 1
                          else [f"exit {result.returncode}, {result.stdout}{result.stderr}"])


def check_replaced(suite):
    """A program whose file is no longer the one that runs: said so, and recorded all the same."""
    program = suite.folder / "bin" / "looper"
    source = suite.folder / "looper.c"
    source.write_text("int main(void) { for (volatile unsigned long i = 0;; i++) ; }\n")
    if subprocess.run(["cc", "-o", program, source], capture_output=True).returncode != 0:
        suite.skip("a replaced program", "no C compiler")
        return
    target = subprocess.Popen([program])
    try:
        time.sleep(0.2)
        other = suite.folder / "other"
        source.write_text("int other; int main(void) { return other; }\n")
        subprocess.run(["cc", "-o", other, source], check=True)
        other.rename(program)
        result = suite.run("cpu", "--seconds", "0.5", "-o", "recorded", target.pid)
        text = result.stderr.decode()
        suite.verdict("a replaced program's names are its own",
                      [] if b" main" in suite.run("-top", "recorded").stdout
                      or "was replaced since the process started" in text else [text])
        recorded(suite, "a program whose file was replaced", result, 0)
    finally:
        target.kill()
        target.wait()


def check_viewers(suite):
    temporary = suite.folder / "viewed"
    temporary.mkdir()
    env = dict(os.environ, TMPDIR=str(temporary), PATH=str(temporary))
    suite.refuses("a viewer that is not installed", [1], "kcachegrind", "-kcachegrind", "good",
                  env=env)
    browser = suite.folder / "bin" / "browser"
    browser.write_text('#!/bin/sh\ncp "$1" "$0.seen.part" && mv "$0.seen.part" "$0.seen"\n')
    browser.chmod(0o755)
    result = suite.run("-web", "good", env=dict(os.environ, BROWSER=str(browser),
                                                TMPDIR=str(temporary)))
    seen = suite.folder / "bin" / "browser.seen"
    deadline = time.monotonic() + TIMEOUT  # the browser lives on by itself
    while not seen.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    is_picture = seen.exists() and b"<svg" in seen.read_bytes()
    suite.verdict("-web shows a picture in $BROWSER",
                  ([] if result.returncode == 0 else [f"exit {result.returncode}"])
                  + ([] if is_picture else ["the browser got no picture"]))


def check_nothing_to_show(suite):
    result = suite.run("-top", "no-samples")
    text = (result.stdout + result.stderr).decode()
    suite.verdict("a profile with nothing in it is explained",
                  ([] if result.returncode == 0 else [f"exit {result.returncode}"])
                  + ([] if re.search(r"no samples|empty|nothing", text) else [f"said {text!r}"]))


def main():
    with tempfile.TemporaryDirectory(prefix="goprof-errors-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "bin").mkdir()
        # A copy: the build folder may lie where nobody cannot look.
        shutil.copy(ROOT / BUILD / "goprof", folder / "bin" / "goprof")
        inputs.write_all(folder)
        suite = Suite(folder)
        for check in (check_files, check_usage, check_output, check_processes,
                      check_permissions, check_sandbox, check_nothing_to_show,
                      check_viewers):
            check(suite)
        trial = suite.run("cpu", "-o", "/dev/null", "--", "true")
        if trial.returncode != 0 and re.search(rb"permi|paranoid", trial.stderr):
            suite.skip("recordings", trial.stderr.decode().strip())
        else:
            check_recording(suite)
            check_interrupt(suite)
            check_replaced(suite)
    print(f"errors: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
