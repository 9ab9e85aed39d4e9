"""How the text of a file is encoded."""

import codecs
from typing import BinaryIO

from crmctl.errors import UsageError

#: What is looked for where a file is neither UTF-8 nor UTF-16.
LEGACY = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1257", "shift_jis", "euc-jp",
    "euc-kr", "gb18030", "big5",
)  # fmt: skip
#: The one that is taken where another is no more than a tenth likelier: it is by far the commonest.
COMMON = "cp1252"
_LEAD = 1.1

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 1 << 20
_SAMPLE = 100_000


def find_encoding(stream: BinaryIO, name: str, given: str | None = None) -> str:
    """Return the encoding of `stream`, as Python calls it, and leave the stream at its start.

    It is the `given` one, that of a byte order mark, UTF-8 if all of the file is, else what its
    letters look like. Raises UsageError for a file that is no text, and for one that is UTF-8 but
    for a few bytes: read in another encoding, all its other letters would be wrong.
    """
    head = stream.read(_CHUNK)
    stream.seek(0)
    encoding = _known(given) if given else _marked(head) or _utf16(head)
    if encoding is None:
        bad = _bad_line(stream)
        encoding = _other(stream, name, bad) if bad else "utf-8"
    if not _wide(encoding):
        _refuse_nul(stream, name)
    return encoding


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


def _utf16(head: bytes) -> str | None:
    """Return UTF-16 without a mark: of Western text, every other byte is NUL."""
    even, odd = head[:_SAMPLE:2], head[1:_SAMPLE:2]
    for nul, other, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(nul) > 4 and nul.count(0) > 0.7 * len(nul) and other.count(0) == 0:
            return name
    return None


def _bad_line(stream: BinaryIO) -> int:
    """Return the first line that is not UTF-8, or 0."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
            line += chunk.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return line + error.object.count(b"\n", 0, error.start)
    finally:
        stream.seek(0)
    return 0


def _other(stream: BinaryIO, name: str, bad: int) -> str:
    """Return the encoding of a file of which the line `bad` is not UTF-8."""
    # Only what is not ASCII tells them apart, and that may be far down in the file.
    sample = bytearray()
    while len(sample) < _SAMPLE and (chunk := stream.readline(_CHUNK)):
        sample += b"" if chunk.isascii() else chunk
    stream.seek(0)
    if _is_nearly_utf8(bytes(sample)):
        raise UsageError(
            f"{name} near line {bad} holds a byte that is not UTF-8, as the rest of the file is:"
            " correct it, or name the encoding of all of it (--encoding)"
        )
    return _guessed(bytes(sample))


def _is_nearly_utf8(sample: bytes) -> bool:
    """Return whether there are no more other bytes in `sample` than letters of UTF-8.

    In other encodings, hardly any two letters that stand side by side look like one of UTF-8.
    """
    text = [letter for letter in sample.decode("utf-8", "surrogateescape") if letter > "\x7f"]
    bad = sum("\udc80" <= letter <= "\udcff" for letter in text)
    return 2 * bad <= len(text)


def _guessed(sample: bytes) -> str:
    import chardet

    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=LEGACY)
    ranks = {codecs.lookup(each["encoding"]).name: each["confidence"] for each in found
             if each["encoding"]}  # fmt: skip
    best = max(ranks, key=lambda name: ranks[name], default=COMMON)
    return best if ranks.get(best, 0) > _LEAD * ranks.get(COMMON, 0) else COMMON


def _refuse_nul(stream: BinaryIO, name: str) -> None:
    line = 1
    while chunk := stream.read(_CHUNK):
        if (index := chunk.find(0)) >= 0:
            line += chunk.count(b"\n", 0, index)
            raise UsageError(f"{name} line {line} holds a NUL character: it is not a text file")
        line += chunk.count(b"\n")
    stream.seek(0)
