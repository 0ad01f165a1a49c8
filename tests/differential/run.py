#!/usr/bin/env python3
# Compares goprof's reports with those of `go tool pprof`, byte by byte, on profiles of real
# Go programs. Usage: run.py [-k WORD] [-v] [--keep FOLDER]; GOPROF names the binary.
import argparse, concurrent.futures, difflib, os, re, shutil, subprocess, sys, tempfile

import random_profile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GOPROF = os.environ.get("GOPROF", os.path.join(ROOT, "build", "goprof"))
KINDS = ["cpu", "heap", "allocs", "block", "mutex", "goroutine", "threadcreate"]
RANDOM_COUNT = 8
PACKAGES = {  # and the benchmarks that give a profile in little time
    "flate": ("compress/flate", "Encode/Digits/Speed"),
    "sort": ("sort", "SortString1K|StableInt1K|SortInt64K"),
    "json": ("encoding/json", "CodeMarshal$|CodeUnmarshal$|Unicode"),
}

# Flags for every profile.
COMMON = """
-top
-top -cum
-top -nodecount=5
-top -nodefraction=0.05
-top -trim=false
-top -lines
-top -files
-top -filefunctions
-top -addresses
-top -noinlines
-top -lines -showcolumns
-top -compact_labels
-top -drop_negative
-top -divide_by=3
-text -unit=auto
-tree
-tree -cum -nodecount=20
-tree -lines
-tree -trim=false
-tree -addresses -noinlines
-peek=main
-peek=. -lines
-traces
-traces -lines
-traces -addresses
-traces -noinlines
-raw
-raw -noinlines
-tags
-comments
-list=main\\.
-list=main -noinlines
-list=. -trim_path=/usr
-disasm=main\\.
-disasm=runtime\\.mallocgc
-disasm=. -focus=main
-dot
-dot -nodecount=10
-dot -nodefraction=0.1
-dot -edgefraction=0.1
-dot -lines
-dot -files
-dot -call_tree
-dot -call_tree -nodecount=15
-dot -trim=false
-callgrind
-callgrind -call_tree
-callgrind -lines
-topproto
-proto
-top -focus=main
-top -ignore=main
-top -hide=runtime
-top -show=main
-top -show_from=main
-top -prune_from=main
-top -focus=main -relative_percentages
-tree -focus=flate|json
-tree -hide=runtime -show=.
-dot -focus=main
-traces -focus=main -ignore=runtime
-raw -focus=main
-top -tagfocus=kind
-top -symbolize=none
""".strip().splitlines()

# Flags for some kinds of profiles alone. {name} stands for another profile of the same
# program.
SPECIAL = {
    "cpu": """
-top -sample_index=samples
-top -sample_index=0
-top -unit=ms
-top -unit=seconds
-top -unit=hours -cum
-top -mean
-tree -mean
-top -tagfocus=kind=math
-top -tagignore=recursion
-tags -tagfocus=user
-tags -tagshow=kind
-tags -taghide=kind
-tags -unit=ms
-traces -tagshow=user
-top -tagroot=kind
-top -tagroot=kind,user -cum
-tree -tagleaf=user
-dot -tagroot=user
-dot -tagleaf=kind,user
-peek=fib|even|odd
-list=fib
-top -cum -focus=fib -ignore=odd
-dot -tagfocus=kind=text
""",
    "heap": """
-top -inuse_objects
-top -alloc_space
-top -alloc_objects
-top -sample_index=alloc_space -unit=MB
-top -sample_index=inuse_objects
-top -mean -alloc_space
-tags -alloc_space
-tags -unit=kB
-dot -alloc_space
-dot -alloc_objects -unit=count
-top -tagfocus=1kb:
-top -tagfocus=:8kb -alloc_space
-top -tagfocus=bytes=1024:4096
-traces -alloc_space
-tree -alloc_space -unit=kB
-top -alloc_space -tagroot=bytes
-top -base={allocs}
-top -diff_base={allocs} -alloc_space
-raw -base={allocs}
""",
    "allocs": """
-top -inuse_space
-top -base={heap}
-tree -alloc_space -nodecount=10
-dot -inuse_space
""",
    "block": """
-top -contentions
-top -total_delay
-top -mean_delay
-tree -mean_delay
-dot -mean_delay
-top -unit=us
-top -diff_base={mutex}
-tree -base={mutex}
-top -base={mutex} -normalize
-top -diff_base={mutex} -normalize
-dot -diff_base={mutex}
-top -base={mutex} -drop_negative
-top {mutex}
-raw {mutex}
-traces {mutex}
""",
    "mutex": """
-top -contentions
-top -mean_delay -cum
-list=busy|contend
""",
    "odd": """
-top -sample_index=0
-top -sample_index=1 -unit=auto
-top -mean
-traces -mean
-tree -mean
-dot -mean
-top -show_from=main
-top -prune_from=work|find
-top -hide=deep
-traces -hide=main
-traces -show_from=deep
-tree -drop_negative
-dot -drop_negative -nodefraction=0
-top -tagfocus=kind=x
-top -tagfocus=bytes=1kb:10kb
-top -tagignore=2kb
-top -tagfocus=request=:1kb
-tags -unit=kB
-tags -taghide=bytes
-traces -tagroot=kind -tagleaf=bytes,user
-top -tagroot=wait -unit=ms
-callgrind -noinlines
-peek=main -addresses
-list=work
-top -symbolize=demangle=full
-top -symbolize=demangle=templates
-top -symbolize=demangle=none
-dot -focus=deep1 -ignore=loop
-top -source_path=/home/src
-top -lines -trim_path=/src
""",
    "goroutine": """
-top {goroutine}
-raw {goroutine} {goroutine}
""",
}

