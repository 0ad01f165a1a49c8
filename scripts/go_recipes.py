#!/usr/bin/env python3
"""Writes src/golang/recipe_table.c: how to find the runtime's variables in a program that
has no symbols, from the code of small programs built by each release of Go.

  scripts/go_recipes.py             all lines again
  scripts/go_recipes.py 1.28        these lines only; the others keep their rows

A recipe is an instruction that refers to the variable: the function it is in, its offset
there, its bytes, where in them the distance to the variable stands, and how far into the
variable that points. Needs objdump and nm here; goprof itself needs neither.
"""
import bisect
import json
import pathlib
import re
import struct
import subprocess
import sys

import go_layouts

ROOT = go_layouts.ROOT
TABLE = ROOT / "src/golang/recipe_table.c"
CACHE = ROOT / "build/go_recipes"

# Lines without a toolchain: recipes that were made from a program of that release.
KEPT = {20: go_layouts.DATA / "go1.20.14.recipes.json"}

GLOBALS = """allgs allglen allgptr allm allp sched memstats mheap_ work gcController mbuckets
bbuckets xbuckets MemProfileRate disableMemoryProfiling blockprofilerate mutexprofilerate
mProfCycle ticks runtimeInitTime gomaxprocs ncpu debug waitReasonStrings gcBlackenEnabled
fingStatus fing firstmoduledata lastmoduledatap starttime panicking buildVersion iscgo m0 g0
mcache0 gcphase writeBarrier forcegc physPageSize semtable gcCPULimiter finq
godebugDefault""".split()

# Programs of these kinds refer to a variable by other instructions, or from other places.
# The last is for variables that only a program with profiles of its own has.
MODES = {"exe": [], "pie": ["-buildmode=pie"], "race": ["-race"], "pprof": []}
MAX_FROM = {"exe": 6, "pie": 3, "race": 3, "pprof": 6}

EMPTY = "package main\n\nfunc main() {}\n"
PROFILING = """package main

import (
	"os"
	"runtime/pprof"
)

func main() { pprof.Lookup("block").WriteTo(os.Stdout, 0) }
"""


def build(version, mode):
    """The path of an empty program of that release and mode, None where it cannot be made."""
    folder = CACHE / f"{version}-{mode}"
    program = folder / "probe"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "go.mod").write_text("module probe\n")
        (folder / "main.go").write_text(PROFILING if mode == "pprof" else EMPTY)
        done = subprocess.run(
            [go_layouts.toolchain(version), "build", *MODES[mode], "-o", "probe", "."],
            cwd=folder, stderr=subprocess.PIPE, text=True,
            env={"GOTOOLCHAIN": "local", "HOME": str(go_layouts.CACHE), "GO111MODULE": "on",
                 "CGO_ENABLED": "1" if mode == "race" else "0", "PATH": "/usr/bin:/bin"})
        if done.returncode != 0:
            print(f"no {mode} program of go{version}: {done.stderr.strip()}", file=sys.stderr)
            return None
    return program


