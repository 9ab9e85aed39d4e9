"""From the columns of a file to the fields of a record, by name."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum

from crmctl.domain.importing.cells.values import Kind
from crmctl.domain.importing.columns.presets import Layout
from crmctl.domain.importing.columns.similar_names import Names, closest
from crmctl.domain.importing.files.rejects import original_header
from crmctl.domain.kinds import Entity, ImportKind
from crmctl.errors import UsageError

#: What crmctl calls the columns of its own exports that other systems use for their ids; a header
#: that has all of OWN_COLUMNS is of such an export.
OWN_COLUMNS = frozenset({"ref", "external_ids", "id"})
OWN_HISTORY = frozenset({"deal", "deal_id", "position", "left_at"})
OWN_NAMES = {
    "id": "crmctl_id",
    "customer_id": "customer_crmctl_id",
    "deal_id": "deal_crmctl_id",
}
#: Columns of exports that follow from others, and are not imported.
DERIVED = frozenset(
    {"status", "stage_label", "customer_ref", "deal_ref", "updated_at", "removed_at"}
)


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
    "owner_email": Field(Kind.EMAIL, "dealowneremail contactowneremail accountowneremail"),
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
        Kind.EMAIL,
        "emailaddress mail customeremail contactemail personemail personemailwork workemail"
        " email1value",
    ),
    "phone": Field(
        Kind.PHONE, "phonenumber telephone personphone contactphone phone1value mobile mobilephone"
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
    "currency": Field(Kind.CURRENCY, "currencycode currencyisocode dealcurrency"),
    "pipeline": Field(Kind.TEXT, "dealpipeline"),
    "stage": Field(Kind.TEXT, "dealstage stagename salesstage opportunitystage"),
    # Won, lost or open, where the stage of a closed deal is the one it was closed from.
    "outcome": Field(),
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
    "customer_email": Field(Kind.EMAIL),
    "customer_domain": Field(
        Kind.TEXT, "companydomain companydomainname accountdomain associatedcompanydomain domain"
    ),
    "source": Field(Kind.TEXT, "leadsource dealsource originalsource"),
    "lost_reason": Field(Kind.TEXT, "closedlostreason losereason lossreason reasonlost"),
    "tags": Field(Kind.LIST, "dealtags labels label"),
}
#: The fields of activities that a column can be mapped to.
ACTIVITIES = {
    **_SHARED,
    "external_id": Field(
        Kind.TEXT, "recordid id activityid callid taskid meetingid eventid noteid"
    ),
    "number": Field(Kind.TEXT, "ref activitynumber"),
    "kind": Field(Kind.TEXT, "type activitytype tasktype tasksubtype engagementtype"),
    "subject": Field(
        Kind.TEXT, "activitysubject title calltitle tasktitle notetitle meetingname summary"
    ),
    "body": Field(
        Kind.TEXT, "note notes callnotes tasknotes notebody notecontent description comments"
    ),
    "at": Field(
        Kind.TIME,
        "duedate due dueto activitydate date startdate starttime callstarttime meetingstarttime",
    ),
    "minutes": Field(Kind.TEXT, "duration callduration durationminutes"),
    "done": Field(Kind.TEXT, "status taskstatus completed isclosed isdone markedasdone"),
    "done_at": Field(Kind.TIME, "markedasdonetime completedat completiondate closedtime"),
    "deal": Field(Kind.TEXT, "dealname dealtitle opportunity opportunityname associateddeal"),
    "deal_crmctl_id": Field(Kind.UUID),
    "deal_external_id": Field(Kind.TEXT, "dealid opportunityid associateddealids whatid"),
    "customer": Field(Kind.TEXT, f"customername client {_COMPANY} contactname contactperson"),
    "customer_crmctl_id": Field(Kind.UUID),
    "customer_external_id": Field(
        Kind.TEXT, "accountid customerid companyid contactid associatedcontactids"
    ),
    "customer_email": Field(Kind.EMAIL, "contactemail"),
    "customer_domain": Field(Kind.TEXT, "companydomain companydomainname accountdomain"),
    "owner": Field(
        Kind.TEXT, f"{_OWNER} assignedtouser activityassignedto activityowner taskowner"
    ),
}
#: The fields of a row of stage history: a deal entered a stage. In a log of changed fields,
#: `changed_field` says which rows are about the stage.
HISTORY = {
    "deal": Field(Kind.TEXT, "dealname dealtitle opportunity opportunityname title"),
    "deal_crmctl_id": Field(Kind.UUID),
    "deal_external_id": Field(Kind.TEXT, "dealid opportunityid recordid id hsobjectid"),
    "stage": Field(Kind.TEXT, "stagename dealstage newstage tostage newvalue newval"),
    "entered_at": Field(
        Kind.TIME,
        "entered enteredon dateentered stagedate stageenteredat enteredstage changetime changedat"
        " changedate editdate timestamp time date createddate",
    ),
    "actor": Field(
        Kind.TEXT, "who user username changedby movedby editedby lastmodifiedby createdby"
        " createdbyid changesource",
    ),
    "pipeline": Field(Kind.TEXT, "dealpipeline pipelinename"),
    "amount": Field(Kind.AMOUNT, "value dealvalue dealamount"),
    "currency": Field(Kind.CURRENCY, "currencycode currencyisocode"),
    "reason": Field(Kind.TEXT, "why changereason"),
    "status": Field(),
    "changed_field": Field(Kind.TEXT, "field fieldname fieldkey changedfieldkey property"),
}  # fmt: skip
#: The fields that no column is given for a name that is merely close: those that rows are known by
#: or tied to others by, which a wrong guess would mix up, and `country`, one letter from a county.
EXACT = frozenset({
    "crmctl_id", "external_ids", "external_id", "number", "email", "name", "first_name",
    "last_name", "organisation", "title", "customer", "customer_crmctl_id", "customer_external_id",
    "customer_email", "customer_domain", "deal", "deal_crmctl_id", "deal_external_id",
    "owner_email", "franchise", "country", "outcome", "kind", "done", "done_at", "actor",
    "changed_field",
})  # fmt: skip
#: The fields that rows are known by; a file needs a column for one of them.
KNOWN_BY = frozenset({
    "crmctl_id", "external_ids", "external_id", "number", "email", "name", "first_name",
    "last_name", "title",
})  # fmt: skip
#: What the rows of a file are: records, or the stage history of deals.
Listed = Entity | ImportKind
FIELDS: Mapping[Listed, Mapping[str, Field]] = {
    Entity.CUSTOMER: CUSTOMERS,
    Entity.DEAL: DEALS,
    Entity.ACTIVITY: ACTIVITIES,
    ImportKind.HISTORY: HISTORY,
}


class How(StrEnum):
    """Why a column is read for a field, the surest first."""

    TYPED = "typed"
    SAVED = "saved"
    PRESET = "preset"
    NAME = "name"
    CLOSE = "close"
    CUSTOM = "custom"


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file, the field that its cells are read for, and why."""

    position: int
    name: str
    field: str
    how: How = How.NAME


