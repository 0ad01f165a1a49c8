#!/usr/bin/env python3
"""Programs without libgoprof and with it and all its profilers: they print the same and end with
the same status, whatever they do with signals, stacks, processes, limits and waiting calls. BUILD
names the build folder; words on the command line pick the tests whose names hold them."""
import os
import shutil
import sys

from run import GOPROF, LIBRARY, check, compile_program, execute, main

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
    check_cases("host_processes.c", ["threads", "exit"])


def test_limits_and_closed_doors(folder):
    check_cases("host_processes.c", ["closefrom", "descriptors", "memory", "chroot"])
    program = compile_program("host_processes.c")
    check_same([program, "threads"], shell="ulimit -n 4;")
    seen = check_same([program, "five"], shell="ulimit -v 20000;", said="the ")
    check("the cpu profile cannot start: no memory for it" in seen.stderr, seen.stderr)


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


if __name__ == "__main__":
    sys.exit(main("hosts", globals()))