# Wrong words, with the exit status both tools must give: error texts are compared too.
ERRORS = """
-top -sample_index=nothing
-top -sample_index=9
-peek=nosuchfunction
-list=nosuchfunction
-disasm=nosuchfunction
-disasm=0x1
-top -divide_by=0
-top -tree
-top -focus=(
-peek=(
-top -normalize
-top -tagfocus=(
""".strip().splitlines()


def run(args, cwd=None, env=None):
    full = dict(os.environ, TZ="America/New_York", **(env or {}))
    done = subprocess.run(args, cwd=cwd, env=full, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def check_run(args, **more):
    status, _, err = run(args, **more)
    if status != 0:
        sys.exit("differential: %s failed:\n%s" % (" ".join(args), err.decode()))


def make_profiles(folder):
    """Builds the programs with each Go found and runs them: {program: {kind: path}}."""
    profiles = {}
    compilers = {"go": "go", "go119": "/usr/lib/go-1.19/bin/go"}
    jobs = []
    for name, go in compilers.items():
        if shutil.which(go) is None:
            continue
        out = os.path.join(folder, name)
        os.makedirs(out)
        jobs.append((name, go, out))

    def build(job):
        name, go, out = job
        env = {"GOTOOLCHAIN": "local", "GOFLAGS": ""}
        check_run([go, "build", "-o", out + "/work", os.path.join(HERE, "work.go")], env=env)
        check_run([out + "/work", out])
        return name, {k: "%s/%s.pb.gz" % (out, k) for k in KINDS}

    def test(item):
        name, (package, benchmarks) = item
        out = os.path.join(folder, "test-" + name)
        os.makedirs(out)
        check_run(["go", "test", "-vet=off", "-run=NONE", "-bench=" + benchmarks,
                   "-benchtime=100ms", "-cpuprofile=cpu.pb.gz",
                   "-o", out + "/test", "-outputdir", out, package], cwd=out)
        return "test-" + name, {"cpu": out + "/cpu.pb.gz"}

    for seed in range(RANDOM_COUNT):
        out = os.path.join(folder, "random%d" % seed)
        os.makedirs(out)
        with open(out + "/odd.pb.gz", "wb") as f:
            f.write(random_profile.make(seed))
        profiles["random%d" % seed] = {"odd": out + "/odd.pb.gz"}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(build, j) for j in jobs]
        futures += [pool.submit(test, i) for i in PACKAGES.items()]
        for future in futures:
            name, found = future.result()
            profiles[name] = found
    return profiles


def decode_proto(path, pprof, data):
    """Compares what a profile says, not how it was packed."""
    with open(path, "wb") as f:
        f.write(data)
    _, out, err = run([pprof, "-raw", path])
    return out + err


# The rules of docs/differences.md. A rule makes both outputs equal where it explains all
# that differs.
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

    def without_cut_off(self, theirs):
        """The heads but those of functions that weigh only on the last instruction, which
        Go's pprof cuts off, and then the function with it."""
        gone = {r for r in self.weighted
                if r not in theirs.heads and self.weighted[r] <= self.lasts}
        return [line for i, line in enumerate(self.heads)
                if line not in gone and (i == 0 or self.heads[i - 1] not in gone)]

    def weights_beside(self, theirs):
        """The values on rows that the other tool does not print."""
        alone = self.rows.keys() - theirs.rows.keys() - self.lasts
        return sorted(self.rows[a][0] for a in alone if self.rows[a][0] != [".", "."])


