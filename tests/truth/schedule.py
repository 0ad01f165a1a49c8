"""goprof schedtrace of a program whose busy and blocked threads are known."""
import json
import pathlib
import subprocess
import tempfile

BUSY, BLOCKED = 3, 5
SOURCE = """
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
static int ends[2];
static void *spin(void *x) { for (;;) __asm__ volatile(""); return x; }
static void *wait(void *x) { char c; if (read(ends[0], &c, 1) < 0) exit(1); return x; }
int main(int count, char **words)
{
	pthread_t thread;
	if (count != 3 || pipe(ends) != 0) return 1;
	for (int i = atoi(words[1]); i > 0; i--) pthread_create(&thread, NULL, spin, NULL);
	for (int i = atoi(words[2]); i > 0; i--) pthread_create(&thread, NULL, wait, NULL);
	usleep(200000);
	puts("ready");
	fflush(stdout);
	pause();
}
"""


def lines_of(build, pid):
    result = subprocess.run([build / "goprof", "schedtrace", str(pid), "--period", "300ms", "--count",
                             "3", "--detail", "--json"], capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def check_all(suite, build):
    """A busy thread is always runnable, on a processor or waiting for one, however busy the
    machine is; a blocked one never is."""
    with tempfile.TemporaryDirectory(prefix="goprof-schedule-") as folder:
        program = pathlib.Path(folder) / "threads"
        subprocess.run(["gcc", "-O2", "-pthread", "-xc", "-", "-o", program], input=SOURCE, text=True,
                       check=True)
        with subprocess.Popen([program, str(BUSY), str(BLOCKED)], stdout=subprocess.PIPE,
                              text=True) as target:
            try:
                target.stdout.readline()
                lines, said = lines_of(build, target.pid)
            finally:
                target.kill()
    suite.expect("schedtrace", "a line a period", len(lines) == 3, said)
    for line in lines:
        suite.expect("schedtrace", "threads are all counted",
                     line["threads"] == BUSY + BLOCKED + 1, line)
        suite.expect("schedtrace", "busy threads run or wait for a processor",
                     line["running"] + line["runnable"] == BUSY and line["running"] >= 1, line)
        suite.expect("schedtrace", "the others are blocked", line["blocked"] == BLOCKED + 1, line)
