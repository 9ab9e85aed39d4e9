"""The rows of the pages of faults: what is done, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.place import Place

#: The commands of a row.
Commands = Callable[[Place], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a page: its id, what it is about, its input files, and where its commands run."""

    id: str
    about: str
    run: Commands
    files: tuple[str, ...] = ()
    #: The only engine that it is about, if it is about one.
    engine: str = ""
    slow: bool = False
    #: What the database begins with; nothing, for a row that makes its own.
    begin: tuple[str, ...] = ()


_PAGE = ("init Co --user Ada",)
_IMPORT_PAGE = ("init Co --currency EUR --user Ada", "user use Ada")
_rows: list[Row] = []


def row(
    id: str, about: str, *files: str, engine: str = "", slow: bool = False, empty: bool = False
) -> Callable[[Commands], Commands]:
    """List a function as the commands of the row `id`; with `empty`, it makes its company."""

    def listed(run: Commands) -> Commands:
        begin = () if empty else _IMPORT_PAGE if id.startswith("I") else _PAGE
        _rows.append(
            Row(id=id, about=about, run=run, files=files, engine=engine, slow=slow, begin=begin)
        )
        return run

    return listed


def all_rows() -> list[Row]:
    """Return all rows in the order of the pages."""
    from tests.faults import pages

    pages.load()
    return sorted(_rows, key=lambda one: (pages.order(one.id), one.files))
