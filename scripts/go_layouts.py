#!/usr/bin/env python3
"""Writes src/golang/layout_table.c: where the fields that src/golang/layout.h names lie in
each release of Go, from the DWARF of a program that the release itself builds; and
src/golang/layout_fields.c: those names, for programs of releases that are not in the table.

  scripts/go_layouts.py fields      the names alone
  scripts/go_layouts.py             all releases again (fetches some twenty toolchains)
  scripts/go_layouts.py 1.28.0      these releases only; the others keep their rows

Between two releases of one line that agree, all are taken to agree; between two that do
not, the script looks at the releases in the middle until it has found where they part. Not
every release can be had: where those that can leave a choice, CHANGES decides.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "src/golang/layout.h"
TABLE = ROOT / "src/golang/layout_table.c"
FIELDS = ROOT / "src/golang/layout_fields.c"
CACHE = ROOT / "build/go_layouts"
DATA = ROOT / "scripts/go_layouts"

# First and newest release of each line that is looked at. There is no toolchain module
# before 1.21: 1.19 is Debian's.
LINES = [["1.19.8"], ["1.20.14"], ["1.21.0", "1.21.13"], ["1.22.0", "1.22.12"],
         ["1.23.0", "1.23.12"], ["1.24.0", "1.24.13"], ["1.25.0", "1.25.12"],
         ["1.26.0", "1.26.8"], ["1.27.0"]]

# Releases that nothing here can build: their numbers are kept in a file that was read from
# the DWARF of programs of that release, in the format of fields.go.
KEPT = {"1.20.14": DATA / "go1.20.14.txt"}

# Releases that can be had nowhere, by their difference to a later one. mspan got
# freeIndexForScan as its last field in 1.19.4.
DERIVED = {"1.19.3": ("1.19.8", {("mspan", "free_index_for_scan"): -1, ("mspan", "size"): 136})}

# The release of a line that brought a change, by the sources of the releases around it.
CHANGES = {}

PROGRAM = """package main

import (
	"net/http"
	_ "net/http/pprof"
	"runtime"
	"runtime/debug"
	"time"
)

func main() {
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	debug.SetGCPercent(50)
	time.AfterFunc(time.Hour, runtime.GC)
	http.ListenAndServe("localhost:0", nil)
}
"""


def read_header():
    """[(group, runtime's type, [(member, runtime's names of the field)])] of layout.h."""
    groups, members = [], None
    for line in HEADER.read_text().splitlines():
        if line == "\tstruct {":
            members = []
        elif match := re.match(r"\t\tint32_t (\w+);\s*// (.*)", line):
            members.append((match[1], match[2].split(":")[0].strip().split(" | ")))
        elif members is not None and (match := re.match(r"\t} (\w+);\s*// (.*)", line)):
            groups.append((match[1], match[2].split(" | "), members))
            members = None
    return groups


def number(version):
    return tuple(int(part) for part in version.split("."))


def toolchain(version):
    line = version if version.split(".")[1] != "19" else "1.19"
    done = subprocess.run([ROOT / "scripts/go_toolchain.sh", line], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def build(version, folder):
    (folder / "go.mod").write_text("module probe\n")
    (folder / "main.go").write_text(PROGRAM)
    subprocess.run([toolchain(version), "build", "-o", "probe", "."], cwd=folder, check=True,
                   env={"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0",
                        "HOME": str(CACHE), "PATH": "/usr/bin:/bin", "GO111MODULE": "on"})


def fields_command():
    """The reader of DWARF, built by the newest Go at hand: it must know DWARF 5."""
    command = CACHE / "fields"
    source = DATA / "fields.go"
    if not command.exists() or command.stat().st_mtime < source.stat().st_mtime:
        newest = max((v for line in LINES for v in line), key=number)
        subprocess.run([toolchain(newest), "build", "-o", command, source], check=True,
                       env={"GOTOOLCHAIN": "local", "HOME": str(CACHE), "CGO_ENABLED": "0",
                            "PATH": "/usr/bin:/bin"})
    return command


def probe_text(version):
    """What fields.go prints of that release, kept under build/."""
    if version in KEPT:
        return KEPT[version].read_text()
    folder = CACHE / version
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "probe").exists():
        print(f"building with go{version}", file=sys.stderr)
        build(version, folder)
    names = [name for _, types, _ in read_header() for name in types]
    return subprocess.run([fields_command(), folder / "probe", *names], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def parse_probe(text):
    fields = {}
    for line in text.splitlines():
        owner, path, offset, size = line.split("\t")
        fields[owner, path] = (int(offset), int(size))
    return fields


def value_of(fields, types, path):
    wants_size = path.startswith("sizeof ")
    path = path.removeprefix("sizeof ")
    for owner in types:
        if (owner, path) in fields:
            return fields[owner, path][1 if wants_size else 0]
    return None


def measure(version):
    """{(group, member): number} of one release."""
    if version in DERIVED:
        base, difference = DERIVED[version]
        return {**measure(base), **difference}
    fields = parse_probe(probe_text(version))
    layout = {}
    for group, types, members in read_header():
        for member, paths in members:
            values = (value_of(fields, types, path) for path in paths)
            layout[group, member] = next((v for v in values if v is not None), -1)
    return layout


def is_there(version):
    return (CACHE / version / "probe").exists() or toolchain(version) is not None


def between(older, newer):
    """The release nearest to the middle of two that can be had, or None."""
    low, high = number(older)[2], number(newer)[2]
    patches = sorted(range(low + 1, high), key=lambda patch: abs(2 * patch - low - high))
    releases = (f"1.{number(older)[1]}.{patch}" for patch in patches)
    return next((version for version in releases if is_there(version)), None)


def part(older, newer, first, last):
    """Two rows for releases that differ, when none between them can be had."""
    changes = [v for v in CHANGES if number(older) < number(v) <= number(newer)]
    if number(newer)[2] - number(older)[2] > 1 and len(changes) != 1:
        different = sorted({group for (group, member), value in first.items()
                            if last[group, member] != value})
        sys.exit(f"go_layouts: {', '.join(different)} changed after go{older} and no later "
                 f"than go{newer}: say in CHANGES when")
    start = changes[0] if changes else newer
    before = f"1.{number(start)[1]}.{number(start)[2] - 1}"
    return [(older, before, first), (start, newer, last)]


def borders(older, newer):
    """Rows (first, last, layout) from one release to a later one of its line."""
    first, last = measure(older), measure(newer)
    if first == last:
        return [(older, newer, last)]
    middle = between(older, newer)
    if middle is None:
        return part(older, newer, first, last)
    return join(borders(older, middle) + borders(middle, newer))


def join(rows):
    joined = []
    for row in rows:
        if joined and joined[-1][2] == row[2]:
            joined[-1] = (joined[-1][0], row[1], row[2])
        else:
            joined.append(row)
    return joined


def rows_of_line(releases):
    rows = borders(releases[0], releases[-1])
    for version, (base, _) in DERIVED.items():
        if base == releases[0]:
            minor, patch = number(version)[1:]
            rows[0] = (f"1.{minor}.{patch + 1}", *rows[0][1:])
            rows.insert(0, (version, version, measure(version)))
    return rows


def read_table():
    """The rows that layout_table.c holds: [(first, last, layout)]."""
    rows, layout, group = [], None, None
    for line in TABLE.read_text().splitlines() if TABLE.exists() else []:
        if match := re.match(r"\t\t\.(first|measured) = \{ \.minor = (\d+), \.patch = (\d+)", line):
            if match[1] == "first":
                first, layout = f"1.{match[2]}.{match[3]}", {}
            else:
                rows.append((first, f"1.{match[2]}.{match[3]}", layout))
        elif match := re.match(r"\t\t\.(\w+) = \{$", line):
            group = match[1]
        elif match := re.match(r"\t\t\t\.(\w+) = (-?\d+),", line):
            layout[group, match[1]] = int(match[2])
    return rows


def write_version(version, patch=None):
    minor, own = number(version)[1:]
    return f"{{ .minor = {minor}, .patch = {patch if patch is not None else own} }}"


def write_row(row, is_first, is_last):
    """A line's first row begins at .0, its last one has no end."""
    first, measured, layout = row
    lines = ["\t{",
             f"\t\t.first = {write_version(first, 0 if is_first else None)},",
             f"\t\t.last = {write_version(measured, 'GO_PATCH_ANY' if is_last else None)},",
             f"\t\t.measured = {write_version(measured)},"]
    for group, _, members in read_header():
        lines.append(f"\t\t.{group} = {{")
        lines += [f"\t\t\t.{member} = {layout[group, member]}," for member, _ in members]
        lines.append("\t\t},")
    return lines + ["\t},"]


