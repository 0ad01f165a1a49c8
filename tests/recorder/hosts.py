#!/usr/bin/env python3
"""Programs without libgoprof and with it and all its profilers: they print the same and end with
the same status, whatever they do with signals, stacks, processes, limits and waiting calls. BUILD
names the build folder; words on the command line pick the tests whose names hold them."""
import os
import shutil
import subprocess
import sys
import time

from run import GOPROF, LIBRARY, ask, check, compile_program, execute, main, read

ALL = "cpu=4000,heap=64k,block=1,mutex=1"


def check_same(command, settings=ALL, shell="", said=""):
    """Runs a command twice, behind what a shell does first; what libgoprof may say is given."""
    script = f'{shell} exec "$@"'
    plain = execute(["bash", "-c", script, "bash", *command])
    # Set where the program starts, so that limits are its own and not the shell's.
    preload = ["env", f"LD_PRELOAD={LIBRARY}", f"GOPROF={settings}"]
    seen = execute(["bash", "-c", script, "bash", *preload, *command])
    name = " ".join(str(word) for word in command[1:2])
    check(plain.returncode in (5, 7), f"{name}: exit {plain.returncode} without libgoprof")
    check(seen.returncode == plain.returncode, f"{name}: exit {seen.returncode}: "
          f"{seen.stdout[-200:]}{seen.stderr[-200:]}")
    check(seen.stdout == plain.stdout, f"{name}: {plain.stdout[-300:]}became {seen.stdout[-300:]}")
    others = [line for line in seen.stderr.splitlines()
              if not line.startswith("libgoprof: " + said) or not said]
    check(others == plain.stderr.splitlines(), f"{name}: says {seen.stderr[-300:]}")
    return seen


def check_cases(source, cases, *words):
    program = compile_program(source)
    for case in cases:
        check_same([program, case, *words])


def test_signals_that_are_waited_for(folder):
    check_cases("host_signals.c", ["wait", "descriptor"])


def test_program_with_a_profiler_of_its_own(folder):
    check_cases("host_signals.c", ["profiler"])


def test_stacks_that_overflow_move_and_go(folder):
    check_cases("host_signals.c", ["overflow", "stacks", "jumps"])


def test_errno_is_kept(folder):
    check_cases("host_signals.c", ["errno"])


def test_calls_return_what_they_would(folder):
    check_cases("host_calls.c", ["5"])


def test_processes(folder):
    check_cases("host_processes.c", ["vfork", "spawn", "fork", "madvise"])


def test_threads_that_end(folder):
    check_cases("host_processes.c", ["threads", "exit", "blocked"])


def test_limits_and_closed_doors(folder):
    check_cases("host_processes.c", ["closefrom", "descriptors", "memory", "limit", "chroot"])
    program = compile_program("host_processes.c")
    check_same([program, "threads"], shell="ulimit -n 4;")
    seen = check_same([program, "five"], shell="ulimit -v 20000;", said="the ")
    check("the cpu profile cannot start: no memory for it" in seen.stderr, seen.stderr)


def test_profiles_are_whole_or_missing_with_a_word(folder):
    program = compile_program("host_processes.c")
    for case in ["closefrom", "descriptors", "memory", "limit", "chroot", "exit", "threads"]:
        done = execute([program, case], {"LD_PRELOAD": str(LIBRARY), "GOPROF":
                                         f"{ALL},cpuprofile={folder}/{case}.%p.pb.gz"})
        check(done.returncode == 7, f"{case}: exit {done.returncode}: {done.stderr[-300:]}")
        written = list(folder.glob(f"{case}.*"))
        check(bool(written) != done.stderr.startswith("libgoprof: "),
              f"{case}: {written}, {done.stderr[-300:]}")
        for path in written:
            read(path)


def test_a_libc_beside(folder):
    library = compile_program("life_library.c", "life_library.so", ["-shared", "-fPIC"])
    check_cases("host_processes.c", ["namespace"], library)


def test_libraries_that_start_first(folder):
    library = compile_program("early_library.c", "early_library.so", ["-shared", "-fPIC"])
    (folder / "early.c").write_text(
        "#include <stdio.h>\nextern int early_library_result;\n"
        'int main(void)\n{\n\tprintf("%d\\n", early_library_result);\n'
        "\treturn early_library_result == 0 ? 7 : 1;\n}\n")
    program = compile_program(folder / "early.c", "early", [library])
    check_same([program])
    check_same([program], "block=1,mutex=1,blocksleep")


def test_setuid_program_is_said(folder):
    """By a program of another user's, which only root can make."""
    if os.geteuid() != 0:
        return
    program = folder / "echo"
    shutil.copy("/bin/echo", program)
    shutil.chown(program, "nobody")
    program.chmod(0o4755)
    folder.chmod(0o755)
    done = execute([GOPROF, "run", "--memprofile", folder / "m.pb.gz", "--", program, "hi"])
    check(done.stdout == "hi\n" and done.returncode == 1, f"exit {done.returncode}")
    check("setuid" in done.stderr and not (folder / "m.pb.gz").exists(), done.stderr)


