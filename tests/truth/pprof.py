"""Reads profile.proto without goprof's help: what goprof wrote is judged by another reader."""
import gzip
import re


class Frame:
    """One function at one place; inlined ones come before what they are inlined into."""

    def __init__(self, name, file, line, mapping, address):
        self.name, self.file, self.line = name, file, line
        self.mapping, self.address = mapping, address


class Sample:
    def __init__(self, count, cpu_ns, frames, labels):
        self.count, self.cpu_ns, self.frames, self.labels = count, cpu_ns, frames, labels
        self.names = [frame.name for frame in frames]  # leaf first


def fields(data):
    """Yields (field number, value): an int for varints, bytes for blocks."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            if len(value) != size:
                raise ValueError("a block ends beyond the file")
        else:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        shift += 7
        at += 1
        if byte < 128:
            return value, at


def numbers(value):
    """A repeated number, packed or not."""
    if isinstance(value, int):
        return [value]
    out, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        out.append(number)
    return out


def record(data):
    """The last value of each field of a small message, 0 where there is none."""
    values = dict(fields(data))
    return lambda field: values.get(field, 0)


class Profile:
    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        self.size = len(data)
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        raw = {}
        for field, value in fields(data):
            raw.setdefault(field, []).append(value)
        self.strings = [s.decode(errors="replace") for s in raw.get(6, [])]
        self.types = [(self.strings[t(1)], self.strings[t(2)])
                      for t in map(record, raw.get(1, []))]
        self.period = raw.get(12, [0])[0]
        period_type = record(raw.get(11, [b""])[0])
        self.period_type = (self.strings[period_type(1)], self.strings[period_type(2)])
        self.default_type = self.strings[raw.get(14, [0])[0]]
        self.duration_ns = raw.get(10, [0])[0]
        self.comments = [self.strings[i] for v in raw.get(13, []) for i in numbers(v)]
        self.mappings = {m(1): self.strings[m(5)] for m in map(record, raw.get(3, []))}
        self.functions = {f(1): (self.strings[f(2)], self.strings[f(4)])
                          for f in map(record, raw.get(5, []))}
        self.locations = dict(map(self.location, raw.get(4, [])))
        self.samples = [self.sample(value) for value in raw.get(2, [])]

    def location(self, data):
        get = record(data)
        lines = [record(value) for field, value in fields(data) if field == 4]
        mapping, address = self.mappings.get(get(2), ""), get(3)
        frames = []
        for line in lines:
            name, file = self.functions[line(1)]
            frames.append(Frame(name, file, line(2), mapping, address))
        return get(1), frames or [Frame("", "", 0, mapping, address)]

    def sample(self, data):
        stack, values, labels = [], [], {}
        for field, value in fields(data):
            if field == 1:
                stack += numbers(value)
            elif field == 2:
                values += numbers(value)
            elif field == 3:
                label = record(value)
                labels[self.strings[label(1)]] = self.strings[label(2)] or label(3)
        frames = [frame for location in stack for frame in self.locations[location]]
        sample = Sample(self.value(values, "samples", 0), self.value(values, "cpu", -1),
                        frames, labels)
        sample.values = values
        return sample

    def value(self, values, kind, otherwise):
        for (name, _), value in zip(self.types, values):
            if name == kind:
                return value
        return values[otherwise]

    @property
    def count(self):
        return sum(sample.count for sample in self.samples)

    @property
    def cpu_ns(self):
        return sum(sample.cpu_ns for sample in self.samples)

    def quality(self):
        """(samples, rate, lost, truncated, CPU time without samples and CPU time in ms) as
        goprof states them, 0 where it does not know, or None."""
        for comment in self.comments:
            match = re.search(r"(\d+) samples at (\d+) Hz, (\d+) lost, (\d+) stacks truncated"
                              r"(?:, (\d+) of (\d+) ms CPU time without samples)?", comment)
            if match:
                return tuple(int(number or 0) for number in match.groups())
        return None


def follows(names, path):
    """Whether root-first `names` contain the patterns of `path` in this order."""
    at = 0
    for pattern in path:
        while at < len(names) and not re.fullmatch(pattern, names[at]):
            at += 1
        if at == len(names):
            return False
        at += 1
    return True
