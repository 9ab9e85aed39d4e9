"""Change sets: a list of them, what each did, and what taking one back does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.domain.text import safe
from crmctl.render import values
from crmctl.render.views import JsonRecord, View, cell, listing

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.models.changes import Change
    from crmctl.services.history.differences import BeforeAfter
    from crmctl.services.history.log import LogEntry, RowChange
    from crmctl.services.history.undo_plan import KeptRow, TakenBack, UndoPlan

#: Lines of a table for people; programs get all.
_SHOWN = 40
#: Fields that hold names of fields.
_FIELD_LISTS = ("assumed", "required_fields")
_VERBS = {"remove": "remove", "change": "change back", "restore": "bring back"}


def change_record(change: "Change") -> JsonRecord:
    """Return a change set. `overrides` are the rules that it passed; `irreversible` has no undo."""
    return {
        "ref": change.ref,
        "at": times.iso(change.at),
        "actor": change.actor,
        "origin": str(change.origin),
        "command": change.command,
        "reason": change.reason,
        "overrides": change.overrides,
        "irreversible": change.irreversible,
    }


def entry_record(entry: "LogEntry") -> JsonRecord:
    """Return a change set with how many records it created, updated and removed."""
    return {
        **change_record(entry.change),
        "created": entry.created,
        "updated": entry.updated,
        "removed": entry.removed,
        "undoes": entry.undoes,
        "undone_in": entry.undone,
    }


def row_record(line: "RowChange") -> JsonRecord:
    """Return what was done to one record; `fields` has its fields before and after."""
    return {
        "ref": line.change.ref,
        "at": times.iso(line.change.at),
        "actor": line.change.actor,
        "record": line.record,
        "action": line.action,
        "fields": {
            name: {"before": values.plain(old), "after": values.plain(new)}
            for name, (old, new) in line.fields.items()
        },
        "command": line.change.command,
        "reason": line.change.reason,
    }


def changes_view(entries: Sequence["LogEntry"], tz: ZoneInfo) -> View:
    """Return the view of a list of change sets."""
    rows = [entry_record(entry) for entry in entries]
    shown = [_shown_entry(entry, tz) for entry in entries]
    columns = ["ref", "at", "by", "records", "command", "note"]
    return _drawn_as(rows, listing(shown, columns, "nothing was changed", kind="change"))


def _shown_entry(entry: "LogEntry", tz: ZoneInfo) -> JsonRecord:
    change = entry.change
    counts = {"+": entry.created, "~": entry.updated, "-": entry.removed}
    notes = [
        f"undone in {entry.undone[:8]}" if entry.undone else None,
        f"undoes {entry.undoes[:8]}" if entry.undoes else None,
        change.reason,
    ]
    return {
        "ref": change.ref[:8],
        "at": times.local(change.at, tz),
        "by": change.actor,
        "records": " ".join(f"{sign}{count}" for sign, count in counts.items() if count),
        "command": change.command,
        "note": "; ".join(filter(None, notes)),
    }


def _drawn_as(rows: Sequence[JsonRecord], shown: View) -> View:
    return View(document=rows, rows=rows, draw=shown.draw, header=shown.header)


def record_view(lines: Sequence["RowChange"], tz: ZoneInfo) -> View:
    """Return the view of what was done to one record."""
    rows = [row_record(line) for line in lines]
    shown = [
        {
            "ref": line.change.ref[:8],
            "at": times.local(line.change.at, tz),
            "by": line.change.actor,
            "what": what,
            "command": line.change.command,
        }
        for line in lines
        for what in _what(line, tz)
    ]
    return _drawn_as(rows, listing(shown, ["ref", "at", "by", "what", "command"]))


def _what(line: "RowChange", tz: ZoneInfo) -> list[str]:
    if line.action != "changed":
        return [line.action]
    pairs = [
        f"{values.field_name(name)}: {_cell(name, old, tz)} -> {_cell(name, new, tz)}"
        for name, (old, new) in line.fields.items()
    ]
    return pairs or [line.action]


def _cell(field: str, value: Any, tz: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return times.local(value, tz)
    if field in _FIELD_LISTS and value:
        return cell([*map(values.field_name, value)])
    return cell(values.plain(value))


def change_view(entry: "LogEntry", lines: Sequence["RowChange"], tz: ZoneInfo) -> View:
    """Return the view of a change set with everything that it did."""
    rows = [row_record(line) for line in lines]
    return View(
        document={**entry_record(entry), "rows": rows},
        rows=rows,
        draw=lambda: _draw_change(entry, lines, tz),
    )


def _draw_change(entry: "LogEntry", lines: Sequence["RowChange"], tz: ZoneInfo) -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    change = entry.change
    head = [
        f"change {change.ref}",
        f"{times.local(change.at, tz)} by {change.actor} ({change.origin})",
        change.command,
        change.reason and f"reason: {change.reason}",
        change.overrides and f"passed: {change.overrides}",
        entry.undone and f"undone in {entry.undone}",
        entry.undoes and f"undoes {entry.undoes}",
        "cannot be undone" if change.irreversible else None,
    ]
    shown = [
        {"record": line.record, "what": what} for line in lines[:_SHOWN] for what in _what(line, tz)
    ]
    table = listing(shown, ["record", "what"], "no record was changed").draw()
    return Group(*(Text(safe(part)) for part in head if part), table, *_rest(len(lines)))


def _rest(count: int) -> list["RenderableType"]:
    from rich.text import Text

    return [Text(f"and {count - _SHOWN} more (--json lists all)")] if count > _SHOWN else []


def undo_view(plan: "UndoPlan", undo: str | None, tz: ZoneInfo) -> View:
    """Return the view of what taking a change set back does; `undo` is its change set, if any.

    The first rows are listed, and all are counted.
    """
    taken = [(row, _fields(plan, row)) for row in plan.taken]
    kept = [*map(_kept_record, plan.kept())]
    rows = [*(_taken_record(row, fields) for row, fields in taken), *kept]
    document = {
        "change": change_record(plan.change),
        "undo": undo,
        "taken_back": sum(plan.counts.values()),
        "kept": plan.kept_count,
        "rows": rows,
    }
    count = sum(plan.counts.values()) + plan.kept_count
    shown = [*(_shown_taken(row, fields, tz) for row, fields in taken[:_SHOWN]), *kept]
    return View(document=document, rows=rows, draw=lambda: _draw_taken_back(shown[:_SHOWN], count))


def _fields(plan: "UndoPlan", row: "TakenBack") -> "dict[str, BeforeAfter]":
    from crmctl.services.history import differences

    return differences.between(plan.names, row.model, row.before, row.after)


def _taken_record(row: "TakenBack", fields: "Mapping[str, BeforeAfter]") -> JsonRecord:
    return {
        "action": _VERBS[row.verb],
        "record": row.name,
        "reason": None,
        "fields": {name: values.plain(value) for name, (_, value) in fields.items()},
    }


def _shown_taken(row: "TakenBack", fields: "Mapping[str, BeforeAfter]", tz: ZoneInfo) -> JsonRecord:
    to = (f"{values.field_name(n)} {_cell(n, value, tz)}" for n, (_, value) in fields.items())
    return {"action": _VERBS[row.verb], "record": row.name, "reason": ", ".join(to)}


def _kept_record(row: "KeptRow") -> JsonRecord:
    return {"action": "keep", "record": row.name, "reason": row.kept_because, "fields": {}}


def _draw_taken_back(rows: Sequence[JsonRecord], count: int) -> "RenderableType":
    from rich.console import Group

    shown = [{**row, "to": row["reason"]} for row in rows]
    table = listing(shown, ["action", "record", "to"], "nothing is left to take back").draw()
    return Group(table, *_rest(count))
