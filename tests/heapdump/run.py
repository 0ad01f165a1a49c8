#!/usr/bin/env python3
"""Heap dumps of Go programs of known graphs, by every Go version here: counts, sizes, edges,
dominators, garbage and growth exact; HPROF files read back; cut files. BUILD names the build
folder."""
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import collector
import go_dump
import hprof
import leak_check
import pages

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", "build")).resolve()
VERSIONS = ["1.19", "1.22", "1.26", "1.27"]
TIMEOUT = 60
LEAF, NODE, TREE, RING, FINALIZED = 208, 64, 96, 128, 176


class Suite:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, condition, detail=""):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {name}: {detail}")

    def equal(self, name, actual, expected):
        self.check(name, actual == expected, f"{actual!r}, not {expected!r}"[:400])


def goprof(*words, status=0):
    result = subprocess.run([BUILD / "goprof", *map(str, words)], capture_output=True,
                            timeout=TIMEOUT, text=True)
    assert result.returncode == status, f"{words}: exit {result.returncode}: {result.stderr}"
    return result.stdout if status == 0 else result.stderr


def ask(*words):
    return json.loads(goprof("heapdump", *words, "--json"))


def make_dumps(version, folder):
    """The program and its two dumps, or None without that Go."""
    found = subprocess.run([ROOT / "scripts/go_toolchain.sh", version], capture_output=True,
                           text=True, cwd=ROOT)
    if found.returncode != 0:
        return None
    program, dumps = folder / "graph", [folder / "first.dump", folder / "second.dump"]
    environment = dict(os.environ, GOTOOLCHAIN="local", GO111MODULE="off",
                       GOCACHE=str(BUILD / "go-cache"))
    environment.pop("GOROOT", None)
    subprocess.run([found.stdout.strip(), "build", "-o", program, ROOT / "tests/heapdump/graph.go"],
                   env=environment, check=True, timeout=300)
    subprocess.run([program, *dumps], check=True, timeout=TIMEOUT)
    return program, dumps


def drawn(text):
    """The graph as dumptodot draws it: retained sizes and edges by address."""
    addresses, retained, edges = {}, {}, collections.Counter()
    for line in text.splitlines():
        node = re.match(r'(n\d+) \[label="0x([0-9a-f]+) .*retains (\d+)"', line)
        edge = re.match(r'(n\d+) -> (n\d+) \[taillabel="(\d+)"', line)
        if node:
            addresses[node[1]] = int(node[2], 16)
            retained[int(node[2], 16)] = int(node[3])
        elif edge and edge[1] in addresses:
            edges[addresses[edge[1]], int(edge[3]), addresses[edge[2]]] += 1
    return retained, edges


def check_counts(suite, name, dump):
    summary = ask("top", dump)
    suite.equal(f"{name}: objects", summary["objects"], summary["go_heap_objects"])
    suite.equal(f"{name}: bytes", summary["bytes"], summary["go_heap_alloc"])
    rows = ask("top", dump, "--by=site", "--count=0")["rows"]
    suite.equal(f"{name}: rows add up", sum(r["bytes"] for r in rows), summary["reachable_bytes"])
    by_site = collections.Counter()
    for row in rows:
        by_site[row["name"].split()[0]] += row["count"]
    suite.equal(f"{name}: list nodes by site", by_site["main.growList"], 1000)
    suite.equal(f"{name}: tree nodes by site", by_site["main.makeTree"], 1023)


def check_known(suite, name, program, dump, nodes=1000):
    """What each structure retains is known to the byte."""
    tree = ask("dominators", dump, "--binary", program, "--depth=0", "--count=0")
    retained = {row["name"]: row["retained"] for row in tree["rows"]}
    suite.equal(f"{name}: list", retained.get("main.listHead"), nodes * NODE)
    suite.equal(f"{name}: tree", retained.get("main.treeRoot"), 1023 * TREE)
    suite.equal(f"{name}: ring", retained.get("main.ringHead"), 100 * RING)
    suite.equal(f"{name}: slice", retained.get("main.slice"), 240 + 30 * LEAF)


def check_types(suite, name, program, dump, nodes):
    """Typed pointers lead from the globals to everything that is made of structs."""
    rows = {row["name"]: row for row in ask("top", dump, "--binary", program, "--count=0")["rows"]}
    for kind, count, size in (("node", nodes, NODE), ("tree", 1023, TREE), ("ring", 100, RING)):
        row = rows.get(f"main.{kind}", {})
        suite.equal(f"{name}: type {kind}", (row.get("count"), row.get("bytes")),
                    (count, count * size))
    # The 50 of the map and the 20 of the channel, at least.
    suite.check(f"{name}: leaves", rows.get("main.leaf", {}).get("count", 0) >= 70,
                sorted(rows))


