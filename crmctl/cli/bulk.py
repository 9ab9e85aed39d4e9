"""What commands on one or many records share: doing it, and telling what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmctl.cli import invocation, output
from crmctl.domain import times
from crmctl.errors import Conflict, Refused, UsageError
from crmctl.render import outcomes
from crmctl.render.outcomes import called

if TYPE_CHECKING:
    from crmctl.models.session import CrmSession
    from crmctl.render.views import JsonRecord
    from crmctl.services.pipeline.moves import Moves
    from crmctl.services.records.bulk_edits import BulkResult
    from crmctl.services.records.editing import Edit
    from crmctl.services.records.references import Numbered


@dataclass(kw_only=True)
class Outcome:
    """What a command came to: lines about what it did, and about what it could not do.

    `counts` is told where the command was given more than one row. `records` are for programs.
    `exit_code` is how the command ends where something was refused.
    """

    dry: bool
    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    records: "list[JsonRecord]" = field(default_factory=list)
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


def records_of(session: "CrmSession", rows: Sequence[Any]) -> "list[JsonRecord]":
    """Return `rows`, all of one table, as records."""
    from crmctl.models.activities import Activity
    from crmctl.models.deals import Deal
    from crmctl.render import activities, customers, deals
    from crmctl.services.queries import activities as queries
    from crmctl.services.queries import search

    if rows and isinstance(rows[0], Deal):
        return [deals.record(named) for named in search.name_deals(session, rows)]
    if rows and isinstance(rows[0], Activity):
        return [activities.record(named) for named in queries.name(session, rows)]
    return [customers.record(named) for named in search.name_customers(session, rows)]


def _wanted(session: "CrmSession", rows: Sequence[Any]) -> "list[JsonRecord]":
    return records_of(session, rows) if rows and output.wants_records() else []


def of_moves(session: "CrmSession", moves: "Moves", missing: Sequence[str]) -> Outcome:
    """Return what moving deals came to; `missing` tells of references that name none."""
    moved = [move.deal for move in moves.moved]
    touched = [*moved, *(one.deal for one in moves.corrected)]
    left = [*(move.left for move in moves.moved), *(one.deal.stage for one in moves.corrected)]
    dry = session.change.dry
    overtaken = all(isinstance(why, Conflict) for _, why in moves.refused) and not missing
    return Outcome(
        dry=dry,
        done=outcomes.moved(moves, times.zone(session.timezone), dry=dry),
        refused=outcomes.not_moved(moves, missing),
        counts={
            output.did("move", dry=dry): len(moved),
            output.did("correct", dry=dry): len(moves.corrected),
            "unchanged": len(moves.unchanged),
            "refused": len(moves.refused) + len(missing),
        },
        records=[
            {**record, "from_stage": stage}
            for record, stage in zip(_wanted(session, touched), left, strict=False)
        ],
        exit_code=(Conflict if overtaken else Refused).exit_code,
    )


def edit(
    session: "CrmSession",
    model: "type[Numbered]",
    texts: Sequence[str],
    change: "Edit",
    apply: "Callable[[CrmSession, Sequence[Numbered], Edit], list[Numbered]] | None" = None,
) -> Outcome:
    """Carry out `change` on the rows that `texts` name, by `apply` where their kind has its own."""
    from crmctl.render.values import differences
    from crmctl.services.records import bulk_edits, editing

    if change == editing.Edit():
        command = f"crmctl {model.__name__.lower()} edit"
        raise UsageError(f"nothing to change was given (see {command} --help)")
    dry = session.change.dry
    rows = bulk_edits.find_for_write(session, model, texts)
    before = records_of(session, rows)
    changed = {row.id for row in (apply or editing.apply)(session, rows, change)}
    after = records_of(session, rows)
    return Outcome(
        dry=dry,
        done=[
            outcomes.edited(row, differences(old, new) if row.id in changed else None, dry=dry)
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
    from crmctl.services.records import bulk_edits

    result = bulk_edits.remove(session, model, texts)
    outcome = _of_result(session, result, "remove", "is removed already")
    outcome.done += _left_behind(session, result.changed)
    return outcome


def _left_behind(session: "CrmSession", removed: "Sequence[Numbered]") -> list[str]:
    """Return a line for each customer among those `removed` that has open deals, which stay."""
    from crmctl.models.customers import Customer
    from crmctl.services.records import customers, types

    people = [row for row in removed if isinstance(row, Customer)]
    counts = customers.open_deals(session, people)
    return [
        f"{called(person)} has {_opened(count)} (crmctl deal list --customer"
        f" {types.CUSTOMER.ref(person.number)})"
        for person in people
        if (count := counts.get(person.id))
    ]


def _opened(count: int) -> str:
    return "1 open deal that stays" if count == 1 else f"{count} open deals that stay"


def restore(session: "CrmSession", model: "type[Numbered]", texts: Sequence[str]) -> Outcome:
    """Restore the rows that `texts` name."""
    from crmctl.services.records import bulk_edits

    result = bulk_edits.restore(session, model, texts)
    return _of_result(session, result, "restore", "is not removed")


def _of_result(
    session: "CrmSession", result: "BulkResult[Numbered]", verb: str, already_so: str
) -> Outcome:
    dry = session.change.dry
    done = output.did(verb.capitalize(), dry=dry)
    return Outcome(
        dry=dry,
        done=[f"{done} {called(row)}" for row in result.changed]
        + [f"{called(row)} {already_so}" for row in result.unchanged],
        counts={
            output.did(verb, dry=dry): len(result.changed),
            "unchanged": len(result.unchanged),
        },
        records=_wanted(session, result.changed),
    )
