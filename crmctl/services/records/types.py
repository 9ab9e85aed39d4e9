"""The registry of records: what kinds there are, and all that the rest of crmctl derives from it.

A new table is entered here. What is called after its rows, hangs on them, is imported, merged or
erased follows; a test finds the table, or the text column, that is said nothing of.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import Column

from crmctl.domain.kinds import Entity, ImportKind, plural
from crmctl.models.base import Columns, Owned
from crmctl.storage.tables import table_of

if TYPE_CHECKING:
    from crmctl.models.inputs import Input

#: What a record is called whose person was erased.
ERASED = "erased"


class Impersonal(Enum):
    """Why a text column neither holds a person's data nor is free text that may name someone.

    Columns with the words of a closed set, and those that refer to another table, need no reason.
    """

    KEY = "what programs compare: a key, a code, a checksum"
    SETTING = "what the company calls, or says of, a thing of its own"
    GROUP = "what many records have in common"
    COLLEAGUE = "who works in the company, or a job of its own that writes"
    COPY = "what other columns held, which is cleaned as they are"


@dataclass(frozen=True, kw_only=True, eq=False)
class ImportedRows:
    """What the rows of a file of such records are, and how they are read and recognised.

    `input` names the model in models/inputs that checks them. A row can be known by each of `keys`,
    the surest first, of which the first that it has a value for is taken; `--key` can name
    `more_keys` as well, alone or several together. The columns `decided` are checked like the
    others, and stored only as the rules of the pipeline say.
    """

    kind: ImportKind
    input: str
    keys: tuple[str, ...] = ()
    more_keys: tuple[str, ...] = ()
    decided: frozenset[str] = frozenset()

    @cached_property
    def input_model(self) -> "type[Input]":
        """The model that checks the fields of a row."""
        found: type[Input] = getattr(import_module("crmctl.models.inputs"), self.input)
        return found

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """The fields that a file gives as they are stored."""
        return tuple(name for name in self.input_model.model_fields if name not in self.decided)


@dataclass(frozen=True, kw_only=True, eq=False)
class RecordType:
    """A table: a kind of record, a part of one (`part_of`), or neither (`bookkeeping`).

    What it is called: `noun`, and `title`, a pattern of what log and undo call a row, where that is
    not its number and name. `prefix` is the letter of its numbers; without one it has none.
    `entity` is set for what carries external ids. `reference_columns` are those by which people
    refer to it, its name first.

    What hangs on it: `part_of` are the columns with the id of the row that it is a part of, of
    which one is set. `derived` are columns that follow from others, `taken_over` those that a kept
    record takes over from one that is merged into it.

    What it tells of a person: `personal` are the columns that hold someone's data, with what is
    left in them after an erasure, and `naming` those of them whose content names the person
    wherever it stands. `free_texts` are texts that may name someone, with the characters there is
    room for, None without a limit. Every other text column is in `impersonal`, with the reason.
    """

    table: str
    path: str
    noun: str
    title: str = ""
    bookkeeping: bool = False
    entity: Entity | None = None
    prefix: str = ""
    reference_columns: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    derived: frozenset[str] = frozenset()
    taken_over: tuple[str, ...] = ()
    imported: ImportedRows | None = None
    personal: Mapping[str, object] = field(default_factory=dict)
    naming: tuple[str, ...] = ()
    free_texts: Mapping[str, int | None] = field(default_factory=dict)
    impersonal: Mapping[str, Impersonal] = field(default_factory=dict)

    @cached_property
    def model(self) -> type[Owned]:
        """The model, loaded when it is first asked for: a command pays for what it touches."""
        module, _, name = self.path.partition(":")
        found: type[Owned] = getattr(import_module(f"crmctl.models.{module}"), name)
        return found

    @property
    def plural(self) -> str:
        """What several rows are called."""
        return plural(self.noun)

    @property
    def name_column(self) -> str:
        """The column with what a row is called."""
        return self.reference_columns[0]

    @property
    def key_column(self) -> str:
        """The column of the external ids of such records that refers to one."""
        return f"{self.entity}_id"

    def has(self, column: str) -> bool:
        """Return whether rows have `column`, such as `custom`, `tags` or `owner_id`."""
        return column in self.model.model_fields

    def column(self, name: str) -> Column[object]:
        """Return the column `name`, for conditions."""
        return table_of(self.model).c[name]

    @cached_property
    def relations(self) -> Mapping[str, "RecordType"]:
        """The columns with the id of another record, and the type of that."""
        found = {}
        for link in table_of(self.model).foreign_key_constraints:
            own = [one for one in link.elements if one.parent.name != "company_id"]
            table, _, target = own[0].target_fullname.partition(".") if own else ("", "", "")
            if len(own) == 1 and target == "id" and not _BY_TABLE[table].bookkeeping:
                found[own[0].parent.name] = _BY_TABLE[table]
        return found

    def label(self, column: str) -> str:
        """Return what log and dry runs call `column`."""
        if column == "deleted_at":
            return "removed_at"
        return column.removesuffix("_id") if column in self.relations else column

    def name_of(self, values: Columns) -> str:
        """Return what people call the row that has `values`: `D42 Title`, `user Ann`."""
        if self.prefix:
            called = values.get(self.name_column) or ""
            return f"{self.prefix}{values.get('number', '?')} {called}".strip()
        if self.title:
            return self.title.format_map(defaultdict(lambda: "?", values))
        return f"{self.table} {values.get('position', '')}".strip()


EXTERNAL_ID = RecordType(
    table="external_keys",
    path="external_ids:ExternalId",
    noun="external id",
    title="external id {source}:{external_id}",
    part_of=tuple(f"{entity}_id" for entity in Entity),
    # The whole row is deleted with the person's record.
    personal={"external_id": None},
    impersonal={"source": Impersonal.KEY},
)
CUSTOMER = RecordType(
    table="customers",
    path="customers:Customer",
    noun="customer",
    entity=Entity.CUSTOMER,
    prefix="C",
    reference_columns=("name", "email"),
    taken_over=("organisation", "email", "phone", "website", "country", "segment", "lead_score",
                "owner_id", "source", "lifecycle"),
    imported=ImportedRows(
        kind=ImportKind.CUSTOMERS,
        input="CustomerUpdate",
        keys=("crmctl_id", "external_id", "email", "name"),
        more_keys=("name", "email", "domain", "phone", "website", "organisation", "country",
                   "segment", "source"),
    ),
    personal={
        "name": ERASED,
        **dict.fromkeys(("organisation", "email", "phone", "website", "country")),
        **dict.fromkeys(("lead_score", "source", "lifecycle")),
        "tags": [],
        "custom": {},
    },
    naming=("name", "email", "phone", "website"),
    free_texts={"source": 100, "tags": 50, "custom": 1000},
    impersonal={"segment": Impersonal.GROUP},
)  # fmt: skip
DEAL = RecordType(
    table="deals",
    path="deals:Deal",
    noun="deal",
    entity=Entity.DEAL,
    prefix="D",
    reference_columns=("title",),
    derived=frozenset({"entries", "stage_entered_at", "status"}),
    imported=ImportedRows(
        kind=ImportKind.DEALS,
        input="DealUpdate",
        keys=("crmctl_id", "external_id", "title"),
        more_keys=("title", "customer", "email", "domain", "amount", "currency", "expected_close",
                   "next_step", "source"),
        decided=frozenset({"lost_reason"}),
    ),
    free_texts={"title": 300, "next_step": 500, "source": 100, "lost_reason": 500, "tags": 50,
                "custom": 1000},
    impersonal={"currency": Impersonal.KEY},
)  # fmt: skip
STAGE_ENTRY = RecordType(
    table="deal_stage_history",
    path="deals:StageEntry",
    noun="stage entry",
    part_of=("deal_id",),
    imported=ImportedRows(kind=ImportKind.HISTORY, input="StageEntryInput"),
    free_texts={"reason": 500},
    impersonal=dict.fromkeys(("pipeline", "from_stage", "stage", "currency"), Impersonal.KEY),
)
ACTIVITY = RecordType(
    table="activities",
    path="activities:Activity",
    noun="activity",
    entity=Entity.ACTIVITY,
    prefix="A",
    reference_columns=("subject",),
    imported=ImportedRows(
        kind=ImportKind.ACTIVITIES,
        input="ActivityUpdate",
        keys=("crmctl_id", "external_id"),
        more_keys=("subject", "customer", "deal", "at", "minutes"),
    ),
    # Of one with the person. That it took place stays.
    personal={"subject": ERASED, "body": None},
    free_texts={"subject": 300, "body": 20_000},
)
COMPANY = RecordType(
    table="companies",
    path="tenants:Company",
    noun="company",
    title="company {name}",
    reference_columns=("name",),
    impersonal={"name": Impersonal.SETTING, "currency": Impersonal.KEY,
                "timezone": Impersonal.KEY},
)  # fmt: skip
FRANCHISE = RecordType(
    table="franchises",
    path="tenants:Franchise",
    noun="franchise",
    title="franchise {name}",
    reference_columns=("name",),
    impersonal={"name": Impersonal.SETTING},
)
USER = RecordType(
    table="users",
    path="tenants:User",
    noun="user",
    title="user {name}",
    entity=Entity.USER,
    reference_columns=("name", "email"),
    impersonal={"name": Impersonal.COLLEAGUE, "email": Impersonal.COLLEAGUE},
)
PIPELINE = RecordType(
    table="pipelines",
    path="pipelines:Pipeline",
    noun="pipeline",
    title="pipeline {key}",
    impersonal={"key": Impersonal.KEY, "label": Impersonal.SETTING},
)
STAGE = RecordType(
    table="stages",
    path="pipelines:Stage",
    noun="stage",
    title="stage {pipeline}/{key}",
    impersonal={"key": Impersonal.KEY, "label": Impersonal.SETTING,
                "required_fields": Impersonal.KEY},
)  # fmt: skip
CUSTOM_FIELD = RecordType(
    table="custom_fields",
    path="custom_fields:CustomField",
    noun="custom field",
    title="{entity} field {key}",
    impersonal={"key": Impersonal.KEY, "label": Impersonal.SETTING},
)
SAVED_MAPPING = RecordType(
    table="mappings",
    path="imports:SavedMapping",
    noun="mapping",
    title="mapping {name}",
    impersonal=dict.fromkeys(("name", "columns", "stages"), Impersonal.SETTING),
)
IMPORT_RUN = RecordType(
    table="imports",
    path="imports:ImportRun",
    noun="import",
    bookkeeping=True,
    free_texts={"file": 1000, "arguments": 1000},
    impersonal={"ref": Impersonal.KEY, "checksum": Impersonal.KEY, "actor": Impersonal.COLLEAGUE},
)
CHANGE = RecordType(
    table="changes",
    path="changes:Change",
    noun="change",
    bookkeeping=True,
    free_texts=dict.fromkeys(("command", "reason", "overrides")),
    impersonal={"ref": Impersonal.KEY, "actor": Impersonal.COLLEAGUE},
)
CHANGE_ROW = RecordType(
    table="change_rows",
    path="changes:ChangeRow",
    noun="log entry",
    bookkeeping=True,
    impersonal={"table_name": Impersonal.KEY,
                **dict.fromkeys(("row_key", "before", "after"), Impersonal.COPY)},
)  # fmt: skip
COUNTER = RecordType(
    table="counters",
    path="changes:Counter",
    noun="counter",
    bookkeeping=True,
    impersonal={"kind": Impersonal.KEY},
)

#: Every table, in the order in which people are told of them.
ALL = (
    EXTERNAL_ID, CUSTOMER, DEAL, STAGE_ENTRY, ACTIVITY, COMPANY, FRANCHISE, USER, PIPELINE, STAGE,
    CUSTOM_FIELD, SAVED_MAPPING, IMPORT_RUN, CHANGE, CHANGE_ROW, COUNTER,
)  # fmt: skip
#: What people call by a number.
NUMBERED = tuple(one for one in ALL if one.prefix)

_BY_TABLE = {one.table: one for one in ALL}
_BY_ENTITY = {one.entity: one for one in ALL if one.entity}


def of(model: type[Owned]) -> RecordType:
    """Return what is said of `model`."""
    return _BY_TABLE[str(model.__tablename__)]


def entity_of(model: type[Owned]) -> Entity:
    """Return the kind of record that `model` is."""
    found = of(model).entity
    assert found is not None, "a record that can have external ids"
    return found


def of_table(name: str) -> RecordType:
    """Return what is said of the table called `name`."""
    return _BY_TABLE[name]


def of_entity(entity: Entity) -> RecordType:
    """Return the type of the records that `entity` stands for."""
    return _BY_ENTITY[entity]


@cache
def imported(what: Entity | ImportKind) -> ImportedRows:
    """Return how rows of a file are read that are records of this kind, or parts of them."""
    known = ((one.entity, one.imported) for one in ALL if one.imported)
    return next(rows for entity, rows in known if what in (entity, rows.kind))


@cache
def with_custom_fields() -> tuple[RecordType, ...]:
    """Return the types of the records that carry custom fields."""
    return tuple(one for one in _BY_ENTITY.values() if one.has("custom"))
