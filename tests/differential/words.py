#!/usr/bin/env python3
"""Every flag, command and option that `go tool pprof` documents is known to goprof: the words
are taken from pprof's own usage and from its shell's `help`. GOPROF names the binary."""
import os
import re
import subprocess
import sys

from tool import GOPROF, ROOT

PROFILE = os.path.join(ROOT, "tests", "golden", "profiles", "go_cpu.pb.gz")
TIMEOUT = 60
# What a flag wants where "true" is no good value of it.
VALUES = {"divide_by": "2", "edgefraction": "0.1", "nodefraction": "0.1", "nodecount": "5",
          "sample_index": "0", "unit": "ms", "seconds": "1", "timeout": "5",
          "symbolize": "none", "base": PROFILE, "diff_base": PROFILE}
# They serve pages until stopped, so only their mistake is made: a report beside them.
SERVING = {"http": ["-http=:0", "-top"], "no_browser": ["-no_browser", "-top"]}


def run(words, text=None):
    environment = dict(os.environ, BROWSER="/bin/true", TMPDIR=os.environ.get("TMPDIR", "/tmp"))
    return subprocess.run(words, input=text, capture_output=True, timeout=TIMEOUT,
                          env=environment)


def flags_of(pprof):
    usage = run([pprof, "-h"])
    text = (usage.stdout + usage.stderr).decode()
    return re.findall(r"^\s+-(\w+)[= ]", text, re.MULTILINE)


def shell_words_of(pprof):
    """(commands, options)"""
    help_text = run([pprof, PROFILE], b"help\nquit\n")
    text = (help_text.stdout + b"\n" + help_text.stderr).decode()
    commands, options = text.split("\n  Options:\n", 1)
    groups = re.compile(r"^    (granularity|sort) +\n", re.MULTILINE)
    options = re.findall(r"^ {4,6}(\w+) ", groups.sub("", options), re.MULTILINE)
    return re.findall(r"^ {4}(\w+) {2,}", commands, re.MULTILINE), options


def is_known_flag(word):
    value = VALUES.get(word, "true")
    flags = SERVING.get(word, ["-%s=%s" % (word, value)])
    done = run([GOPROF, *flags, PROFILE], b"quit\n")
    return b"flag provided but not defined" not in done.stderr


def is_known_to_shell(line):
    done = run([GOPROF, PROFILE], line.encode() + b"\nquit\n")
    said = done.stdout + done.stderr
    return b"unrecognized" not in said and b"Unknown command" not in said


def main():
    pprof = subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True,
                           text=True).stdout.strip()
    if not pprof:
        sys.exit("words: go is not installed; it is needed for go tool pprof")
    flags = flags_of(pprof)
    commands, options = shell_words_of(pprof)
    # Otherwise the words were not found where they stand today.
    enough = len(flags) >= 70 and len(commands) >= 25 and len(options) >= 30
    failed = [] if enough else ["only %d flags, %d commands and %d options are documented"
                                % (len(flags), len(commands), len(options))]
    failed += ["-" + word for word in flags if not is_known_flag(word)]
    failed += ["help " + word for word in commands + options
               if not is_known_to_shell("help " + word)]
    failed += ["%s=%s" % (word, VALUES.get(word, "true")) for word in options
               if not is_known_to_shell("%s=%s" % (word, VALUES.get(word, "true")))]
    # The same look at words that nobody knows, lest it sees nothing.
    failed += [word for word in ["nosuchword"] if is_known_flag(word)]
    failed += [word for word in ["nosuchword", "help nosuchword"] if is_known_to_shell(word)]
    for word in failed:
        print("FAIL", word)
    print("words: %d passed, %d failed"
          % (len(flags) + len(commands) + 2 * len(options) + 3 - len(failed), len(failed)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
