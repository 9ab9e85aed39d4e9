"""Editing, removing and restoring all the records that references name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from crmctl.models.session import CrmSession
from crmctl.services.records import editing, references
from crmctl.services.records.references import Numbered


@dataclass(frozen=True)
class BulkResult(Generic[Numbered]):
    """The records that were named, and those of them that were changed."""

    rows: Sequence[Numbered]
    changed: Sequence[Numbered]

    @property
    def unchanged(self) -> list[Numbered]:
        """The records that were as they should be already."""
        changed = {row.id for row in self.changed}
        return [row for row in self.rows if row.id not in changed]


def find_for_write(
    session: CrmSession,
    model: type[Numbered],
    texts: Sequence[str],
    *,
    removed: bool | None = False,
) -> list[Numbered]:
    """Return what `texts` name, locked for a write; with `removed` None, what is removed too."""
    return references.find_all(session, model, texts, lock=not session.change.dry, deleted=removed)


def remove(
    session: CrmSession, model: type[Numbered], texts: Sequence[str]
) -> BulkResult[Numbered]:
    """Remove what `texts` name; what is removed already stays so."""
    rows = find_for_write(session, model, texts, removed=None)
    return BulkResult(rows, editing.remove(session, rows))


def restore(
    session: CrmSession, model: type[Numbered], texts: Sequence[str]
) -> BulkResult[Numbered]:
    """Restore what `texts` name; raises Refused for what was erased or merged."""
    rows = find_for_write(session, model, texts, removed=None)
    return BulkResult(rows, editing.restore(session, rows))