def symbols(program):
    """Functions [(address, size, name)] and variables [(address, size, name)], in order."""
    functions, variables = [], []
    wanted = {"runtime." + name for name in GLOBALS}
    text = subprocess.run(["nm", "-S", "-n", program], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    for line in text.splitlines():
        match = re.match(r"([0-9a-f]+) ([0-9a-f]+) (\w) (\S+)$", line)
        if not match:
            continue
        row = (int(match[1], 16), int(match[2], 16), match[4].removesuffix(".abi0"))
        if match[3] in "tT" and row[2].startswith("runtime."):
            functions.append(row)
        elif row[2] in wanted:
            variables.append(row)
    return functions, variables


def references(program):
    """(address, next address, bytes, target) of each instruction that names a place by its
    distance from the next instruction."""
    text = subprocess.run(["objdump", "-d", "-w", "-j", ".text", program], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    for line in text.splitlines():
        match = re.match(r"\s*([0-9a-f]+):\t([0-9a-f ]+)\t.*\(%rip\).*# ([0-9a-f]+)", line)
        if match:
            code = bytes.fromhex(match[2])
            address = int(match[1], 16)
            yield address, address + len(code), code, int(match[3], 16)


def covering(rows, starts, address):
    index = bisect.bisect_right(starts, address) - 1
    if index < 0:
        return None
    start, size, _ = rows[index]
    return rows[index] if start <= address < start + max(size, 1) else None


def recipes_of(program, limit):
    """{global: [(function, offset, position, length, addend, code)]}, small functions
    first, one of each function: what they have in common is least likely to change."""
    functions, variables = symbols(program)
    function_starts = [row[0] for row in functions]
    variable_starts = [row[0] for row in variables]
    found = {}
    for address, after, code, target in references(program):
        variable = covering(variables, variable_starts, target)
        function = covering(functions, function_starts, address)
        position = code.find(struct.pack("<i", target - after))
        if not variable or not function or position < 0:
            continue
        blank = code[:position] + bytes(4) + code[position + 4:]
        found.setdefault(variable[2], []).append(
            (function[1], (function[2], address - function[0], position, len(code),
                           target - variable[0], blank.hex())))
    return {name: one_of_each_function(rows, limit) for name, rows in found.items()}


def one_of_each_function(rows, limit):
    chosen = {}
    for _, recipe in sorted(rows):
        chosen.setdefault(recipe[0], recipe)
    return list(chosen.values())[:limit]


def kept_recipes(path):
    """The file's rows: function, offset, position, length, addend, bytes before and behind."""
    kept = json.loads(path.read_text())
    return {name: [(f, offset, position, length, addend, before + "00000000" + behind)
                   for f, offset, position, length, addend, before, behind in rows]
            for name, rows in kept.items() if name.removeprefix("runtime.") in GLOBALS}


def recipes_of_line(minor):
    if minor in KEPT:
        return {(minor, 0): kept_recipes(KEPT[minor])}
    releases = next((line for line in go_layouts.LINES
                     if go_layouts.number(line[0])[1] == minor), [f"1.{minor}.0"])
    parts = [recipes_of_release(version) for version in reversed(releases)]
    moved = {name for part in parts[1:] for name in conflicts(parts[0], part)}
    merged = {}
    for part in parts:
        for name, rows in part.items():
            known = merged.setdefault(name, [])
            known += [row for row in rows if row not in known]
    if not moved:
        return {(minor, 0): merged}
    border = border_of(minor, moved)
    print(f"go1.{minor}: {' '.join(sorted(moved))} moved with go1.{minor}.{border}")
    only = [{name: part[name] for name in moved if name in part} for part in parts]
    return {(minor, 0): merged | only[-1], (minor, border): merged | only[0]}


def recipes_of_release(version):
    merged = {}
    for mode, limit in MAX_FROM.items():
        program = build(version, mode)
        for name, rows in (recipes_of(program, limit) if program else {}).items():
            known = merged.setdefault(name, [])
            if known and mode == "pprof":
                continue
            known += [row for row in rows if row not in known]
    return merged


def conflicts(a, b):
    """Variables to which the same instruction in the same place points differently."""
    for name in a.keys() & b.keys():
        addends = {(row[:4], row[5]): row[4] for row in a[name]}
        if any(addends.get((row[:4], row[5]), row[4]) != row[4] for row in b[name]):
            yield name


def border_of(minor, moved):
    """The patch release that moved the fields of a variable, by the table of layouts."""
    groups = {name.removeprefix("runtime.") for name in moved}
    rows = [row for row in go_layouts.read_table() if go_layouts.number(row[0])[1] == minor]
    for (_, _, before), (first, _, after) in zip(rows, rows[1:]):
        if any(after[key] != before[key] for key in after if key[0] in groups):
            return go_layouts.number(first)[2]
    sys.exit(f"go_recipes: {', '.join(moved)} moved within go1.{minor}: read its layouts first")


def read_table():
    """{(minor, first patch): {global: rows}} of recipe_table.c."""
    lines, rows = {}, None
    for line in TABLE.read_text().splitlines() if TABLE.exists() else []:
        if match := re.match(r"static const struct go_recipe recipes_(\d+)_(\d+)\[\]", line):
            rows = lines.setdefault((int(match[1]), int(match[2])), {})
        elif match := re.match(r'\t\{ "(.*?)", "(.*?)", "(.*?)", (-?\d+), (\d+), (\d+), (\d+) \},',
                               line):
            code = bytes(int(byte, 16) for byte in re.findall(r"\\x(..)", match[3]))
            rows.setdefault(match[1], []).append(
                (match[2], int(match[5]), int(match[6]), int(match[7]), int(match[4]),
                 code.hex()))
    return lines


def write_recipe(name, recipe):
    function, offset, position, length, addend, code = recipe
    escaped = "".join(f"\\x{byte:02x}" for byte in bytes.fromhex(code))
    return (f'\t{{ "{name}", "{function}", "{escaped}", {addend}, {offset}, {position}, '
            f'{length} }},')


def write_table(lines):
    text = ["// A generated table: recipes for variables. scripts/go_recipes.py writes it.",
            '#include "golang/recipe_table.h"', "", "// clang-format off"]
    for (minor, patch), recipes in sorted(lines.items()):
        text += ["", f"static const struct go_recipe recipes_{minor}_{patch}[] = {{"]
        text += [write_recipe(name, recipe) for name in sorted(recipes)
                 for recipe in recipes[name]]
        text += ["};"]
    text += ["", "const struct go_recipe_line go_recipe_lines[] = {"]
    text += [f"\t{{ {minor}, {patch}, recipes_{minor}_{patch}, "
             f"sizeof(recipes_{minor}_{patch}) / sizeof(struct go_recipe) }},"
             for minor, patch in sorted(lines)]
    text += ["};", "", "const size_t go_recipe_line_count =",
             "\tsizeof(go_recipe_lines) / sizeof(go_recipe_lines[0]);", ""]
    TABLE.write_text("\n".join(text))


def main(arguments):
    lines = read_table()
    minors = ([int(a.split(".")[1]) for a in arguments]
              or [go_layouts.number(line[0])[1] for line in go_layouts.LINES])
    for minor in minors:
        lines = {key: recipes for key, recipes in lines.items() if key[0] != minor}
        for (_, patch), recipes in recipes_of_line(minor).items():
            lines[minor, patch] = recipes
            missing = [n for n in GLOBALS if "runtime." + n not in recipes]
            print(f"go1.{minor}.{patch}: {len(recipes)} variables, none for: "
                  f"{' '.join(missing)}")
    write_table(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
