"""The rules of docs/differences.md, each of which makes both outputs equal where it explains
all that differs."""
import os
import re
import threading

from tool import decode_proto, run


# Go's pprof says on stdout that the kernel and its vdso are no files.
KERNEL = re.compile(rb"(?m)^open \[(kernel\S*|vdso)\]: no such file or directory\n")


def rule_duration(text):
    return re.sub(rb"^Duration: .*$", b"Duration:", text, flags=re.M)


def rule_recursion(text):
    lines = []
    for line in text.split(b"\n"):
        lines.append(re.sub(rb"^( *\S+) +\S+ \(flat, cum\) .*$", rb"\1", line))
    return b"\n".join(lines)


class Listing:
    """What -disasm prints: heads of functions, and rows by address."""

    def __init__(self, text):
        self.heads, self.rows, self.lasts, self.weighted = [], {}, set(), {}
        routine = place = ahead = last = ""
        for line in rule_recursion(text).decode().split("\n"):
            row = re.match(r"( *\S+ +\S+) +([0-9a-f]+): (.*)$", line)
            if line.startswith(" " * 74 + ";"):
                ahead = line[75:]
            elif row:
                last, values = row[2], row[1].split()
                place = ahead or (row[3][41:] if row[3][40:41] == ";" else place)
                self.rows[last] = (values, place)
                ahead = ""
                if values != [".", "."]:
                    self.weighted.setdefault(routine, set()).add(last)
            else:
                self.heads.append(line)
                self.lasts.add(last)
                place = ""
                routine = line if line.startswith("ROUTINE") else routine

    def cut_off(self):
        """The functions that weigh on the last instruction, which Go's pprof cuts off."""
        return {r for r, addresses in self.weighted.items() if addresses & self.lasts}

    def heads_without(self, routines, sums):
        """The heads but those of some functions, and without the sums of others."""
        bare = routines | sums
        return [line for i, line in enumerate(self.heads)
                if line not in routines and (i == 0 or self.heads[i - 1] not in bare)]

    def same_heads(self, theirs):
        """Whether the functions and their sums agree: a function that weighs on its last
        instruction has another sum in Go's pprof, or is missing where it weighs nowhere
        else."""
        cut_off = self.cut_off()
        missing = {r for r in cut_off
                   if r not in theirs.heads and self.weighted[r] <= self.lasts}
        return (self.heads_without(missing, cut_off)
                == theirs.heads_without(set(), cut_off))

    def weights_beside(self, theirs):
        """The values on rows that the other tool does not print."""
        alone = self.rows.keys() - theirs.rows.keys() - self.lasts
        return sorted(self.rows[a][0] for a in alone if self.rows[a][0] != [".", "."])


def rule_disasm(ours, theirs, parts=2):
    """Whether all but the words of instructions agrees: values, addresses and, of Go, the
    places (the second part of a row)."""
    # Go's disassembler does not know AVX: it prints "?" and goes on inside the
    # instruction, so a sample there stands on a row of its own in each.
    is_misread = re.search(rb"[0-9a-f]: \?", theirs) is not None
    ours, theirs = Listing(ours), Listing(theirs)
    weights = ours.weights_beside(theirs)
    return (ours.same_heads(theirs)
            and all(ours.rows[a][:parts] == theirs.rows[a][:parts]
                    for a in ours.rows.keys() & theirs.rows.keys())
            and weights == theirs.weights_beside(ours)
            and (is_misread or not weights))


def without_split_names(ours, theirs, program):
    """Our listing without the functions that pprof does not list and that the program itself
    does not hold: those of stripped libraries, whose names are in separate debug files."""
    rows = [line.split() for line in run(["nm", program])[1].decode().splitlines()]
    own = {row[2]: int(row[0], 16) for row in rows if len(row) == 3}
    sections = re.split(r"(?m)^(?=ROUTINE)", ours.decode())
    listed = set(re.findall(r"(?m)^ROUTINE =+ (.*)$", theirs.decode()))

    def is_kept(section):
        name = section.split("\n")[0].split(" ", 2)[2]
        first = re.search(r"(?m)^ *\S+ +\S+ +([0-9a-f]+): ", section)
        return own[name] == int(first[1], 16) if name in own else name in listed

    return "".join(sections[:1] + list(filter(is_kept, sections[1:]))).encode()


def rule_refused(args, ours):
    """The name of the documented difference where pprof finds nothing, or None."""
    program = os.path.join(os.path.dirname(args[-1]), "work")
    if any(a.startswith("-disasm") for a in args) and "/c/" in program and (
            b"ROUTINE" not in without_split_names(ours, b"", program)):
        return "disasm"
    return None


def rule_binary(pprof, args, folder, ours):
    """Whether our answer to a legacy profile given twice is pprof's to its profile.proto
    given twice."""
    path = next(a for a in args if not a.startswith("-"))
    status, proto, _ = run([pprof, "-proto", "-symbolize=none", path], cwd=folder)
    copy = os.path.join(folder, "%s.%d.proto" % (os.path.basename(path), threading.get_ident()))
    with open(copy, "wb") as f:
        f.write(proto)
    again = [copy if a == path else a for a in args]
    answer = run([pprof] + again, cwd=folder)[1]
    if "-proto" in args:
        answer = decode_proto(copy, pprof, answer)
    return status == 0 and answer == ours


def rule_order(text):
    """Equal values in any order; their numbers in pictures and callgrind files too."""
    text = re.sub(rb"\bN\d+(_\d+)*\b", b"N", text)
    text = re.sub(rb'id="node\d+"', b"", text)
    return b"\n".join(sorted(text.split(b"\n")))


def is_unstable(pprof, args, folder, expected):
    return any(run([pprof] + args, cwd=folder)[1] != expected for _ in range(6))


def rule_of(pprof, args, folder, ours, theirs):
    """The name of the documented difference that explains this one, or None."""
    def has(*names):
        return any(a.startswith(n) for a in args for n in names)

    if has("-files"):
        return "files"
    if has("-raw", "-proto", "-topproto") and rule_duration(ours) == rule_duration(theirs):
        return "duration"
    if has("-list") and rule_recursion(ours) == rule_recursion(theirs):
        return "recursion"
    if has("-disasm") and rule_disasm(ours, theirs):
        return "disasm"
    program = os.path.join(os.path.dirname(args[-1]), "work")
    if has("-disasm") and "/c/" in program and rule_disasm(
            without_split_names(ours, theirs, program), KERNEL.sub(b"", theirs), parts=1):
        return "disasm"
    if args.count(args[-1]) == 2 and rule_binary(pprof, args, folder, ours):
        return "binary"
    if has("-base", "-diff_base", "-call_tree") or "/odd." in " ".join(args):
        if rule_order(ours) == rule_order(theirs):
            return "order"
        if is_unstable(pprof, args, folder, theirs):
            return "order"
    return None


