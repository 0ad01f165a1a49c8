"""Writes the files that the error suite feeds to goprof: one good profile, many bad ones."""
import gzip
import struct
import zlib

# Field numbers of profile.proto.
SAMPLE_TYPE, SAMPLE, MAPPING, LOCATION, FUNCTION, STRINGS = 1, 2, 3, 4, 5, 6
PERIOD_TYPE, PERIOD = 11, 12


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def profile(samples=1, location=1, function=1, name=1):
    """A profile of one function, each part of which may be told to point elsewhere."""
    strings = [b"", b"spin", b"cpu", b"nanoseconds", b"/bin/target"]
    value_type = number(1, 2) + number(2, 3)
    line = number(1, function) + number(2, 7)
    out = block(SAMPLE_TYPE, value_type)
    out += block(SAMPLE, number(1, location) + number(2, 10_000_000)) * samples
    out += block(MAPPING, number(1, 1) + number(2, 0x1000) + number(3, 0x9000) + number(5, 4))
    out += block(LOCATION, number(1, 1) + number(2, 1) + number(3, 0x1234)
                 + block(4, line))
    out += block(FUNCTION, number(1, 1) + number(2, name) + number(3, name))
    out += b"".join(block(STRINGS, s) for s in strings)
    return out + block(PERIOD_TYPE, value_type) + number(PERIOD, 10_000_000)


def bomb(member, unit, times):
    """A gzip member that inflates to `unit` repeated: never held inflated as a whole."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    with open(member, "wb") as out:
        out.write(header)
        for _ in range(times):
            out.write(once)
        out.write(packer.flush() + struct.pack("<II", 0, len(unit) * times & 0xffffffff))


def broken_profiles():
    """Name -> bytes of each file that must be refused."""
    good = profile()
    packed = gzip.compress(good)
    return {
        "empty": b"",
        "text": b"This is a letter, not a profile.\n" * 20,
        "zeros": bytes(4096),
        "gzip-truncated": packed[:len(packed) * 2 // 3],
        "gzip-header-only": packed[:10],
        "gzip-bad-checksum": packed[:-8] + b"\1\2\3\4" + packed[-4:],
        "gzip-of-text": gzip.compress(b"This is a letter.\n" * 50),
        "proto-truncated": good[:-1],
        "proto-truncated-in-string": good[:good.index(b"nanoseconds") + 4],
        "location-missing": profile(location=99),
        "function-missing": profile(function=99),
        "string-missing": profile(name=99),
        "length-past-end": good + varint(SAMPLE << 3 | 2) + varint(1 << 40) + b"\1\2",
        "length-near-2-64": good + varint(SAMPLE << 3 | 2) + varint((1 << 64) - 5) + b"\1\2",
        "varint-endless": good + varint(PERIOD << 3) + b"\xff" * 11,
        "values-too-many": good + block(SAMPLE, number(1, 1) + number(2, 1) + number(2, 2)),
        "no-sample-type": block(STRINGS, b"") + block(SAMPLE, number(1, 1)),
    }


def write_all(folder):
    for name, data in broken_profiles().items():
        (folder / name).write_bytes(data)
    (folder / "good").write_bytes(gzip.compress(profile()))
    (folder / "no-samples").write_bytes(profile(samples=0))
    (folder / "script").write_text("not a program\n")
    bomb(folder / "gzip-bomb", bytes(64 << 20), 64)
    # As valid protobuf, so that refusing it takes more than a look at the first byte.
    bomb(folder / "gzip-bomb-of-strings", block(STRINGS, b"") * (8 << 20), 256)
