"""goprof KIND -- COMMAND: its output and exit status are its own, lines and profiles are of
all its life."""
import os
import re
import signal
import subprocess
import time

import targets
from targets import BUILD, FOLDER, goprof


def run_until(signal_number, seconds, *words, **options):
    """A run of goprof that gets a signal after a time; what came of it."""
    process = subprocess.Popen([str(word) for word in (BUILD / "goprof", *words)],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, **options)
    time.sleep(seconds)
    process.send_signal(signal_number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def collections(suite, version):
    program = targets.build("collector", version)
    if program is None:
        suite.skip(f"commands {version}", "that release of Go cannot be had here")
        return
    name = f"gctrace -- COMMAND {version}"
    status, out, err = run_until(signal.SIGTERM, 1.5, "gctrace", "--", program,
                                 env=dict(os.environ, GODEBUG="gctrace=1"))
    lines = [line for line in err.splitlines() if line.startswith("gc ")]
    told = [line for line in lines if "(missed" not in line]
    twice = {line for line in told if told.count(line) == 2}
    suite.check(f"{name}: the signal went to the command", status == 128 + signal.SIGTERM,
                (status, err[-500:]))
    suite.check(f"{name}: its output is its own", out == "ready\n", out)
    # Of a busy machine a few may be missed, and the program's last line may be cut.
    suite.check(f"{name}: collections as it tells them itself, from the start",
                len(twice) >= 3 and 2 * len(twice) >= 0.8 * len(told), (len(twice), lines))


def resting(suite):
    program = targets.build("resting", "1.26")
    profile = FOLDER / "command.wall"
    shell = ["sh", "-c", "sleep 1; echo"]

    def run(*words):
        with subprocess.Popen(shell, stdout=subprocess.PIPE) as feeder:
            result = subprocess.run([str(word) for word in (BUILD / "goprof", *words, "--",
                                                            program)],
                                    stdin=feeder.stdout, capture_output=True, text=True,
                                    timeout=60)
        return result

    result = run("schedtrace", "--period=200ms")
    suite.check("schedtrace -- COMMAND", result.returncode == 0 and result.stdout ==
                "ready\n" and len(re.findall(r"(?m)^SCHED \d+ms: ", result.stderr)) >= 2,
                result)
    result = run("wall", "-o", profile)
    suite.check("wall -- COMMAND", result.returncode == 0 and result.stdout == "ready\n",
                result)
    shown = goprof("-top", profile)
    suite.check("wall -- COMMAND: of all its life", re.search(
        r"Duration: ([\d.]+)(m?s), ", shown.stdout) and "main.main" in shown.stdout, shown)
    result = run("goroutine", "--seconds=0.4", "--debug=2")
    suite.check("goroutine --seconds -- COMMAND", result.returncode == 0 and
                result.stdout.startswith("ready\n") and
                result.stdout.count("main.main.func1(") == 5, result)


def refusals(suite):
    for kind in ("goroutine", "heap", "mutex", "threadcreate"):
        result = goprof(kind, "--", "true")
        suite.check(f"{kind} -- COMMAND: not without a time", result.returncode == 2 and
                    "--seconds" in result.stderr, result)
    result = goprof("schedtrace", "--period=100ms", "--", "sh", "-c",
                    "echo out; sleep 0.5; exit 4")
    suite.check("threads of any command, and its exit status", result.returncode == 4 and
                result.stdout == "out\n" and "SCHED " in result.stderr, result)
    result = goprof("gctrace", "--", "sleep", "0.5")
    suite.check("no collections without Go", result.returncode == 1 and
                "no Go program" in result.stderr, result)
    result = goprof("wall", "--", "no-such-command")
    suite.check("no such command", result.returncode == 127 and
                "command not found" in result.stderr, result)


def run(suite, is_long):
    for version in targets.ALL_VERSIONS if is_long else ("1.19", "1.26"):
        collections(suite, version)
    resting(suite)
    refusals(suite)
