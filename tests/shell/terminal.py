"""The shell on a terminal of its own: completion, history, keys; and what is not pprof's."""
import os, pathlib, pty, re, select, signal, subprocess, time

PROFILE = str(pathlib.Path(__file__).resolve().parents[1] / "golden" / "profiles" /
              "go_cpu.pb.gz")
PROMPT = b"(pprof) "


class Terminal:
    """Types keys and reads what is shown."""

    def __init__(self, goprof, state, profile=PROFILE):
        self.shown = b""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            env = dict(os.environ, TERM="xterm", XDG_STATE_HOME=str(state), HOME=str(state))
            os.execve(goprof, [goprof, profile], env)
        self.wait_for(PROMPT)

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.shown += data
        return bool(data)

    def wait_for(self, text, seconds=20):
        """What was shown since the last wait, up to the text."""
        end = time.monotonic() + seconds
        while text not in self.shown and time.monotonic() < end:
            self.read(0.1)
        seen, found, rest = self.shown.partition(text)
        self.shown = rest if found else b""
        if not found:
            raise AssertionError("%r does not show, only %r" % (text, seen[-300:]))
        return seen

    def type(self, keys, text=None):
        os.write(self.fd, keys)
        return self.wait_for(text) if text is not None else b""

    def end(self, keys=b"quit\r"):
        """The exit status."""
        os.write(self.fd, keys)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            self.read(0.1)
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        raise AssertionError("the shell does not end")


def completes_commands(goprof, folder):
    terminal = Terminal(goprof, folder)
    terminal.type(b"tre\t3\r", b"Showing top 3 nodes")
    terminal.type(b"gra\tli\t\r", PROMPT)
    terminal.type(b"o\r", b"granularity               = lines")
    terminal.wait_for(PROMPT)
    terminal.type(b"sample_index=s\t\r", PROMPT)
    terminal.type(b"o\r", b"sample_index              = samples")
    terminal.wait_for(PROMPT)
    terminal.type(b"help nodec\t\r", b"nodes")
    return terminal.end()


def completes_functions(goprof, folder):
    terminal = Terminal(goprof, folder)
    terminal.type(b"peek main.fi\t\r", b"main.fib")
    terminal.wait_for(PROMPT)
    # A part from the middle of a name; signs of regular expressions lose their meaning.
    terminal.type(b"top5 square).ar\t\r", b"focus=main\\.\\(\\*square\\)\\.area")
    terminal.wait_for(PROMPT)
    terminal.type(b"top -main.fi\t\r", b"ignore=main\\.fib")
    terminal.wait_for(PROMPT)
    listed = terminal.type(b"top main.bus\t\t", PROMPT)
    assert b"main.busy.func1" in listed and b"main.busy.func2" in listed, listed
    return terminal.end(b"\x03quit\r")


def remembers_lines(goprof, folder):
    terminal = Terminal(goprof, folder)
    terminal.type(b"top2\r", b"Showing top 2 nodes")
    assert terminal.end() == 0
    path = folder / "goprof" / "history"
    assert path.stat().st_mode & 0o077 == 0, "others can read the history"
    terminal = Terminal(goprof, folder)
    terminal.type(b"\x1b[A\x1b[A\r", b"Showing top 2 nodes")
    terminal.wait_for(PROMPT)
    status = terminal.end(b"\x04")
    assert "top2" in path.read_text(), path.read_text()
    return status


def bounds_history(goprof, folder):
    path = folder / "goprof" / "history"
    path.parent.mkdir(parents=True)
    path.write_text("_HiStOrY_V2_\n" + "".join("top%d\n" % i for i in range(3000)))
    status = Terminal(goprof, folder).end()
    assert len(path.read_text().splitlines()) <= 1001, "the history grows without bound"
    return status


def survives_bad_history(goprof, folder):
    path = folder / "goprof" / "history"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(range(256)) * 200)
    terminal = Terminal(goprof, folder)
    terminal.type(b"\x1b[A\x1b[A\x15top2\r", b"Showing top 2 nodes")
    return terminal.end()


def works_without_history(goprof, folder):
    path = folder / "goprof"
    path.write_text("a file where the folder should be")
    terminal = Terminal(goprof, folder)
    terminal.type(b"top2\r", b"Showing top 2 nodes")
    return terminal.end()


