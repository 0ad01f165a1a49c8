#!/usr/bin/env python3
"""Fails on source files over 600 lines and functions over 60; data tables do not count."""
import pathlib
import sys

FILE_LINES = 600
FUNCTION_LINES = 60
ROOMS = ["src", "include", "tests", "bench", "demo", "scripts"]
SUFFIXES = {".c", ".h", ".S", ".cpp", ".py", ".sh", ".js", ".css", ".html"}
C_SUFFIXES = {".c", ".h"}


def is_generated(lines):
    return bool(lines) and "generated" in lines[0].lower() and "table" in lines[0].lower()


def table_lines(lines):
    """Lines within the initialisers of data at file scope, `= {` to `};` in column 0."""
    count, inside = 0, False
    for line in lines:
        if inside:
            inside = not line.startswith("}")
            count += 1
        else:
            inside = line.endswith("= {") and not line[:1].isspace()
    return count


def long_functions(lines):
    """(line, name, length) of each function over the ceiling, brace to brace in column 0."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start + 1 > FUNCTION_LINES:
                yield start, signature(lines, start), number - start + 1
            start = None


def signature(lines, brace):
    for number in range(brace - 2, max(brace - 12, -1), -1):
        if lines[number][:1].isalpha():
            return lines[number].split("(")[0].split()[-1].lstrip("*")
    return "?"


def check_file(path):
    lines = path.read_text(errors="replace").splitlines()
    if is_generated(lines):
        return []
    is_c = path.suffix in C_SUFFIXES
    counted = len(lines) - (table_lines(lines) if is_c else 0)
    complaints = []
    if counted > FILE_LINES:
        complaints.append(f"{path}: {counted} lines, the ceiling is {FILE_LINES}")
    for number, name, length in long_functions(lines) if is_c else ():
        complaints.append(
            f"{path}:{number}: {name} has {length} lines, the ceiling is {FUNCTION_LINES}")
    return complaints


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    files = sorted(p for room in ROOMS for p in (root / room).rglob("*")
                   if p.suffix in SUFFIXES and p.is_file() and "corpus" not in p.parts
                   and "golden" not in p.parts)
    failed = 0
    for path in files:
        complaints = check_file(path)
        failed += bool(complaints)
        for complaint in complaints:
            print(complaint.replace(f"{root}/", ""))
    print(f"size: {len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