def write_table(rows):
    rows.sort(key=lambda row: number(row[0]))
    lines = ["// A generated table: layouts of Go's runtime. scripts/go_layouts.py writes it.",
             '#include "golang/layout_table.h"', "",
             "const struct go_layout go_layout_table[] = {"]
    minors = [number(row[0])[1] for row in rows]
    for i, row in enumerate(rows):
        is_first = i == 0 or minors[i - 1] != minors[i]
        is_last = i == len(rows) - 1 or minors[i + 1] != minors[i]
        lines += write_row(row, is_first, is_last)
    lines += ["};", "", "const size_t go_layout_table_count =",
              "\tsizeof(go_layout_table) / sizeof(go_layout_table[0]);", ""]
    TABLE.write_text("\n".join(lines))


def write_fields():
    lines = ["// A generated table: the runtime's names of the fields that struct go_layout has.",
             "// scripts/go_layouts.py writes it.",
             '#include "golang/layout_fields.h"', "", '#include "golang/layout.h"', "",
             "const struct go_layout_field go_layout_fields[] = {"]
    groups, count = [], 0
    for group, types, members in read_header():
        for member, paths in members:
            lines.append(f"\t{{ offsetof(struct go_layout, {group}.{member}), "
                         f"STR(\"{' | '.join(paths)}\") }},")
        groups.append(f"\t{{ STR(\"{' | '.join(types)}\"), {count}, {len(members)} }},")
        count += len(members)
    lines += ["};", "", "const struct go_layout_group go_layout_groups[] = {", *groups, "};",
              "", "const size_t go_layout_group_count =",
              "\tsizeof(go_layout_groups) / sizeof(go_layout_groups[0]);", ""]
    FIELDS.write_text("\n".join(lines))


def main(arguments):
    write_fields()
    if arguments == ["fields"]:
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    lines = LINES
    rows = []
    if arguments:
        minors = {number(version)[1] for version in arguments}
        lines = [line for line in LINES if number(line[0])[1] in minors]
        for minor in minors - {number(line[0])[1] for line in lines}:
            lines.append([v for v in arguments if number(v)[1] == minor])
        rows = [row for row in read_table() if number(row[0])[1] not in minors]
    for line in lines:
        rows += rows_of_line(line)
    write_table(rows)
    for first, last, _ in sorted(rows, key=lambda row: number(row[0])):
        print(f"go{first} to go{last}")


if __name__ == "__main__":
    main(sys.argv[1:])