def drops_the_line(goprof, folder):
    terminal = Terminal(goprof, folder)
    terminal.type(b"nonsense\x03", PROMPT)
    terminal.type(b"top2\r", b"Showing top 2 nodes")
    terminal.wait_for(PROMPT)
    return terminal.end(b"\x04")


def interrupts_a_report(goprof, folder):
    """Ctrl-C ends the report, here one that waits for a reader of a pipe, not the shell."""
    os.mkfifo(folder / "pipe")
    terminal = Terminal(goprof, folder)
    terminal.type(b"top >%s\r" % os.fsencode(folder / "pipe"), b"pipe\r\n")
    for _ in range(3):
        time.sleep(0.2)
        os.write(terminal.fd, b"\x03")
    terminal.type(b"top2\r", b"Showing top 2 nodes")
    return terminal.end()


def stops_and_continues(goprof, folder):
    terminal = Terminal(goprof, folder)
    os.write(terminal.fd, b"\x1a")
    end = time.monotonic() + 10
    stopped = False
    while not stopped and time.monotonic() < end:
        pid, status = os.waitpid(terminal.child, os.WNOHANG | os.WUNTRACED)
        stopped = pid != 0 and os.WIFSTOPPED(status)
        time.sleep(0.05)
    # A session without a job control shell is not stopped by the kernel.
    os.kill(terminal.child, signal.SIGCONT)
    terminal.type(b"top2\r", b"Showing top 2 nodes")
    return terminal.end()


def keeps_stdout_for_reports(goprof, folder):
    """With stdout elsewhere, neither prompt nor echo go there."""
    out = folder / "out.txt"
    child, fd = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm", XDG_STATE_HOME=str(folder))
        os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY), 1)
        os.execv(goprof, [goprof, PROFILE])
    os.write(fd, b"top2\rquit\r")
    status = os.waitstatus_to_exitcode(drain(child, fd))
    text = out.read_text()
    assert text.startswith("Showing nodes") and "pprof" not in text, text
    return status


def drain(child, fd):
    try:
        while os.read(fd, 65536):
            pass
    except OSError:
        pass
    os.close(fd)
    return os.waitpid(child, 0)[1]


def accepts_choices_alone(goprof, folder):
    done = subprocess.run([goprof, PROFILE], input=b"cum\nlines\no\n", capture_output=True)
    assert re.search(rb"sort += cum", done.stderr), done.stderr
    assert re.search(rb"granularity += lines", done.stderr), done.stderr
    return done.returncode


def says_what_to_do_without_input(goprof, folder):
    done = subprocess.run([goprof, PROFILE], stdin=subprocess.DEVNULL, capture_output=True)
    assert done.stdout == PROMPT, done.stdout
    assert b"-top" in done.stderr.splitlines()[-1], done.stderr
    done = subprocess.run([goprof, PROFILE], input=b"top1\n", capture_output=True)
    assert b"-top" not in done.stderr, done.stderr
    return done.returncode


def survives_hostile_lines(goprof, folder):
    lines = [b"x" * 1000000, bytes(range(1, 10)) + bytes(range(11, 256)), b"top" + b"9" * 400,
             b"top 99999999999999999999", b"top \0 a", b"top " + b"(" * 20000,
             b"nodecount=" + b"9" * 500, b"divide_by=0", b"top", b"divide_by=nan", b"top",
             b"divide_by=1e-300", b"top3", b"divide_by=1", b"nodefraction=-5", b"top3", b"nodefraction=0",
             b"-",
             b"top -", b"top2"]
    done = subprocess.run([goprof, PROFILE], input=b"\n".join(lines), capture_output=True,
                          timeout=60)
    assert b"Showing top 2 nodes" in done.stdout, done.stderr[-500:]
    assert b"signal" not in done.stderr, done.stderr[-500:]
    return done.returncode


CASES = [completes_commands, completes_functions, remembers_lines, bounds_history,
         survives_bad_history, works_without_history, drops_the_line, interrupts_a_report,
         stops_and_continues, keeps_stdout_for_reports, accepts_choices_alone,
         says_what_to_do_without_input, survives_hostile_lines]


def run(check, goprof, folder):
    folder.mkdir()
    try:
        status = check(goprof, folder)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
        return [str(problem)]
    return [] if status == 0 else ["ended with status %d" % status]


def cases(goprof, folder):
    return [("terminal " + check.__name__,
             lambda check=check: run(check, goprof, folder / check.__name__))
            for check in CASES]
