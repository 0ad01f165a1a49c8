"""Builds the programs of tests/programs in all the ways their profile must survive."""
import concurrent.futures
import glob
import os
import pathlib
import shutil
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "programs"
WARN = ["-Wall", "-Wextra", "-D_GNU_SOURCE", "-pthread"]
PLAIN = ["-O2", "-g", "-fomit-frame-pointer"]

# Name -> (source, compiler, flags). Programs that need more than one step follow below.
C_BUILDS = {
    "shares-gcc": ("shares.c", "gcc", PLAIN),
    "shares-gcc-fp": ("shares.c", "gcc", ["-O2", "-g", "-fno-omit-frame-pointer"]),
    "shares-gcc-O0": ("shares.c", "gcc", ["-O0", "-g"]),
    "shares-gcc-O3-dwarf4": ("shares.c", "gcc", ["-O3", "-gdwarf-4"]),
    "shares-gcc-compressed": ("shares.c", "gcc", PLAIN + ["-gz"]),
    "shares-gcc-no-debug": ("shares.c", "gcc", ["-O2"]),
    "shares-gcc-no-pie": ("shares.c", "gcc", PLAIN + ["-no-pie"]),
    "shares-gcc-static": ("shares.c", "gcc", PLAIN + ["-static"]),
    "shares-gcc-static-pie": ("shares.c", "gcc", PLAIN + ["-static-pie"]),
    "shares-clang": ("shares.c", "clang", PLAIN),
    "inlined-gcc": ("inlined.c", "gcc", PLAIN),
    "inlined-clang": ("inlined.c", "clang", PLAIN),
    "deep": ("deep.c", "gcc", PLAIN),
    "frames-gcc": ("frames.c", "gcc", PLAIN),
    "frames-clang": ("frames.c", "clang", PLAIN),
    "signals": ("signals.c", "gcc", PLAIN),
    "vdso": ("vdso.c", "gcc", PLAIN),
    "dlopen": ("dlopen.c", "gcc", PLAIN),
    "threads": ("threads.c", "gcc", PLAIN),
    "children": ("children.c", "gcc", PLAIN),
    "bursts": ("bursts.c", "gcc", PLAIN),
    "syscalls": ("syscalls.c", "gcc", PLAIN),
    "jit": ("jit.c", "gcc", PLAIN),
    "cxx-gcc": ("cxx.cpp", "g++", PLAIN),
    "cxx-clang": ("cxx.cpp", "clang++", PLAIN),
    "liblibrary.so": ("library.c", "gcc", PLAIN + ["-fPIC", "-shared"]),
    "libold_kernel.so": ("old_kernel.c", "gcc", PLAIN + ["-fPIC", "-shared"]),
}


def found_go():
    """(version, path) of each Go toolchain of this machine."""
    paths = [shutil.which("go"), *sorted(glob.glob("/usr/lib/go-1.*/bin/go"))]
    seen = {}
    for path in filter(None, paths):
        text = subprocess.run([path, "env", "GOVERSION"], capture_output=True, text=True,
                              env=go_environment()).stdout.strip()
        if text:
            seen.setdefault(text, path)
    return seen


def go_environment():
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    return {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "", "CGO_ENABLED": "0",
            "GOCACHE": os.environ.get("GOCACHE", str(cache / "go-build"))}


def commands(build):
    """Name -> list of commands. A name whose tool is missing has an error text instead."""
    jobs = {}
    for name, (source, compiler, flags) in C_BUILDS.items():
        if shutil.which(compiler):
            jobs[name] = [[compiler, *WARN, *flags, "-o", build / name, SOURCE / source, "-ldl"]]
        else:
            jobs[name] = f"{compiler} is not installed"
    jobs["plt"] = [["gcc", *WARN, *PLAIN, "-fPIC", "-shared", "-o", build / "libtiny.so",
                    SOURCE / "library.c"],
                   ["gcc", *WARN, *PLAIN, "-Wl,-z,lazy", "-o", build / "plt", SOURCE / "plt.c",
                    build / "libtiny.so", f"-Wl,-rpath,{build}"]]
    split = build / "shares-gcc-split"
    jobs[split.name] = [
        ["gcc", *WARN, *PLAIN, "-o", split, SOURCE / "shares.c"],
        ["objcopy", "--only-keep-debug", split, f"{split}.debug"],
        ["objcopy", "--strip-all", f"--add-gnu-debuglink={split}.debug", split],
    ]
    for version, go in found_go().items():
        for kind, flags in {"": [], "-stripped": ["-ldflags=-s -w"],
                            "-pie": ["-buildmode=pie"]}.items():
            name = version + kind
            jobs[name] = [[go, "build", *flags, "-o", build / name, SOURCE / "shares.go"]]
    for kind, flags in {"": [], "-v0": ["-Csymbol-mangling-version=v0"]}.items():
        name = "rust" + kind
        if shutil.which("rustc"):
            jobs[name] = [["rustc", "-O", "-g", *flags, "-o", build / name,
                           SOURCE / "shares.rs"]]
        else:
            jobs[name] = "rustc is not installed"
    return jobs


def run_all(steps):
    for step in steps:
        result = subprocess.run([str(word) for word in step], capture_output=True, text=True,
                                env=go_environment())
        if result.returncode != 0:
            return f"{step[0]} failed: {result.stderr.strip()[-300:]}"
    return None


def is_fresh(program):
    sources = [*SOURCE.iterdir(), pathlib.Path(__file__)]
    return program.exists() and all(program.stat().st_mtime > s.stat().st_mtime for s in sources)


def build_all(build):
    """Builds what is there to build with; gives name -> why it could not be built."""
    build.mkdir(parents=True, exist_ok=True)
    jobs = {name: job for name, job in commands(build).items() if not is_fresh(build / name)}
    missing = {name: job for name, job in jobs.items() if isinstance(job, str)}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = {name: pool.submit(run_all, job) for name, job in jobs.items()
                   if name not in missing}
    failures = {name: result.result() for name, result in results.items() if result.result()}
    return missing, failures
