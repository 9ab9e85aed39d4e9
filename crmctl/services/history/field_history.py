"""Every change of a field of a deal."""

from dataclasses import dataclass

from crmctl.models.changes import Change
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.history import log
from crmctl.services.history.differences import BeforeAfter

_WHOLE: dict[str, dict[str, BeforeAfter]] = {
    "removed": {"deal": ("there", None)},
    "restored": {"deal": (None, "there")},
}


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field before and after a change set."""

    change: Change
    field: str
    before: object
    after: object


def field_changes(session: CrmSession, deal: Deal) -> list[FieldChange]:
    """Return every change of a field of `deal` since it was added, the first one first.

    That it went, or came back, is one, too.
    """
    lines = log.of_record(session, deal).rows
    return [
        FieldChange(change=line.change, field=field, before=before, after=after)
        for line in reversed(lines)
        for field, (before, after) in (_WHOLE.get(line.action) or line.fields).items()
    ]
