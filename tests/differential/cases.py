"""The flags that are compared, and for which profiles."""
import os
import re
from dataclasses import dataclass

# Flags for every profile.
COMMON = """
-top
-top -cum
-top -nodecount=5
-top -nodefraction=0.05
-top -trim=false
-top -lines
-top -files
-top -filefunctions
-top -addresses
-top -noinlines
-top -lines -showcolumns
-top -compact_labels
-top -drop_negative
-top -divide_by=3
-text -unit=auto
-tree
-tree -cum -nodecount=20
-tree -lines
-tree -trim=false
-tree -addresses -noinlines
-peek=main
-peek=. -lines
-traces
-traces -lines
-traces -addresses
-traces -noinlines
-raw
-raw -noinlines
-tags
-comments
-list=main\\.
-list=main -noinlines
-list=. -trim_path=/usr
-disasm=main\\.
-disasm=runtime\\.mallocgc
-disasm=. -focus=main
-dot
-dot -nodecount=10
-dot -nodefraction=0.1
-dot -edgefraction=0.1
-dot -lines
-dot -files
-dot -call_tree
-dot -call_tree -nodecount=15
-dot -trim=false
-callgrind
-callgrind -call_tree
-callgrind -lines
-topproto
-proto
-top -focus=main
-top -ignore=main
-top -hide=runtime
-top -show=main
-top -show_from=main
-top -prune_from=main
-top -focus=main -relative_percentages
-tree -focus=flate|json
-tree -hide=runtime -show=.
-dot -focus=main
-traces -focus=main -ignore=runtime
-raw -focus=main
-top -tagfocus=kind
-top -symbolize=none
""".strip().splitlines()

# More of them, for the profiles of real programs. {self} is the profile once more.
MORE = """
-text -cum -lines
-top -nodecount=0
-top -nodecount=1
-top -nodefraction=0
-top -functions
-top -files -cum
-top -filefunctions -cum
-top -addresses -cum
-top -lines -noinlines
-top -relative_percentages
-top -call_tree
-top -unit=minimum
-top -unit=auto
-top -divide_by=0.5
-top -mean
-top -sample_index=0
-top -sample_index=1
-top -focus=main -ignore=runtime -hide=sync -show=. -cum -nodecount=7
-top -source_path=/nowhere -trim_path=/usr
-top -buildid=0123
-top -tagfocus=.
-top -tagignore=kind
-top -tagfocus=bytes=:1mb
-top -tagroot=kind
-top -tagleaf=kind,bytes
-top {self}
-top -base={self}
-top -diff_base={self} -nodecount=5
-tree -nodecount=5
-tree -files
-tree -filefunctions
-tree -noinlines
-tree -relative_percentages -focus=main
-tree -call_tree
-tree -edgefraction=0.05
-tree -unit=auto
-tree -mean
-tree -compact_labels
-tree -ignore=runtime
-tree -show=main
-tree -show_from=main
-tree -prune_from=runtime\\..*
-tree -tagroot=bytes
-tree {self}
-peek=runtime
-peek=main\\.main$
-peek=. -cum
-peek=main -noinlines
-peek=mallocgc|Read|fib -trim=false
-peek=runtime -focus=main
-peek=. -nodecount=10 -unit=auto
-traces -files
-traces -filefunctions
-traces -unit=auto
-traces -hide=runtime
-traces -show=main
-traces -show_from=main
-traces -prune_from=main
-traces -tagshow=.
-traces -taghide=.
-traces -mean
-traces -trim=false
-traces -tagroot=kind
-traces {self}
-raw -lines
-raw -hide=runtime
-raw -ignore=main
-raw -tagfocus=.
-raw -sample_index=0
-raw -show_from=main
-raw -prune_from=main
-raw -taghide=.
-raw -tagroot=kind
-raw -divide_by=2
-raw {self}
-tags -tagshow=.
-tags -focus=main
-tags -sample_index=0
-tags -hide=.
-tags -ignore=runtime
-tags -nodecount=2
-comments -add_comment=hello
-list=runtime -focus=main
-list=fib|keep -unit=auto
-list=main -hide=runtime
-list=main -relative_percentages -focus=main
-dot -cum
-dot -addresses
-dot -noinlines
-dot -filefunctions
-dot -nodecount=3 -edgefraction=0
-dot -unit=auto
-dot -relative_percentages -focus=main
-dot -compact_labels
-dot -hide=runtime
-dot -show=main
-dot -show_from=main
-dot -prune_from=main
-dot -ignore=main
-dot -taghide=.
-dot -mean
-dot -divide_by=7
-dot -functions -nodefraction=0 -nodecount=40
-dot -lines -noinlines
-dot -sample_index=0
-callgrind -noinlines
-callgrind -focus=main
-callgrind -addresses
-callgrind -hide=runtime
-topproto -cum
-topproto -nodecount=5
-topproto -focus=main
-proto -focus=main
-proto -hide=runtime
-proto -noinlines
-proto -show_from=main
-proto -ignore=runtime
-proto -tagfocus=.
-proto {self}
""".strip().splitlines()

