"""Records with perf and reads its answer into the same shape as a profile of goprof."""
import shutil
import subprocess

from pprof import Frame, Sample


class PerfProfile:
    def __init__(self, samples, period_ns):
        self.samples = samples
        self.period = period_ns
        self.count = len(samples)
        self.cpu_ns = len(samples) * period_ns


def is_usable():
    if not shutil.which("perf"):
        return False
    trial = subprocess.run(["perf", "record", "-e", "cpu-clock", "-o", "/dev/null", "true"],
                           capture_output=True)
    return trial.returncode == 0


def attach(pid, path, seconds, rate, mode):
    return subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(rate),
                             "--call-graph", mode, "-o", str(path), "-p", str(pid), "--",
                             "sleep", str(seconds)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read(path, rate):
    text = subprocess.run(["perf", "script", "-i", str(path), "--no-inline", "-F", "ip,sym,dso"],
                          capture_output=True, text=True, errors="replace").stdout
    period = 1_000_000_000 // rate
    return PerfProfile([sample for block in text.split("\n\n")
                        if (sample := parse(block, period))], period)


def parse(block, period):
    frames = []
    for line in block.splitlines():
        address, _, rest = line.strip().partition(" ")
        name, _, file = rest.rpartition(" (")
        if name:
            frames.append(Frame("" if name == "[unknown]" else name, "", 0, file.rstrip(")"),
                                int(address, 16)))
    return Sample(1, period, frames, {}) if frames else None
