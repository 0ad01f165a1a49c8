"""Program files that are not where they seem: replaced while they run, or in another root."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from checks import count, samples_in, share_in
from pprof import Profile, follows

RATE = 997


def watch(suite, build, name, pid):
    """One second of the process; its profile and what goprof said, or None."""
    out = build / "truth" / "files.pb.gz"
    out.unlink(missing_ok=True)
    result = subprocess.run([build / "goprof", "cpu", "--seconds", "1", "--rate", str(RATE), "-o",
                             out, str(pid)], capture_output=True, text=True, timeout=60)
    if result.returncode == 0 and out.exists():
        return Profile(out), result.stderr
    suite.fail(name, "is recorded", f"exit {result.returncode}: {result.stderr.strip()[-300:]}")
    return None, ""


def check_replaced(suite, build, folder):
    """The file on disk is another program now: no name may come from it."""
    name = "a program replaced while it runs"
    program = folder / "program"
    shutil.copy(build / "truth" / "shares-gcc", program)
    with subprocess.Popen([program, "3"], stdout=subprocess.DEVNULL) as target:
        time.sleep(0.2)
        shutil.copy(build / "truth" / "deep", folder / "other")
        os.rename(folder / "other", program)
        profile, said = watch(suite, build, name, target.pid)
        target.kill()
    if profile:
        wrong = samples_in(profile, "descend|bottom")
        suite.expect(name, "takes no names from the new file", profile.count and not wrong,
                     f"{count(wrong)} of {profile.count} samples name its functions")
        right = share_in(profile, "heavy")
        told = " ".join([said, *profile.comments])
        suite.expect(name, "is named from the old file, or its loss is told",
                     right > 0.4 or any(word in told for word in ("replaced", "build", "differ")),
                     f"heavy has {right:.1%}, and it said {told.strip()[:200]!r}")


def check_other_root(suite, build, folder):
    """As in a container: the path of the program means another file outside."""
    name = "a program in another root"
    inside = folder / "root" / str(build).lstrip("/") / "truth"
    inside.mkdir(parents=True)
    # Where the path leads outside there is a different program.
    shutil.copy(build / "truth" / "shares-gcc-static", inside / "deep")
    with subprocess.Popen(["chroot", folder / "root", build / "truth" / "deep", "3"],
                          stdout=subprocess.DEVNULL) as target:
        time.sleep(0.3)
        profile, _ = watch(suite, build, name, target.pid)
        target.kill()
    if profile:
        right, wrong = share_in(profile, "heavy"), samples_in(profile, "descend|bottom")
        suite.expect(name, "is named from its own root", right > 0.4 and not wrong,
                     f"heavy has {right:.1%}, {count(wrong)} samples are named from outside")


def check_two_roots(suite, build, folder):
    """One path, two files: each process in a mount namespace of its own, as containers are."""
    name = "two processes with other files under one path"
    place, out = folder / "same", build / "truth" / "files.pb.gz"
    place.touch()
    shares, deep = (build / "truth" / program for program in ("shares-gcc", "deep"))
    one = "unshare --mount sh -c 'mount --bind {0} {1} && exec {1} 1'"
    script = f"{one.format(shares, place)} & {one.format(deep, place)} & wait"
    out.unlink(missing_ok=True)
    result = subprocess.run([build / "goprof", "cpu", "--rate", str(RATE), "-o", out, "--", "sh",
                             "-c", script], capture_output=True, text=True, timeout=60)
    if result.returncode != 0 or not out.exists():
        suite.fail(name, "is recorded", f"exit {result.returncode}: {result.stderr[-300:]}")
        return
    profile = Profile(out)
    heavy = [s for s in samples_in(profile, "heavy") if follows(s.names[::-1], ("main", "heavy"))]
    bottom = [s for s in samples_in(profile, "bottom") if s.names.count("descend") > 200]
    said = f"heavy {count(heavy)}, bottom {count(bottom)} of {profile.count} samples"
    suite.expect(name, "both are named, each from its own",
                 count(heavy) > 0.2 * profile.count and count(bottom) > 0.4 * profile.count
                 and not any("descend" in s.names for s in heavy), said)


def check_all(suite, build):
    with tempfile.TemporaryDirectory(prefix="goprof-files-") as name:
        folder = pathlib.Path(name)
        check_replaced(suite, build, folder)
        if os.geteuid() == 0:
            check_other_root(suite, build, folder)
            check_two_roots(suite, build, folder)
        else:
            suite.skip("a program in another root", "only root may chroot")
