"""Rows of records that are deleted or archived where the file comes from."""

from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.importing.plan import ImportPlan
from crmctl.services.imports.parsed_row import ParsedRow

#: The fields that say of a record that it is not there any more.
_FIELDS = ("removed", "removed_at", "active")


class RemovedRows:
    """Leaves out the rows whose records are deleted or archived, and counts them in the plan."""

    def __init__(self, plan: ImportPlan) -> None:
        self._plan = plan
        self._names = {each.field: each.name for each in plan.columns if each.field in _FIELDS}

    def leave_out(self, rows: list[ParsedRow]) -> list[ParsedRow]:
        """Return those of `rows` that are about records which are there."""
        if not self._names:
            return rows
        kept = []
        for row in rows:
            field = _removed_by(row)
            if field:
                self._plan.findings.add(self._finding(field))
                self._plan.count_skipped()
            else:
                kept.append(row)
        return kept

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
