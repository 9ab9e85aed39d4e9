"""A customer as it is compared with others."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from crmctl.domain.contacts import FREE_MAIL, host_of
from crmctl.domain.duplicates import names
from crmctl.domain.duplicates.names import words_of

#: Mailboxes of a role, behind which are several people.
_ROLES = words_of(
    """
    info office sales contact kontakt hello mail admin support service help hr jobs marketing
    accounting billing invoice invoices finance order orders post team webmaster reception
    noreply no-reply prodej obchod vertrieb verkauf buchhaltung ventas commercial
    """
)
#: Digits of a phone number that are the same however it is dialled.
_LOCAL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What is known of a customer; texts are folded, and empty where nothing is known.

    `ordered` is its name, and `spelled` the same with umlauts written out, because others write a
    `ü` as `u` or as `ue`. `hosts` are its own domains, `sources` the systems that have an id for
    it.
    """

    number: int
    name: names.FoldedName
    ordered: str
    spelled: str
    organisation: str
    email: str
    phone: str
    website: str
    country: str
    hosts: frozenset[str]
    sources: frozenset[str]

    @property
    def is_role(self) -> bool:
        """Whether its address is that of a role, such as info@."""
        return self.email.partition("@")[0] in _ROLES

    @property
    def is_person(self) -> bool:
        """Whether it says where it works."""
        return self.organisation not in ("", self.ordered) and not self.name.form

    @property
    def is_company(self) -> bool:
        """Whether its name says that it is a company."""
        return bool(self.name.form) or self.organisation == self.ordered != ""


def read(
    number: int,
    name: str,
    *,
    organisation: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    website: str | None = None,
    country: str | None = None,
    sources: AbstractSet[str] = frozenset(),
) -> Contact:
    """Return a customer as it is compared, from its fields.

    A name that is an address says no more than the address does.
    """
    address = (email or "").strip().casefold()
    host = host_of(website or "")
    name = "" if "@" in name else name
    known = names.read(name)
    hosts = {address.rpartition("@")[2], host} - FREE_MAIL - {""}
    return Contact(
        number=number,
        name=known,
        ordered=known.ordered,
        spelled=known.ordered if name.isascii() else names.read(name, spelled=True).ordered,
        organisation=names.read(organisation or "").ordered,
        email=address,
        phone=_dialled(phone or ""),
        website="" if host in FREE_MAIL else host,
        country=names.fold(country or "").strip(),
        hosts=frozenset(hosts),
        sources=frozenset(sources),
    )


def _dialled(phone: str) -> str:
    """Return the digits of `phone` without an extension and leading zeros; none if too few."""
    main = re.split(r"(?:x|ext|#|;)", phone.casefold(), maxsplit=1)[0]
    digits = "".join(c for c in main if c.isdecimal() and c.isascii()).lstrip("0")
    return digits if len(digits) >= _LOCAL - 1 else ""


def same_phone(one: str, other: str) -> bool:
    """Return whether two numbers are one, though only one may name its country."""
    if one == other:
        return bool(one)
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _LOCAL and len(longer) - len(shorter) <= 3 and longer.endswith(shorter)


def phone_key(phone: str) -> str:
    """Return what all ways to write the number have in common."""
    return phone[-_LOCAL:]
