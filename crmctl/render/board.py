"""The board: columns of cards that stack where they do not fit side by side."""

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from crmctl.domain import money, times
from crmctl.domain.kinds import Status
from crmctl.domain.probabilities import percent
from crmctl.domain.text import safe
from crmctl.render.views import JsonRecord, View
from crmctl.services.records import types

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table
    from rich.text import Text

    from crmctl.domain.forecast.sums import Total
    from crmctl.services.queries.board import Board, BoardColumn, Card

#: How wide a column is at least and at most, its frame included.
NARROWEST = 24
WIDEST = 46
_STYLES = {Status.OPEN: "bold cyan", Status.WON: "bold green", Status.LOST: "bold red"}
#: The marks of a card, with their meanings: letters, so that they need no colour.
MARKS = {
    "rotting": ("R", "bold yellow", "rotting: longer in its stage than the stage allows"),
    "overdue": ("O", "bold red", "overdue: the expected close date has passed"),
    "no_next_step": ("N", "bold magenta", "no next step"),
}


def view(board: "Board", width: int) -> View:
    """Return the view of `board`, drawn `width` cells wide."""
    document = record(board)
    rows = [
        {"stage": stage["key"], "kind": stage["kind"], **deal}
        for stage in document["stages"]
        for deal in stage["deals"]
    ]
    return View(document=document, rows=rows, draw=lambda: Drawing(board, width), width=width)


def record(board: "Board") -> JsonRecord:
    """Return `board` as JSON carries it; amounts are exact, and strings."""
    from crmctl.services.queries.board import CLOSED_DAYS

    return {
        "pipeline": board.pipeline.key,
        "label": board.pipeline.label,
        "at": times.iso(board.at),
        "timezone": board.zone,
        "owner": board.owner,
        "segment": board.segment,
        "closed_days": CLOSED_DAYS,
        "stages": [_stage(column) for column in board.columns],
    }


def _stage(column: "BoardColumn") -> JsonRecord:
    """Return a stage; `more` of its deals are not among `deals`."""
    stage = column.stage
    return {
        "key": stage.key,
        "label": stage.label,
        "kind": str(stage.kind),
        "count": column.count,
        "wip_limit": stage.wip_limit,
        "over_limit": column.over,
        "totals": [
            _total(code, total, stage.kind == Status.OPEN) for code, total in column.totals.items()
        ],
        "more": column.more,
        "deals": [_deal(card) for card in column.cards],
    }


def _total(code: str, total: "Total", weigh: bool) -> JsonRecord:
    """Return a total; deals without an amount or a probability are counted, and add nothing."""
    return {
        "currency": code,
        "count": total.deals,
        "amount": money.plain(total.amount),
        "weighted": money.plain(total.weighted) if weigh else None,
        "without_amount": total.without_amount,
        "without_probability": total.without_probability if weigh else 0,
    }


def _deal(card: "Card") -> JsonRecord:
    """Return a deal; what its fields mean, they mean in a list of deals too."""
    return {
        "ref": types.DEAL.ref(card.number),
        "title": card.title,
        "customer": card.customer,
        "amount": money.plain(card.amount),
        "currency": card.currency,
        "owner": card.owner,
        "probability": money.plain(card.probability),
        "expected_close": card.expected_close and card.expected_close.isoformat(),
        "next_step": card.next_step,
        "stage_entered_at": times.iso(card.entered),
        "closed_at": times.iso(card.closed),
        "age_days": card.age.days,
        "rotting": card.rotting,
        "overdue": card.overdue,
        "no_next_step": card.no_next_step,
        "customer_removed": card.customer_removed,
        "effective_probability": money.plain(card.effective_probability),
        "weighted_amount": money.plain(card.weighted_amount),
        "assumed": list(card.assumed),
    }


