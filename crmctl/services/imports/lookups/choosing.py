"""Which customer several columns of a row name together, and which of several at one domain."""

from collections.abc import Callable, Mapping, Sequence

from crmctl.domain.contacts import FREE_MAIL, host_of
from crmctl.services.imports.lookups.candidates import Candidate
from crmctl.services.imports.matching.match_keys import comparable
from crmctl.services.imports.parsed_row import ParsedRow

#: The columns by which a record is named, by what they say of it, the surest first.
_SUREST = ("crmctl_id", "external_id", "", "email", "domain")


def of_domain(found: Sequence[Candidate], domain: object) -> Sequence[Candidate]:
    """Return those of `found` who have `domain` as their website, or all if none has.

    Of them, a company comes before those who work at one.
    """
    there = [each for each in found if host_of(each.website or "") == domain]
    return [each for each in there if not _is_at_another(each)] or there or found


def named_together(
    row: ParsedRow, named: Mapping[str, Sequence[Candidate]], field: Callable[[str], str]
) -> Sequence[Candidate]:
    """Return whom all columns of a row name, by what each says: an address, a domain, an id.

    Columns that name two refuse the row, unless one is a person at the other: then the one is
    meant that the surer column names. `field` returns the field of what a column says.
    """
    kinds = [kind for kind in _SUREST if named.get(kind)]
    first, chosen = kinds[0], named[kinds[0]]
    for kind in kinds[1:] if first != "crmctl_id" else ():
        ids = {each.id for each in named[kind]}
        if both := [each for each in chosen if each.id in ids]:
            chosen = both
        elif _are_apart(chosen, named[kind]):
            one, other = (", ".join(c.label for c in found[:2]) for found in (chosen, named[kind]))
            surer = row.columns.of(field(first))
            row.refuse(field(kind), f"names {other}, and {surer} names {one}")
            return chosen
    return chosen


def _are_apart(one: Sequence[Candidate], other: Sequence[Candidate]) -> bool:
    """Return whether nobody of `one` is at a company of `other`, nor the other way round."""
    if any(each.barred_because for each in (*one, *other)):
        return False
    pairs = [(mine, theirs) for mine in one for theirs in other]
    return not any(_is_at(*pair) or _is_at(*reversed(pair)) for pair in pairs)


def _is_at(person: Candidate, company: Candidate) -> bool:
    """Return whether `person` works at `company`, or has an address there."""
    names = {comparable(company.name), comparable(company.organisation or company.name)}
    if person.organisation and comparable(person.organisation) in names:
        return True
    host = (person.email or "").rpartition("@")[2]
    return bool(host) and host not in FREE_MAIL and host == host_of(company.website or "")


def _is_at_another(candidate: Candidate) -> bool:
    organisation = candidate.organisation
    return bool(organisation) and comparable(organisation) != comparable(candidate.name)
