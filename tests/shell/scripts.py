"""Scripts on standard input, given to both shells."""
import difflib, functools, pathlib, re, subprocess

PROFILES = pathlib.Path(__file__).resolve().parents[1] / "golden" / "profiles"

# Name, profiles (flags before them), and the lines. Words on stderr are compared too, unless
# the name ends in "help": there goprof uses words of its own.
SCRIPTS = [
    ("top", "go_cpu", "top\ntop5\ntop 7\ntext3\ntop 12 -cum\ntop 3 5"),
    ("top of values", "go_heap", "top\ninuse_objects\ntop\nalloc_space\ntop4 -cum"),
    ("words", "go_cpu", "top main\ntop main busy\ntop main -fib -busy\ntop -runtime\n"
     "tree 5 main -cum\npeek main fib\ntraces main -runtime\ntop3 -fib 2 main --cum"),
    ("words do not persist", "go_cpu", "top5 main -cum\ntop5\no\n"),
    ("formats", "go_cpu", "tree5\npeek main.busy\ntraces\nraw\ntags\ncomments\ndot\n"
     "dot 5\nlist main\\.busy"),
    ("formats of heap", "go_heap", "tree5\npeek main\ntraces\nraw\ntags\ncomments\ndot10"),
    ("formats of block", "go_block", "top\ntree\npeek .\ntraces\nraw\ntags\ndot"),
    ("formats of mutex", "go_mutex", "top\ntree\ncontentions\ntop\ntotal_delay\ntop\n"
     "mean_delay\ntop\no"),
    ("odd formats", "odd", "top\ntree\nraw\ntags\ncomments\ntop3 -nothing"),
    ("options", "go_cpu", "o\noptions\nnodecount=3\ntop\nnodecount = 5\ntop\nunit=us\n"
     "top2\nunit=auto\ntop2\ndivide_by=2\ntop2\ncompact_labels=false\ntop2\n"
     "nodefraction=0.25\ntree\ntrim=false\ntop3\no"),
    ("bools", "go_cpu", "noinlines\ntop3\nnoinlines=0\ntop3\ncall_tree=YES\no\ncall_tree=n\n"
     "o\nmean=\ntop3\nmean=F\ntop3\ndrop_negative=maybe\nmean=2\n"),
    ("choices", "go_cpu", "granularity=lines\ntop5\nsort=cum\ntop5\nfiles=true\no\n"
     "filefunctions=1\ntop5\naddresses=t\ntop3\nfunctions=T\nflat=TRUE\ntop3\no\n"
     "granularity=x\nsort=\nsort\ngranularity"),
    ("filters", "go_cpu", "focus=main\ntop5\nignore=fib\ntop5\nhide=runtime\ntop5\no\n:\n"
     "top5\nshow=main\ntop5\nshow=\nshow_from=main.busy\ntop5\nshow_from=\n"
     "prune_from=main.fib\ntop5\nprune_from=\nrelative_percentages=true\ntop5 main"),
    ("labels", "go_cpu", "tags\ntags kind\ntags kind -user\ntagfocus=kind\ntop3\n:\n"
     "tagroot=kind\ntop3 -cum\ntagroot=\ntagleaf=user\ntree5\ntagshow=kind\ntags"),
    ("comments of values", "go_cpu", "nodecount=3 //: a few\ntop\nunit=ms//: x //: y\ntop2\n"
     "focus=main //:\ntop2\no"),
    ("macros", "go_heap", "inuse_space\ntop2\ntotal_alloc_objects\ntop2\n"
     "mean_alloc_space\ntop2\no\ntotal_inuse_space\no"),
    ("sample_index", "go_heap", "sample_index=0\ntop2\nsample_index=inuse_objects\ntop2\n"
     "sample_index=9\nsample_index=x\nsample_index=-1\nsample_index\nsample_index=\no"),
    ("mistakes", "go_cpu", "nonsense\nnonsense12\ntop12x\nnodecount 5\nnodecount5\nunit\n"
     "flat 3\nlist\npeek\ntop >\nhelp nonsense\n12\n=\nx=y\nTOP\nnodecount"),
    ("blanks", "go_cpu", "\n\n  \n\t\n  top3  \n\ttop\t3\t\n top 3 main \n"),
    ("no end of line", "go_cpu", "top3\ntop2"),
    ("nothing matches", "go_cpu", "top nothing_like_it\npeek nothing_like_it\n"
     "tags nothing_like_it\ntop -main -nothing"),
    ("quit", "go_cpu", "top1\nquit\ntop2"),
    ("exit", "go_cpu", "top1\n exit \ntop2"),
    ("q", "go_cpu", "q now\ntop2"),
    ("redirects", "go_cpu", "top3 >a.txt\ntop2 > b.txt\ntree5 main >c.txt -cum\n"
     "output=d.txt\ntop4\no\noutput=\ntop1\ntraces >traces.txt\ntop1 >missing/x"),
    ("pictures", "go_cpu", "svg\nsvg5\nproto\npng >g.png\ncallgrind\ntopproto"),
    ("flags", "-cum -unit=us -nodecount=4 -focus=main go_cpu", "top\no\n:\ntop\nunit=ms\ntop"),
    ("flags of values", "-sample_index=alloc_space -mean go_heap", "top3\no\nmean=0\ntop3"),
    ("merged", "go_block go_mutex", "top\ntree\ncontentions\ntop"),
    ("difference", "-diff_base=go_block go_mutex", "top\ntop -cum\no"),
    ("help", "go_cpu", "help\nhelp top\nhelp focus\nhelp sample_index\nhelp list\ntop1"),
]

