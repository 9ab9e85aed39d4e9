"""How the text of a file is encoded."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

from crmctl.domain.importing.files.tables import LEFT_OUT, MARKS
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.errors import UsageError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 1 << 20
#: How much text that is not ASCII is looked at, in bytes; past it, only for bytes not seen before.
_SAMPLE = 100_000
#: How much of the beginning is looked at for words in ASCII, which show its language, too.
_HEAD = 20_000
#: How much of a line is looked at, before and after such a byte.
_BESIDE = 200
_ASCII = bytes(range(0x80))
#: How many letters may be UTF-8 by chance: such as are two bytes, and stand beside none in ASCII,
#: or are of a script that is never beside any.
_FEW, _BY_THEMSELVES = (
    8,
    re.compile(
        rb"(?<![\x80-\xffA-Za-z])(?:[\xc2-\xdf].)+(?![\x80-\xffA-Za-z])"
        rb"|(?<=[A-Za-z])[\xd4-\xdf][\x80-\xbf]|[\xd4-\xdf][\x80-\xbf](?=[A-Za-z])"
    ),
)
#: Characters of two bytes that no language has beside a letter in ASCII. In a code page these are
#: two letters, as in SPÓŁKA.
_OUT_OF_PLACE = re.compile(
    rb"(?<=[A-Za-z])[\xc9-\xcb\xce-\xdf][\x80-\xbf]|[\xc9-\xcb\xce-\xdf][\x80-\xbf](?=[A-Za-z])"
)
_ENCODED_MARKS = tuple(mark.encode() for mark in MARKS)
_MARK_INSIDE = "character that is not seen, such as a byte order mark, was left out of texts"
# How ISO 2022 says which characters follow. What is not among these may colour a terminal.
_DESIGNATION = re.compile(rb"\x1b(\$[@AB]|\$\([ABCDOPQ]|\$\)[ACG]|\([IJ])")
_ESCAPES = frozenset("\x1b\x0e\x0f")
_JAPANESE = ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_2004")
_ISO_2022 = {b"$)C": ("iso2022_kr",), b"$)A": (), b"$)G": ()}


@dataclass(frozen=True, kw_only=True)
class FoundEncoding:
    """The encoding of a file, as Python calls it, and what is to be said about it."""

    name: str
    findings: tuple[Finding, ...] = ()


def find_encoding(stream: BinaryIO, name: str, given: str | None = None) -> FoundEncoding:
    """Return the encoding of `stream`, and leave the stream at its start.

    It is the `given` one, that of a byte order mark, UTF-8 if all of the file is, else the code
    page in which its letters are words. Raises UsageError for a file that is no text, for one that
    is UTF-8 but for a few bytes, since in another encoding all its other letters would be wrong,
    and for one that reads as well in two pages.
    """
    head = stream.read(_CHUNK)
    stream.seek(0)
    known = _known(given) if given else _marked(head) or _unmarked_wide(head)
    found = FoundEncoding(name=known) if known else _by_content(stream, name)
    marks = _count_wide(stream, found.name) if _wide(found.name) else _count(stream, name)
    if not marks or not found.name.startswith("utf"):
        return found
    finding = Finding(certainty=Certainty.DECIDED, text=LEFT_OUT, one=_MARK_INSIDE, count=marks)
    return replace(found, findings=(*found.findings, finding))


def _known(given: str) -> str:
    try:
        name = codecs.lookup(given).name
        "".encode(name)
    except LookupError:
        raise UsageError(f"--encoding: {given!r} is no encoding, such as utf-8 or cp1252") from None
    # A byte order mark is no part of the first column's name.
    return {"utf-8": "utf-8-sig"}.get(name, name)


def _wide(encoding: str) -> bool:
    return encoding.replace("_", "-").startswith(("utf-16", "utf-32"))


def _marked(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)


def _unmarked_wide(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 without a mark: text with NUL bytes that is none in another one."""
    if b"\0" not in head:
        return None
    from crmctl.domain.importing.files.code_pages.wide import find_wide

    return find_wide(head[:_SAMPLE])


def _by_content(stream: BinaryIO, name: str) -> FoundEncoding:
    scan = _scan(stream)
    if scan.bad:
        return _code_page(stream, name, scan.bad)
    if scan.escape:
        return _iso_2022(stream, name, scan)
    return _few(stream, name) if 0 < scan.beyond <= _FEW else FoundEncoding(name="utf-8")


def _few(stream: BinaryIO, name: str) -> FoundEncoding:
    """Return the encoding of a file whose few letters beyond ASCII are UTF-8, or so by chance."""
    sample, finding = _sample(stream), None
    if _OUT_OF_PLACE.search(sample):
        from crmctl.domain.importing.files.code_pages.choice import is_of_a_page

        if is_of_a_page(sample):
            return _chosen(stream, sample, name)
    if _BY_THEMSELVES.search(sample):
        from crmctl.domain.importing.files.code_pages.choice import doubt_utf8

        finding = doubt_utf8(sample)
    return FoundEncoding(name="utf-8", findings=(finding,) if finding else ())


@dataclass(kw_only=True)
class _Scan:
    """The first line that is not UTF-8, and the first with an escape of ISO 2022, or 0.

    `beyond` is how many bytes there are more than characters.
    """

    bad: int = 0
    escape: int = 0
    beyond: int = 0
    designation: bytes = b""


