"""Builds Go programs with any release and in any mode, and runs them."""
import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = (ROOT / os.environ.get("BUILD", "build")).resolve()
FOLDER = BUILD / "golang"
TIMEOUT = 60

# Every release gets the plain build; the modes are tried on one of each kind of runtime.
VERSIONS = ["1.19", "1.22", "1.24", "1.26", "1.27"]
ALL_VERSIONS = [f"1.{minor}" for minor in range(19, 28)]

MODES = {
    "plain": [],
    "no-dwarf": ["-ldflags=-w"],
    "stripped": ["-ldflags=-s -w"],
    "pie": ["-buildmode=pie"],
    "trimpath": ["-trimpath"],
    "race": ["-race"],
    "external": ["-ldflags=-linkmode=external"],
}
NEEDS_CGO = {"race", "external"}


def go_command(version):
    """The path of that release's go, None where it cannot be had."""
    result = subprocess.run([ROOT / "scripts/go_toolchain.sh", version], text=True,
                            capture_output=True, cwd=ROOT, timeout=300)
    lines = result.stdout.split()
    return lines[-1] if result.returncode == 0 and lines else None


def build(program, version, mode="plain"):
    """The path of tests/programs/go/PROGRAM as built; None without that release."""
    go = go_command(version)
    if go is None:
        return None
    out = FOLDER / f"{program}-{version}-{mode}"
    source = ROOT / "tests/programs/go" / program
    newest = max(path.stat().st_mtime for path in source.iterdir())
    if out.exists() and out.stat().st_mtime > newest:
        return out
    FOLDER.mkdir(parents=True, exist_ok=True)
    module = FOLDER / f"{version}.mod"
    module.write_text(f"module {program}\n\ngo {version}\n")
    cgo = program == "callbacks" or mode in NEEDS_CGO
    env = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=mod", GO111MODULE="on",
               CGO_ENABLED="1" if cgo else "0")
    # A copy, so that the module is the folder's own, whichever release builds it.
    copy = FOLDER / f"{program}-{version}.src"
    copy.mkdir(exist_ok=True)
    for path in source.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "go.mod").write_text(module.read_text())
    subprocess.run([go, "build", *MODES[mode], "-o", out, "."], cwd=copy, env=env,
                   check=True, timeout=600)
    return out


class Target:
    """A running program that has said "ready"."""

    def __init__(self, program, *args, **options):
        self.truth = FOLDER / f"{program.name}.truth"
        self.truth.unlink(missing_ok=True)
        words = [str(self.truth) if word == "TRUTH" else str(word) for word in args]
        self.process = subprocess.Popen([program, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True,
                                        **options)
        if self.process.stdout.readline() != "ready\n":
            self.process.kill()
            raise RuntimeError(f"{program} did not start")
        self.pid = self.process.pid

    def tell_truth(self):
        """What the program says of itself now."""
        self.truth.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        deadline = time.monotonic() + TIMEOUT
        while not self.truth.exists():
            if time.monotonic() > deadline:
                raise RuntimeError("the program did not write its truth")
            time.sleep(0.02)
        return self.truth.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def goprof(*words, timeout=TIMEOUT):
    return subprocess.run([BUILD / "goprof", *map(str, words)], capture_output=True,
                          text=True, timeout=timeout)


def has_probes():
    """Whether uprobes with programs can be set here, as goprof doctor tries."""
    facts = json.loads(goprof("doctor", "--json").stdout)["facts"]
    return any(fact["topic"] == "probes" and fact["state"] == "ok" for fact in facts)