# What pprof words by its own libraries: numbers, regular expressions, files.
WORDS = re.compile(rb"strconv\.\w+: .*|invalid value .* not a number")
# What goprof says beyond pprof.
REMEDY = re.compile(rb"no sample is left by the filters|\d+ of \d+ addresses have no name"
                    rb"|all values of this kind are 0|.*missing/x")
ADVICE = re.compile(rb": see -top for the names there are$", re.M)


def arguments(words):
    known = {p.name.split(".")[0]: str(p) for p in PROFILES.glob("*.pb.gz")}
    return [known.get(w) or re.sub(r"=(go_\w+)$", lambda m: "=" + known[m[1]], w)
            for w in words.split()]


def files_of(folder):
    """Name -> bytes; of pictures and packed profiles only that they hold something."""
    return {p.name: p.read_bytes() if p.suffix == ".txt" else p.stat().st_size > 0
            for p in sorted(folder.iterdir())}


def talk(stderr):
    lines = [l[8:] if l.startswith(b"goprof: ") else l for l in stderr.split(b"\n")]
    # What goprof adds is rule "comparisons" of docs/differences.md.
    text = b"\n".join(l for l in lines
                      if not REMEDY.match(l) and not l.startswith(b"compared with the base"))
    return ADVICE.sub(b"", WORDS.sub(b"...", text))


def data(stdout, here):
    """-raw cuts the duration in pprof: rule "duration" of docs/differences.md."""
    return re.sub(rb"^Duration: \S+$", b"Duration:", stdout.replace(bytes(here), b"HERE"),
                  flags=re.M)


def show(what, ours, theirs):
    lines = difflib.unified_diff(theirs.decode(errors="replace").splitlines(),
                                 ours.decode(errors="replace").splitlines(),
                                 "pprof", "goprof", lineterm="", n=1)
    return what + " differs\n" + "\n".join("    " + l for l in list(lines)[:20])


def compare(goprof, pprof, folder, name, words, script):
    out = []
    for who, program in (("ours", goprof), ("theirs", pprof)):
        here = folder / ("%s-%s" % (name.replace(" ", "_"), who))
        here.mkdir()
        done = subprocess.run([program] + arguments(words), cwd=here, input=script.encode(),
                              capture_output=True, timeout=120)
        out.append((done, data(done.stdout, here), files_of(here)))
    (ours, our_data, our_files), (theirs, their_data, their_files) = out
    problems = []
    if our_data != their_data:
        problems.append(show("stdout", our_data, their_data))
    if not name.endswith("help") and talk(ours.stderr) != talk(theirs.stderr):
        problems.append(show("stderr", talk(ours.stderr), talk(theirs.stderr)))
    if our_files != their_files:
        problems.append("files differ: %s, pprof %s" % (sorted(our_files), sorted(their_files)))
    if ours.returncode != 0:
        problems.append("ended with status %d" % ours.returncode)
    return problems


def cases(goprof, pprof, folder):
    return [("script " + name,
             functools.partial(compare, goprof, pprof, folder, name, words, script))
            for name, words, script in SCRIPTS]
