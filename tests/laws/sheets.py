"""Tables that random imports are made of, and what a company holds after them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Engine

from crmctl.domain.kinds import Entity, FieldType
from crmctl.services.records import custom_fields
from tests.crm import Crm, Result
from tests.laws.world import World

NOW = "2026-03-10T12:00:00Z"
#: How many rows a sheet has at most.
ROWS = 8
ENTITIES = ("customers", "deals", "activities")
#: Kept in a cell that a person wrote: what a spreadsheet would run, what CSV has to quote, what
#: is written from right to left, what takes no width, and what looks like another value.
_HOSTILE = (
    "=1+1", "'=1+1", "+49 30 1234", "-5", "@x", 'a "b", c;d', "two\nlines", "line\r\nend", "NA",
    "\ufeffx", "שלום עולם", "مرحبا، بالعالم", "👩‍👩‍👧 family", "  spaces around\t", "tab\there",
    "' quoted", "a|b", "null", "[1]", '{"a": 1}', "C1", "D1", "1e5", "\u200b\u200bzero", "ﬁ ß İ",
)  # fmt: skip
_LETTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
TEXT = st.one_of(st.sampled_from(_HOSTILE), st.text(_LETTERS, max_size=12))
_TIMES = ("", "2026-01-02", "2026-01-02 03:04:05.678", "2025-12-31T23:30:00+02:00")
_NUMBERS = ("", "0", "12.5", "-3.01", "999999999.99")
_STAGES = ("", "lead", "qualified", "proposal", "negotiation", "won", "lost")
_PEOPLE = ("", "Ann", "Bo Berg", "=Cy", "Dé, Jr.")
_MISSING = "--create-missing customers,users"
_OPTIONS = {
    "customers": _MISSING,
    "deals": f"{_MISSING} --lost-reason none",
    "activities": _MISSING,
}
_FIELDS = (
    (Entity.DEAL, "size", FieldType.NUMBER),
    (Entity.DEAL, "note", FieldType.TEXT),
    (Entity.CUSTOMER, "since", FieldType.DATE),
    (Entity.CUSTOMER, "vip", FieldType.BOOLEAN),
    (Entity.CUSTOMER, "note", FieldType.TEXT),
)


@dataclass(frozen=True)
class Sheet:
    """A table of cells: the names of its columns, and its rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def written(self) -> str:
        """Return the table as CSV."""
        stream = io.StringIO()
        csv.writer(stream).writerows([self.header, *self.rows])
        return stream.getvalue()

    def parts(self, at: int) -> tuple["Sheet", "Sheet"]:
        """Return the table in two, the second from row `at` on."""
        return Sheet(self.header, self.rows[:at]), Sheet(self.header, self.rows[at:])


@dataclass(frozen=True)
class Books:
    """A sheet of customers, one of deals and one of activities, which go in in this order."""

    customers: Sheet
    deals: Sheet
    activities: Sheet

    def each(self) -> Iterator[tuple[str, Sheet]]:
        """Yield what is listed, and the sheet of it."""
        yield from zip(ENTITIES, (self.customers, self.deals, self.activities), strict=True)


def _sheet(columns: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[Sheet]:
    """Return tables of `columns` whose rows have an id of their own each."""
    rows = st.lists(st.tuples(*columns.values()), min_size=1, max_size=ROWS)
    return rows.map(
        lambda found: Sheet(
            ("id", *columns), tuple((f"k{n}", *cells) for n, cells in enumerate(found, 1))
        )
    )


_CUSTOMERS = _sheet(
    {
        "name": TEXT,
        "email": st.sampled_from(["", "ada@x.example", "Bo.Berg@y.example", "not one"]),
        "organisation": TEXT,
        "phone": st.sampled_from(["", "+49 30 123456", "030 1234", "+44 20 7946 0018 x12"]),
        "segment": TEXT,
        "lead score": st.sampled_from(["", "0", "-7", "1200"]),
        "owner": st.sampled_from(_PEOPLE),
        "tags": st.sampled_from(["", "a", "a;b", "=c; b", "שלום"]),
        "created at": st.sampled_from(_TIMES),
        "note": TEXT,
        "since": st.sampled_from(["", "2020-02-29"]),
        "vip": st.sampled_from(["", "yes", "no", "perhaps"]),
    }
)
_DEALS = _sheet(
    {
        "title": TEXT,
        "amount": st.sampled_from(_NUMBERS),
        "currency": st.sampled_from(["", "EUR", "USD", "JPY"]),
        "stage": st.sampled_from(_STAGES),
        "probability": st.sampled_from(["", "0%", "12.5%", "100%"]),
        "expected close": st.sampled_from(["", "2026-04-01"]),
        "customer": st.one_of(st.sampled_from(["", "Ada", "ada", "=Cy"]), TEXT),
        "owner": st.sampled_from(_PEOPLE),
        "tags": st.sampled_from(["", "a", "a;b", "+c"]),
        "next step": TEXT,
        "lost reason": TEXT,
        "created at": st.sampled_from(_TIMES),
        "size": st.sampled_from(_NUMBERS),
        "note": TEXT,
    }
)
_ACTIVITIES = _sheet(
    {
        "kind": st.sampled_from(["call", "email", "meeting", "note", "task", "party"]),
        "subject": TEXT,
        "body": TEXT,
        "at": st.sampled_from(_TIMES),
        "minutes": st.sampled_from(["", "0", "90", "1:30"]),
        "deal_external_id": st.sampled_from(["", "k1", "k2"]),
        "customer_external_id": st.sampled_from(["", "k1", "k2"]),
        "done": st.sampled_from(["", "yes", "no"]),
        "owner": st.sampled_from(_PEOPLE),
    }
)
BOOKS = st.builds(Books, _CUSTOMERS, _DEALS, _ACTIVITIES)


class Office:
    """A company of its own whose files are imported and exported by commands."""

    def __init__(self, crm: Crm, engine: Engine) -> None:
        self._crm = crm
        self._world = World(engine)
        self._environment = {"CRMCTL_COMPANY": self._world.name, "CRMCTL_USER": "Uma"}
        with self._world.session() as session:
            for entity, key, kind in _FIELDS:
                custom_fields.add(session, entity, key, None, kind)

    def _run(self, command: str, content: str = "") -> Result:
        return self._crm(command, input=content, now=NOW, env=self._environment)

    def take(self, what: str, content: str) -> dict[str, Any]:
        """Import `content` and return the plan."""
        result = self._run(f"import {what} - --json {_OPTIONS.get(what, '')}", content)
        assert result.exit_code in (0, 1), result.stderr
        plan: dict[str, Any] = result.json()
        return plan

    def exported(self, what: str) -> str:
        """Return what the company exports of `what`."""
        result = self._run(f"export {what}")
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of the company, but for what remembers."""
        return self._world.rows()
