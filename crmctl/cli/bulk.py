"""What commands on one or many customers and deals share: doing it, and telling what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from crmctl.cli import context, output
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.references import find_all, ref

Numbered = TypeVar("Numbered", Customer, Deal)
Record = dict[str, Any]


@dataclass
class Outcome:
    """What a command came to: lines about what it did, and about what it could not do.

    `counts` is told where the command was given more than one row. `records` are for programs.
    """

    dry: bool
    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def tell(self) -> None:
        """Print it; rows that were refused end the command with 1."""
        from crmctl.render.views import listing

        for line in self.done + self.refused:
            output.note(line)
        counted = {word: count for word, count in self.counts.items() if count}
        if not counted:
            output.note("nothing to do: no reference was given")
        elif sum(counted.values()) > 1:
            output.note(", ".join(f"{word} {count}" for word, count in counted.items()))
        if self.dry:
            output.note("dry run: nothing was written")
        output.emit_records(listing(self.records, ()))
        if self.refused:
            context.finish_with(1)


def called(row: Customer | Deal) -> str:
    """Return what messages call `row`: `D42 Acme rollout`."""
    return f"{ref(row)} {row.title if isinstance(row, Deal) else row.name}"


def records_of(session: CrmSession, rows: Sequence[Any]) -> list[Record]:
    """Return `rows`, all of one table, as records."""
    from crmctl.render import records
    from crmctl.services import search

    if rows and isinstance(rows[0], Deal):
        return [records.deal(named) for named in search.name_deals(session, rows)]
    return [records.customer(named) for named in search.name_customers(session, rows)]


def _wanted(session: CrmSession, rows: Sequence[Any]) -> list[Record]:
    return records_of(session, rows) if rows and output.wants_records() else []


def of_moves(session: CrmSession, moves: Any, missing: Sequence[str]) -> Outcome:
    """Return what moving deals came to; `missing` tells of references that name none."""
    moved = [move.deal for move in moves.moved]
    left = [move.left for move in moves.moved]
    return Outcome(
        session.change.dry,
        done=[f"{called(move.deal)}: {move.path}" for move in moves.moved]
        + [f"{called(deal)} is in {deal.stage} already" for deal in moves.unchanged],
        refused=[f"not moved: {why}" for _, why in moves.refused]
        + [f"not found: {why}" for why in missing],
        counts={
            "moved": len(moved),
            "unchanged": len(moves.unchanged),
            "refused": len(moves.refused) + len(missing),
        },
        records=[
            {**record, "from_stage": stage}
            for record, stage in zip(_wanted(session, moved), left, strict=False)
        ],
    )


def edit(session: CrmSession, model: type[Numbered], texts: Sequence[str], change: Any) -> Outcome:
    """Carry out the Edit `change` on the rows that `texts` name."""
    from crmctl.render.people import differences
    from crmctl.services import editing

    dry = session.change.dry
    rows = find_all(session, model, texts, lock=not dry)
    before = records_of(session, rows)
    changed = {row.id for row in editing.apply(session, rows, change)}
    after = records_of(session, rows)
    return Outcome(
        dry,
        done=[
            f"{called(row)}: {differences(old, new) if row.id in changed else 'nothing to change'}"
            for row, old, new in zip(rows, before, after, strict=True)
        ],
        counts={"edited": len(changed), "unchanged": len(rows) - len(changed)},
        records=after,
    )


def hide(session: CrmSession, model: type[Numbered], texts: Sequence[str]) -> Outcome:
    """Remove the rows that `texts` name."""
    from crmctl.services import changes

    at = session.change.at
    rows = find_all(session, model, texts, lock=not session.change.dry, deleted=None)
    hidden = [row for row in rows if row.deleted_at is not None]
    removed = changes.edit(
        session, [row for row in rows if row.deleted_at is None], {"deleted_at": at}
    )
    return _hiding(session, removed, hidden, "removed")


def show_again(session: CrmSession, model: type[Numbered], texts: Sequence[str]) -> Outcome:
    """Restore the rows that `texts` name."""
    from crmctl.services import changes

    rows = find_all(session, model, texts, lock=not session.change.dry, deleted=None)
    shown = [row for row in rows if row.deleted_at is None]
    restored = changes.edit(session, rows, {"deleted_at": None})
    return _hiding(session, restored, shown, "restored")


def _hiding(session: CrmSession, done: Sequence[Any], already: Sequence[Any], word: str) -> Outcome:
    state = {"removed": "is removed already", "restored": "is not removed"}[word]
    return Outcome(
        session.change.dry,
        done=[f"{word.capitalize()} {called(row)}" for row in done]
        + [f"{called(row)} {state}" for row in already],
        counts={word: len(done), "unchanged": len(already)},
        records=_wanted(session, done),
    )
