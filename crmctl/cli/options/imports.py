"""The options of crmctl import."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmctl.cli import files
from crmctl.cli.options import common
from crmctl.domain.kinds import DateOrder, DecimalMark, Entity, OnError, Preset
from crmctl.errors import UsageError

if TYPE_CHECKING:
    from crmctl.services.imports import ImportRequest, WriteScope

File = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV, JSON lines or .xlsx, by gzip or not; - is stdin")
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        help='what a column is, such as "Deal Name=title"; "Notes=" leaves it out (repeatable)',
    ),
]
StageMap = Annotated[
    list[str] | None,
    typer.Option(
        "--stage-map",
        metavar="NAME=STAGE",
        help='which stage is meant, such as "Closed Won=won" (repeatable)',
    ),
]
StatusMap = Annotated[
    list[str] | None,
    typer.Option(
        "--status-map",
        metavar="WORD=STATUS",
        help="what a word of a status says: open, won or lost (repeatable)",
    ),
]
CurrencyMap = Annotated[
    list[str] | None,
    typer.Option(
        "--currency-map",
        metavar="SIGN=CODE",
        help='which currency a sign or a word means, such as "$=USD" (repeatable)',
    ),
]
PresetOption = Annotated[
    Preset,
    typer.Option(
        "--preset", help="whose export FILE is; auto: found by its header; none: nobody's"
    ),
]
Mapping = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="use the columns and stages kept as NAME (crmctl import mappings)"
    ),
]
SaveMapping = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="keep as NAME what the columns and stages are"),
]
Custom = Annotated[
    bool,
    typer.Option("--custom", help="add a custom field for each column that is not imported"),
]
Key = Annotated[
    str | None,
    typer.Option(
        metavar="FIELD[,FIELD]",
        help="what tells rows apart: external_id, number, email, domain or a field, or several,"
        " as title,customer; by default the first that there is of external_id, email, name"
        " (customers) or external_id, title (deals)",
    ),
]
Source = Annotated[
    str | None, typer.Option(metavar="NAME", help="the system that the external ids are of")
]
Rejects = Annotated[
    Path | None, typer.Option(metavar="FILE", help="write the rejected rows there, with reasons")
]
Force = Annotated[bool, typer.Option("--force", help="replace a file of rejects that is there")]
OnErrorOption = Annotated[
    OnError,
    typer.Option(
        "--on-error", help="reject: import the rest and exit 1; abort: write nothing at all"
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="write nothing, and exit 1, if anything is assumed or unknown"),
]
CreateMissing = Annotated[
    str | None,
    typer.Option(
        metavar="KINDS", help="add the customers, users (or customers,users) that are not there"
    ),
]
CreateOnly = Annotated[
    bool, typer.Option("--create-only", help="add new records, and skip rows about known ones")
]
UpdateOnly = Annotated[
    bool, typer.Option("--update-only", help="change known records, and skip rows about new ones")
]
FillEmpty = Annotated[
    bool, typer.Option("--fill-empty", help="set only what is empty in known records")
]
Delimiter = Annotated[
    str | None, typer.Option(metavar="CHARACTER", help="what divides cells; found if not given")
]
Quote = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER", help="what cells stand between; none: nothing; found if not given"
    ),
]
Dates = Annotated[
    DateOrder | None,
    typer.Option(help="how to read dates like 02/03/24; found for each column if not given"),
]
Decimal = Annotated[
    DecimalMark | None,
    typer.Option(
        "--decimal", help="what divides 1200.50 from its cents; found for each column if not given"
    ),
]
Country = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="the country of phone numbers that name none, such as DE"),
]
Empty = Annotated[
    list[str] | None,
    typer.Option(metavar="TEXT", help="read this as an empty cell, such as NA (repeatable)"),
]
ClearWith = Annotated[
    list[str] | None,
    typer.Option(
        "--clear-with",
        metavar="WORD",
        help="empty a field whose cell is this, such as - or '' (repeatable)",
    ),
]
Encoding = Annotated[
    str | None, typer.Option(metavar="NAME", help="such as cp1252; found if not given")
]
Header = Annotated[
    int | None,
    typer.Option(metavar="LINE", min=1, help="the line of the header; found if not given"),
]
NoHeader = Annotated[
    bool,
    typer.Option(
        "--no-header", help="FILE has no header: columns are called by number, as --map 1=title"
    ),
]
Sheet = Annotated[
    str | None, typer.Option(metavar="NAME", help="the sheet of a workbook; the first if not given")
]
Batch = Annotated[
    int | None,
    typer.Option(
        metavar="ROWS",
        min=1,
        help="commit after so many rows; cut off, crmctl import --resume goes on",
    ),
]


def request(entity: Entity, typed: dict[str, Any], *, history: bool = False) -> "ImportRequest":
    """Return the import that was asked for; `typed` are the parameters of the command by name.

    They are called what the fields of a request are, and what was not given is as usual. Raises
    UsageError for options that do not go together.
    """
    from crmctl.services.imports import ImportRequest

    given = {name: value for name, value in typed.items() if value is not None}
    scope = _scope(**{name: given.pop(name, False) for name in _SCOPE})
    abort = given.pop("on_error") == OnError.ABORT
    if "rejects" not in given and given.get("force"):
        raise UsageError("--force replaces a file of rejects: say --rejects FILE, or leave it out")
    if given.get("rejects") != Path(given["file"]):
        files.require_free(given.get("rejects"), force=given.pop("force", False))
    given.pop("force", None)
    for name, read in _READERS.items():
        if name in given:
            given[name] = read(given[name])
    return ImportRequest(entity=entity, history=history, scope=scope, abort=abort, **given)


def _scope(*, create_only: bool, update_only: bool, fill_empty: bool) -> "WriteScope":
    """Return what an import may do, by which of the three options were given."""
    from crmctl.services.imports import WriteScope

    if create_only and update_only:
        raise UsageError("--create-only and --update-only leave nothing to do: give one of them")
    if create_only and fill_empty:
        raise UsageError("--create-only changes nothing that --fill-empty could fill")
    return WriteScope(create=not update_only, update=not create_only, fill=fill_empty)


def rejects_file(path: Path) -> str:
    """Return the file for rejected rows; raises UsageError for stdout, which shows the plan."""
    files.require_named(path, "--rejects")
    return str(path)


def _missing_kinds(text: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in text.split(",") if word.strip())


def _kind_map(texts: list[str]) -> dict[str, str]:
    return common.pairs(texts, "--kind-map")


def _status_map(texts: list[str]) -> dict[str, str]:
    return common.pairs(texts, "--status-map")


def _currency_map(texts: list[str]) -> dict[str, str]:
    return common.pairs(texts, "--currency-map")


#: What becomes of the options that a request holds otherwise than they are typed.
_READERS: dict[str, Callable[[Any], object]] = {
    "create_missing": _missing_kinds,
    "clear": frozenset,
    "empty": frozenset,
    "kinds": _kind_map,
    "statuses": _status_map,
    "currencies": _currency_map,
    "rejects": rejects_file,
}
#: The options that narrow what an import may do.
_SCOPE = ("create_only", "update_only", "fill_empty")
