"""How to import, and what from: what a caller can ask for, and what a run keeps of it."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import ConfigDict, ValidationError
from pydantic import Field as Limit

from crmctl.domain.importing.files.tables import NO_HEADER, Options
from crmctl.domain.kinds import ActivityKind, DateOrder, DecimalMark, Entity, ImportKind, Preset
from crmctl.domain.secrets import has_mask, without_secrets_in
from crmctl.errors import Refused, UsageError, fault
from crmctl.models.base import to_json
from crmctl.services.records import types

if TYPE_CHECKING:
    from pydantic import TypeAdapter

#: What a caller calls standard input where a file is named.
STDIN = "-"
# What a run keeps is data that anyone who writes to the database can change.
_STRICT = ConfigDict(extra="forbid", strict=True)
#: A number of rows or lines.
Count = Annotated[int, Limit(ge=1)]


@dataclass(frozen=True)
class WriteScope:
    """What an import may do: add records, change those that are there, or only `fill` them.

    Filling leaves every value alone that is there.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    create: bool = True
    update: bool = True
    fill: bool = False


#: What an import may do if nothing else was said.
ANYTHING = WriteScope()


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How to import: what was typed on the command line, by the names of the options.

    With `history`, the rows are the stage history of deals.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    entity: Entity
    columns: Sequence[str] = ()
    key: str | None = None
    source: str | None = None
    create_missing: frozenset[str] = frozenset()
    stages: Sequence[str] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    kind: ActivityKind | None = None
    pipeline: str | None = None
    dates: DateOrder | None = None
    decimals: DecimalMark | None = None
    country: str | None = None
    empty: frozenset[str] = frozenset()
    clear: frozenset[str] = frozenset()
    abort: bool = False
    strict: bool = False
    override: bool = False
    lost_reason: str | None = None
    preset: Preset = Preset.AUTO
    mapping: str | None = None
    save_mapping: str | None = None
    custom: bool = False
    scope: WriteScope = ANYTHING
    dry_run: bool = False
    history: bool = False

    @property
    def import_kind(self) -> ImportKind:
        """What the rows of the file are."""
        return ImportKind.HISTORY if self.history else types.imported(self.entity).kind


@dataclass(frozen=True, kw_only=True)
class ImportRequest(ImportOptions):
    """An import of `file`: how it is read, where rejected rows go, and when to commit.

    `header` is a line, which there is not with `no_header`, and `batch` the number of rows after
    which to commit; without one, all is committed in the end.
    """

    file: str
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    header: Count | None = None
    no_header: bool = False
    sheet: str | None = None
    rejects: str | None = None
    batch: Count | None = None
    reason: str | None = None

    @property
    def file_name(self) -> str:
        """What messages call the file."""
        return "stdin" if self.file == STDIN else self.file

    @property
    def reading(self) -> Options:
        """How the file is read, as far as it was said."""
        return Options(
            encoding=self.encoding,
            delimiter=self.delimiter,
            quote=self.quote,
            header=NO_HEADER if self.no_header else self.header,
            sheet=self.sheet,
        )

    def check(self) -> None:
        """Raise UsageError for what does not go together."""
        if self.rejects and self.file != STDIN:
            rejects, file = Path(self.rejects), Path(self.file)
            if rejects.resolve() == file.resolve():
                raise UsageError(f"--rejects {self.rejects} is the file to import: name another")
        if self.no_header and self.header:
            raise UsageError("--no-header says that no line is the header: leave out --header")
        if self.batch and self.abort:
            raise UsageError(
                "--batch commits as it goes, and --on-error abort would take that back"
            )
        if self.batch and self.strict:
            raise UsageError("--batch commits as it goes, and --strict would take that back")

    def encode(self) -> dict[str, object]:
        """Return what a run keeps: all that differs from what is usual, the files by full paths.

        Passwords are masked.
        """
        rejects = self.rejects and str(Path(self.rejects).absolute())
        file = self.file if self.file == STDIN else str(Path(self.file).absolute())
        kept = _encoded(replace(self, file=file, rejects=rejects))
        return {name: without_secrets_in(value) for name, value in kept.items()}


def _encoded(options: Any) -> dict[str, object]:
    """Return the fields of a dataclass that differ from their defaults, as JSON can hold them."""
    usual = {each.name: _plain(_default(each)) for each in fields(options)}
    given = {name: _plain(getattr(options, name)) for name in usual}
    return {name: value for name, value in given.items() if value != usual[name]}


def _default(each: "Field[object]") -> object:
    return each.default if each.default_factory is MISSING else each.default_factory()


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return _encoded(value) if is_dataclass(value) else value


@cache
def _decoder() -> "TypeAdapter[ImportRequest]":
    from pydantic import TypeAdapter

    return TypeAdapter(ImportRequest)


def decode_request(kept: Mapping[str, object]) -> ImportRequest:
    """Return the request that a run has kept; raises Refused for anything that is none."""
    try:
        found = _decoder().validate_json(to_json(kept))
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "options"
        raise Refused(
            f"what the import kept of its options is damaged: {name}: {fault(first)}"
        ) from None
    for field_name, value in kept.items():
        if field_name != "reason" and has_mask(value):
            raise Refused(
                f"the import cannot go on: its {field_name} held a password, which is not kept: "
                "import the file again"
            )
    for name, path in (("file", found.file), ("rejects", found.rejects or STDIN)):
        if path != STDIN and ("\0" in path or not Path(path).is_absolute()):
            raise Refused(f"what the import kept of its options is damaged: {name}: {path!r}")
    return found