@dataclass(frozen=True)
class ColumnMapping:
    """How the columns of a file were understood.

    `unmapped` are the names of those that are not read, `left_out` of those that are not to be,
    and `lacking` are columns of a saved mapping that the file has not.
    """

    mapped: tuple[MappedColumn, ...]
    unmapped: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def of(self, field: str) -> str:
        """Return the name of the column that `field` is read from, or the field's own name."""
        return next((column.name for column in self.mapped if column.field == field), field)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that some column is mapped to."""
        return frozenset(column.field for column in self.mapped)

    def with_custom(self, fields: Mapping[str, str], header: Sequence[str]) -> "ColumnMapping":
        """Return these columns with those of `fields`, custom fields by column, mapped too."""
        more = (
            MappedColumn(header.index(name), name, f"custom.{key}", How.CUSTOM)
            for name, key in fields.items()
        )
        rest = tuple(name for name in self.unmapped if name not in fields)
        return replace(self, mapped=_ordered([*self.mapped, *more]), unmapped=rest)


def normal(text: str) -> str:
    """Return a name in small letters and digits alone, so that `Deal Name` is `deal_name`."""
    return re.sub(r"[\W_]+", "", text.lower())


def map_columns(
    header: Sequence[str],
    entity: Listed,
    typed: Iterable[str] = (),
    custom: Mapping[str, str] | None = None,
    *,
    saved: Iterable[Sequence[str]] = (),
    layout: Layout | None = None,
) -> ColumnMapping:
    """Return which field each column of `header` is for.

    `typed` are corrections such as `Deal Name=title` or, to leave a column out, `Notes=`; `saved`
    are pairs of column and field that were kept; `layout` is what the system that wrote the file
    calls its columns; `custom` are the declared custom fields, label by key. Raises UsageError for
    a correction that names no column or no field, for two columns for one field, and where rows are
    known by no column, and one has nearly the name of such a field.
    """
    mapper = _Mapper(header, entity, custom or {})
    mapper.correct(typed)
    mapper.recall(saved)
    if layout:
        mapper.follow(layout)
    mapper.match_names()
    mapper.match_close_names()
    columns = mapper.columns()
    _ask_for_key(columns, entity)
    return columns


def likely(columns: Iterable[str], entity: Listed, taken: Iterable[str]) -> dict[str, str]:
    """Return the field, not one of `taken`, that each of `columns` nearly has the name of.

    They are fields that no column is given without asking.
    """
    places = {normal(name): name for name in columns}
    free = EXACT.difference(taken)
    names: Names = {field: words for field, words in _names(entity, {}) if field in free}
    return {places[word]: field for word, field in closest(places, names).items()}


def _ask_for_key(columns: ColumnMapping, entity: Listed) -> None:
    if KNOWN_BY & columns.fields:
        return
    near = likely(columns.unmapped, entity, columns.fields)
    asked = [(name, field) for name, field in near.items() if field in KNOWN_BY]
    if asked:
        told = ", ".join(f"is {name!r} the {field.replace('_', ' ')}?" for name, field in asked)
        name, field = asked[0]
        raise UsageError(
            f'nothing tells the rows apart: {told} (--map "{name}={field}";'
            f' --map "{name}=" if it is not)'
        )


@dataclass
class _Mapper:
    """Columns on their way to fields: `settled` are the positions about which all is said."""

    header: Sequence[str]
    entity: Listed
    custom: Mapping[str, str]
    chosen: list[MappedColumn] = dataclasses.field(default_factory=list)
    settled: set[int] = dataclasses.field(default_factory=set)
    misleading: set[int] = dataclasses.field(default_factory=set)
    left_out: list[str] = dataclasses.field(default_factory=list)
    lacking: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.own = own_export(self.header)
        self.settled |= set(range(len(original_header(self.header)), len(self.header)))
        if self.own:
            derived = (place for place, name in enumerate(self.header) if name in DERIVED)
            self.settled |= set(derived)

    @property
    def taken(self) -> set[str]:
        """The fields that some column is for."""
        return {column.field for column in self.chosen}

    def choose(self, position: int, field: str, how: How) -> None:
        """Have the column at `position` read for `field`; an empty one leaves the column out."""
        self.settled.add(position)
        if field:
            self.chosen.append(MappedColumn(position, self.header[position], field, how))
        else:
            self.left_out.append(self.header[position])

    def correct(self, typed: Iterable[str]) -> None:
        """Follow what was typed."""
        for text in typed:
            position, field = _correction(text, self.header, self.entity, self.custom)
            self.choose(position, field, How.TYPED)
        _refuse_twice(self.chosen)

    def recall(self, saved: Iterable[Sequence[str]]) -> None:
        """Follow what was kept of an earlier import, where nothing else was typed."""
        typed, settled = self.taken, frozenset(self.settled)
        for name, text in saved:
            if name not in self.header:
                self.lacking.append(name)
                continue
            position = list(self.header).index(name)
            field = _field(text, self.entity, self.custom) if text else ""
            if position not in settled and field not in typed:
                self.choose(position, field, How.SAVED)

    def follow(self, layout: Layout) -> None:
        """Read the columns that are called as in `layout`."""
        taken = self.taken
        places = self._places()
        for field, labels in layout.fields.items():
            if field in taken:
                continue
            for group in labels:
                words = [word for word in map(normal, group) if word in places]
                for word in words:
                    self.choose(places.pop(word), field, How.PRESET)
                if words:
                    break
        ignored = set(map(normal, layout.ignored))
        self.misleading |= {place for word, place in places.items() if word in ignored}

    def match_names(self) -> None:
        """Read the columns that are called as a field is, or as other systems call it."""
        places = self._places()
        found = self.taken
        for field, words in _names(self.entity, self.custom):
            if field in found:
                continue
            if field == "name" and not {"first_name", "last_name"} & found:
                # Where people are not named, what is listed are companies.
                words = (*words, *_COMPANY.split())
            word = next((word for word in words if word in places), None)
            if word is not None:
                found.add(field)
                self.choose(places.pop(word), field, How.NAME)

    def match_close_names(self) -> None:
        """Read the columns whose names are close to that of a field which is still free."""
        barred = EXACT | self.taken
        names: Names = {
            field: words for field, words in _names(self.entity, self.custom) if field not in barred
        }
        for word, field in closest(self._places(), names).items():
            self.choose(self._places()[word], field, How.CLOSE)

    def _places(self) -> dict[str, int]:
        """Return where the columns that are still free stand, by name; the first of one name."""
        places: dict[str, int] = {}
        for place, name in enumerate(self.header):
            if place not in self.settled and place not in self.misleading and name:
                name = OWN_NAMES.get(name, name) if self.own else name
                places.setdefault(normal(name), place)
        return places

    def columns(self) -> ColumnMapping:
        """Return what was found."""
        rest = (name for place, name in enumerate(self.header) if place not in self.settled)
        return ColumnMapping(
            _ordered(self.chosen),
            tuple(name for name in rest if name),
            tuple(self.left_out),
            tuple(self.lacking),
        )


def own_export(header: Sequence[str]) -> bool:
    """Return whether `header` is that of an export of crmctl."""
    return set(header) >= OWN_COLUMNS


def _ordered(columns: Iterable[MappedColumn]) -> tuple[MappedColumn, ...]:
    return tuple(sorted(columns, key=lambda column: (column.position, column.field)))


def _correction(
    text: str, header: Sequence[str], entity: Listed, custom: Mapping[str, str]
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
            named = " and ".join(repr(header[place]) for place in found)
            raise UsageError(f"columns {named} are meant by {name!r}: write one as it is")
    close = get_close_matches(name, header, n=3) or header
    raise UsageError(f"there is no column {name!r} (there is {_some(close)})")


def _field(text: str, entity: Listed, custom: Mapping[str, str]) -> str:
    name = text.lower().replace(" ", "_").replace("-", "_")
    fields = FIELDS[entity]
    if name in fields:
        return name
    key = text.lower().removeprefix("custom.")
    if key in custom:
        return f"custom.{key}"
    if text.lower().startswith("custom."):
        raise UsageError(f"no custom field {key!r} is declared (crmctl field add {entity} {key})")
    known = [*fields, *custom]
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(known)}"
    raise UsageError(f"{entity.plural} have no field {text!r} ({hint})")


def _names(entity: Listed, custom: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the fields, each with what its column may be called, the best name first."""
    for name, field in FIELDS[entity].items():
        yield name, (normal(name), *field.names.split())
    for key, label in custom.items():
        yield f"custom.{key}", (normal(f"custom.{key}"), normal(key), normal(label))


def _refuse_twice(columns: Iterable[MappedColumn]) -> None:
    first: dict[str, MappedColumn] = {}
    for column in columns:
        other = first.setdefault(column.field, column)
        if other.position != column.position:
            names = f"{other.name!r} and {column.name!r}"
            raise UsageError(f"two columns are mapped to {column.field}: {names}")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
