"""Releases that goprof does not know: where their runtime keeps what comes from the DWARF of
the program. All of it is compared with the table, where that has the release; then programs
pretend to be of releases that nobody has seen yet."""
import json
import pathlib
import re
import subprocess

import targets
from goroutines import same_blocks
from profiles import texts
from recipes import tool
from targets import FOLDER, Target, goprof

# Every field but those that some release does not have and its table does not either.
FIELDS_LEAST = 400


def agree(suite, show, version, program):
    name = f"layout of {program} {version}"
    path = targets.build(program, version)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    result = subprocess.run([show, path], text=True, capture_output=True)
    alike = re.search(r"^(\d+) alike$", result.stdout, re.M)
    suite.check(f"{name}: DWARF and table agree", result.returncode == 0 and
                result.stdout.count("\n") == 1 and alike and int(alike[1]) >= FIELDS_LEAST,
                result.stdout)


def disguised(program, version, mode, word):
    """A copy of the program that says it was built by another release."""
    path = targets.build(program, version, mode)
    if path is None:
        return None
    bytes_of = path.read_bytes()
    own = re.search(rb"go1\.\d+\.\d+", bytes_of[bytes_of.index(b"\xff Go buildinf:"):])[0]
    assert len(word) == len(own)
    copy = FOLDER / f"{program}-{version}-{mode}-{word}"
    copy.write_bytes(bytes_of.replace(own, word.encode()))
    copy.chmod(0o755)
    return copy


def unknown(suite, version, word):
    """All that needs offsets, against what the program says of itself."""
    name = f"{version} as {word}"
    path = disguised("zoo", version, "plain", word)
    if path is None:
        suite.skip(name, "this release cannot be had here")
        return
    says = f"{word} is not known to this build of goprof: "
    with Target(path, "TRUTH") as target:
        result = goprof("goroutine", target.pid, "--debug=2")
        suite.check(f"{name}: says where offsets come from", says in result.stderr and
                    "DWARF" in result.stderr, result.stderr)
        same_blocks(suite, name, result.stdout, target.tell_truth(), ran={1})
        info = json.loads(goprof("info", target.pid, "--json").stdout)
        suite.check(f"{name}: info", info["go"] == word and info["is_layout_from_dwarf"],
                    info)
    with Target(disguised("profiles", version, "plain", word), "TRUTH") as target:
        stats = goprof("memstats", target.pid, "--json")
        target.tell_truth()
        truth = json.loads(pathlib.Path(f"{target.truth}.memstats").read_text())
        ours = json.loads(stats.stdout or "{}")
        suite.check(f"{name}: memstats", says in stats.stderr and ours.get("NumGC") ==
                    truth["NumGC"] and ours.get("PauseNs") == truth["PauseNs"],
                    stats.stderr)
        for kind in ["heap", "block", "mutex"]:
            text = pathlib.Path(f"{target.truth}.{kind}.1").read_text()
            result = goprof(kind, target.pid, "--debug=1")
            suite.check(f"{name}: {kind}", texts(result.stdout) == texts(text) and
                        len(texts(text)[1]) > 0, result.stderr)


def refused(suite, version, word):
    """Without DWARF there is nothing to go by."""
    path = disguised("zoo", version, "no-dwarf", word)
    if path is None:
        suite.skip(f"{word} without DWARF", "this release cannot be had here")
        return
    with Target(path, "TRUTH") as target:
        for kind in ["goroutine", "heap", "memstats", "info"]:
            result = goprof(kind, target.pid)
            suite.check(f"{word} without DWARF: {kind}", result.returncode == 1 and
                        f"it was built by {word}, whose runtime" in result.stderr and
                        "no DWARF" in result.stderr and not result.stdout, result.stderr)


def run(suite, is_long):
    show = tool("show_layout")
    for version in targets.ALL_VERSIONS:
        if is_long or version in targets.VERSIONS:
            for program in ["zoo", "profiles", "crowd"] if is_long else ["profiles"]:
                agree(suite, show, version, program)
    unknown(suite, "1.27", "go1.98.0")
    unknown(suite, "1.19", "go1.19rc")
    for version in ["1.21", "1.22", "1.24", "1.25"] if is_long else []:
        unknown(suite, version, f"go{version}rc")
    refused(suite, "1.26", "go1.98.8")
