"""The registry of records: what kinds there are, and all that the rest of crmctl derives from it.

A new table is entered here. What is called after its rows, hangs on them, is imported, merged or
erased follows; a test finds the table, or the text column, that is said nothing of.
"""

from functools import cache

from crmctl.domain.kinds import Entity, ImportKind
from crmctl.models.base import Owned
from crmctl.services.records.record_type import Impersonal, ImportedRows, RecordType

#: What a record is called whose person was erased.
ERASED = "erased"

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
    together=(("deleted_at", "merged_into"),),
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
    derived=frozenset({"entries", "history_from", "stage_entered_at", "stage_entered_on",
                       "status"}),
    together=(
        ("stage", "pipeline", "status", "stage_entered_at", "stage_entered_on", "entries",
         "closed_at", "closed_on", "lost_reason", "history_from", "assumed"),
        ("amount", "currency"),
    ),
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
    together=(("customer_id", "deal_id"),),
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
    free_texts={"file": 1000, "options": 1000},
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