def large_source(folder):
    """A file of C that keeps a compiler busy for a while."""
    path = folder / "large.c"
    path.write_text("".join(
        f"int f{i}(int *a, int n)\n{{\n\tint s = {i};\n\tfor (int i = 0; i < n; i++)\n"
        f"\t\ts = s * {i + 3} ^ a[i] >> {i % 7};\n\treturn s;\n}}\n" for i in range(400)))
    return path


SQL = ("create table t(a integer primary key, b text); create index i on t(b); begin;"
       "with recursive c(x) as (select 1 union all select x + 1 from c where x < 30000)"
       "insert into t select x, hex(x * 7919 % 65537) from c; commit;"
       "update t set b = b || a where a % 3 = 0; delete from t where a % 7 = 0; vacuum;"
       "select count(*), sum(length(b)), min(b), max(b) from t; pragma integrity_check;")
THREADS = ("import threading, queue, signal, subprocess, time\n"
           "q, out, got = queue.Queue(5), [], []\n"
           "signal.signal(signal.SIGALRM, lambda *a: got.append(1))\n"
           "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\n"
           "def work():\n"
           "    while (n := q.get()) is not None: out.append(sum(range(n)))\n"
           "ts = [threading.Thread(target=work) for _ in range(8)]\n"
           "[t.start() for t in ts]\n"
           "for n in range(3000): q.put(n)\n"
           "for t in ts: q.put(None)\n"
           "[t.join() for t in ts]\n"
           "e = threading.Event(); print(e.wait(0.05), sum(out), len(out))\n"
           "for i in range(20): print(subprocess.check_output(['echo', str(i)]))\n"
           "end = time.monotonic() + 0.3\n"
           "while time.monotonic() < end: pass\n"
           "signal.setitimer(signal.ITIMER_REAL, 0)\n"
           "print(len(got) > 3); raise SystemExit(7)\n")


def answers_while(run, folder):
    """How often the endpoints answered before the program ended."""
    count = 0
    while run.poll() is None:
        try:
            status, answer = ask(folder, "debug/pprof/goroutine?debug=2")
            count += status == "200" and "goroutine " in answer
        except (OSError, IndexError):  # not there yet, or ending
            pass
        time.sleep(0.05)
    return count


def test_work_is_done_while_endpoints_answer(folder):
    """All profilers on: the same output and status, and somebody looks on."""
    (folder / "threads.py").write_text(THREADS)
    for words in [["sqlite3", folder / "a.db", SQL], ["python3", folder / "threads.py"],
                  ["gcc", "-O2", "-S", "-o", "-", large_source(folder)],
                  ["perl", "-e", "for (1..400000) { $h{$_ % 5000} .= $_ } print length "
                   "join '', map { $h{$_} } sort keys %h; exit 7"]]:
        plain = execute(words)
        (folder / "a.db").unlink(missing_ok=True)
        with open(folder / "out", "w+", encoding="utf-8") as out:
            with subprocess.Popen(
                    [GOPROF, "run", "--http", f"unix:{folder}/s", "--cpuprofile", folder / "c",
                     "--cpuprofilerate", "1000", "--memprofile", folder / "m",
                     "--memprofilerate", "65536", "--blockprofile", folder / "b",
                     "--mutexprofile", folder / "x", "--", *words],
                    stdout=out, stderr=subprocess.DEVNULL) as run:
                count = answers_while(run, folder)
            out.seek(0)
            check(out.read() == plain.stdout, f"{words[0]}: other output")
        check(run.returncode == plain.returncode, f"{words[0]}: exit {run.returncode}")
        check(count > 0, f"{words[0]}: nobody answered")


def test_git_clones_and_packs(folder):
    """Under profilers what it packs is whole, and the same commits."""
    execute(["git", "init", "-q", folder / "from"])
    script = ("cd from; for i in $(seq 30); do seq $i 1000 > f$i; git add .; git -c user.name=a "
              "-c user.email=a@b commit -qm $i; done; cd ..; git clone -q --no-local from to && "
              "cd to && git gc -q --aggressive && git fsck --full && git log --format=%T%s && "
              "git count-objects -v | grep in-pack")
    seen = execute(["bash", "-c", script], {"LD_PRELOAD": str(LIBRARY), "GOPROF": ALL}, folder)
    check(seen.returncode == 0, f"exit {seen.returncode}: {seen.stderr[-300:]}")
    tree = execute(["git", "-C", folder / "from", "log", "--format=%T%s"]).stdout
    check(seen.stdout.startswith(tree) and len(tree.split()) == 30, seen.stdout[-300:])
    check(seen.stderr == "", seen.stderr[-300:])


if __name__ == "__main__":
    sys.exit(main("hosts", globals()))
