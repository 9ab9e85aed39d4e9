"""Commands of the laws that set a company up, and that import files."""

from dataclasses import replace
from io import BytesIO
from typing import Any

from sqlmodel import col, select

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.kinds import Entity, FieldType
from crmctl.errors import CrmError
from crmctl.models.custom_fields import CustomField
from crmctl.models.customers import Customer
from crmctl.models.session import CrmSession
from crmctl.services import changes, imports
from crmctl.services.pipeline import pipeline_files, pipelines
from crmctl.services.pipeline import rules as pipeline_rules
from crmctl.services.records import custom_fields, editing
from crmctl.services.tenancy import companies, franchises


def pick(rows: list[Any], number: int) -> Any:
    """Return one of `rows`; raises CrmError where there is none."""
    if not rows:
        raise CrmError("nothing to choose from")
    return rows[number % len(rows)]


def _import(session: CrmSession, entity: Entity, lines: list[str], **options: Any) -> None:
    order = imports.ImportOptions(
        entity=entity, create_missing=frozenset(("customers", "users")), **options
    )
    with read_table(BytesIO("\n".join(lines).encode()), "file.csv") as table:
        imports.run(session, table, order)


def _import_customers(session: CrmSession, a: int, b: int, c: int) -> None:
    lines = ["name,email,segment,owner,external_id"]
    lines += [f"Customer {n},c{n}@example.com,Segment {c},Owner {b},{n}" for n in range(a, a + 3)]
    _import(session, Entity.CUSTOMER, lines, source="hubspot")


def _import_deals(session: CrmSession, a: int, b: int, c: int) -> None:
    process = pick(list(pipeline_rules.sales_processes(session).values()), c)
    lines = ["title,amount,stage,customer,owner,tags,external_id"]
    for number in range(a, a + 3):
        stage = pick(list(process.stages), number + b).key
        lines.append(f"Deal {number},{b}00.5,{stage},Customer {b},Owner {c},new,{number}")
    options = {"source": "hubspot", "lost_reason": "price", "pipeline": process.pipeline.key}
    _import(session, Entity.DEAL, lines, **options)


def _customer_restore(session: CrmSession, a: int, b: int, c: int) -> None:
    hidden = select(Customer).where(
        col(Customer.company_id) == session.company_id,
        col(Customer.deleted_at).is_not(None),
        col(Customer.merged_into).is_(None),
    )
    editing.restore(session, session.exec(hidden).all())


def _field_add(session: CrmSession, a: int, b: int, c: int) -> None:
    key = ("size", "seats", "region")[a % 3]
    custom_fields.add(session, (Entity.DEAL, Entity.CUSTOMER)[b % 2], key, None, FieldType.NUMBER)


def _field(session: CrmSession, number: int) -> CustomField:
    known = [field for entity in (Entity.DEAL, Entity.CUSTOMER)
             for field in custom_fields.known(session, entity).values()]  # fmt: skip
    return pick(known, number)  # type: ignore[no-any-return]


def _field_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    custom_fields.edit(session, _field(session, a), f"Label {b}")


def _field_remove(session: CrmSession, a: int, b: int, c: int) -> None:
    custom_fields.remove(session, _field(session, a), empty=True)


def _company_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    company = companies.find(session, str(session.company_id))
    zone = ("UTC", "Asia/Tokyo", "America/Los_Angeles")[a % 3]
    values = {"timezone": zone, "fiscal_month": 1 + b, "currency": "USD" if c > 5 else "EUR"}
    companies.edit(session, company, values)


def _franchise_add(session: CrmSession, a: int, b: int, c: int) -> None:
    franchises.add(session, {"name": f"Franchise {a}"})


def _franchise_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    franchise = pick(franchises.search(session), a)
    franchises.edit(session, franchise, {"name": f"Renamed {b}"})


def _franchise_move(session: CrmSession, a: int, b: int, c: int) -> None:
    franchise = pick(franchises.search(session), a)
    mine = select(Customer).where(col(Customer.company_id) == session.company_id)
    changes.edit(session, list(session.exec(mine).all())[: 1 + b], {"franchise_id": franchise.id})


def _pipeline_edit(session: CrmSession, a: int, b: int, c: int) -> None:
    key = pick(sorted(pipeline_rules.sales_processes(session)), a)
    values: list[dict[str, Any]] = [{"label": f"Label {c}"}, {"allow_back": c % 2 == 0}]
    pipelines.edit(session, key, values[b % 2])


def _pipeline_first(session: CrmSession, a: int, b: int, c: int) -> None:
    known = pipeline_rules.sales_processes(session)
    pipelines.put_first(session, known[pick(sorted(known), a)].pipeline)


def _pipeline_apply(session: CrmSession, a: int, b: int, c: int) -> None:
    key = pick(sorted(pipeline_rules.sales_processes(session)), a)
    template = pick(list(pipeline_files.templates().values()), b)
    head = {**template.head, "key": key, "label": f"Applied {key}"}
    to = pick(list(template.stages), c)["key"]
    pipelines.apply(session, replace(template, head=head), to)


SETTING_UP = {
    "import customers": _import_customers,
    "import deals": _import_deals,
    "customer restore": _customer_restore,
    "field add": _field_add,
    "field edit": _field_edit,
    "field remove": _field_remove,
    "company edit": _company_edit,
    "franchise add": _franchise_add,
    "franchise edit": _franchise_edit,
    "franchise move": _franchise_move,
    "pipeline edit": _pipeline_edit,
    "pipeline first": _pipeline_first,
    "pipeline apply": _pipeline_apply,
}
