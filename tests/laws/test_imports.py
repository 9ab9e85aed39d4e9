"""Importing twice is importing once, parts make the whole, and what comes out goes in again."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crmctl.services.integrity import check
from crmctl.storage import db
from tests.crm import Crm
from tests.laws.sheets import BOOKS, ROWS, Books, Office

#: Each example is a dozen commands.
_FEW = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=settings().max_examples // 9,
)
#: What follows from which company a row is in, or from when it was written.
_OWN = {"ref", "id", "customer_id", "deal_id", "updated_at"}


def _listed(office: Office, *, but: set[str]) -> dict[str, list[dict[str, str]]]:
    """Return all that the company exports, without the columns `but`, whatever the order."""
    found = {}
    for what in ("customers", "deals", "activities", "history"):
        rows = csv.DictReader(io.StringIO(office.exported(what), newline=""))
        kept = [{name: row[name] for name in row if name not in but} for row in rows]
        found[what] = sorted(kept, key=repr)
    return found


@pytest.fixture(autouse=True)
def soundness(engine: Engine) -> Iterator[None]:
    """Require that all is sound at last."""
    yield
    with db.session(engine) as session:
        assert check.run(session) == []


@given(books=BOOKS)
@_FEW
def test_importing_twice_is_importing_once(crm: Crm, engine: Engine, books: Books) -> None:
    office = Office(crm, engine)
    first = [office.take(what, sheet.written()) for what, sheet in books.each()]
    rows = office.rows()
    for (what, sheet), before in zip(books.each(), first, strict=True):
        again = office.take(what, sheet.written())
        assert (again["created"], again["updated"], again["change"]) == (0, 0, None)
        assert again["unchanged"] == again["rows"] - again["rejected"]
        assert again["rejects"] == before["rejects"]
    assert office.rows() == rows


@given(books=BOOKS, at=st.tuples(*[st.integers(0, ROWS)] * 3))
@_FEW
def test_parts_of_a_file_make_the_whole(
    crm: Crm, engine: Engine, books: Books, at: tuple[int, ...]
) -> None:
    whole, parts = Office(crm, engine), Office(crm, engine)
    for (what, sheet), cut in zip(books.each(), at, strict=True):
        plan = whole.take(what, sheet.written())
        pieces = [parts.take(what, part.written()) for part in sheet.parts(cut) if part.rows]
        for count in ("rows", "created", "updated", "unchanged", "rejected"):
            assert plan[count] == sum(piece[count] for piece in pieces), (count, pieces)
    assert _listed(parts, but={*_OWN, "deal"}) == _listed(whole, but={*_OWN, "deal"})


@given(books=BOOKS)
@_FEW
def test_what_is_exported_makes_the_same_company(crm: Crm, engine: Engine, books: Books) -> None:
    office, other = Office(crm, engine), Office(crm, engine)
    for what, sheet in books.each():
        office.take(what, sheet.written())
    for what in ("customers", "deals", "history", "activities"):
        plan = other.take(what, office.exported(what))
        assert plan["rejects"] == []
    kept = {"ref", "updated_at", "deal"}
    assert _listed(other, but=kept) == _listed(office, but=kept)
