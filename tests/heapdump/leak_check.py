"""Heap dumps and leak checks of C programs: verdicts equal to valgrind's on the same ones."""
import json
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
TIMEOUT = 60
KINDS = ("definitely lost", "indirectly lost", "possibly lost", "still reachable")
PROGRAMS = ("list", "tree", "ring", "interior", "sizes", "freed", "mapping", "threads", "none")


def compile_program(folder, name, *flags):
    program = folder / name
    subprocess.run(["gcc", "-O1", "-g", "-pthread", "-D_GNU_SOURCE", HERE / f"{name}.c",
                    "-o", program, *flags], check=True, timeout=TIMEOUT)
    return program


def totals(text):
    """(blocks, bytes) of each kind, from either tool's summary."""
    found = {}
    for kind in KINDS:
        match = re.search(rf"{kind}: ([\d,]+) bytes in ([\d,]+) blocks", text)
        found[kind] = tuple(int(n.replace(",", "")) for n in match.groups()) if match else (0, 0)
    return found


def run(*words, status=0, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                          timeout=TIMEOUT, **more)
    assert done.returncode == status, f"{words}: {done.returncode}: {done.stderr[-600:]}"
    return done


def check_verdicts(suite, goprof, program):
    for name in PROGRAMS:
        # It ends the C library's own blocks first, and forgives some inner pointers.
        theirs = run("valgrind", "--leak-check=full", "--run-libc-freeres=no",
                     "--leak-check-heuristics=none", program, name).stderr
        ours = run(goprof, "run", "--leakcheck", "--", program, name).stderr
        ours, theirs = totals(ours), totals(theirs)
        if name == "threads":
            # The thread's table of modules has a row for each preloaded library too.
            ours["possibly lost"], theirs["possibly lost"] = (ours["possibly lost"][1],
                                                              theirs["possibly lost"][1])
        suite.equal(f"leak check: {name}", ours, theirs)


def check_command(suite, goprof, program, folder):
    lost = run(goprof, "run", "--leakcheck", "--error-exitcode=9", "--", program, "list", status=9)
    suite.check("leak check: the stack", re.search(r"make_list  .*leaky\.c:\d+\n +list  ",
                                                   lost.stderr), lost.stderr)
    run(goprof, "run", "--leakcheck", "--error-exitcode=9", "--", program, "none")
    found = json.loads(run(goprof, "run", "--leakcheck", "--json", "--", program, "list").stderr)
    suite.equal("leak check: JSON", (found["program"], found["definitely_lost"], found["is_incomplete"]),
                (str(program), {"blocks": 1, "bytes": 48 - 8}, False))
    dump = folder / "list.dump"
    run(goprof, "run", f"--heapdump={dump}", "--", program, "list")
    answer = run(goprof, "heapdump", "unreachable", dump).stdout
    suite.equal("leaks is unreachable", run(goprof, "heapdump", "leaks", dump).stdout, answer)
    suite.equal("heap dump at exit", totals(answer)["definitely lost"], (48 - 8, 1))
    bare = folder / "bare.dump"
    library = pathlib.Path(goprof).parent / "libgoprof.so"
    run(program, "list", env=dict(os.environ, LD_PRELOAD=str(library),
                                  GOPROF=f"heappointers={bare}"))
    suite.equal("the same without contents",
                totals(run(goprof, "heapdump", "unreachable", bare).stdout), totals(answer))
    suite.check("contents are left out", bare.stat().st_size < dump.stat().st_size / 2)


def check_list(suite, goprof, name, dump):
    answer = json.loads(run(goprof, "heapdump", "unreachable", "--by=site", "--json",
                            dump).stdout)
    rows = {(row["name"].split()[0], row["kind"]): row["bytes"] for row in answer["rows"]}
    suite.equal(f"{name}: the lost block", rows.get(("build", "definitely_lost")), 100)
    suite.check(f"{name}: the pause is told", answer["pause_ns"] > 0)
    suite.equal(f"{name}: nothing is missing", answer["incomplete"], False)
    tree = json.loads(run(goprof, "heapdump", "top", "--by=site", "--json", dump).stdout)
    sizes = {row["name"].split()[0]: (row["count"], row["bytes"]) for row in tree["rows"]}
    suite.equal(f"{name}: the list", sizes.get("build"), (1000, 32 * 1000))


def check_living(suite, goprof, folder):
    """Of a running program whose other threads allocate all the time, by itself and by us."""
    root, build = HERE.parents[1], pathlib.Path(goprof).parent
    program = compile_program(folder, "keeps", f"-I{root}/include", f"-L{build}", "-lgoprof",
                              f"-Wl,-rpath,{build}")
    own, asked, bare = (folder / f"{word}.dump" for word in ("own", "asked", "bare"))
    process = subprocess.Popen([program, own], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=dict(os.environ, GOPROF="heap=1"))
    try:
        suite.equal("it wrote its own dumps", process.stdout.readline(), "ready\n")
        told = run(goprof, "heapdump", process.pid, "-o", asked).stderr
        suite.check("heapdump PID tells of the pause", "stood still for" in told, told)
        run(goprof, "heapdump", process.pid, "-o", bare, "--no-contents")
        process.communicate("x", timeout=TIMEOUT)
    finally:
        process.kill()
    suite.equal("the program went on", process.returncode, 0)
    for name, dump in (("own dump", own), ("asked for", asked), ("without contents", bare)):
        check_list(suite, goprof, name, dump)
    suite.check("contents are in", b"secret of keeps" in asked.read_bytes())
    suite.check("contents are out", b"secret of keeps" not in bare.read_bytes())
    refused = subprocess.run([program, own], text=True, capture_output=True, timeout=TIMEOUT,
                             input="x", env=dict(os.environ, GOPROF="heap=512k"))
    suite.check("no dump where blocks are not known",
                "Operation not supported" in refused.stderr, refused.stderr)


def check(suite, goprof, folder):
    check_living(suite, goprof, folder)
    if not shutil.which("valgrind"):
        suite.skipped += 1
        print("skip leak checks: no valgrind here")
        return
    program = compile_program(folder, "leaky")
    check_verdicts(suite, goprof, program)
    check_command(suite, goprof, program, folder)
