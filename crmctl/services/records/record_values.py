"""From what people enter for a record to its columns: references, tags, custom values and ids."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from crmctl.errors import Refused
from crmctl.models.base import Columns, Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.inputs import DealUpdate, validated
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.records import custom_fields, external_ids, references, types
from crmctl.services.records.references import Record


def reference_columns(
    session: CrmSession,
    *,
    owner: str | None = None,
    customer: str | None = None,
    deal: str | None = None,
) -> Values:
    """Return the columns that these references fill; nothing for one that is not given.

    Raises Refused for an owner who is inactive.
    """
    found: Values = {}
    if owner:
        user = references.find_named(session, User, owner)
        if not user.active:
            why = f"{user.name} is inactive, and is given nothing new"
            raise Refused(f"{why} (crmctl user edit {user.name!r} --active)")
        found["owner_id"] = user.id
    if customer:
        found["customer_id"] = references.find(session, Customer, customer, addable=True).id
    if deal:
        found["deal_id"] = references.find(session, Deal, deal).id
    return found


def against_owner(session: CrmSession, values: Columns, franchise_id: UUID | None) -> str | None:
    """Return why the owner in `values`, if any, is none for a record of a franchise, or of none.

    Who works in a franchise sees only what is of that one.
    """
    owner_id = values.get("owner_id")
    owner = owner_id and session.get(User, (session.company_id, owner_id))
    if not owner or owner.franchise_id in (None, franchise_id):
        return None
    home = session.get(Franchise, (session.company_id, owner.franchise_id))
    return f"{owner.name} works in {home.name if home else 'a franchise'}, and would not see it"


def tags(written: Sequence[str]) -> list[str]:
    """Return the tags `written`, each once; raises UsageError for one that cannot be."""
    valid: list[str] = validated(DealUpdate, {"tags": list(written)})["tags"]
    return list(dict.fromkeys(valid))


def initial(
    session: CrmSession,
    model: type[Customer] | type[Deal],
    values: Columns,
    *,
    owner: str | None = None,
    customer: str | None = None,
    tagged: Sequence[str] = (),
    custom: Mapping[str, str] | None = None,
) -> Values:
    """Return the columns of a new row of `model`: valid `values`, and what the others name."""
    found = custom_fields.parse(session, types.entity_of(model), custom or {})
    return {
        **values,
        **reference_columns(session, owner=owner, customer=customer),
        "tags": tags(tagged),
        "custom": custom_fields.merged({}, found),
    }


def attach(session: CrmSession, row: Record, written: Sequence[str]) -> bool:
    """Give `row` the external keys `written`; return whether any is new."""
    entity = types.entity_of(type(row))
    new = False
    for text in written:
        source, external_id = external_ids.parse(text)
        new |= bool(external_ids.attach(session, entity, source, [(external_id, row.id)]))
    return new