class Drawing:
    """A board as Rich draws it."""

    def __init__(self, board: "Board", width: int) -> None:
        self.board = board
        self.width = width

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Yield the heading, the columns in rows that fit, and what the marks mean."""
        yield from _folded(console, _heading(self.board), self.width)
        for columns, widths in shelves(self.board.columns, self.width):
            yield _shelf(console, self.board, columns, widths)
        for text in _legend(self.board):
            yield from _folded(console, text, self.width)


def shelves(
    columns: Sequence["BoardColumn"], width: int
) -> Iterator[tuple[Sequence["BoardColumn"], list[int]]]:
    """Yield the columns that stand side by side, with the cells inside of each.

    As many as fit stand in a row, and the rows are as even as can be.
    """
    fitting = max(1, (width - 1) // NARROWEST)
    rows = -(-len(columns) // fitting)
    each = -(-len(columns) // max(1, rows))
    for start in range(0, len(columns), max(1, each)):
        shown = columns[start : start + each]
        room, spare = divmod(max(width, NARROWEST) - 1, each)
        # Of what a column has, a line and a space on either side are no room for text.
        widths = [min(WIDEST, room + (number < spare)) - 3 for number in range(len(shown))]
        yield shown, widths


def _shelf(
    console: "Console", board: "Board", columns: Sequence["BoardColumn"], widths: Sequence[int]
) -> "Table":
    from rich.box import ROUNDED
    from rich.table import Table
    from rich.text import Text

    table = Table(box=ROUNDED, border_style="dim", padding=(0, 1), header_style="")
    heads = [_head(column, wide) for column, wide in zip(columns, widths, strict=True)]
    tallest = max(map(len, heads))
    for head, wide in zip(heads, widths, strict=True):
        # Rich puts heads at the bottom of their row.
        filled = [*head, *[Text("")] * (tallest - len(head))]
        table.add_column(Text("\n").join(filled), width=wide, no_wrap=True, overflow="crop")
    table.add_row(
        *(
            Text("\n").join(_body(console, board, column, wide))
            for column, wide in zip(columns, widths, strict=True)
        )
    )
    return table


def _head(column: "BoardColumn", wide: int) -> list["Text"]:
    """Return the head of a column: its name, its count, and its totals by currency."""
    from rich.text import Text

    count = f"{column.count}/{column.limit}" if column.limit else str(column.count)
    counted = Text(f"{count} over!" if column.over else count)
    counted.stylize("bold red" if column.over else "bold")
    name = Text(safe(column.stage.label), style=_STYLES[column.stage.kind])
    lines = [_ends(name, counted, wide)]
    for code, total in column.totals.items():
        lines.append(_amount("total", total.amount, code, wide))
        if column.stage.kind == Status.OPEN:
            lines += _weighted(total, code, wide)
        if total.without_amount:
            lines.append(_line(f"{total.without_amount} without amount", wide, "dim"))
    return lines


def _weighted(total: "Total", code: str, wide: int) -> list["Text"]:
    """Return the weighted amount, and how many deals are not in it for want of a probability."""
    if total.without_probability == total.deals:
        return [_line("weighted unknown", wide, "dim")]
    lines = [_amount("weighted", total.weighted, code, wide)]
    if total.without_probability:
        lines.append(_line(f"{total.without_probability} without probability", wide, "dim"))
    return lines


def _body(console: "Console", board: "Board", column: "BoardColumn", wide: int) -> list["Text"]:
    """Return the cards of a column with a blank line between them, and what is not shown."""
    from rich.text import Text

    lines: list[Text] = []
    for card in column.cards:
        lines += [Text(""), *_card(console, card, wide)] if lines else _card(console, card, wide)
    if column.more:
        said = f"… and {column.more} more ({_command(board, column)})"
        lines += [Text("")] * bool(lines) + _folded(console, Text(said, style="italic"), wide)
    return lines or [Text("no deals", style="dim")]


def _command(board: "Board", column: "BoardColumn") -> str:
    """Return the command that lists all deals of a column."""
    options = {
        "--stage": column.stage.key,
        "--pipeline": None if board.main else board.pipeline.key,
        "--owner": board.owner,
        "--segment": board.segment,
    }
    given = (f"{name} {shlex.quote(value)}" for name, value in options.items() if value)
    return safe(f"crmctl deal list {' '.join(given)}")


def _card(console: "Console", card: "Card", wide: int) -> list["Text"]:
    from rich.text import Text

    number = types.DEAL.ref(card.number)
    title = Text(f"{number} {safe(card.title)}")
    title.stylize("bold", 0, len(number))
    lines = _shortened(console, title, wide)
    if card.customer:
        lines.append(_customer(card, wide))
    known = card.effective_probability
    chance = "?%" if known is None else percent(known)
    closed = card.closed is not None
    right = Text("" if closed else chance, style="dim")
    lines.append(_ends(Text(_sum(card.amount, card.currency, wide - 5)), right, wide))
    owner = Text(safe(card.owner) if card.owner else "no owner", style="dim")
    lines.append(_ends(owner, _age(card), wide))
    return lines


def _customer(card: "Card", wide: int) -> "Text":
    """Return the name of the customer; that it is removed is said also where the name is cut."""
    from rich.text import Text

    removed = Text("removed" if card.customer_removed else "", style="dim")
    return _ends(Text(safe(card.customer or "")), removed, wide)


def _age(card: "Card") -> "Text":
    """Return how long a deal has been in its stage, with its marks."""
    from rich.text import Text

    text = Text(times.span(card.age), style="dim")
    for name, (letter, style, _) in MARKS.items():
        if getattr(card, name):
            text.append(" ").append(letter, style=f"not dim {style}")
    return text.append(" A", style="not dim bold") if card.assumed else text


def _amount(name: str, value: "Decimal", code: str, wide: int) -> "Text":
    from rich.text import Text

    return _ends(Text(name, style="dim"), Text(_sum(value, code, wide - len(name) - 1)), wide)


def _sum(value: "Decimal | None", code: str, wide: int) -> str:
    """Return an amount in full where it fits in `wide` cells, else shortened to k or m."""
    if value is None:
        return "no amount"
    full = money.shown(value, code)
    return safe(full if len(full) <= wide else money.short(value, code))


def _ends(left: "Text", right: "Text", wide: int) -> "Text":
    """Return a line with `left` at its beginning, cut if need be, and `right` at its end."""
    from rich.text import Text

    room = max(1, wide - right.cell_len - 1) if right.cell_len else wide
    left.truncate(room, overflow="ellipsis", pad=bool(right.cell_len))
    return Text.assemble(left, " " if right.cell_len else "", right)


def _line(text: str, wide: int, style: str = "") -> "Text":
    from rich.text import Text

    line = Text(text, style=style)
    line.truncate(wide, overflow="ellipsis")
    return line


def _folded(console: "Console", text: "Text", wide: int) -> list["Text"]:
    """Return `text` broken into lines between its words."""
    lines = list(text.wrap(console, wide, overflow="fold"))
    for line in lines:
        line.rstrip()
    return lines


def _shortened(console: "Console", text: "Text", wide: int) -> list["Text"]:
    """Return `text` in at most two lines, the second one cut where there is more."""
    from rich.cells import chop_cells

    lines = _folded(console, text, wide)
    if len(lines) > 1 and lines[0].cell_len * 2 < wide:
        # A long word, or a script without spaces: broken where the line ends.
        lines = [text[: len(chop_cells(text.plain, wide)[0])]]
    elif len(lines) <= 2:
        return lines
    rest = text[len(lines[0].plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
    rest.truncate(wide, overflow="ellipsis")
    return [lines[0], rest]


def _heading(board: "Board") -> "Text":
    from rich.text import Text

    at = times.local(board.at, times.zone(board.zone))
    text = Text.assemble((safe(board.pipeline.label), "bold"), f"  {at} {board.zone}")
    for name in ("owner", "segment"):
        if value := getattr(board, name):
            text.append(f"  {name} {safe(value)}")
    return text


def _legend(board: "Board") -> list["Text"]:
    """Return what the marks on the board mean."""
    from rich.text import Text

    from crmctl.services.queries.board import CLOSED_DAYS

    text = Text(style="dim")
    for letter, style, meaning in MARKS.values():
        text.append(letter, style=f"not dim {style}").append(f" {meaning}; ")
    text.append(f"won and lost: the last {CLOSED_DAYS} days.")
    lines = [text]
    if any(column.over for column in board.columns):
        lines.append(Text("over!: more deals than the stage's WIP limit.", style="dim"))
    if any(total.without_probability for c in board.columns for total in c.totals.values()):
        said = "?%: the probability is not known; such a deal is not in the weighted amount."
        lines.append(Text(said, style="dim"))
    if any(card.assumed for column in board.columns for card in column.cards):
        lines.append(Text("A assumed: nobody said its stage, or when it was closed.", style="dim"))
    return lines
