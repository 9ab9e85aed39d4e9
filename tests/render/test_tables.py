"""How tables fit a terminal: what must not be cut is not, and what has no room is named."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from crmctl.domain.kinds import Origin, Status
from crmctl.models.changes import Change
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.render import customers as customer_render
from crmctl.render import deals as deal_render
from crmctl.render import import_runs, log, pipelines
from crmctl.render.views import View, listing
from crmctl.services.history.log import LogEntry
from crmctl.services.pipeline.rules import SalesProcess
from tests.render import golden

WIDTHS = (80, 100, 120)
LONG = "Website relaunch for the spring campaign, with a webshop and more"


def drawn(view: View, width: int) -> str:
    """Return what `view` prints on a terminal of that `width`."""
    file = StringIO()
    console = Console(file=file, width=width, color_system=None, legacy_windows=False)
    console.print(view.draw(), soft_wrap=False)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def deals() -> View:
    """Deals with a long title, one of wide letters, and large amounts."""
    rows = (
        ("D7", LONG, "Globex Corporation", "123,456.78 USD", "Negotiation", "Ann Berg"),
        (
            "D41",
            "販売管理システムの刷新プロジェクト",
            "株式会社サンプル商事",
            "1,200,000 JPY",
            "Lead",
            None,
        ),
        ("D1234", "Support", None, None, "Proposal", "Uma"),
    )
    names = ("ref", "title", "customer", "amount", "stage", "owner", "close")
    lines = [dict(zip(names, (*row, "2026-12-14"), strict=True)) for row in rows]
    return listing(lines, deal_render.COLUMNS)


def customers() -> View:
    """Customers, one of whom has a long name and address."""
    rows = (
        ("C1", "Esmeralda Featherstonehaugh-Cholmondeley", "Marlbeck Insurance",
         "esmeralda.featherstonehaugh@marlbeck.example.com", "enterprise", "Ann Berg"),
        ("C2", "Dev", None, "dev@thornmere.example.com", "small business", None),
    )  # fmt: skip
    lines = [dict(zip(customer_render.COLUMNS, row, strict=True)) for row in rows]
    return listing(lines, customer_render.COLUMNS)


def changes() -> View:
    """Changes, one of which was undone."""
    at = datetime(2026, 3, 14, 9, tzinfo=UTC)
    commands = ("crmctl deal move D41 D42 D43 won --reason 'signed at last'", "crmctl deal add Uma")
    shared: dict[str, Any] = {
        "at": at,
        "actor": "Ann Berg",
        "origin": Origin.CLI,
        "irreversible": False,
    }
    moved, added = (
        Change(**shared, ref=ref, command=command)
        for ref, command in zip(("0a1b2c3d4e5f", "1a1b2c3d4e5f"), commands, strict=True)
    )
    moved.reason = "signed at last"
    entries = [
        LogEntry(change=moved, updated=3, undone="2a1b2c3d4e5f"),
        LogEntry(change=added, created=1),
    ]
    return log.changes_view(entries, ZoneInfo("UTC"))


def pipeline() -> View:
    """A pipeline whose table has many columns with long names."""
    shared: dict[str, Any] = {
        "pipeline": "default", "rotting_days": 14,
        "required_fields": ["amount", "expected_close", "next_step"],
    }  # fmt: skip
    rows: list[tuple[str, dict[str, Any]]] = [
        ("lead", {"kind": Status.OPEN, "forecast_category": "pipeline"}),
        ("negotiation", {"kind": Status.OPEN, "forecast_category": "best_case"}),
        ("won", {"kind": Status.WON, "forecast_category": "commit"}),
    ]
    stages = tuple(
        Stage(key=key, label=key.capitalize(), position=position, probability=Decimal(position) / 2,
              **shared, **row)
        for position, (key, row) in enumerate(rows)
    )  # fmt: skip
    known: dict[str, Any] = {"key": "default", "label": "Sales", "position": 0}
    return pipelines.view(SalesProcess(Pipeline(**known), stages), {("default", "lead"): 12})


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", [deals, customers, changes, pipeline])
def test_as_it_was_drawn_before(view: Callable[[], View], width: int) -> None:
    text = drawn(view(), width)
    golden.check(f"{view.__name__}-{width}.txt", text)
    assert golden.widest(text) <= width


@pytest.mark.parametrize("width", range(20, 140, 7))
def test_refs_amounts_and_dates_are_whole_or_not_there(width: int) -> None:
    text = drawn(deals(), width)
    assert golden.widest(text) <= width
    for ref in ("D7 ", "D41", "D1234"):
        assert ref in text
    table = text.partition("no room for")[0]
    for words in ("123,456.78 USD", "1,200,000 JPY", "2026-12-14", "Negotiation"):
        assert (words in table) == (words[:4] in table)


def test_columns_without_room_are_named() -> None:
    assert "no room for" not in drawn(deals(), 100)
    assert drawn(deals(), 60).splitlines()[-2:] == [
        "no room for owner, close: a wider terminal or --output json",
        "shows them",
    ]


def test_nothing_is_cut_where_there_is_room() -> None:
    text = drawn(deals(), 100_000)
    assert LONG in text
    assert "…" not in text


def test_a_list_of_imports_keeps_what_went_wrong() -> None:
    row = ("19ecc29a", "2026-12-28 09:00", "customers", "crm-export-2026-12.csv", 120, "cut off")
    record = dict(zip(import_runs.COLUMNS, row, strict=False))
    heading, *_ = drawn(listing([record], import_runs.COLUMNS), 80).splitlines()
    assert {"file", "rejected", "state"} <= set(heading.split())
