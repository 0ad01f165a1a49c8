"""Writes profiles that no program would: odd labels, addresses without names, inlined calls,
negative values, several mappings. The same seed gives the same bytes."""
import gzip, random


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value) if value else b""


def message(**fields):
    return b"".join(field(int(k[1:]), v) for k, v in fields.items())


class Profile:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.strings = {"": 0}
        self.body = b""

    def string(self, text):
        return self.strings.setdefault(text, len(self.strings))

    def add(self, number, body):
        self.body += field(number, body)

    def value_type(self, kind, unit):
        return message(f1=self.string(kind), f2=self.string(unit))

    def functions(self, names):
        files = ["", "/src/a.c", "/src/./b.c", "/src/a/../c.go", "d.cc"]
        for i, name in enumerate(names, 1):
            system = name if self.random.random() < 0.8 else "_sys" + name
            self.add(5, message(f1=i, f2=self.string(name), f3=self.string(system),
                                f4=self.string(self.random.choice(files)),
                                f5=self.random.choice([0, 10, 20])))

    def locations(self, count, functions):
        r = self.random
        for i in range(1, count + 1):
            lines = b""
            if r.random() > 0.1:
                for _ in range(r.choice([1, 1, 1, 2, 3])):
                    lines += field(4, message(f1=r.randint(1, functions), f2=r.randint(0, 40),
                                              f3=r.choice([0, 0, 7])))
            self.add(4, message(f1=i, f2=r.choice([0, 1, 2, 3]), f3=0x1000 + i * 16) + lines)

    def labels(self):
        r = self.random
        out = b""
        if r.random() < 0.6:
            key = self.string(r.choice(["kind", "a-b", "user", "a"]))
            for _ in range(r.choice([1, 1, 2])):
                out += field(3, message(f1=key, f2=self.string(r.choice("xyz") + "é")))
        if r.random() < 0.5:
            unit = r.choice(["", "", "bytes"])
            out += field(3, message(f1=self.string("bytes"), f3=r.choice([16, 2048, 5000, 1 << 21, 7, 100]),
                                    f4=self.string(unit)))
        if r.random() < 0.2:
            out += field(3, message(f1=self.string("request"), f3=r.randint(0, 3000)))
        if r.random() < 0.1:
            out += field(3, message(f1=self.string("wait"), f3=r.randint(1, 10**9),
                                    f4=self.string(r.choice(["ns", "milliseconds"]))))
        return out

    def samples(self, count, locations, lowest):
        r = self.random
        for _ in range(count):
            depth = r.choice([0, 1, 2, 3, 5, 8, 12])
            stack = b"".join(varint(r.randint(1, locations)) for _ in range(depth))
            number = r.choice([0, 1, r.randint(lowest, 50)])
            values = varint(number) + varint(number * r.choice([1, 10**6, 512]))
            self.add(2, field(1, stack) + field(2, values) + self.labels())

    def finish(self):
        for text in self.strings:
            self.add(6, text.encode())
        return gzip.compress(self.body, mtime=0)


NAMES = ["main", "main.work", "github.com/a/b/v3/pkg.(*T).Run", "std::map<int, int>::find(int)",
         "ns::Class::method", "com.example.Foo.bar", "loop", "a[...].b", "quote\"d", "x\\y", "_ZN3foo3barEi",
         "gen[go.shape.int]", "operator new(unsigned long)", "lambda::{closure#0}", "deep1", "deep2", "deep3"]


def make(seed):
    p = Profile(seed)
    r = p.random
    types = r.choice([[("samples", "count"), ("cpu", "nanoseconds")],
                      [("objects", "count"), ("space", "bytes")],
                      [("contentions", "count"), ("delay", "microseconds")],
                      [("events", "widgets"), ("cost", "gcu")]])
    for kind, unit in types:
        p.add(1, p.value_type(kind, unit))
    for i in range(1, 4):
        p.add(3, message(f1=i, f2=i << 20, f3=(i << 20) + 0x100000, f4=0,
                         f5=p.string(["", "/bin/main-program", "/lib/libx.so.1", ""][i]),
                         f6=p.string(["", "abc123", "", ""][i]), f7=1, f8=1, f9=1, f10=1))
    p.functions(NAMES)
    count = r.choice([12, 40])
    p.locations(count, len(NAMES))
    p.samples(r.choice([10, 60, 300]), count, r.choice([0, 0, -50]))
    p.body += field(9, 1700000000123456789) + field(10, r.choice([0, 1500000000, 75 * 10**9]))
    p.add(11, p.value_type(*types[1]))
    p.body += field(12, 10000000)
    p.body += field(13, varint(p.string("a comment")) + varint(p.string("# a hidden one")))
    if r.random() < 0.3:
        p.body += field(14, p.string(types[0][0]))
    if r.random() < 0.3:
        p.body += field(15, p.string("https://example.com/doc"))
    if r.random() < 0.3:
        p.body += field(7, p.string("deep.*"))
    return p.finish()
