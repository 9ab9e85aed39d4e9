"""From the columns of a file to the fields of a record, by name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from crmctl.errors import UsageError
from crmctl.importing.values import Kind
from crmctl.kinds import Entity

#: What crmctl calls the columns of its own exports that other systems use for their ids; a header
#: that has all of OWN_COLUMNS is of such an export.
OWN_COLUMNS = frozenset({"ref", "external_ids", "id"})
OWN_NAMES = {"id": "crmctl_id", "customer_id": "customer_crmctl_id"}
#: Columns of exports that follow from others, and are not imported.
DERIVED = frozenset({"status", "stage_label", "customer_ref", "updated_at", "removed_at"})
#: Columns that a file of rejects has after its own; a file that ends in them is one.
REJECT_COLUMNS = ("line", "column", "reason")


@dataclass(frozen=True)
class Field:
    """How a field is read, and what its column is called in other systems, the best name first."""

    kind: Kind = Kind.TEXT
    names: str = ""


_OWNER = "ownername salesrep salesagent salesperson assignedto"
_CREATED = "createdat createdate createddate datecreated created creationdate creationtime addtime"
_SHARED = {
    "crmctl_id": Field(Kind.UUID),
    "external_ids": Field(Kind.LIST),
    "owner_email": Field(Kind.TEXT, "dealowneremail contactowneremail accountowneremail"),
    "franchise": Field(),
    "created_at": Field(Kind.TIME, _CREATED),
}
_COMPANY = "account accountname company companyname organization organizationname organisation"

#: The fields of customers that a column can be mapped to.
CUSTOMERS = {
    **_SHARED,
    "external_id": Field(Kind.TEXT, "recordid id customerid contactid leadid"),
    "number": Field(Kind.TEXT, "ref customernumber"),
    "first_name": Field(Kind.TEXT, "givenname personfirstname"),
    "last_name": Field(Kind.TEXT, "surname familyname personlastname"),
    "name": Field(Kind.TEXT, "fullname customername contactname personname customer client"),
    "organisation": Field(
        Kind.TEXT, f"{_COMPANY} organisationname associatedcompany organization1name"
    ),
    "email": Field(
        Kind.TEXT,
        "emailaddress mail customeremail contactemail personemail personemailwork workemail"
        " email1value",
    ),
    "phone": Field(
        Kind.TEXT, "phonenumber telephone personphone contactphone phone1value mobile mobilephone"
    ),
    "website": Field(Kind.TEXT, "websiteurl homepage url companydomainname domain"),
    "country": Field(Kind.TEXT, "countryregion billingcountry"),
    "segment": Field(Kind.TEXT, "customersegment"),
    "lead_score": Field(Kind.INTEGER, "score hubspotscore"),
    "owner": Field(Kind.TEXT, f"{_OWNER} contactowner companyowner accountowner leadowner"),
    "source": Field(Kind.TEXT, "leadsource originalsource"),
    "lifecycle": Field(Kind.TEXT, "lifecyclestage"),
    "tags": Field(Kind.LIST, "labels label"),
}
#: The fields of deals that a column can be mapped to. `close_date` is what many systems have:
#: when an open deal is expected to close, and when a closed one was closed.
DEALS = {
    **_SHARED,
    "external_id": Field(Kind.TEXT, "recordid id dealid opportunityid"),
    "number": Field(Kind.TEXT, "ref dealnumber"),
    "title": Field(
        Kind.TEXT, "dealname dealtitle opportunityname opportunitytitle name deal opportunity"
    ),
    "amount": Field(Kind.AMOUNT, "value dealvalue dealamount opportunityamount closevalue"),
    "currency": Field(Kind.TEXT, "currencycode currencyisocode dealcurrency"),
    "pipeline": Field(Kind.TEXT, "dealpipeline"),
    "stage": Field(Kind.TEXT, "dealstage stagename salesstage opportunitystage"),
    "probability": Field(Kind.PROBABILITY, "dealprobability winprobability"),
    "forecast_category": Field(Kind.CATEGORY, "forecastcategoryname"),
    "expected_close": Field(Kind.DAY, "expectedclosedate closingdate estimatedclosedate"),
    "close_date": Field(Kind.TIME, "dealclosedate"),
    "closed_at": Field(Kind.TIME, "closeddate dateclosed closetime"),
    "stage_entered_at": Field(Kind.TIME, "stageentered dateenteredstage laststagechangedate"),
    "next_step": Field(Kind.TEXT, "nextaction"),
    "owner": Field(Kind.TEXT, f"{_OWNER} dealowner opportunityowner"),
    "customer": Field(
        Kind.TEXT, f"customername client {_COMPANY} associatedcompanyprimary associatedcompany"
    ),
    "customer_crmctl_id": Field(Kind.UUID),
    "customer_external_id": Field(
        Kind.TEXT, "accountid customerid companyid associatedcompanyidsprimary"
    ),
    "customer_email": Field(),
    "source": Field(Kind.TEXT, "leadsource dealsource originalsource"),
    "lost_reason": Field(Kind.TEXT, "closedlostreason losereason lossreason reasonlost"),
    "tags": Field(Kind.LIST, "dealtags labels label"),
}
FIELDS: Mapping[Entity, Mapping[str, Field]] = {Entity.CUSTOMER: CUSTOMERS, Entity.DEAL: DEALS}


@dataclass(frozen=True)
class Column:
    """A column of the file and the field that its cells are read for."""

    position: int
    name: str
    field: str


@dataclass(frozen=True)
class Columns:
    """How the columns of a file were understood; `unmapped` are the names of those that are not."""

    mapped: tuple[Column, ...]
    unmapped: tuple[str, ...]

    def of(self, field: str) -> str:
        """Return the name of the column that `field` is read from, or the field's own name."""
        return next((column.name for column in self.mapped if column.field == field), field)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that some column is mapped to."""
        return frozenset(column.field for column in self.mapped)


def normal(text: str) -> str:
    """Return a name in small letters and digits alone, so that `Deal Name` is `deal_name`."""
    return re.sub(r"[\W_]+", "", text.lower())


def map_columns(
    header: Sequence[str],
    entity: Entity,
    typed: Iterable[str] = (),
    custom: Mapping[str, str] | None = None,
) -> Columns:
    """Return which field each column of `header` is for.

    `typed` are corrections such as `Deal Name=title` or, to leave a column out, `Notes=`;
    `custom` are the declared custom fields, label by key. Raises UsageError for a correction that
    names no column or no field, and for two columns for one field.
    """
    declared = custom or {}
    chosen: list[tuple[int, str]] = []
    settled: set[int] = set(_reject_columns(header))
    own = set(header) >= OWN_COLUMNS
    settled |= {place for place, name in enumerate(header) if own and name in DERIVED}
    for text in typed:
        position, field = _correction(text, header, entity, declared)
        settled.add(position)
        if field:
            chosen.append((position, field))
    _refuse_twice(header, chosen)
    taken = {field for _, field in chosen}
    names = [OWN_NAMES.get(name, name) for name in header] if own else header
    for field, position in _by_name(names, entity, declared, taken, settled):
        settled.add(position)
        chosen.append((position, field))
    mapped = tuple(Column(place, header[place], field) for place, field in sorted(chosen))
    _refuse_same_names(header, mapped)
    used = {column.position for column in mapped} | settled
    rest = (name for place, name in enumerate(header) if place not in used and name)
    return Columns(mapped, tuple(rest))


def _reject_columns(header: Sequence[str]) -> range:
    size = len(REJECT_COLUMNS)
    found = tuple(header[-size:]) == REJECT_COLUMNS
    return range(len(header) - size, len(header)) if found else range(0)


def _correction(
    text: str, header: Sequence[str], entity: Entity, custom: Mapping[str, str]
) -> tuple[int, str]:
    name, equals, field = (part.strip() for part in text.rpartition("="))
    if not equals or not name:
        raise UsageError(f'--map takes COLUMN=FIELD, such as "Deal Name=title", not {text!r}')
    return _position(name, header), _field(field, entity, custom) if field else ""


def _position(name: str, header: Sequence[str]) -> int:
    wanted = " ".join(name.split())
    for same in (str, normal):
        found = [place for place, column in enumerate(header) if same(column) == same(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"there are {len(found)} columns called {name!r}: rename one")
    close = get_close_matches(name, header, n=3) or header
    raise UsageError(f"there is no column {name!r} (there is {_some(close)})")


def _field(text: str, entity: Entity, custom: Mapping[str, str]) -> str:
    name = text.lower().replace(" ", "_").replace("-", "_")
    fields = FIELDS[entity]
    if name in fields:
        return name
    key = text.lower().removeprefix("custom.")
    if key in custom:
        return f"custom.{key}"
    if text.lower().startswith("custom."):
        raise UsageError(f"no custom field {key!r} is declared (crmctl field add {entity} {key})")
    raise UsageError(f"{entity}s have no field {text!r} (there is {', '.join([*fields, *custom])})")


def _by_name(
    header: Sequence[str],
    entity: Entity,
    custom: Mapping[str, str],
    taken: set[str],
    settled: set[int],
) -> Iterator[tuple[str, int]]:
    """Yield the fields, of those not `taken`, that columns not `settled` are called after."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        if place not in settled and name:
            places.setdefault(normal(name), place)
    found = set(taken)
    for field, words in _names(entity, custom):
        if field in taken:
            continue
        if field == "name" and not {"first_name", "last_name"} & found:
            # Where people are not named, what is listed are companies.
            words = (*words, *_COMPANY.split())
        word = next((word for word in words if word in places), None)
        if word is not None:
            found.add(field)
            yield field, places.pop(word)


def _names(entity: Entity, custom: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the fields, each with what its column may be called, the best name first."""
    for name, field in FIELDS[entity].items():
        yield name, (normal(name), *field.names.split())
    for key, label in custom.items():
        yield f"custom.{key}", (normal(f"custom.{key}"), normal(key), normal(label))


def _refuse_twice(header: Sequence[str], chosen: Iterable[tuple[int, str]]) -> None:
    first: dict[str, int] = {}
    for position, field in chosen:
        if first.setdefault(field, position) != position:
            names = f"{header[first[field]]!r} and {header[position]!r}"
            raise UsageError(f"two columns are mapped to {field}: {names}")


def _refuse_same_names(header: Sequence[str], mapped: Iterable[Column]) -> None:
    for column in mapped:
        if (count := list(header).count(column.name)) > 1:
            raise UsageError(f"there are {count} columns called {column.name!r}: rename one")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
