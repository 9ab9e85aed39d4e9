"""Rows that name records of other lists: their names, addresses and ids, each in its own field."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from crmctl.domain import contacts
from crmctl.domain.external_ids import kind_of_column
from crmctl.domain.importing.cells import associations
from crmctl.domain.importing.columns.column_mapping import CONTACTS, ColumnMapping
from crmctl.domain.importing.columns.contents import Contents
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.kinds import Entity
from crmctl.errors import CrmError
from crmctl.services.imports.parsed_row import ParsedRow, first_taken

#: The fields of names of others, each with the kind of others that it is about.
_NAMES = {
    "customer": Entity.CUSTOMER,
    "contact": Entity.CUSTOMER,
    "organisation": Entity.CUSTOMER,
    "name": Entity.CUSTOMER,
    "deal": Entity.DEAL,
}
#: The fields of the addresses of those who are named.
_ADDRESSES = {"customer": "customer_email", "contact": "contact_email", "name": "email"}
_IDS = ("customer_external_id", "contact_external_id", "deal_external_id")
#: What names a contact, and what names a company, so that its contact is somebody else.
_CONTACT = (*CONTACTS, "contact_external_id")
_COMPANY = ("customer", "customer_external_id", "customer_domain", "customer_crmctl_id")


class _Reference(NamedTuple):
    """A field that names others: its column, the kind of record there, and how its cells are."""

    field: str
    column: str
    kind: str
    associated: bool
    numbered: bool


class Associations:
    """Reads what the cells of one file name, whose first rows are `contents`."""

    def __init__(self, columns: ColumnMapping, contents: Contents) -> None:
        self._references = tuple(_references(columns, contents))
        self._has_contacts = not columns.fields.isdisjoint(_CONTACT)
        self._left_out = _left_out(columns.of_contacts)
        several = [each for each in columns.mapped if each.field == "customer"]
        several.sort(key=lambda each: each.rank)
        self._customers = tuple(each.position for each in several) if len(several) > 1 else ()
        self._second = _second_of(several[1].name) if len(several) > 1 else None

    def read(self, rows: Sequence[ParsedRow]) -> None:
        """Put what `rows` name into the fields of its parts."""
        for row in rows:
            for reference in self._references:
                text = row.values.get(reference.field)
                if text and (reference.associated or "@" in text):
                    _read_into(row, reference, text)
            if self._second and len(_filled(row, self._customers)) > 1:
                row.findings += (self._second,)
            if self._has_contacts:
                self._choose_contact(row)

    def _choose_contact(self, row: ParsedRow) -> None:
        """Have a deal be of its contact where no company is named, else say it is left out."""
        values = row.values
        company = next((values[name] for name in _COMPANY if name in values), None)
        if company is None:
            if not any(name in row.refused for name in _COMPANY):
                _do_without_address(row)
                _take_contact(row)
            return
        # What is left out need not be readable.
        unread = row.overlook(_CONTACT)
        others = not {company, None} >= {values.get(name) for name in CONTACTS}
        if self._left_out and (others or unread):
            row.findings += (self._left_out,)


def _references(columns: ColumnMapping, contents: Contents) -> Iterator[_Reference]:
    for name in (*_NAMES, *_IDS):
        found = [column for column in columns.mapped if column.field == name]
        associated = all(associations.is_association(column.name) for column in found)
        if not found or (name in ("name", *_IDS) and not associated):
            continue
        texts = [text for column in found for text in contents.texts(column.position)]
        column = columns.of(name)
        yield _Reference(
            field=name,
            column=column,
            kind=kind_of_column(column, _NAMES.get(name, Entity.CUSTOMER)),
            associated=associated,
            numbered=associated and associations.are_numbered(texts),
        )


def _read_into(row: ParsedRow, reference: _Reference, text: str) -> None:
    """Put what `text` names into the fields of `row` that are about that."""
    named = associations.read(text, numbered=reference.numbered)
    field, column = reference.field, reference.column
    if named.several and not reference.associated:
        return
    if named.several:
        row.findings += (first_taken(column),)
    if named.email and not _set_address(row, field, named.email):
        return
    row.values[field] = named.name
    if field in _IDS:
        subject = field.removesuffix("_external_id")
        row.values[f"{subject}_id_kind"] = reference.kind
        row.values[f"{subject}_id_alone"] = True
    if named.external_id and field not in ("organisation", "name"):
        row.values.setdefault(f"{field}_external_id", named.external_id)
        row.texts.setdefault(f"{field}_external_id", named.external_id)
        row.values.setdefault(f"{field}_id_kind", reference.kind)
    if named.external_id or named.email:
        row.findings += (_in_brackets(column, "e-mail address" if named.email else "id"),)


def _set_address(row: ParsedRow, field: str, text: str) -> bool:
    """Have `row` say the address of what its `field` names; return whether it is one."""
    try:
        address = contacts.email(text)
    except CrmError:
        return False
    if field in _ADDRESSES:
        row.values.setdefault(_ADDRESSES[field], address)
        row.texts.setdefault(_ADDRESSES[field], text)
    return True


@cache
def _in_brackets(column: str, what: str) -> Finding:
    return Finding(
        certainty=Certainty.DECIDED,
        text=f"{column}: what stands in brackets is an {what}, and no part of the name",
        count=1,
    )


def _do_without_address(row: ParsedRow) -> None:
    """Have a contact be known by the name alone where its address cannot be read."""
    if "contact" in row.values and row.overlook(("contact_email",)):
        row.findings += (_unread(row.columns.of("contact_email")),)


@cache
def _unread(column: str) -> Finding:
    return Finding(
        certainty=Certainty.UNKNOWN,
        text=f"{column}: not an e-mail address, left out: the contact is known by name",
        count=1,
        option=f"{mapping_option('--map', column, '')} leaves all out",
    )


def _take_contact(row: ParsedRow) -> None:
    """Have what the deal of `row` says of its contact be said of its customer."""
    values, texts = row.values, row.texts
    for part in ("email", "external_id"):
        if f"contact_{part}" in values:
            values.setdefault(f"customer_{part}", values[f"contact_{part}"])
            texts.setdefault(f"customer_{part}", texts.get(f"contact_{part}", ""))
    if "contact_external_id" not in values:
        return
    kind = values.get("contact_id_kind")
    if kind is None:
        kind = kind_of_column(row.columns.of("contact_external_id"), Entity.CUSTOMER)
    values |= {"customer_id_kind": kind, "customer_id_alone": True}
    if "contact" in values:
        # An id has the name that stands beside it.
        values["customer"], texts["customer"] = values["contact"], texts["contact"]


def _filled(row: ParsedRow, positions: Sequence[int]) -> frozenset[str]:
    """Return what the cells at `positions` say."""
    cells = row.file_row.cells
    return frozenset(filter(None, (cells[position].strip() for position in positions)))


def _second_of(column: str) -> Finding:
    return Finding(
        certainty=Certainty.ASSUMED,
        text="rows name two customers: that of the first column is taken",
        one="row names two customers: that of the first column is taken",
        count=1,
        option=mapping_option("--map", column, "customer"),
    )


def _left_out(columns: Sequence[str]) -> Finding | None:
    """Return that contacts are left out, whom `columns` name; None where there are none."""
    if not columns:
        return None
    without = " ".join(mapping_option("--map", column, "") for column in columns)
    return Finding(
        certainty=Certainty.ASSUMED,
        text="contact persons are left out: the customer is the company",
        one="contact person is left out: the customer is the company",
        count=1,
        option=f"--custom keeps them; {without} leaves them out",
    )
