"""The board as a page of HTML that fits a screen of any width, and asks no other host."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

from crmctl.domain import money, times
from crmctl.domain.probabilities import percent
from crmctl.domain.text import safe
from crmctl.render.board import MARKS
from crmctl.render.views import JsonRecord

_STYLE = """\
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }
body { margin: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
.board { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr));
  align-items: start; margin: 1rem 0; }
.stage { border: 1px solid #8886; border-radius: .5rem; padding: .6rem; min-width: 0; }
.stage h2 { font-size: 1rem; margin: 0 0 .3rem; display: flex; justify-content: space-between; }
.won h2 { color: #188038; } .lost h2 { color: #c5221f; }
.card { border-top: 1px solid #8884; padding: .5rem 0; overflow-wrap: anywhere; }
.row { display: flex; justify-content: space-between; gap: .5rem; }
.dim, .total, footer { color: #777; } .over, .mark { color: #c5221f; font-weight: 600; }
"""


def page(board: JsonRecord, title: str) -> str:
    """Return a board, as its record has it, as a page: columns side by side where there is room."""
    at = datetime.fromisoformat(board["at"].replace("Z", "+00:00"))
    heading = f"{times.local(at, times.zone(board['timezone']))} {board['timezone']}"
    whose = [f"{name} {board[name]}" for name in ("owner", "segment") if board[name]]
    meanings = "; ".join(meaning for _, _, meaning in MARKS.values())
    days = board["closed_days"]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            f"<head>\n<title>{_text(title)}</title>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<style>\n{_STYLE}</style>\n</head>\n<body>",
            f"<h1>{_text(board['label'])}</h1>",
            f'<div class="dim">{_text("  ".join([heading, *whose]))}</div>',
            '<main class="board">',
            *(part for stage in board["stages"] for part in _stage(stage)),
            "</main>",
            f"<footer>{_text(f'{meanings}; won and lost: the last {days} days.')}</footer>",
            "</body>\n</html>\n",
        ]
    )


def _text(value: object) -> str:
    return escape(safe(value))


def _stage(stage: JsonRecord) -> Iterator[str]:
    yield f'<section class="stage {_text(stage["kind"])}">'
    count = f"{stage['count']}/{stage['wip_limit']}" if stage["wip_limit"] else str(stage["count"])
    over = ' <span class="over">over!</span>' if stage["over_limit"] else ""
    yield f"<h2><span>{_text(stage['label'])}</span><span>{count}{over}</span></h2>"
    for total in stage["totals"]:
        yield from _total(total)
    for deal in stage["deals"]:
        yield from _card(deal)
    if stage["more"]:
        yield f'<div class="dim">and {stage["more"]} more</div>'
    elif not stage["deals"]:
        yield '<div class="dim">no deals</div>'
    yield "</section>"


def _total(total: JsonRecord) -> Iterator[str]:
    code = total["currency"]
    yield _row("total", _sum(total["amount"], code), "total")
    if total["weighted"] is not None:
        yield _row("weighted", _sum(total["weighted"], code), "total")
    for name in ("without_amount", "without_probability"):
        if total[name]:
            yield f'<div class="total">{total[name]} {name.replace("_", " ")}</div>'


def _card(deal: JsonRecord) -> Iterator[str]:
    yield '<article class="card">'
    yield f"<div><b>{_text(deal['ref'])}</b> {_text(deal['title'])}</div>"
    if deal["customer"]:
        yield _row(deal["customer"], "removed" if deal["customer_removed"] else "")
    known = deal["effective_probability"]
    chance = "" if deal["closed_at"] else "?%" if known is None else percent(Decimal(known))
    yield _row(_sum(deal["amount"], deal["currency"]), chance)
    yield _row(deal["owner"] or "no owner", f"{deal['age_days']}d", "dim")
    for mark in MARKS:
        if deal[mark]:
            yield f'<div class="mark">{_text(mark.replace("_", " "))}</div>'
    for name in deal["assumed"]:
        yield f'<div class="mark">assumed: {_text(name.replace("_", " "))}</div>'
    yield "</article>"


def _row(left: Any, right: Any, kind: str = "") -> str:
    name = f"row {kind}".strip()
    return f'<div class="{name}"><span>{_text(left)}</span><span>{_text(right)}</span></div>'


def _sum(amount: str | None, code: str) -> str:
    return "no amount" if amount is None else money.shown(Decimal(amount), code)
