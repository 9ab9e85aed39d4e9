"""The parts of a workbook as streams of XML elements, none of which is large."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from posixpath import dirname, join, normpath
from typing import IO, BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from crmctl.errors import UsageError

#: How much XML one element may be, such as a row: far above any, even with a text in each cell.
_LARGEST_ELEMENT = 8 << 20
_CHUNK = 1 << 16
#: From which size on a part may not be much smaller when it is packed, and how much.
_LARGE = 64 << 20
_MOST_RATIO = 100
_MOST_PARTS = 10_000
_ENTRY = b"PK\x01\x02"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


class Parts:
    """The parts of the workbook in `stream`, each a file of XML in a zip file."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._name = name
        self._archive = zipfile.ZipFile(stream)
        # Some programs write the paths of Windows, or other letters.
        self._entries = {
            entry.filename.replace("\\", "/").lower(): entry for entry in self._archive.infolist()
        }

    def close(self) -> None:
        """Close the zip file, but not the stream."""
        self._archive.close()

    def has(self, path: str) -> bool:
        """Return whether there is a part at `path`."""
        return path.lower() in self._entries

    def children(self, path: str) -> Iterator[Element]:
        """Yield the elements in that at the root of a part."""
        for _, element in self._elements(path, nested=False):
            yield element

    def grandchildren(self, path: str) -> Iterator[tuple[str, Element]]:
        """Yield the elements in those in that at the root, each with what the outer one is called.

        After its own, each of the outer ones comes, with an empty name.
        """
        return self._elements(path, nested=True)

    def targets(self, path: str) -> Mapping[str, tuple[str, str]]:
        """Return what kind of part is meant by each relation of that at `path`, and where it is."""
        folder = dirname(path)
        relations = join(folder, "_rels", f"{path.removeprefix(folder).strip('/')}.rels")
        if not self.has(relations):
            return {}
        return {
            each.get("Id", ""): (
                each.get("Type", "").rpartition("/")[2],
                normpath(join("/", folder, each.get("Target", ""))).lstrip("/"),
            )
            for each in self.children(relations)
        }

    def _elements(self, path: str, *, nested: bool) -> Iterator[tuple[str, Element]]:
        with self._open(path) as part:
            yield from self._parsed(part, path, nested=nested)

    def _open(self, path: str) -> IO[bytes]:
        entry = self._entries[path.lower()]
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise zipfile.BadZipFile("it is packed as no spreadsheet does")
        if entry.file_size > max(_LARGE, _MOST_RATIO * entry.compress_size):
            raise UsageError(
                f"{self._name} cannot be read as a workbook: {path} unpacks to"
                f" {entry.file_size >> 20:,} MB, more than {_MOST_RATIO} times its size"
            )
        return self._archive.open(entry)

    def _parsed(self, part: IO[bytes], path: str, *, nested: bool) -> Iterator[tuple[str, Element]]:
        parser: XMLPullParser[Element] = XMLPullParser(events=("start",))
        chunk = part.read(_CHUNK)
        _demand_plain(chunk)
        root: Element | None = None
        pending = 0
        while chunk:
            parser.feed(chunk)
            pending += len(chunk)
            for event in parser.read_events():
                root = cast("tuple[str, Element]", event)[1] if root is None else root
            found = list(_taken(root, nested=nested)) if root is not None else []
            yield from found
            pending = 0 if found else pending
            if pending > _LARGEST_ELEMENT:
                raise UsageError(
                    f"{self._name} cannot be read as a workbook: in {path} a row or a text is"
                    f" larger than {_LARGEST_ELEMENT >> 20} MB"
                )
            chunk = part.read(_CHUNK)
        parser.close()
        if root is not None:
            yield from _taken(root, nested=nested, ended=True)


def _taken(root: Element, *, nested: bool, ended: bool = False) -> Iterator[tuple[str, Element]]:
    """Yield the elements in `root` that are complete, and take them out of it.

    All are but the last one, and that too where the part has `ended`.
    """
    for child in root:
        last = child is root[-1] and not ended
        if nested:
            name = local(child)
            complete = child[:-1] if last else child[:]
            for element in complete:
                yield name, element
            del child[: len(complete)]
        if not last:
            yield "", child
    del root[: len(root) if ended else -1]


def local(element: Element) -> str:
    """Return what an element is called, without its namespace: there are two of workbooks."""
    return element.tag.rpartition("}")[2]


def relation(element: Element) -> str:
    """Return the name of the relation that an element has to another part."""
    return element.get(_RELATION) or element.get(_RELATION_STRICT) or ""


def _demand_plain(beginning: bytes) -> None:
    """Raise ParseError for a part that declares a document type: it could define what unfolds."""
    seen: list[str] = []
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ParseError("it declares a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: seen.append(name) if not seen else None
    parser.Parse(beginning, False)
    if not seen:
        raise ParseError("it has no content")


@contextmanager
def opened(stream: BinaryIO, name: str) -> Iterator[Parts]:
    """Yield the parts of the workbook in `stream`; raises UsageError where they cannot be read."""
    try:
        parts = Parts(stream, name)
        try:
            yield parts
        finally:
            parts.close()
    except (
        zipfile.BadZipFile, zlib.error, ParseError, expat.ExpatError, EOFError, KeyError,
        RuntimeError, NotImplementedError, UnicodeError,
    ) as error:  # fmt: skip
        raise UsageError(f"{name} cannot be read as a workbook: {error}") from None


def require_few(stream: BinaryIO, name: str) -> None:
    """Raise UsageError for a zip file of so many files that their names alone take all memory."""
    count = 0
    while chunk := stream.read(1 << 20):
        count += chunk.count(_ENTRY)
        if count > _MOST_PARTS:
            raise UsageError(f"{name} is a zip file of more than {_MOST_PARTS:,} files")
    stream.seek(0)
