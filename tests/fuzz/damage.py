"""What may happen to a file on its way: bytes in, other bytes out, at random."""

import gzip
from collections.abc import Callable
from random import Random

_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "cp1250", "latin-1")
_DELIMITERS = (b",", b";", b"\t", b"|")
_ENDS = (b"\n", b"\r\n", b"\r", b"\x0b", "\u2028".encode())
#: Cells that break what reads, compares, stores or shows them.
_CELLS = (
    b"", b"x" * 300_000, b"9" * 5000, b"1e999", b"-", b"NaN", b"=1+1", b"'=1+1", b'"', b"\\", b"'",
    b"\xff\xfe", b"\xed\xa0\x80", "\u202egnp.exe".encode(), "İı\u0345ﬁ".encode(), b"\x1b[2J",
    b"0000-00-00", b"9999-12-31T23:59:59-23:59", b"0001-01-01", b"31/02/2026", b"hubspot:901",
    b"D1", b"C1", b"%", b"1" + b",000" * 60, b"a@b", b"+0", b"[1,[", b"\x85", b"\x1a", b"\x00",
)  # fmt: skip


def damaged(random: Random, data: bytes) -> bytes:
    """Return `data` after one to three things have happened to it."""
    for _ in range(random.randint(1, 3)):
        data = random.choice(_DAMAGES)(random, data)
    return data


def _flip(random: Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(random.randint(1, 8)):
        if found:
            found[random.randrange(len(found))] = random.randrange(256)
    return bytes(found)


def _cut(random: Random, data: bytes) -> bytes:
    first, last = sorted(random.randint(0, len(data)) for _ in range(2))
    return random.choice((data[:last], data[first:], data[:first] + data[last:]))


def _lines(random: Random, data: bytes) -> bytes:
    """Return `data` with a line doubled, dropped, moved, or with another end."""
    lines = data.splitlines(keepends=True) or [b""]
    place = random.randrange(len(lines))
    line = lines.pop(place)
    if random.random() < 0.3:
        line = line.rstrip(b"\r\n") + random.choice(_ENDS)
    for _ in range(random.choice((0, 1, 1, 2, 50))):
        lines.insert(random.randint(0, len(lines)), line)
    return b"".join(lines)


def _signs(random: Random, data: bytes) -> bytes:
    """Return `data` with a delimiter or a quote more or less, or with others in their place."""
    sign = random.choice((*_DELIMITERS, b'"', b"'"))
    if random.random() < 0.2:
        return data.replace(random.choice(_DELIMITERS), sign)
    places = [place for place in range(len(data)) if data[place : place + 1] == sign]
    if places and random.random() < 0.5:
        place = random.choice(places)
        return data[:place] + data[place + 1 :]
    place = random.randint(0, len(data))
    return data[:place] + sign * random.choice((1, 1, 2, 200)) + data[place:]


def _cell(random: Random, data: bytes) -> bytes:
    """Return `data` with another cell in the place of one."""
    lines = data.split(b"\n")
    place = random.randrange(len(lines))
    cells = lines[place].split(b",")
    cells[random.randrange(len(cells))] = random.choice(_CELLS)
    lines[place] = b",".join(cells)
    return b"\n".join(lines)


def _header(random: Random, data: bytes) -> bytes:
    """Return `data` with the columns of the header in another order, doubled, or none."""
    head, _, rest = data.partition(b"\n")
    cells = head.rstrip(b"\r").split(b",")
    random.shuffle(cells)
    kept = random.choice((cells, cells * 2, cells[1:], cells[:1] * len(cells), []))
    return b",".join(kept) + b"\n" + rest


def _recode(random: Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(random.choice(_ENCODINGS), "replace")


def _pack(random: Random, data: bytes) -> bytes:
    packed = gzip.compress(data, mtime=0)
    return packed if random.random() < 0.5 else packed[: random.randint(0, len(packed))]


def _insert(random: Random, data: bytes) -> bytes:
    place = random.randint(0, len(data))
    return data[:place] + random.choice(_CELLS) + data[place:]


_DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    _flip, _cut, _lines, _signs, _cell, _cell, _header, _recode, _pack, _insert,
)  # fmt: skip
