"""Rows of records that are deleted or archived where the file comes from."""

import re

from crmctl.domain.importing.cells import closing_flags
from crmctl.domain.importing.cells.status_words import is_removed, meaning
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.importing.units import folded, stage_word
from crmctl.domain.kinds import Entity, Status
from crmctl.services.imports.options import ImportOptions
from crmctl.services.imports.parsed_row import ParsedRow

#: The fields that say of a record that it is not there any more.
_FIELDS = ("removed", "removed_at", "active")
#: What is called so may still count; what is deleted does not.
_ARCHIVED = re.compile(r"archi[vw]|arkiv")
#: What only a deal has that was lost, or one that is closed.
_REASON, _CLOSED = "lost_reason", "closed_at"


class RemovedRows:
    """Leaves out the rows whose records are deleted or archived, and counts them in the plan.

    Some systems archive a deal to say that it is lost: one that tells so otherwise, too, is that.
    """

    def __init__(self, plan: ImportPlan, options: ImportOptions) -> None:
        self._plan = plan
        columns = {each.field: each.name for each in plan.columns}
        self._names = {name: columns[name] for name in (*_FIELDS, "outcome") if name in columns}
        #: What was said of words for statuses: those of nothing are left out.
        self._said = {stage_word(text.rpartition("=")[0]): "?" for text in options.stages}
        self._said |= {stage_word(word): said.strip() for word, said in options.statuses.items()}
        self._evidence = columns if plan.entity == Entity.DEAL else {}
        self._tells_losses = not columns.keys().isdisjoint((_REASON, _CLOSED))

    def leave_out(self, rows: list[ParsedRow]) -> list[ParsedRow]:
        """Return those of `rows` that are about records which are there."""
        if not self._names:
            return rows
        kept = []
        for row in rows:
            field = _removed_by(row)
            if field and not self._is_lost(row, field):
                self._skip(self._finding(field))
            elif (status := row.values.get("outcome")) and self._drops(status):
                self._skip(self._of_status(status))
            else:
                kept.append(row)
        return kept

    def _skip(self, why: Finding) -> None:
        self._plan.findings.add(why)
        self._plan.count_skipped()

    def _drops(self, status: str) -> bool:
        """Return whether deals of this `status` are deleted, or to be left out."""
        said = self._said.get(stage_word(status))
        return is_removed(status) if said is None else not said

    def _of_status(self, status: str) -> Finding:
        """Return that a row is left out for its `status`."""
        name = self._names["outcome"]
        return Finding(
            certainty=Certainty.DECIDED,
            text=f"rows left out, as {name} says {status}",
            one=f"row left out, as {name} says {status}",
            count=1,
            option=mapping_option("--status-map", status, "STATUS"),
        )

    def _is_lost(self, row: ParsedRow, field: str) -> bool:
        """Return whether a row that is archived by `field` is about a lost deal, and note it."""
        if field != "active" and not _ARCHIVED.search(folded(self._names[field])):
            return False
        proof = self._proof(row) if self._evidence else ""
        if proof:
            row.values.setdefault("outcome", Status.LOST)
            self._plan.findings.add(self._lost(field, proof))
        return bool(proof)

    def _proof(self, row: ParsedRow) -> str:
        """Return the field that says that an archived deal was lost; empty where none does."""
        values = row.values
        if Status.LOST not in closing_flags.possible(values):
            return ""
        if "outcome" in values:
            return "outcome" if meaning(values["outcome"]) == Status.LOST else ""
        if meaning(values.get("stage", "")) == Status.WON:
            return ""
        for said in ("is_lost", _REASON):
            if values.get(said):
                return said
        chance = values.get("probability")
        if chance:
            return ""
        if _CLOSED in values:
            return _CLOSED
        # Where losses are told, one without a reason is known by what is left of its chance.
        return "probability" if chance is not None and self._tells_losses else ""

    def _lost(self, field: str, proof: str) -> Finding:
        """Return that a row which is archived by `field` is of a lost deal, by what is `proof`."""
        says = f"{self._evidence[proof]} says, and {self._names[field]} that {{}} archived"
        return Finding(
            certainty=Certainty.DECIDED,
            text=f"deals are lost, as {says.format('they are')}",
            one=f"deal is lost, as {says.format('it is')}",
            count=1,
        )

    def _finding(self, field: str) -> Finding:
        """Return that a row is left out for what it says in `field`."""
        name = self._names[field]
        return Finding(
            certainty=Certainty.DECIDED,
            text=f"rows left out as deleted or archived, as {name} says",
            one=f"row left out as deleted or archived, as {name} says",
            count=1,
            option=f"{mapping_option('--map', name, '')} takes them in",
        )


def _removed_by(row: ParsedRow) -> str:
    """Return the field that says that the record of a row is not there any more; empty if none."""
    values = row.values
    if values.get("removed"):
        return "removed"
    if "removed_at" in values:
        return "removed_at"
    return "active" if values.get("active") is False else ""
