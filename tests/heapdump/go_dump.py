"""Reads Go's heap dumps on its own, as plainly as it can: what goprof says is compared with
this. Source: runtime/heapdump.go."""

MAGIC = b"go1.7 heap dump\n"


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def numbers(self, count):
        return [self.number() for _ in range(count)]

    def block(self):
        size = self.number()
        self.at += size
        return self.data[self.at - size:self.at]

    def fields(self):
        offsets = []
        while self.number() != 0:
            offsets.append(self.number())
        return offsets


def words(contents, offsets):
    """(offset, value) of each pointer that is not nil."""
    values = ((o, int.from_bytes(contents[o:o + 8], "little")) for o in offsets)
    return [(o, v) for o, v in values if v]


class Dump:
    """objects: address -> (size, pointers), every record as it stands; roots: lists of
    pointers."""

    def __init__(self, path):
        r = Reader(path.read_bytes())
        assert r.data.startswith(MAGIC)
        r.at = len(MAGIC)
        self.objects, self.roots, self.version = {}, [], ""
        while (tag := r.number()) != 0:
            self.record(r, tag)

    def record(self, r, tag):
        if tag == 1:
            address, contents = r.number(), r.block()
            self.objects[address] = (len(contents), words(contents, r.fields()))
        elif tag == 2:
            r.block()
            self.roots.append([(0, r.number())])
        elif tag == 3:
            r.numbers(2), r.block(), r.number()
        elif tag == 4:
            r.numbers(8), r.block(), r.numbers(4)
        elif tag == 5:
            r.numbers(3)
            contents = r.block()
            r.numbers(3), r.block()
            self.roots.append(words(contents, r.fields()))
        elif tag == 6:
            r.numbers(4), r.block()
            self.version = r.block().decode()
            r.number()
        elif tag in (7, 11):
            thing, function = r.numbers(5)[:2]
            self.roots.append([(0, function)] + ([(0, thing)] if tag == 11 else []))
        elif tag in (12, 13):
            r.number()
            contents = r.block()
            self.roots.append(words(contents, r.fields()))
        elif tag == 10:
            r.numbers(24 + 256 + 1)
        elif tag == 16:
            r.numbers(2)
            for _ in range(r.number()):
                r.block(), r.block(), r.number()
            r.numbers(2)
        else:
            r.numbers({8: 2, 9: 3, 14: 7, 15: 6, 17: 2}[tag])


class Graph:
    """The objects at the addresses given, and what points to what."""

    def __init__(self, dump, addresses):
        self.starts = sorted(addresses)
        self.sizes = {a: dump.objects[a][0] for a in self.starts}
        self.edges = {a: self.resolve(dump.objects[a][1]) for a in self.starts}
        self.roots = [target for root in dump.roots for _, target in self.resolve(root)]

    def resolve(self, pointers):
        found = ((offset, self.start_of(value)) for offset, value in pointers)
        return [(offset, start) for offset, start in found if start is not None]

    def start_of(self, address):
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            if self.starts[middle] <= address:
                low = middle + 1
            else:
                high = middle
        start = self.starts[low - 1] if low else None
        return start if start is not None and address < start + max(1, self.sizes[start]) else None

    def reach(self, without=None):
        seen, stack = set(), [a for a in self.roots if a != without]
        while stack:
            at = stack.pop()
            if at not in seen and at != without:
                seen.add(at)
                stack += [target for _, target in self.edges[at]]
        return seen
