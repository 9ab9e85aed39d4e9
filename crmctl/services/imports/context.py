"""What deciding about rows needs to know: for whom the import writes, and what it may do."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from crmctl.domain import times
from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Entity
from crmctl.models.base import Columns, Values
from crmctl.models.session import CrmSession
from crmctl.services.imports.lookups.candidates import Candidate, choose_candidate
from crmctl.services.imports.lookups.owners import FranchiseLookup, OwnerLookup
from crmctl.services.imports.matching.stored_rows import RecordRow
from crmctl.services.imports.options import WriteScope
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records import custom_fields
from crmctl.services.tenancy import companies


@dataclass(frozen=True, kw_only=True)
class ImportContext:
    """An import under way: its session and plan, whom rows can name, and what it may write.

    `whole` says that all rows of the file are one batch, and `clear_empty` that empty cells empty
    fields.
    """

    session: CrmSession
    plan: ImportPlan
    owners: OwnerLookup
    franchises: FranchiseLookup
    whole: bool
    zone: ZoneInfo
    scope: WriteScope
    clear_empty: bool = False

    @property
    def entity(self) -> Entity:
        """What the file is a list of."""
        return self.plan.entity

    @property
    def now(self) -> datetime:
        """The time of the import."""
        return self.session.change.at

    def is_out_of_scope(self, record: RecordRow | None) -> bool:
        """Return whether rows about `record`, None for a new one, are left out."""
        return not (self.scope.create if record is None else self.scope.update)

    def choose_owner(self, row: ParsedRow, present: UUID | None) -> Candidate | None:
        """Return whom `row` names as the owner of its record, whose owner is `present`."""
        name = "owner" if "owner" in row.values else "owner_email"
        return choose_candidate(row, name, self.owners.find(row), present)

    def merged_custom(self, row: ParsedRow, record: RecordRow | None) -> Values:
        """Return the custom values of `record`, None for a new one, after those of `row`."""
        present, given = getattr(record, "custom", {}), row.values["custom"]
        if self.scope.fill:
            return custom_fields.merged(given, present)
        return custom_fields.merged(present, given)

    def differences(self, record: RecordRow, wanted: Columns) -> Values:
        """Return those of `wanted` that `record` does not say already and that may be written.

        Times are returned as they are stored.
        """
        found = self._differences(record, wanted)
        return _filling(record, found) if self.scope.fill else found

    def _differences(self, record: RecordRow, wanted: Columns) -> Values:
        """Return those of `wanted` that `record` does not say already.

        A day holds any time on it.
        """
        found = {}
        for name, value in wanted.items():
            present = getattr(record, name)
            if isinstance(value, When):
                if not (value.same(present, self.zone) or self._began(value.day, present)):
                    found[name] = value.at
            elif value != present:
                found[name] = value
        return found

    def _began(self, day: date | None, at: datetime | None) -> bool:
        """Return whether `at` is the beginning of `day` in a zone that the company was in.

        Such a day was kept so, and the zone has changed since.
        """
        if day is None or at is None:
            return False
        return any(times.start_of_day(day, zone) == at for zone in self._former_zones)

    @cached_property
    def _former_zones(self) -> list[ZoneInfo]:
        return [times.zone(name) for name in companies.former_timezones(self.session)]


def _filling(record: RecordRow, wanted: Columns) -> Values:
    """Return those of `wanted` that are empty in `record`."""
    found = {
        name: value
        for name, value in wanted.items()
        if name == "custom" or getattr(record, name) in (None, "", [])
    }
    # Without its currency, an amount would be another one.
    if "amount" in found and "currency" in wanted:
        found["currency"] = wanted["currency"]
    return found
