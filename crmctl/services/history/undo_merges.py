"""Taking a change back after customers were merged: what is of a merged one follows it."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from crmctl.models.base import Owned, Values
from crmctl.models.customers import Customer
from crmctl.models.external_ids import ExternalId
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.history.undo_conflicts import find, having
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.records import hidden_customers
from crmctl.storage.lookups import batches
from crmctl.storage.tables import table_of

#: By which column rows refer to a customer.
_COLUMNS: dict[type[Owned], str] = {**changes.CUSTOMER_COLUMNS, ExternalId: "customer_id"}


def note_merges(made: UndoPlan, effects: Sequence[RowEffect]) -> None:
    """Note of `effects` which customers would be merged, or come back from a merge."""
    for effect in effects:
        if effect.model is Customer and "merged_into" in effect.values and not made.stays(effect):
            made.merges[effect.known["id"]] = effect.values["merged_into"]


def keep_circles(session: CrmSession, made: UndoPlan, *, lock: bool) -> None:
    """Keep the customers that would be merged into one that was merged into them."""
    merging = [customer for customer, into in made.merges.items() if into]
    into = _merges(session, made, [*filter(None, made.merges.values())], lock=lock)
    for customer in merging:
        if _survivor(into, customer) == customer:
            for effect in find(session, made, Customer, [str(customer)], anew=False).values():
                made.keep(effect, "what it was merged into was merged into it since")
            del into[customer], made.merges[customer]


def follow(
    session: CrmSession, made: UndoPlan, effects: Sequence[RowEffect], *, lock: bool
) -> None:
    """Have those of `effects` that would be of a merged customer be of whom it was merged into.

    With `lock`, nobody merges those whom this is about before it is written.
    """
    leading = [e for e in effects if e.model in _COLUMNS and e.values.get(_COLUMNS[e.model])]
    named = {effect.values[_COLUMNS[effect.model]] for effect in leading}
    into = _merges(session, made, sorted(named), lock=lock) if named else {}
    for effect in leading:
        name = _COLUMNS[effect.model]
        if effect.values[name] in into:
            _refer(made, effect, name, _survivor(into, effect.values[name]))


def taken_along(
    session: CrmSession, made: UndoPlan, *, lock: bool
) -> Iterator[tuple[type[Owned], list[tuple[Values, Values]]]]:
    """Yield, by table, what came to customers in between who are merged again, with its edits.

    What goes elsewhere, or goes, by itself is not among them.
    """
    gone = [customer for customer, into in made.merges.items() if into]
    for batch in batches(gone):
        into = _merges(session, made, [*filter(None, map(made.merges.get, batch))], lock=lock)
        for model, name in _COLUMNS.items():
            query = select(table_of(model))
            found = having(
                session,
                model,
                query.with_for_update() if lock else query,
                [name],
                [(each,) for each in batch],
            )
            rows = [dict(zip(table_of(model).c.keys(), row, strict=True)) for row in found]
            edits = _along(session, made, model, rows, into)
            if edits:
                yield model, edits


def _along(
    session: CrmSession,
    made: UndoPlan,
    model: type[Owned],
    rows: Sequence[Values],
    into: dict[UUID, UUID],
) -> list[tuple[Values, Values]]:
    name = _COLUMNS[model]
    keyed = {changes.row_key(model(**row)): row for row in rows}
    effects = find(session, made, model, list(keyed), anew=False)
    edits = []
    for key, row in keyed.items():
        effect = effects.get(key)
        by_itself = effect and (effect.verb == "remove" or name in effect.values)
        if effect and by_itself and not made.stays(effect):
            continue
        mine = RowEffect(model=model, key=key, before={}, after={}, row=row)
        mine.values = {name: _survivor(into, row[name])}
        made.stamp(mine)
        edits.append((row, mine.values))
    return edits


def _merges(
    session: CrmSession, made: UndoPlan, customers: Sequence[UUID], *, lock: bool
) -> dict[UUID, UUID]:
    """Return whom customers would be merged into: `customers`, and those that this is about."""
    into = hidden_customers.merged_among(session, customers, lock=lock)
    for customer, target in made.merges.items():
        if target:
            into[customer] = target
        else:
            into.pop(customer, None)
    if made.merges:
        targets = sorted({*into.values()} - into.keys() - made.merges.keys())
        into = {**hidden_customers.merged_among(session, targets, lock=lock), **into}
    return into


def _survivor(into: dict[UUID, UUID], customer: UUID) -> UUID:
    """Return what becomes of `customer`; of one in a circle, itself."""
    found, seen = customer, {customer}
    while (following := into.get(found)) and following not in seen:
        found = following
        seen.add(found)
    return customer if into.get(found) in seen else found


def _refer(made: UndoPlan, effect: RowEffect, name: str, customer: UUID) -> None:
    """Have what is taken back refer by `name` to `customer`, so that it is not as it was before."""
    effect.values = {**effect.values, name: customer}
    if effect.row is None:
        return
    if effect.row[name] == customer:
        del effect.values[name]
    made.stamp(effect)
