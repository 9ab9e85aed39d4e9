"""Those whom a row of a file may mean: known by names, and chosen from where several are."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crmctl.models.base import Values
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.services.records.external_ids import ExternalIdPair
from crmctl.services.records.references import CANDIDATES

#: What a candidate is called: a kind of name, and the name.
CandidateName = tuple[str, Hashable]


@dataclass(kw_only=True)
class Candidate:
    """Someone whom rows refer to.

    `new_values` are those of one who is not in the database yet, created once that `is_used`.
    `barred_because` says why no record may newly refer to them; to a user who is `inactive` one
    may, which is noted.
    """

    id: UUID
    label: str
    name: str = ""
    email: str | None = None
    organisation: str | None = None
    website: str | None = None
    barred_because: str = ""
    new_values: Values | None = None
    external_id: ExternalIdPair | None = None
    is_used: bool = False
    inactive: bool = False


@dataclass
class Candidates:
    """Those who are known, by what they are called, and those to be created."""

    create: bool
    known: dict[CandidateName, list[Candidate]] = field(default_factory=dict)
    pending: list[Candidate] = field(default_factory=list)

    def add(self, name: CandidateName, candidate: Candidate) -> None:
        """Make `candidate` known as `name`."""
        candidates = self.known.setdefault(name, [])
        if all(each.id != candidate.id for each in candidates):
            candidates.append(candidate)

    def first_known(self, names: Iterable[CandidateName], email: str | None) -> list[Candidate]:
        """Return those who are known by the first of `names` that anyone is known by.

        One who has another address than `email` is someone else of the same name.
        """
        for name in names:
            found = self.known.get(name, [])
            if email and name[0] in ("name", "former"):
                found = [each for each in found if each.email in (None, email.lower())]
            if found:
                return found
        return []

    def mark_used(self, candidate: Candidate | None) -> None:
        """Have `candidate` created, if not there yet: a row that refers to it is imported."""
        if candidate and candidate.new_values is not None and not candidate.is_used:
            candidate.is_used = True
            self.pending.append(candidate)

    def pop_pending(self) -> list[Candidate]:
        """Return those who are to be created now, and are pending no longer."""
        pending, self.pending = self.pending, []
        return pending


def choose_candidate(
    row: ParsedRow, name: str, found: Sequence[Candidate], present: UUID | None
) -> Candidate | None:
    """Return the one of `found` that `row` means in its field `name`.

    Of several, it is the one whom its record refers to at `present`; else the row is refused.
    """
    if len(found) == 1 and not found[0].barred_because:
        return found[0]
    current = next((each for each in found if each.id == present), None)
    if current or not found:
        return current
    if len(found) > 1:
        labels = ", ".join(each.label for each in found[:CANDIDATES])
        more = " and more" if len(found) > CANDIDATES else ""
        row.refuse(name, f"could be any of {labels}{more}")
    elif found[0].barred_because:
        row.refuse(name, found[0].barred_because)
    return found[0]
