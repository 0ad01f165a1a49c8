#!/usr/bin/env python3
"""Reads the #include lines of src/ and fails on an arrow that runs up the list of rooms."""
import pathlib
import re
import sys

# A room may include itself and the rooms before it. The list is docs/architecture.md's.
ROOMS = ["base", "profile", "binary", "unwind", "target", "golang", "heapdump",
         "report", "source", "http", "web", "cmd"]

# The recorder is a guest in another process: it takes little of the house with it, of
# binary/ only the ELF symbol reader and a sort, of heapdump/ only the writer of dumps, of
# target/ only what the scheduler does with threads.
RECORDER_ROOMS = {"recorder", "base", "profile", "unwind", "http"}
RECORDER_FILES = {"binary/elf.h", "binary/radix.h", "binary/symbol_scan.h", "goprof.h", "heapdump/dump_writer.h",
                  "heapdump/dump_format.h", "target/schedule.h", "target/schedule_text.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def objection(room, included):
    """Why a file of `room` may not include `included`, or None."""
    target = included.split("/")[0]
    if room == "recorder":
        if target in RECORDER_ROOMS or included in RECORDER_FILES:
            return None
        return "recorder/ takes only base, profile, unwind, http and a few files"
    if "/" not in included:
        return f'name the room: "{room}/{included}"'
    if target not in ROOMS:
        return f"{target}/ is not a room that {room}/ may include"
    if ROOMS.index(target) > ROOMS.index(room):
        return f"{target}/ stands below {room}/"
    return None


def check_file(path, room):
    if room not in ROOMS and room != "recorder":
        return [f"{path}: {room}/ is not in the list of rooms"]
    complaints = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        why = match and objection(room, match.group(1))
        if why:
            complaints.append(f"{path}:{number}: includes {match.group(1)}: {why}")
    return complaints


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    source = root / "src"
    files = sorted(p for p in source.rglob("*") if p.suffix in {".c", ".h", ".S"})
    failed = 0
    for path in files:
        complaints = check_file(path, path.relative_to(source).parts[0])
        failed += bool(complaints)
        for complaint in complaints:
            print(complaint.replace(f"{root}/", ""))
    print(f"layering: {len(files) - failed} passed, {failed} failed")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
