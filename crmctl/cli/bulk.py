"""What commands on one or many records share: doing it, and telling what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmctl.cli import invocation, output
from crmctl.errors import Conflict, Refused, UsageError

if TYPE_CHECKING:
    from crmctl.models.activities import Activity
    from crmctl.models.customers import Customer
    from crmctl.models.deals import Deal
    from crmctl.models.session import CrmSession
    from crmctl.services.pipeline.moves import Moves
    from crmctl.services.records.editing import Edit
    from crmctl.services.records.references import Numbered

Record = dict[str, Any]


@dataclass
class Outcome:
    """What a command came to: lines about what it did, and about what it could not do.

    `counts` is told where the command was given more than one row. `records` are for programs.
    `exit_code` is how the command ends where something was refused.
    """

    dry: bool
    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    exit_code: int = Refused.exit_code

    def tell(self) -> None:
        """Print it; rows that were refused end the command with `exit_code`."""
        from crmctl.render.views import listing

        for line in self.done + self.refused:
            output.note(line)
        counted = {word: count for word, count in self.counts.items() if count}
        if not counted:
            output.note("nothing to do: no reference was given")
        elif sum(counted.values()) > 1:
            output.note(", ".join(f"{word} {count}" for word, count in counted.items()))
        output.note_if_dry(self.dry)
        output.emit_records(listing(self.records, ()))
        if self.refused:
            invocation.finish_with(self.exit_code)


def called(row: "Customer | Deal | Activity") -> str:
    """Return what messages call `row`: `D42 Acme rollout`."""
    from crmctl.services.records.references import name_of, ref

    return f"{ref(row)} {name_of(row)}"


def records_of(session: "CrmSession", rows: Sequence[Any]) -> list[Record]:
    """Return `rows`, all of one table, as records."""
    from crmctl.models.activities import Activity
    from crmctl.models.deals import Deal
    from crmctl.render import activities as activity_records
    from crmctl.render import records
    from crmctl.services.queries import activities, search

    if rows and isinstance(rows[0], Deal):
        return [records.deal(named) for named in search.name_deals(session, rows)]
    if rows and isinstance(rows[0], Activity):
        return [activity_records.record(named) for named in activities.name(session, rows)]
    return [records.customer(named) for named in search.name_customers(session, rows)]


def _wanted(session: "CrmSession", rows: Sequence[Any]) -> list[Record]:
    return records_of(session, rows) if rows and output.wants_records() else []


def of_moves(session: "CrmSession", moves: "Moves", missing: Sequence[str]) -> Outcome:
    """Return what moving deals came to; `missing` tells of references that name none."""
    moved = [move.deal for move in moves.moved]
    left = [move.left for move in moves.moved]
    dry = session.change.dry
    overtaken = all(isinstance(why, Conflict) for _, why in moves.refused) and not missing
    return Outcome(
        dry,
        done=[f"{_would('Move', dry)}{called(move.deal)}: {move.path}" for move in moves.moved]
        + [f"{called(deal)} is in {deal.stage} already" for deal in moves.unchanged],
        refused=[f"not moved: {why}" for _, why in moves.refused]
        + [f"not found: {why}" for why in missing],
        counts={
            output.did("move", dry=dry): len(moved),
            "unchanged": len(moves.unchanged),
            "refused": len(moves.refused) + len(missing),
        },
        records=[
            {**record, "from_stage": stage}
            for record, stage in zip(_wanted(session, moved), left, strict=False)
        ],
        exit_code=(Conflict if overtaken else Refused).exit_code,
    )


def _would(verb: str, dry: bool) -> str:
    """Return what begins a line that shows a row before and after: nothing if it was written."""
    return f"{output.did(verb, dry=True)} " if dry else ""


def edit(
    session: "CrmSession", model: "type[Numbered]", texts: Sequence[str], change: "Edit"
) -> Outcome:
    """Carry out `change` on the rows that `texts` name."""
    from crmctl.render.people import differences
    from crmctl.services.records import editing, references

    if change == editing.Edit():
        command = f"crmctl {model.__name__.lower()} edit"
        raise UsageError(f"nothing to change was given (see {command} --help)")
    dry = session.change.dry
    rows = references.find_all(session, model, texts, lock=not dry)
    before = records_of(session, rows)
    changed = {row.id for row in editing.apply(session, rows, change)}
    after = records_of(session, rows)
    return Outcome(
        dry,
        done=[
            f"{_would('Edit', dry)}{called(row)}: {differences(old, new)}"
            if row.id in changed
            else f"{called(row)}: nothing to change"
            for row, old, new in zip(rows, before, after, strict=True)
        ],
        counts={
            output.did("edit", dry=dry): len(changed),
            "unchanged": len(rows) - len(changed),
        },
        records=after,
    )


def remove(session: "CrmSession", model: "type[Numbered]", texts: Sequence[str]) -> Outcome:
    """Remove the rows that `texts` name."""
    from crmctl.services.records import editing

    rows = _hidden_or_not(session, model, texts)
    return _hiding(session, rows, editing.remove(session, rows), "remove", "is removed already")


def restore(session: "CrmSession", model: "type[Numbered]", texts: Sequence[str]) -> Outcome:
    """Restore the rows that `texts` name."""
    from crmctl.services.records import editing

    rows = _hidden_or_not(session, model, texts)
    return _hiding(session, rows, editing.restore(session, rows), "restore", "is not removed")


def _hidden_or_not(
    session: "CrmSession", model: "type[Numbered]", texts: Sequence[str]
) -> "list[Numbered]":
    from crmctl.services.records import references

    return references.find_all(session, model, texts, lock=not session.change.dry, deleted=None)


def _hiding(
    session: "CrmSession",
    rows: "Sequence[Numbered]",
    done: "Sequence[Numbered]",
    verb: str,
    already_so: str,
) -> Outcome:
    dry = session.change.dry
    changed = {row.id for row in done}
    already = [row for row in rows if row.id not in changed]
    return Outcome(
        dry,
        done=[f"{output.did(verb.capitalize(), dry=dry)} {called(row)}" for row in done]
        + [f"{called(row)} {already_so}" for row in already],
        counts={output.did(verb, dry=dry): len(done), "unchanged": len(already)},
        records=_wanted(session, done),
    )