def check_holders(suite, name, program, dump):
    """What is found by its allocation site, what it retains, and who holds it."""
    for site, size in (("makeShape", LEAF), ("makeInner", LEAF), ("makeHeld", LEAF),
                       ("makeFinalized", FINALIZED + LEAF)):
        found = ask("paths", dump, f"main.{site} ", "--count=1", "--binary", program)
        suite.equal(f"{name}: {site}", found["objects"][0]["retained"], size)
        way = found["objects"][0]["way"]
        holder = {"makeShape": "main.shape", "makeInner": "main.inner",
                  "makeFinalized": "main.anything", "makeHeld": " of goroutine "}[site]
        suite.check(f"{name}: who holds {site}", way and holder in way[0]["name"], way)


def check_graph(suite, name, dump):
    """Every object, edge and sampled retained size against a plain reading of the file."""
    plain = go_dump.Dump(dump)
    retained, edges = drawn(goprof("dumptodot", dump, "--nodes=0"))
    # Which records are objects is goprof's to say (counts are checked above).
    unreachable = set(plain.objects) - set(retained)
    graph = go_dump.Graph(plain, set(retained))
    reached = graph.reach()
    suite.equal(f"{name}: reachable objects", set(retained), reached)
    expected = collections.Counter((a, offset, target) for a in reached
                                   for offset, target in graph.edges[a])
    suite.equal(f"{name}: edges", edges, expected)
    chooser = random.Random(7)
    sample = chooser.sample(sorted(reached), 80)
    sample += sorted(reached, key=lambda a: -retained[a])[:20]
    wrong = []
    for at in sample:
        lost = reached - graph.reach(without=at)
        if sum(graph.sizes[a] for a in lost) != retained[at]:
            wrong.append(hex(at))
    suite.equal(f"{name}: retained sizes by brute force", wrong, [])
    return graph, unreachable


def check_hprof(suite, name, dump, folder, graph):
    out = folder / "out.hprof"
    goprof("dumptohprof", dump, out)
    read = hprof.Hprof(out)
    summary = ask("top", dump)
    objects = {a for a in read.objects if a < 1 << 47}
    suite.check(f"{name}: hprof ends", read.ended)
    suite.equal(f"{name}: hprof objects", len(objects), summary["objects"])
    suite.equal(f"{name}: hprof roots", len(read.roots), summary["roots"])
    suite.equal(f"{name}: hprof bytes", sum(read.sizes[a] for a in objects), summary["bytes"])
    seen, stack = set(), [t for root in read.roots for t in read.objects[root]]
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            stack += read.objects[at]
    suite.equal(f"{name}: hprof reachable", seen, graph.reach())
    wrong = [hex(a) for a in graph.reach()
             if collections.Counter(read.objects[a])
             != collections.Counter(target for _, target in graph.edges[a])]
    suite.equal(f"{name}: hprof references", wrong, [])
    check_java(suite, name, out, read)


def java_reader():
    """The class path of NetBeans' heap library and our program on it, or None."""
    here, out = ROOT / "tests/heapdump", BUILD / "hprof-java"
    jars = f"{out}/lib/*:{out}"
    if (out / "ReadHprof.class").exists():
        return jars
    if not shutil.which("mvn") or not shutil.which("javac"):
        return None
    out.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(["mvn", "-q", "-B", "-f", here / "pom.xml",
                              "dependency:copy-dependencies", f"-DoutputDirectory={out}/lib"],
                             capture_output=True, timeout=120)
    if fetched.returncode != 0:
        return None
    subprocess.run(["javac", "-d", out, "-cp", f"{out}/lib/*", here / "ReadHprof.java"],
                   check=True, capture_output=True, timeout=TIMEOUT)
    return jars


def check_java(suite, name, path, read):
    """A reader that others use sees what ours sees."""
    jars = java_reader()
    if jars is None:
        suite.skipped += 1
        print(f"skip {name} in Java: no maven, no javac, or nothing to fetch with")
        return
    said = subprocess.run(["java", "-cp", jars, "ReadHprof", path], capture_output=True, text=True,
                          timeout=TIMEOUT, check=True).stdout.split()
    references = sum(len(targets) for targets in read.objects.values())
    suite.equal(f"{name}: hprof in Java", [int(word) for word in said],
                [len(read.objects), references, len(read.roots)])


def check_growth(suite, name, dumps):
    rows = {row["name"].split()[0]: row
            for row in ask("diff", *dumps, "--by=site", "--count=0")["rows"]}
    grown = rows.get("main.growList", {})
    suite.equal(f"{name}: list grew", (grown.get("count"), grown.get("bytes")), (100, 100 * NODE))
    suite.check(f"{name}: tree did not", "main.makeTree" not in rows)
    lost = [row for row in ask("unreachable", dumps[1], "--by=site", "--count=0")["rows"]
            if row["name"].startswith("main.makeGarbage")]
    counts = {row["kind"]: (row["blocks"], row["bytes"], row["indirect_bytes"]) for row in lost}
    suite.equal(f"{name}: garbage", counts, {"definitely_lost": (1, RING, 39 * RING),
                                             "indirectly_lost": (39, 39 * RING, 0)})