def _scan(stream: BinaryIO) -> _Scan:
    """Return what there is in a file up to the first line that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    found, size, bad, escape = _Scan(), 0, -1, -1
    try:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            found.beyond += len(chunk) - len(decoder.decode(chunk))
            if escape < 0 and b"\x1b" in chunk and (match := _DESIGNATION.search(chunk)):
                escape = size - len(chunk) + match.start()
                found.designation = match[1]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        bad = size - len(error.object) + error.start
    found.bad, found.escape = (_line(stream, at) for at in (bad, escape))
    stream.seek(0)
    return found


def _line(stream: BinaryIO, offset: int) -> int:
    """Return the line in which a byte is, 0 for one before the file."""
    stream.seek(0)
    line, left = int(offset >= 0), offset
    while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
        line += chunk.count(b"\n")
        left -= len(chunk)
    return line


def _iso_2022(stream: BinaryIO, name: str, scan: _Scan) -> FoundEncoding:
    """Return which of ISO 2022 a text is in that has an escape of it."""
    for encoding in _ISO_2022.get(scan.designation, _JAPANESE):
        if _reads(stream, encoding):
            text = f"written in {encoding}, as the escapes on line {scan.escape} show"
            finding = Finding(certainty=Certainty.DECIDED, text=text)
            return FoundEncoding(name=encoding, findings=(finding,))
    raise UsageError(
        f"{name} line {scan.escape} has escapes of ISO 2022, and is in none of its encodings that"
        " can be read: save it as UTF-8"
    )


def _reads(stream: BinaryIO, encoding: str) -> bool:
    """Return whether all of the file is text in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := stream.read(_CHUNK):
            if not _ESCAPES.isdisjoint(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


def _code_page(stream: BinaryIO, name: str, bad: int) -> FoundEncoding:
    """Return the code page of a file of which the line `bad` is not UTF-8."""
    sample = _sample(stream)
    if _is_nearly_utf8(sample):
        raise UsageError(
            f"{name} near line {bad} holds a byte that is not UTF-8, as the rest of the file is:"
            " correct it, or name the encoding of all of it (--encoding)"
        )
    return _chosen(stream, sample, name)


def _chosen(stream: BinaryIO, sample: bytes, name: str) -> FoundEncoding:
    """Return the code page in which the `sample` of a file reads best."""
    from crmctl.domain.importing.files.code_pages.choice import choose_page

    page, finding = choose_page(sample, _head(stream) + sample, name)
    if finding.certainty == Certainty.ASSUMED:
        count = sum(not line.isascii() for line in _lines(stream))
        finding = replace(finding, one=f"line{finding.text.removeprefix('lines')}", count=count)
        stream.seek(0)
    return FoundEncoding(name=page, findings=(finding,))


def _head(stream: BinaryIO) -> bytes:
    head = stream.read(_HEAD)
    stream.seek(0)
    return head


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    return iter(partial(stream.readline, _CHUNK), b"")


def _sample(stream: BinaryIO) -> bytes:
    """Return lines that are not ASCII: the first ones, and some for every byte that comes later."""
    sample = bytearray()
    for line in _lines(stream):
        sample += b"" if line.isascii() else line
        if len(sample) >= _SAMPLE:
            break
    seen = bytearray(_ASCII + bytes(set(sample)))
    while chunk := stream.read(_CHUNK):
        for line in _lines_of_new(chunk, seen):
            sample += b"\n" + line
    stream.seek(0)
    return bytes(sample)


def _lines_of_new(chunk: bytes, seen: bytearray) -> Iterator[bytes]:
    """Yield the text around each byte of `chunk` that is not among those `seen`, and add it."""
    for byte in set(chunk.translate(None, bytes(seen))):
        seen.append(byte)
        at = chunk.index(byte)
        start = chunk.rfind(b"\n", max(0, at - _BESIDE), at) + 1 or max(0, at - _BESIDE)
        end = chunk.find(b"\n", at, at + _BESIDE)
        yield chunk[start : end if end >= 0 else at + _BESIDE]


def _is_nearly_utf8(sample: bytes) -> bool:
    """Return whether there are no more other bytes in `sample` than letters of UTF-8.

    In other encodings, hardly any two letters that stand side by side look like one of UTF-8.
    """
    text = [letter for letter in sample.decode("utf-8", "surrogateescape") if letter > "\x7f"]
    bad = sum("\udc80" <= letter <= "\udcff" for letter in text)
    return 2 * bad <= len(text)


def _count(stream: BinaryIO, name: str) -> int:
    """Return how many marks are inside a file, if it is UTF-8; raises UsageError for a NUL byte."""
    size, marks = 0, 0
    first = stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        if (index := chunk.find(0)) >= 0:
            line = _line(stream, size + index)
            raise UsageError(f"{name} line {line} holds a NUL character: it is not a text file")
        size += len(chunk)
        # Looking for one byte is much faster than for several.
        marks += sum(chunk.count(mark) for mark in _ENCODED_MARKS if mark[0] in chunk)
    stream.seek(0)
    return marks - first


def _count_wide(stream: BinaryIO, encoding: str) -> int:
    """Return how many marks are inside a file in `encoding`, as far as it can be read."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    marks = 0
    while chunk := stream.read(_CHUNK):
        text = decoder.decode(chunk)
        marks += sum(map(text.count, MARKS))
    stream.seek(0)
    return marks
