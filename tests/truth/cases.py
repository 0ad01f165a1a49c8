"""What is known of each program before it runs: which call paths lead to its phases."""
from dataclasses import dataclass, field

RATE = 1997  # Hz; a prime, so that no program falls into step with it
SECONDS = 1.0


@dataclass
class Case:
    """A run of one program, and what its profile must show."""
    program: str
    # Name of a "truth" line -> the call path that it measured, root first, as patterns. The
    # share of samples in its last function is compared with the truth, and nearly all of
    # these must have come by the whole path.
    paths: dict
    args: tuple = ()
    options: tuple = ()
    seconds: float = SECONDS
    rate: int = RATE
    # Inlined frames: pattern of the outer function -> pattern of what is inlined into it.
    inlined: dict = field(default_factory=dict)
    inlined_share: float = 0.9  # of the outer function's samples, at least
    # Paths without a truth of their own.
    also: tuple = ()
    # Base names that the lines of the phases come from; empty: lines are not known.
    sources: tuple = ()
    # Pairs of phases that took the same time.
    equal: tuple = ()
    label: str = ""
    only_last_total: bool = False  # the samples are those of the first process alone
    threads: int = 1
    # Share of the time that the kernel spends with interrupts off, on behalf of the process:
    # a timer does not see it, the process is charged for it.
    unseen: float = 0
    is_old_kernel: bool = False  # as if before Linux 6.12
    needs_kernel: bool = False  # much of its time is the kernel's

    @property
    def name(self):
        return f"{self.program} {self.label}".strip()


def c_shares():
    return {name: ("main", "run_round", name) for name in ("heavy", "medium", "light")}


def shares_of_c():
    names = ["shares-gcc", "shares-gcc-fp", "shares-gcc-O0", "shares-gcc-O3-dwarf4",
             "shares-gcc-compressed", "shares-gcc-split", "shares-gcc-no-pie",
             "shares-gcc-static", "shares-gcc-static-pie", "shares-clang"]
    cases = [Case(name, c_shares(), inlined={"heavy": "truth_work", "light": "truth_work"},
                  sources=("shares.c", "truth.h")) for name in names]
    return cases + [Case("shares-gcc-no-debug", c_shares())]


def other_c():
    inlined = {"mix_rows": ("main", "hash_block", "mix_rows"),
               "mix_columns": ("main", "hash_block", "mix_columns")}
    frames = {name: ("main", name)
              for name in ("sized_at_run_time", "realigned", "all_pushed")}
    leaves = tuple(("main", name, "leaf") for name in frames)
    signals = {"raised_work": ("main", "on_raised", "raised_work"),
               "alarm_work": ("main", "on_alarm", "alarm_work"),
               "interrupted": ("main", "interrupted")}
    for compiler in ("gcc", "clang"):
        yield Case(f"inlined-{compiler}", inlined, sources=("inlined.c", "truth.h"),
                   inlined={"mix_rows": "mix_row", "mix_row": "truth_work"})
        yield Case(f"frames-{compiler}", frames, also=leaves)
    yield Case("deep", {"bottom": ("main", *["descend"] * 240, "bottom")})
    yield Case("signals", signals)
    yield Case("vdso", {name: ("main", name) for name in ("ask_clock", "think")})
    yield Case("plt", {name: ("main", name) for name in ("call_library", "stay_home")},
               also=(("main", "call_library", "tiny_step"),))
    yield Case("dlopen", {"before_loading": ("main", "before_loading"),
                          "call_plugin": ("main", "call_plugin")},
               args=("liblibrary.so",),
               also=(("main", "call_plugin", "plugin_work", "plugin_inner"),))
    yield Case("threads", {name: ("thread_main", name)
                           for name in ("equal_a", "equal_b", "late")},
               equal=(("equal_a", "equal_b"),), seconds=1.5, threads=4)
    children = {name: ("main", "work_for", name)
                for name in ("parent_work", "forked_work", "before_exec", "after_exec")}
    yield Case("children", children, threads=4, seconds=1.5)
    yield Case("children", {"parent_work": children["parent_work"]}, seconds=1.5,
               options=("--no-children",), label="--no-children", only_last_total=True)
    yield Case("children", children, threads=4, seconds=1.5, label="old kernel",
               is_old_kernel=True)
    yield Case("bursts", {"burst": ("main", "burst")}, unseen=0.03, needs_kernel=True)
    yield Case("syscalls", {name: ("main", name) for name in ("read_zeros", "think")},
               unseen=0.02, needs_kernel=True)
    yield Case("jit", {name: ("main", name) for name in ("jitted_loop", "think")})


def cxx(compiler):
    def named(name):
        return rf"storm::{name}(\b.*)?"
    return Case(f"cxx-{compiler}",
                {"relax": ("main", named("Grid(<.*>)?::relax")),
                 "catch_failures": ("main", named("catch_failures")),
                 "sum_by_lambda": ("main", named("sum_by_lambda")),
                 "run": (r".*(thread|lambda|clone).*", named("Worker::run"))},
                also=(("main", named("catch_failures"), named("fail"), "__cxa_throw"),),
                inlined={named("sum_by_lambda"): r".*(lambda|operator\(\)).*",
                         named("Grid(<.*>)?::relax"): "truth_work.*"},
                sources=("cxx.cpp", "truth.h"), threads=2)


def go(version):
    paths = {name: (r"runtime\.main", r"main\.main", rf"main\.{name}")
             for name in ("heavy", "medium", "light")}
    paths["step"] = (r"main\.\(\*worker\)\.run", r"main\.\(\*worker\)\.step")
    return [Case(version + kind, paths, inlined={r"main\.heavy": r"main\.mix"},
                 inlined_share=0.2,  # the loop around it stays in the outer function
                 sources=("shares.go",), threads=6) for kind in ("", "-stripped", "-pie")]


def rust(kind):
    main = r"shares(\[\w+\])?::main"
    return Case(f"rust{kind}",
                {"heavy": (main, r"shares(\[\w+\])?::heavy.*"),
                 "medium": (main, r"<shares.*::Steps as shares.*::Work>::medium"),
                 "light": (main, r"shares(\[\w+\])?::light")},
                inlined={r"shares(\[\w+\])?::light": r"shares(\[\w+\])?::mix"},
                sources=("shares.rs", "range.rs", "iterator.rs", "num.rs", "mod.rs",
                         "uint_macros.rs", "cmp.rs", "mem.rs"))


def all_cases(go_versions):
    cases = shares_of_c() + list(other_c()) + [cxx("gcc"), cxx("clang")]
    for version in go_versions:
        cases += go(version)
    return cases + [rust(""), rust("-v0")]