def check_live(suite, name, program, folder):
    """The same of the process, from outside, against the dump it wrote of itself."""
    own, taken, bare, copied = (folder / f"{word}.dump"
                                for word in ("own", "taken", "bare", "copied"))
    process = subprocess.Popen([program, folder / "unused.dump", own, "wait"], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        said = goprof("heapdump", process.pid, "-o", taken, status=2)
        suite.check(f"{name}: is not stopped unasked", "--stop" in said, said)
        goprof("heapdump", process.pid, "-o", copied, "--snapshot")
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        suite.equal(f"{name}: no copy stays", children, "")
        goprof("heapdump", process.pid, "-o", taken, "--stop")
        goprof("heapdump", process.pid, "-o", bare, "--stop", "--no-contents")
        process.communicate("x", timeout=TIMEOUT)
    finally:
        process.kill()
    suite.equal(f"{name}: the process went on", process.returncode, 0)
    check_known(suite, f"{name} from outside", program, taken, 1100)
    check_known(suite, f"{name} by a snapshot", program, copied, 1100)
    check_types(suite, f"{name} by a snapshot", program, copied, 1100)
    ours, theirs, without = ask("top", taken), ask("top", own), ask("top", bare)
    suite.check(f"{name}: the pause is told", ours["pause_ns"] > 0)
    # Between its own dump and ours it closes a file and prints a word.
    suite.check(f"{name}: objects as the program sees them",
                0 <= ours["objects"] - theirs["objects"] <= 40,
                (ours["objects"], theirs["objects"]))
    for key in ("objects", "bytes", "reachable_objects", "reachable_bytes", "roots"):
        suite.equal(f"{name}: {key} without contents", without[key], ours[key])
    suite.equal(f"{name}: rows without contents", without["rows"], ours["rows"])
    secret = b"key17"
    suite.check(f"{name}: contents are in", secret in taken.read_bytes())
    suite.check(f"{name}: contents are out", secret not in bare.read_bytes())


def check_pages(suite, name, program, dump, folder):
    with pages.Server(BUILD / "goprof", dump, "--binary", program) as server:
        statuses = server.walk()
        suite.check(f"{name}: pages", len(statuses) > 20 and set(statuses.values()) == {200},
                    statuses)
        roots = server.get("/roots")[1]
        suite.check(f"{name}: roots on a page",
                    re.search(rf">{1023 * TREE}<.*>main\.treeRoot<", roots), roots[:300])
        suite.check(f"{name}: flame graph", "main.treeRoot" in server.get("/flame")[1])
        suite.equal(f"{name}: no such page", server.get("/node?n=99999999")[0], 404)
        suite.equal(f"{name}: another site's name", server.get("/", Host="evil.example")[0], 403)
    profile = folder / "retained.pb.gz"
    goprof("heapdump", "profile", dump, "--binary", program, "-o", profile)
    folded = goprof("-folded", profile)
    suite.check(f"{name}: as a profile", f"main.treeRoot;main.tree {1023 * TREE}"
                in folded, folded[:300])


def check_cut(suite, name, dump, folder):
    data, cut = dump.read_bytes(), folder / "cut.dump"
    before = -1
    for share in (0.02, 0.2, 0.5, 0.9, 0.999):
        cut.write_bytes(data[:int(len(data) * share)])
        answer = ask("top", cut)
        suite.check(f"{name}: cut at {share} says so", answer["truncated"], answer["objects"])
        suite.check(f"{name}: cut at {share} holds more", answer["objects"] >= before)
        suite.check(f"{name}: cut at {share} in words", "cut off" in goprof("heapdump", "top", cut))
        before = answer["objects"]


def check_version(suite, version, folder):
    made = make_dumps(version, folder)
    if made is None:
        suite.skipped += 1
        print(f"skip go {version}: there is none here")
        return
    program, dumps = made
    name = f"go{version}"
    check_counts(suite, name, dumps[0])
    check_known(suite, name, program, dumps[0])
    check_holders(suite, name, program, dumps[0])
    check_types(suite, name, program, dumps[0], 1000)
    graph, _ = check_graph(suite, name, dumps[0])
    check_hprof(suite, name, dumps[0], folder, graph)
    check_growth(suite, name, dumps)
    check_cut(suite, name, dumps[0], folder)
    check_live(suite, name, program, folder)
    check_pages(suite, name, program, dumps[0], folder)


def check_refusals(suite, folder):
    path = folder / "none"
    path.write_bytes(b"no dump at all")
    for words in (["heapdump", "top", path], ["dumptodot", path], ["dumptohprof", path, "x"]):
        said = goprof(*words, status=1)
        suite.check(f"{words[0]} of no dump", "no heap dump" in said, said)
    suite.check("heapdump of nothing", "goprof help" in goprof("heapdump", status=2))
    suite.check("unknown question", "what" in goprof("heapdump", "what", path, status=2))


def main():
    suite = Suite()
    with tempfile.TemporaryDirectory() as folder:
        check_refusals(suite, pathlib.Path(folder))
        collector.check(suite, BUILD / "goprof", pathlib.Path(folder))
        leak_check.check(suite, BUILD / "goprof", pathlib.Path(folder))
    for version in VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            check_version(suite, version, pathlib.Path(folder))
    print(f"heapdump: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
