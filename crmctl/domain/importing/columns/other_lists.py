"""Lists of something else than what is imported: products, invoices, another kind of record."""

from collections.abc import Sequence
from dataclasses import dataclass

from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.columns.presets import MARKS, SYSTEMS, load
from crmctl.domain.importing.units import folded, word_set, words_of
from crmctl.domain.kinds import ImportKind

#: What columns of lists are called that any program may write; two of them are hardly by chance.
_ANYBODYS = {
    "products": word_set(
        "productcode productname productid producttype productcategory sku variantsku barcode ean"
        " unitprice listprice sellingprice stock stockquantity quantityinstock inventory"
        " reorderlevel unitofmeasure artikelnummer artikelbezeichnung"
    ),
    "invoices": word_set(
        "invoicenumber invoiceno invoiceid invoicedate invoicetotal invoicestatus amountdue"
        " amountpaid paymentterms rechnungsnummer rechnungsdatum"
    ),
    "tickets": word_set(
        "ticketid ticketnumber ticketsubject ticketstatus casenumber issuekey issuetype"
    ),
}
#: What a list of these says that no other does.
_TELLING = {
    ImportKind.CUSTOMERS: word_set("first_name last_name email phone website country organisation"),
    ImportKind.DEALS: word_set(
        "stage outcome probability close_date expected_close closed_at customer_external_id"
    ),
    ImportKind.ACTIVITIES: word_set("subject body kind at done"),
}
#: Words in the name of what such a list is about.
_NAMED = {
    ImportKind.CUSTOMERS: word_set("person contact customer company organization organisation"),
    ImportKind.DEALS: word_set("deal opportunity potential"),
    ImportKind.ACTIVITIES: word_set("activity"),
}


@dataclass(frozen=True)
class OtherList:
    """What a file looks like, and the kind of import that reads it, if any does."""

    name: str
    kind: ImportKind | None = None


def other_list(header: Sequence[str], kind: ImportKind, columns: ColumnMapping) -> OtherList | None:
    """Return the list that `header` is one of rather than `kind`, for which it has `columns`.

    Where it says something that only lists of `kind` say, or is nearly as like one, there is none.
    """
    named = {word for name in map(columns.of, ("title", "name")) for word in words_of(name)}
    if columns.fields & _TELLING[kind] or named & _NAMED[kind]:
        return None
    scores = [
        (layout.score(header), system, layout)
        for system in map(load, SYSTEMS)
        for layout in system.layouts
    ]
    own = max((score for score, _, layout in scores if layout.kind == kind), default=0)
    best, system, found = max(scores, key=lambda each: each[0])
    if best >= max(MARKS, own + 2):
        meant = f", which are {found.kind}" if found.kind and found.kind != found.name else ""
        return OtherList(f"{system.title}'s {found.name}{meant}", found.kind)
    words = set(map(folded, header))
    anybodys = (name for name, marks in _ANYBODYS.items() if len(marks & words) > 1)
    return next((OtherList(f"a list of {name}") for name in anybodys if own < MARKS), None)
