"""How sure it is that two customers are one.

The model is that of Fellegi and Sunter, "A Theory for Record Linkage" (Journal of the American
Statistical Association 64, 1969): what agrees and what differs each has a weight, the logarithm to
base 2 of how much likelier it is among duplicates than among others. They are added to that of
finding a duplicate at all, and the sum is the logarithm of the odds: sum s is a confidence of
1 / (1 + 2 ** -s). A name counts the less, the more customers bear it (their section on values
of a field, which Winkler calls frequency-based matching). The weights were set by hand.

The model adds up what is independent. All that colleagues have in common is not: an organisation,
its domain, its switchboard, an address that they share. Where the names do not say that the two are
one, it counts once, by the strongest of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2

from crmctl.domain.duplicates import names
from crmctl.domain.duplicates.contacts import Contact, same_phone

#: The odds that two customers that have something in common are one.
PRIOR = -7.0
EMAIL, ROLE_EMAIL = 12.0, 8.0
PHONE = 9.0
WEBSITE, DOMAIN = 5.0, 4.0
NAME = 9.5
#: A name that is close, and what each hundredth of a difference takes from it.
CLOSE_NAME, SLIP = 8.5, 0.3
#: A single word is often a first name, unless a legal form says that it is a company.
ONE_WORD = -1.5
OTHER_NAME = -4.0
OTHER_FIRST_NAME = -4.0
OTHER_FORM = -4.0
ORGANISATION, OTHER_ORGANISATION = 2.0, -2.0
OTHER_EMAIL, OTHER_PHONE, NEITHER = -2.0, -1.5, -2.0
OTHER_IDS = -5.0
OTHER_COUNTRY = -4.0
PERSON_AND_COMPANY = -8.0
#: Names are close from this likeness on, of 100.
CLOSE = 85.0
#: Nothing but people can be certain.
MOST = 0.99


@dataclass(frozen=True)
class Score:
    """A confidence from 0 to 1, what speaks for it, and what against."""

    confidence: float
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


_NUMBER = re.compile(r"\d+")
Weighed = list[tuple[float, str]]


def compare(one: Contact, other: Contact, bearers: Mapping[str, int]) -> Score:
    """Return how sure it is that two customers are one.

    `bearers` says of names, as `Contact.ordered`, how many different customers have them.
    """
    found = [
        *_shared(one, other),
        *_different_addresses(one, other),
        *_names(one, other, bearers),
        *_contexts(one, other),
    ]
    odds = PRIOR + sum(weight for weight, _ in found)
    return Score(
        min(MOST, round(1 / (1 + 2 ** -max(-50.0, odds)), 2)),
        tuple(words for weight, words in found if words and weight > 0),
        tuple(words for weight, words in found if words and weight < 0),
    )


def _shared(one: Contact, other: Contact) -> Weighed:
    """Return what the two have in common but for their names."""
    found: Weighed = []
    same_email = _same_email(one, other)
    if same_email:
        found.append((ROLE_EMAIL if one.is_role else EMAIL, "same e-mail"))
    if same_phone(one.phone, other.phone):
        found.append((PHONE, "same phone"))
    if one.website and one.website == other.website:
        found.append((WEBSITE, "same website"))
    elif not same_email and (shared := one.hosts & other.hosts):
        found.append((DOMAIN, f"same domain {min(shared)}"))
    if _same_organisation(one, other):
        found.append((ORGANISATION, "same organisation"))
    if not found or names.are_one(one.name, other.name) or one.spelled == other.spelled:
        return found
    # The phone of colleagues is that of their organisation, and says no more than its domain does.
    where = [(min(weight, DOMAIN), words) for weight, words in found]
    return [max(where if _are_colleagues(one, other) and not same_email else found)]


def _same_email(one: Contact, other: Contact) -> bool:
    return bool(one.email) and one.email == other.email


def _same_organisation(one: Contact, other: Contact) -> bool:
    same = bool(one.organisation) and one.organisation == other.organisation
    return same and not (_works_at(one, other) or _works_at(other, one))


def _are_colleagues(one: Contact, other: Contact) -> bool:
    return _same_organisation(one, other) or bool(one.hosts & other.hosts)


def _have_other_emails(one: Contact, other: Contact) -> bool:
    return bool(one.email and other.email) and one.email != other.email


def _different_addresses(one: Contact, other: Contact) -> Weighed:
    found: Weighed = []
    emails = _have_other_emails(one, other)
    phones = bool(one.phone and other.phone) and not same_phone(one.phone, other.phone)
    if emails:
        found.append((OTHER_EMAIL, "different e-mails"))
    if phones:
        found.append((OTHER_PHONE, "different phones"))
    if emails and phones:
        found.append((NEITHER, ""))
    return found


def _names(one: Contact, other: Contact, bearers: Mapping[str, int]) -> Weighed:
    if not one.ordered or not other.ordered:
        return []
    found: Weighed = []
    # Maria and Mario, with a mailbox each, are two, however alike they are written.
    apart = _are_colleagues(one, other) and _have_other_emails(one, other)
    other_first = names.differ_in_first_name(one.name, other.name, slips=not apart)
    if one.ordered == other.ordered or one.spelled == other.spelled:
        found.append((NAME - log2(max(2, bearers.get(one.ordered, 2)) / 2), "same name"))
    elif other_first and apart:
        return [(OTHER_FIRST_NAME, "different first names")]
    elif alike := likeness(one.ordered, other.ordered) or _unspaced_likeness(one, other):
        found.append((CLOSE_NAME - SLIP * (100 - alike), f"names {alike:.0f}% alike"))
    elif other_first:
        return [(OTHER_FIRST_NAME, "different first names")]
    elif not set(one.name.words) & set(other.name.words):
        return [(OTHER_NAME, "different names")]
    else:
        return []
    of_one_word = len(one.name.words) == len(other.name.words) == 1
    if of_one_word and not (one.name.form or other.name.form):
        found.append((ONE_WORD, "a name of one word"))
    if one.name.is_other_form(other.name):
        found.append((OTHER_FORM, "different legal forms"))
    return found


def likeness(one: str, other: str) -> float:
    """Return how alike two names are, from CLOSE to 100; 0 where they are not, or number things."""
    from rapidfuzz.fuzz import ratio

    alike = ratio(one, other, score_cutoff=CLOSE)
    return alike if alike and _NUMBER.findall(one) == _NUMBER.findall(other) else 0.0


def _unspaced_likeness(one: Contact, other: Contact) -> float:
    """Return how alike names are but for their spaces, of two who share an address already."""
    if not _same_email(one, other) and not same_phone(one.phone, other.phone):
        return 0.0
    return likeness("".join(one.name.words), "".join(other.name.words))


def least_likeness(least: float, *, at_host: bool) -> float:
    """Return how alike names must be for a confidence of `least` without an address in common.

    Those who are `at_host` may share a website as well.
    """
    most = PRIOR + CLOSE_NAME + ORGANISATION + (WEBSITE if at_host else 0)
    return min(100.0, max(CLOSE, 100 - (most - _odds(least)) / SLIP))


def most_bearers(least: float) -> float:
    """Return how many customers a name may have to make two of them one with `least` confidence.

    That is, without an address or a domain in common.
    """
    return float(2 ** (1 + PRIOR + NAME + ORGANISATION - _odds(least)))


def _odds(confidence: float) -> float:
    """Return the logarithm of the odds that `confidence` is."""
    return log2(max(1e-9, confidence) / max(1e-9, 1 - confidence))


def _contexts(one: Contact, other: Contact) -> Weighed:
    found: Weighed = []
    if _works_at(one, other) or _works_at(other, one):
        found.append((PERSON_AND_COMPANY, "one is a person, the other a company"))
    elif (
        one.organisation
        and other.organisation
        and one.organisation != other.organisation
        and not likeness(one.organisation, other.organisation)
    ):
        found.append((OTHER_ORGANISATION, "different organisations"))
    if one.sources & other.sources:
        found.append((OTHER_IDS, f"different ids in {min(one.sources & other.sources)}"))
    # A code and a name of a country cannot be told apart from two countries.
    if one.country != other.country and (len(one.country) == 2) == (len(other.country) == 2):
        found += [(OTHER_COUNTRY, "different countries")] if one.country and other.country else []
    return found


def _works_at(one: Contact, other: Contact) -> bool:
    return one.is_person and (other.is_company or one.organisation == other.ordered)
