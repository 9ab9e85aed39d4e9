"""Whose deal a row is about: titles repeat among customers."""

from crmctl.services.imports.matching.match_keys import MatchKey
from crmctl.services.imports.matching.stored_rows import Row
from crmctl.services.imports.parsed_row import ParsedRow

#: The fields in which a deal names its customer.
_CUSTOMERS = (
    "customer_crmctl_id", "customer_external_id", "customer_email", "customer_domain", "customer",
)  # fmt: skip


def of_customers(records: list[Row], row: ParsedRow) -> list[Row]:
    """Return those of the deals `records`, all of one title, that the customers of `row` may mean.

    Where no customer is named and several bear the title, those of nobody are meant.
    """
    customers = row.related.get("customer")
    if customers is None and not {*_CUSTOMERS, "contact"}.isdisjoint(row.refused):
        # Nobody is called like its customer: a deal of that title is another's.
        return []
    if customers is not None:
        return [deal for deal in records if getattr(deal, "customer_id", None) in customers]
    unowned = [deal for deal in records if getattr(deal, "customer_id", None) is None]
    return unowned if unowned and len(records) > 1 else records


def with_customer(row: ParsedRow, match_key: MatchKey) -> MatchKey:
    """Return a deal's title together with its customer, since titles repeat among customers."""
    named = [name for name in _CUSTOMERS if name in row.texts] or ["contact"]
    return ("title", (match_key[1], *(row.texts.get(name, "").lower() for name in named)))