def rule_disasm(ours, theirs):
    """Whether all but the words of instructions agrees: values, addresses and places."""
    # Go's disassembler does not know AVX: it prints "?" and goes on inside the
    # instruction, so a sample there stands on a row of its own in each.
    is_misread = re.search(rb"[0-9a-f]: \?", theirs) is not None
    ours, theirs = Listing(ours), Listing(theirs)
    weights = ours.weights_beside(theirs)
    return (ours.without_cut_off(theirs) == theirs.heads
            and all(ours.rows[a] == theirs.rows[a]
                    for a in ours.rows.keys() & theirs.rows.keys())
            and weights == theirs.weights_beside(ours)
            and (is_misread or not weights))


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
    if has("-base", "-diff_base", "-call_tree") or "/odd." in " ".join(args):
        if rule_order(ours) == rule_order(theirs):
            return "order"
        if is_unstable(pprof, args, folder, theirs):
            return "order"
    return None


def compare(case):
    pprof, folder, number, program, kind, path, flags, is_error = case
    args = flags + [path]
    if flags and not flags[-1].startswith("-"):  # more sources behind the flags
        first = next(i for i, f in enumerate(flags) if not f.startswith("-"))
        args = flags[:first] + [path] + flags[first:]
    theirs = run([pprof] + args, cwd=folder)
    ours = run([GOPROF] + args, cwd=folder)
    name = "%s/%s %s" % (program, kind, " ".join(os.path.basename(f) for f in flags))
    if is_error:
        wanted = theirs[2].strip().split(b"\n")[-1]
        wanted = wanted.split(b"regexp", 1)[0]  # words of another regexp library follow
        good = ours[0] != 0 and theirs[0] != 0 and wanted in ours[2]
        return name, good, None, ours[2], theirs[2]
    out, expected = ours[1], theirs[1]
    if "-proto" in flags or "-topproto" in flags:
        out = decode_proto("%s/%d.ours" % (folder, number), pprof, out)
        expected = decode_proto("%s/%d.theirs" % (folder, number), pprof, expected)
        out = out.replace(b"%d.ours" % number, b"")
        expected = expected.replace(b"%d.theirs" % number, b"")
    if theirs[0] != 0:
        good = ours[0] != 0
        return name, good, None, ours[2], theirs[2]
    if out == expected and ours[0] == 0:
        return name, True, None, b"", b""
    rule = rule_of(pprof, args, folder, out, expected) if ours[0] == 0 else None
    return name, rule is not None, rule, out + ours[2], expected


def make_cases(profiles, pprof, folder):
    cases = []
    for program, found in profiles.items():
        for kind, path in found.items():
            lines = COMMON + SPECIAL.get(kind, "").strip().splitlines()
            errors = ERRORS if kind == "cpu" and program == "go" else []
            for line, is_error in [(l, False) for l in lines] + [(l, True) for l in errors]:
                flags = line.split(" ")
                if "{" in line:
                    if not all(k in found for k in re.findall(r"\{(\w+)\}", line)):
                        continue
                    flags = [f.format(**found) for f in flags]
                cases.append((pprof, folder, len(cases), program, kind, path, flags, is_error))
    return cases


def show_difference(name, ours, theirs):
    print("FAIL", name)
    lines = list(difflib.unified_diff(theirs.decode(errors="replace").splitlines(),
                                      ours.decode(errors="replace").splitlines(),
                                      "pprof", "goprof", lineterm="", n=1))
    for line in lines[:30]:
        print("   ", line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-k", default="", help="only cases whose name contains this")
    parser.add_argument("-v", action="store_true", help="name the rule of each difference")
    parser.add_argument("--keep", help="folder for the profiles, used again if it is there")
    options = parser.parse_args()
    pprof = subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True,
                           text=True).stdout.strip()
    if not pprof:
        sys.exit("differential: go is not installed; it is needed for go tool pprof")
    folder = options.keep or tempfile.mkdtemp(prefix="goprof-differential-")
    if options.keep and os.path.isdir(folder):
        profiles = {p: {f[:-6]: os.path.join(folder, p, f)
                        for f in sorted(os.listdir(os.path.join(folder, p)))
                        if f.endswith(".pb.gz")}
                    for p in sorted(os.listdir(folder)) if os.path.isdir(os.path.join(folder, p))}
    else:
        os.makedirs(folder, exist_ok=True)
        profiles = make_profiles(folder)
    cases = [c for c in make_cases(profiles, pprof, folder)
             if options.k in "%s/%s %s" % (c[3], c[4], " ".join(c[6]))]
    passed = failed = 0
    rules = {}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for name, good, rule, ours, theirs in pool.map(compare, cases):
            passed += good
            failed += not good
            if rule is not None:
                rules[rule] = rules.get(rule, 0) + 1
                if options.v:
                    print("differs by rule", rule + ":", name)
            if not good:
                show_difference(name, ours, theirs)
    if not options.keep:
        shutil.rmtree(folder)
    for rule in sorted(rules):
        print("differs by the rule \"%s\" of docs/differences.md: %d" % (rule, rules[rule]))
    print("differential: %d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
