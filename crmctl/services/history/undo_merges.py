"""Taking a change back after customers were merged: what is of a merged one follows it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlmodel import select

from crmctl.models.base import Owned, Values
from crmctl.models.customers import Customer
from crmctl.models.external_ids import ExternalId
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_changes import RowEffect, UndoPlan, choices
from crmctl.services.records import hidden_customers
from crmctl.storage.scope import in_company
from crmctl.storage.tables import table_of

#: By which column rows refer to a customer.
_COLUMNS: dict[type[Owned], str] = {**changes.CUSTOMER_COLUMNS, ExternalId: "customer_id"}


def follow(session: CrmSession, made: UndoPlan, *, lock: bool) -> None:
    """Have all that would be of a customer who is merged then be of the one it was merged into.

    A merge that is done again takes along what came to its customers in between. With `lock`,
    nobody merges those whom this is about before it is written.
    """
    into = _merges(session, made, lock=lock)
    if not into:
        return
    _keep_circles(made, into)
    for effect in _leading(made):
        name = _COLUMNS[effect.model]
        if effect.values[name] in into:
            _refer(session, effect, name, _survivor(into, effect.values[name]))
    gone = [effect.known["id"] for effect in _merging(made)]
    for model, name in _COLUMNS.items():
        for row in _of_customers(session, model, gone, lock=lock):
            _take_along(session, made, row, _survivor(into, getattr(row, name)))


def _leading(made: UndoPlan) -> Iterator[RowEffect]:
    """Yield what would refer to a customer."""
    for model, name in _COLUMNS.items():
        yield from (effect for effect in made.of(model) if effect.values.get(name))


def _merging(made: UndoPlan) -> Iterator[RowEffect]:
    """Yield the customers that would be merged."""
    return (effect for effect in made.of(Customer) if effect.values.get("merged_into"))


def _merges(session: CrmSession, made: UndoPlan, *, lock: bool) -> dict[UUID, UUID]:
    """Return whom customers would be merged into, of those that this is about."""
    named = {effect.values[_COLUMNS[effect.model]] for effect in _leading(made)}
    into = hidden_customers.merged_among(session, sorted(named), lock=lock)
    for effect in made.of(Customer):
        if "merged_into" in effect.values:
            into.pop(effect.known["id"], None)
    into.update((e.known["id"], e.values["merged_into"]) for e in _merging(made))
    return into


def _survivor(into: dict[UUID, UUID], customer: UUID) -> UUID:
    """Return what becomes of `customer`; of one in a circle, itself."""
    found, seen = customer, {customer}
    while (following := into.get(found)) and following not in seen:
        found = following
        seen.add(found)
    return customer if into.get(found) in seen else found


def _keep_circles(made: UndoPlan, into: dict[UUID, UUID]) -> None:
    """Keep the customers that would be merged into one that was merged into them."""
    for effect in list(_merging(made)):
        customer: UUID = effect.known["id"]
        if _survivor(into, customer) == customer:
            effect.kept_because = "what it was merged into was merged into it since"
            del into[customer]


def _refer(session: CrmSession, effect: RowEffect, name: str, customer: UUID) -> None:
    """Have what is taken back refer by `name` to `customer`, so that it is not as it was before."""
    effect.values[name] = customer
    if effect.row is None:
        return
    if getattr(effect.row, name) == customer:
        del effect.values[name]
    if effect.values.keys() <= changes.BOOKKEEPING:
        effect.values = {}
    else:
        effect.values |= _stamp(session, effect.model)


def _stamp(session: CrmSession, model: type[Owned]) -> Values:
    stamp = {"changed_in": session.change.id, "updated_at": session.change.at}
    return {name: value for name, value in stamp.items() if name in table_of(model).c}


def _of_customers(
    session: CrmSession, model: type[Owned], customers: Sequence[UUID], *, lock: bool
) -> Iterator[Owned]:
    """Yield the rows of `model` that are of one of `customers`."""
    column = table_of(model).c[_COLUMNS[model]]
    for chosen in choices([column], [(each,) for each in customers]):
        query = select(model).where(in_company(session, model), chosen)
        yield from session.exec(query.with_for_update() if lock else query).all()


def _take_along(session: CrmSession, made: UndoPlan, row: Owned, customer: UUID) -> None:
    """Have `row` be of `customer`, unless it goes elsewhere, or goes, by itself."""
    model = type(row)
    name, key = _COLUMNS[model], changes.row_key(row)
    effect = made.find(model, key)
    if effect and not made.stays(effect) and (effect.verb == "remove" or name in effect.values):
        return
    if effect is None or effect.verb == "remove":
        before, after = {name: getattr(row, name)}, {name: customer}
        effect = RowEffect(model=model, key=key, before=before, after=after, row=row)
        made.add(effect)
    effect.kept_because = None
    effect.values = {**effect.values, name: customer, **_stamp(session, model)}
