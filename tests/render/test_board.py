"""How the board is drawn."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from crmctl.domain.forecast.sums import Total
from crmctl.domain.kinds import Status
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.render.board import shelves, view
from crmctl.render.board_files import to_html, to_svg
from crmctl.services.queries.board import Board, BoardColumn, Card
from tests.render import golden

AT = datetime(2026, 3, 14, 9, tzinfo=UTC)


def _stage(key: str, label: str, kind: Status = Status.OPEN, wip_limit: int | None = None) -> Stage:
    values: dict[str, Any] = {"key": key, "label": label, "kind": kind, "wip_limit": wip_limit}
    return Stage(**values)


def _card(number: int, title: str, **values: object) -> Card:
    plain = Card(
        number=number,
        title=title,
        customer="Globex",
        customer_removed=False,
        amount=Decimal("12500.0000"),
        currency="EUR",
        owner="Ann Berg",
        probability=None,
        effective_probability=Decimal("0.5000"),
        expected_close=date(2026, 4, 1),
        next_step="call",
        entered=AT - timedelta(days=9),
        closed=None,
        age=timedelta(days=9),
        rotting=False,
        overdue=False,
        no_next_step=False,
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def _total(deals: int, amount: str, weighted: str, **unknown: int) -> Total:
    return Total(deals=deals, amount=Decimal(amount), weighted=Decimal(weighted), **unknown)


def _column(
    stage: Stage, totals: dict[str, Total] | None = None, cards: list[Card] | None = None
) -> BoardColumn:
    return BoardColumn(stage=stage, totals=totals or {}, cards=cards or [], limited=True)


def _columns() -> list[BoardColumn]:
    title = "Website relaunch for the spring campaign, with a webshop and a very long name"
    lead = [
        _card(1, title, customer="Müller & Söhne GmbH", rotting=True, age=timedelta(days=41)),
        _card(2, "Support", amount=None, owner=None, customer=None, no_next_step=True),
        _card(3, "販売管理システムの刷新プロジェクト第二期", customer="株式会社サンプル商事",
              currency="JPY", amount=Decimal("1200000")),
    ]  # fmt: skip
    proposal = [
        _card(4, "Evil \x1b[2J\x1b]0;title\x07 [red]t[/] \u202eback", customer="[/]",
              rotting=True, overdue=True, no_next_step=True,
              effective_probability=Decimal("0.125")),
        _card(5, "Rocket 🚀 launch", customer="👩‍👩‍👧 Family & Co", owner="Ümit Çelik",
              effective_probability=None, age=timedelta(minutes=5)),
    ]  # fmt: skip
    won = [_card(6, "Training", closed=AT, amount=Decimal("99999999999999.9999"))]
    return [
        _column(_stage("lead", "Lead", wip_limit=2), {
            "EUR": _total(14, "12500", "1250", without_amount=1),
            "JPY": _total(1, "1200000", "120000")}, lead),
        _column(_stage("qualified", "Qualified", wip_limit=5)),
        _column(_stage("proposal", "Proposal [b]"), {
            "EUR": _total(2, "25000", "1562.5", without_probability=1)}, proposal),
        _column(_stage("legal", "Legal"), {
            "EUR": _total(1, "10", "0", without_probability=1)},
            [_card(8, "Small", amount=Decimal(10), effective_probability=None)]),
        _column(_stage("won", "Won", Status.WON), {
            "EUR": _total(1, "99999999999999.9999", "0")}, won),
        _column(_stage("lost", "Lost", Status.LOST)),
    ]  # fmt: skip


def _board(columns: list[BoardColumn] | None = None, **values: object) -> Board:
    named: dict[str, Any] = {"key": "default", "label": "Sales"}
    pipeline = Pipeline(**named)
    board = Board(
        pipeline=pipeline, main=True, at=AT, zone="Europe/Berlin", currency="EUR",
        columns=columns or _columns(),
    )  # fmt: skip
    return replace(board, **values)  # type: ignore[arg-type]


def _drawn(board: Board, width: int, *, colour: bool = False) -> str:
    file = StringIO()
    console = Console(
        file=file, width=width, markup=False, highlight=False, emoji=False, legacy_windows=False,
        force_terminal=colour, color_system="standard" if colour else None,
    )  # fmt: skip
    console.print(view(board, width).draw())
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_board_fits_its_width(width: int) -> None:
    text = _drawn(_board(), width)
    assert golden.widest(text) <= width
    golden.check(f"board-{width}.txt", text)


@pytest.mark.parametrize("width", [20, 24, 30, 47, 48, 49, 64, 79, 81, 160, 400])
def test_every_column_is_drawn_at_any_width(width: int) -> None:
    text = _drawn(_board(), width)
    assert golden.widest(text) <= max(width, 24)
    for said in ("Lead", "Qualified", "Proposal", "Legal", "Won", "Lost", "more"):
        assert said in text
    for number in (1, 2, 3, 4, 5, 6, 8):
        assert f"D{number}" in text


def test_nothing_in_the_data_reaches_the_terminal_as_a_command() -> None:
    for colour in (False, True):
        text = _drawn(_board(), 200, colour=colour)
        assert "\x1b[2J" not in text
        assert "\x1b]0;" not in text
        assert "\x07" not in text
        assert "\u202e" not in text
        assert "\\x1b[2J" in text
        assert "[red]t[/]" in text


def test_marks_are_letters_with_a_legend() -> None:
    text = _drawn(_board(), 200)
    assert "9d R O N" in text
    assert "R rotting: longer in its stage than the stage allows" in text
    assert "over!: more deals than the stage's WIP limit." in text
    assert "\x1b" not in text


def _read(text: str) -> str:
    """Return the words of a board of one column, whatever lines they are in."""
    return " ".join(" ".join(line.strip("│╭╮╰╯├┤─ ") for line in text.splitlines()).split())


def test_what_is_not_shown_is_said_with_the_way_to_it() -> None:
    assert "… and 12 more (crmctl deal list --stage lead)" in _read(_drawn(_board(), 40))
    narrowed = _board(main=False, owner="Ann Berg", segment="SMB")
    options = "--stage lead --pipeline default --owner 'Ann Berg' --segment SMB"
    assert f"(crmctl deal list {options})" in _read(_drawn(narrowed, 40))


def test_an_unknown_probability_is_said_to_be_unknown() -> None:
    text = _drawn(_board(), 200)
    assert "?%" in text
    assert "1 without probability" in text
    assert "weighted unknown" in text


def test_columns_stand_in_rows_that_are_as_even_as_can_be() -> None:
    columns = _columns()
    assert [len(shown) for shown, _ in shelves(columns, 80)] == [3, 3]
    assert [len(shown) for shown, _ in shelves(columns[:5], 100)] == [3, 2]
    assert [len(shown) for shown, _ in shelves(columns, 200)] == [6]
    assert [len(shown) for shown, _ in shelves(columns, 10)] == [1] * 6
    assert list(shelves([], 80)) == []


def test_the_document_is_pinned() -> None:
    board = _board(_columns()[2:5:2])
    document = view(board, 80).document
    assert list(document) == [
        "pipeline", "label", "at", "timezone", "owner", "segment", "closed_days", "stages",
    ]  # fmt: skip
    assert document["at"] == "2026-03-14T09:00:00Z"
    proposal, won = document["stages"]
    deals = proposal.pop("deals")
    assert proposal == {
        "key": "proposal",
        "label": "Proposal [b]",
        "kind": "open",
        "count": 2,
        "wip_limit": None,
        "over_limit": False,
        "totals": [
            {
                "currency": "EUR",
                "count": 2,
                "amount": "25000.00",
                "weighted": "1562.50",
                "without_amount": 0,
                "without_probability": 1,
            }
        ],
        "more": 0,
    }
    assert deals[1] == {
        "ref": "D5",
        "title": "Rocket 🚀 launch",
        "customer": "👩‍👩‍👧 Family & Co",
        "amount": "12500.00",
        "currency": "EUR",
        "owner": "Ümit Çelik",
        "probability": None,
        "expected_close": "2026-04-01",
        "next_step": "call",
        "stage_entered_at": "2026-03-05T09:00:00Z",
        "closed_at": None,
        "age_days": 0,
        "rotting": False,
        "overdue": False,
        "no_next_step": False,
        "customer_removed": False,
        "effective_probability": None,
        "weighted_amount": None,
        "assumed": [],
    }
    assert won["totals"][0]["weighted"] is None
    assert won["totals"][0]["amount"] == "99999999999999.9999"


def test_rows_are_the_deals_with_their_stage() -> None:
    rows = view(_board(), 80).rows
    assert [row["ref"] for row in rows] == ["D1", "D2", "D3", "D4", "D5", "D8", "D6"]
    assert rows[0]["stage"] == "lead"


def test_html_shows_what_is_in_the_data_and_runs_none_of_it() -> None:
    hostile = _board([_column(_stage("lead", "<script>alert(1)</script>"))])
    page = to_html(view(hostile, 80), "<b>Sales</b>")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<title>&lt;b&gt;Sales&lt;/b&gt;</title>" in page


def test_page_fits_a_phone_and_nothing_is_asked_of_another_host() -> None:
    shown = view(_board(), 120)
    page, picture = to_html(shown, "Sales"), to_svg(shown, "Sales", 120)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    assert "<pre" not in page
    assert page.count("<section") == page.count("</section>") == 6
    assert page.count('<article class="card">') == page.count("</article>") == 7
    for said in ("Müller &amp; Söhne GmbH", "12,500.00 EUR", "12.5%", "?%", "rotting", "over!",
                 "and 12 more", "\\x1b[2J", "[red]t[/]", "1 without amount"):  # fmt: skip
        assert said in page, said
    ElementTree.fromstring(page.partition("<body>")[2].join(["<body>", ""]).replace("</html>", ""))
    for text in (page, picture):
        assert not [
            link for link in re.findall(r"https?://[^\"'\s)]+", text) if "w3.org" not in link
        ]
        assert "@font-face" not in text


def test_svg_is_well_formed_whatever_the_data() -> None:
    stage = _stage("lead", "a & b <c> \ufffe\uffff\x1b")
    picture = to_svg(view(_board([_column(stage)]), 80), "Sales & more", 80)
    assert ElementTree.fromstring(picture).tag.endswith("svg")
