"""The record of imports."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.render.views import JsonRecord, View, detail, listing

if TYPE_CHECKING:
    from crmctl.services.imports.runs import RecordedRun

#: The columns of a list of imports: those without room are the last, and what went wrong is none.
COLUMNS = (
    "ref", "at", "kind", "file", "rejected", "state", "created", "updated", "unchanged", "skipped",
    "change", "actor",
)  # fmt: skip


def record(found: "RecordedRun") -> JsonRecord:
    """Return a run as programs get it; `checksum` is the SHA-256 of the file."""
    run, change = found.run, found.change
    return {
        "ref": run.ref,
        "at": times.iso(run.at),
        "finished_at": times.iso(run.finished_at),
        "actor": run.actor,
        "kind": str(run.kind),
        "file": run.file,
        "checksum": run.checksum,
        "created": run.created,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "skipped": run.skipped,
        "rejected": run.rejected,
        "state": found.state,
        "change": change and change.ref,
        "options": run.options,
    }


def list_view(found: Sequence["RecordedRun"], zone: ZoneInfo) -> View:
    """Return the view of a list of runs."""
    shown = [_shown(one, zone) for one in found]
    return listing(
        [record(one) for one in found], COLUMNS, "nothing was imported yet", shown, "import"
    )


def view(found: "RecordedRun", zone: ZoneInfo) -> View:
    """Return the view of one run."""
    return detail(record(found), shown=_shown(found, zone))


def _shown(found: "RecordedRun", zone: ZoneInfo) -> JsonRecord:
    """Return a run as people read it."""
    change = found.change
    return {
        **record(found),
        "ref": found.run.ref[:8],
        "at": times.local(found.run.at, zone),
        "finished_at": found.run.finished_at and times.local(found.run.finished_at, zone),
        "change": change and change.ref[:8],
    }
