"""A debuginfod server on loopback: what is asked of it, when, and what is kept."""
import gzip
import re
import shutil
import subprocess
import time

from serve import block, number, varint

SOURCE = """
static __attribute__((noinline)) int hidden_name(int x) { __asm__ volatile(""); return x * 3; }
int main(int argc, char **argv) { (void)argv; return hidden_name(argc) > 99; }
"""


def build(folder):
    """A stripped program, its debug information, its build id, where hidden_name is."""
    (folder / "split.c").write_text(SOURCE)
    program, debug = folder / "split", folder / "split.debug"
    subprocess.run(["gcc", "-O1", "-g", "-Wl,--build-id", "-o", program, "split.c"], cwd=folder,
                   check=True)
    symbols = subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout
    address = int(re.search(r"(\w+) t hidden_name", symbols).group(1), 16)
    notes = subprocess.run(["readelf", "-n", program], capture_output=True, text=True,
                           check=True).stdout
    build_id = re.search(r"Build ID: (\w+)", notes).group(1)
    subprocess.run(["objcopy", "--only-keep-debug", program, debug], check=True)
    subprocess.run(["strip", "--strip-all", program], check=True)
    return program, debug, build_id, address


def profile_at(program, build_id, address):
    start = 0x555500000000
    strings = ["", "samples", "count", str(program), build_id]
    out = block(1, number(1, 1) + number(2, 2))
    out += block(2, block(1, varint(1)) + block(2, varint(7)))
    out += block(3, number(1, 1) + number(2, start) + number(3, start + 0x100000) +
                 number(5, 3) + number(6, 4))
    out += block(4, number(1, 1) + number(2, 1) + number(3, start + address))
    return gzip.compress(out + b"".join(block(6, text.encode()) for text in strings))


def test(suite, server, base):
    program, debug, build_id, address = build(suite.folder)
    profile = suite.folder / "split.pb.gz"
    profile.write_bytes(profile_at(program, build_id, address))
    cache = suite.folder / "kept"
    environ = {"DEBUGINFOD_URLS": f"http://{base}", "DEBUGINFOD_CACHE_PATH": str(cache),
               "XDG_CACHE_HOME": str(suite.folder / "indexes")}
    wanted = f"/buildid/{build_id}/debuginfo"

    def top(**more):
        server.seen.clear()
        return suite.run("-top", "-lines", profile, **{**environ, **more})

    result = top(DEBUGINFOD_URLS="")
    suite.check("debuginfod: asks nobody unasked", not server.seen and
                "hidden_name" not in result.stdout, result.stdout)
    result = top()
    suite.check("debuginfod: asks once", [path for path, _ in server.seen] == [wanted],
                server.seen)
    result = top()
    kept = cache / build_id / "debuginfo"
    suite.check("debuginfod: remembers what is missing", not server.seen and
                kept.stat().st_size == 0, server.seen)
    kept.unlink()
    server.files = {wanted: debug}
    result = top()
    suite.check("debuginfod: names by what it sends", "hidden_name" in result.stdout and
                "split.c:2" in result.stdout, result.stdout + result.stderr)
    result = top()
    suite.check("debuginfod: keeps it", not server.seen and "hidden_name" in result.stdout and
                kept.read_bytes() == debug.read_bytes(), server.seen)
    shutil.rmtree(cache)
    start = time.monotonic()
    result = top(DEBUGINFOD_URLS=f"http://127.0.0.1:1 http://{base}/")
    suite.check("debuginfod: goes on to the next server", "hidden_name" in result.stdout and
                time.monotonic() - start < 20, result.stderr)
    program.rename(suite.folder / "moved")
    server.files[f"/buildid/{build_id}/executable"] = suite.folder / "moved"
    result = top()
    suite.check("debuginfod: fetches a program that is not here",
                "hidden_name" in result.stdout, result.stdout + result.stderr)
    shutil.rmtree(cache)
    result = top(DEBUGINFOD_URLS="http://127.0.0.1:1")
    suite.check("debuginfod: an unreachable server is no answer", result.returncode == 0 and
                "hidden_name" not in result.stdout and not list(cache.glob("*/*")),
                result.stderr)