# Flags for some kinds of profiles alone. {name} stands for another profile of the same
# program.
SPECIAL = {
    "cpu": """
-top -sample_index=samples
-top -sample_index=0
-top -unit=ms
-top -unit=seconds
-top -unit=hours -cum
-top -mean
-tree -mean
-top -tagfocus=kind=math
-top -tagignore=recursion
-tags -tagfocus=user
-tags -tagshow=kind
-tags -taghide=kind
-tags -unit=ms
-traces -tagshow=user
-top -tagroot=kind
-top -tagroot=kind,user -cum
-tree -tagleaf=user
-dot -tagroot=user
-dot -tagleaf=kind,user
-peek=fib|even|odd
-list=fib
-top -cum -focus=fib -ignore=odd
-dot -tagfocus=kind=text
""",
    "heap": """
-top -inuse_objects
-top -alloc_space
-top -alloc_objects
-top -sample_index=alloc_space -unit=MB
-top -sample_index=inuse_objects
-top -mean -alloc_space
-tags -alloc_space
-tags -unit=kB
-dot -alloc_space
-dot -alloc_objects -unit=count
-top -tagfocus=1kb:
-top -tagfocus=:8kb -alloc_space
-top -tagfocus=bytes=1024:4096
-traces -alloc_space
-tree -alloc_space -unit=kB
-top -alloc_space -tagroot=bytes
-top -base={allocs}
-top -diff_base={allocs} -alloc_space
-raw -base={allocs}
""",
    "allocs": """
-top -inuse_space
-top -base={heap}
-tree -alloc_space -nodecount=10
-dot -inuse_space
""",
    "block": """
-top -contentions
-top -total_delay
-top -mean_delay
-tree -mean_delay
-dot -mean_delay
-top -unit=us
-top -diff_base={mutex}
-tree -base={mutex}
-top -base={mutex} -normalize
-top -diff_base={mutex} -normalize
-dot -diff_base={mutex}
-top -base={mutex} -drop_negative
-top {mutex}
-raw {mutex}
-traces {mutex}
""",
    "mutex": """
-top -contentions
-top -mean_delay -cum
-list=busy|contend
""",
    "odd": """
-top -sample_index=0
-top -sample_index=1 -unit=auto
-top -mean
-traces -mean
-tree -mean
-dot -mean
-top -show_from=main
-top -prune_from=work|find
-top -hide=deep
-traces -hide=main
-traces -show_from=deep
-tree -drop_negative
-dot -drop_negative -nodefraction=0
-top -tagfocus=kind=x
-top -tagfocus=bytes=1kb:10kb
-top -tagignore=2kb
-top -tagfocus=request=:1kb
-tags -unit=kB
-tags -taghide=bytes
-traces -tagroot=kind -tagleaf=bytes,user
-top -tagroot=wait -unit=ms
-callgrind -noinlines
-peek=main -addresses
-list=work
-top -symbolize=demangle=full
-top -symbolize=demangle=templates
-top -symbolize=demangle=none
-dot -focus=deep1 -ignore=loop
-top -source_path=/home/src
-top -lines -trim_path=/src
""",
    "goroutine": """
-top {goroutine}
-raw {goroutine} {goroutine}
""",
}

# Wrong words, with the exit status both tools must give: error texts are compared too.
ERRORS = """
-top -sample_index=nothing
-top -sample_index=9
-peek=nosuchfunction
-list=nosuchfunction
-disasm=nosuchfunction
-disasm=0x1
-top -divide_by=0
-top -tree
-top -focus=(
-peek=(
-top -normalize
-top -tagfocus=(
""".strip().splitlines()


@dataclass
class Case:
    number: int  # to name files after
    name: str
    args: list
    is_error: bool


def lines_for(program, kind):
    """(line of flags, whether it is wrong)"""
    lines = COMMON + SPECIAL.get(kind, "").strip().splitlines()
    if not program.startswith("random"):
        lines = lines + MORE
    errors = ERRORS if (program, kind) == ("go1.26", "cpu") else []
    return [(line, False) for line in lines] + [(line, True) for line in errors]


def args_of(line, kind, found):
    """The words of one command line, or None where it wants a profile that there is not."""
    paths = dict(found, self=found[kind])
    if not all(name in paths for name in re.findall(r"\{([\w-]+)\}", line)):
        return None
    words = [word.format(**paths) if "{" in word else word for word in line.split(" ")]
    flags = [word for word in words if word.startswith("-")]
    sources = [word for word in words if not word.startswith("-")]
    # What these files tell of names differs from tool to tool.
    if kind.startswith("legacy-") and "-symbolize=none" not in flags:
        flags.append("-symbolize=none")
    return flags + [found[kind]] + sources


def make_all(profiles):
    cases = []
    for program, found in profiles.items():
        for kind in found:
            for line, is_error in lines_for(program, kind):
                args = args_of(line, kind, found)
                if args is None:
                    continue
                words = " ".join(os.path.basename(a) if a.startswith("/") else a for a in args[:-1])
                name = "%s/%s %s" % (program, kind, words)
                cases.append(Case(len(cases), name, args, is_error))
    return cases
