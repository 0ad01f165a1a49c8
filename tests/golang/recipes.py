"""Variables of stripped programs, as recipes find them in the code, against the symbols of
the same program built with them: never a wrong one, and few missing."""
import os
import re
import subprocess

import targets
from targets import BUILD, FOLDER, ROOT

# What the readers cannot do without.
NEEDED = """allgs allglen allgptr allm allp sched memstats mheap_ work gcController mbuckets
bbuckets xbuckets MemProfileRate disableMemoryProfiling blockprofilerate mutexprofilerate
mProfCycle waitReasonStrings m0 g0 firstmoduledata""".split()

MODES = ["plain", "pie", "race", "trimpath", "external"]


def tool(name="show_recipes"):
    """A program of this folder, linked with the house."""
    out = FOLDER / name
    FOLDER.mkdir(parents=True, exist_ok=True)
    flags = subprocess.run(["make", "-s", "print-LDLIBS"], cwd=ROOT, text=True, check=True,
                           capture_output=True).stdout.split()
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-D_GNU_SOURCE", "-Isrc", "-o",
                    out, f"tests/golang/{name}.c", BUILD / "libhouse.a", *flags],
                   cwd=ROOT, check=True)
    return out


def symbols(program):
    text = subprocess.run(["nm", program], check=True, text=True,
                          capture_output=True).stdout
    return {name: int(address, 16)
            for address, name in re.findall(r"^([0-9a-f]+) \w (\S+)$", text, re.M)}


def compare(suite, show, version, mode):
    name = f"recipes {version} {mode}"
    program = targets.build("profiles", version, mode)
    if program is None:
        suite.skip(name, "this release cannot be had here")
        return
    text = subprocess.run([show, program], check=True, text=True, capture_output=True).stdout
    found = {line.split()[0]: int(line.split()[1], 16) for line in text.splitlines()}
    truth = symbols(program)
    wrong = {n: (hex(a), hex(truth.get(n, 0))) for n, a in found.items() if truth.get(n) != a}
    suite.check(f"{name}: none is wrong", not wrong, wrong)
    missing = [n for n in NEEDED if f"runtime.{n}" not in found]
    suite.check(f"{name}: none is missing", not missing, missing)


def run(suite, is_long):
    show = tool()
    # Patch releases that moved something, too.
    every = targets.ALL_VERSIONS + ["1.21.6", "1.23.12", "1.24.13"]
    for version in every if is_long else targets.VERSIONS:
        for mode in MODES if is_long else ["plain"]:
            compare(suite, show, version, mode)
