"""Reads HPROF files on its own. Source: the manual of the JDK's hprof agent."""
import struct

SIZES = {2: 8, 4: 1, 5: 2, 6: 4, 7: 8, 8: 1, 9: 2, 10: 4, 11: 8}


class Hprof:
    """objects: id -> list of referenced ids, nulls left out; roots: ids; class_of: id of
    an instance or array -> name of its class; bytes: sum of the instances' sizes."""

    def __init__(self, path):
        self.data = path.read_bytes()
        assert self.data.startswith(b"JAVA PROFILE 1.0.2\0")
        self.strings, self.names, self.layouts = {}, {}, {}
        self.objects, self.class_of, self.roots, self.sizes = {}, {}, set(), {}
        at = 19 + 4 + 8
        self.ended = False
        while at < len(self.data):
            assert not self.ended, "records behind the end of the heap"
            tag, _, size = struct.unpack_from(">BII", self.data, at)
            at += 9
            assert at + size <= len(self.data), "a record beyond the end"
            self.record(tag, at, size)
            at += size

    def unpack(self, format, at):
        return struct.unpack_from(">" + format, self.data, at)

    def record(self, tag, at, size):
        if tag == 0x01:
            self.strings[self.unpack("Q", at)[0]] = self.data[at + 8:at + size].decode()
        elif tag == 0x02:
            _, class_id, _, name = self.unpack("IQIQ", at)
            self.names[class_id] = self.strings[name]
        elif tag == 0x1c:
            self.segment(at, at + size)
        elif tag == 0x2c:
            self.ended = True
        else:
            assert tag in (0x04, 0x05), f"record {tag:#x}"

    def segment(self, at, end):
        while at < end:
            tag = self.data[at]
            at = {0x01: self.root_global, 0xff: self.root, 0x20: self.class_dump,
                  0x21: self.instance, 0x22: self.references, 0x23: self.primitives}[tag](at + 1)
        assert at == end, "a segment that does not end where it says"

    def root(self, at):
        self.roots.add(self.unpack("Q", at)[0])
        return at + 8

    def root_global(self, at):
        return self.root(at) + 8

    def class_dump(self, at):
        class_id = self.unpack("Q", at)[0]
        assert class_id in self.names and class_id not in self.layouts
        size, constants, statics, count = self.unpack("IHHH", at + 8 + 4 + 6 * 8)[:4]
        at += 8 + 4 + 6 * 8 + 4
        assert constants == 0 and statics == 0
        at += 6
        types = []
        for _ in range(count):
            assert self.unpack("Q", at)[0] in self.strings
            types.append(self.data[at + 8])
            at += 9
        assert sum(SIZES[t] for t in types) == size
        self.layouts[class_id] = types
        return at

    def add(self, thing, class_id, size, references):
        assert thing not in self.objects, f"{thing:#x} twice"
        self.objects[thing] = [r for r in references if r]
        self.class_of[thing] = self.names[class_id]
        self.sizes[thing] = size

    def instance(self, at):
        thing, _, class_id, size = self.unpack("QIQI", at)
        at += 24
        assert sum(SIZES[t] for t in self.layouts[class_id]) == size
        place, references = at, []
        for kind in self.layouts[class_id]:
            if kind == 2:
                references.append(self.unpack("Q", place)[0])
            place += SIZES[kind]
        self.add(thing, class_id, size, references)
        return at + size

    def references(self, at):
        thing, _, count, class_id = self.unpack("QIIQ", at)
        assert class_id in self.layouts
        self.add(thing, class_id, 8 * count, self.unpack(f"{count}Q", at + 24))
        return at + 24 + 8 * count

    def primitives(self, at):
        thing, _, count, kind = self.unpack("QIIB", at)
        byte_array = next(c for c, name in self.names.items() if name == "[B")
        assert kind == 8
        self.add(thing, byte_array, count, [])
        return at + 17 + count
