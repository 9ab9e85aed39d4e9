"""What is said of a reference that names nothing: the record nearest to it, or how to look on."""

import shlex

from sqlalchemy import ColumnElement
from sqlalchemy import select as columns_of
from sqlmodel import col, or_

from crmctl.errors import NotFound
from crmctl.models.activities import Activity
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.records import types
from crmctl.storage import dialects
from crmctl.storage.scope import in_scope, is_removed

NumberedModel = type[Customer] | type[Deal] | type[Activity]
#: The records whose names are compared with what was typed.
_COMPARED = 500
#: How like a name must be to be named, from 0 to 1.
_LIKENESS = 0.75
#: Of a longer text, its first or its last letters are looked for; else names of its first letter.
_LETTERS = 3


def not_found(
    session: CrmSession,
    model: NumberedModel,
    text: str,
    *,
    deleted: bool = False,
    number: bool = False,
    addable: bool = False,
) -> NotFound:
    """Return the error that no row answers to `text`, with the way out.

    `number` says that it is written like the number of a record, and so like no name, and
    `addable` that a new customer would do.
    """
    words = text.strip()
    called = types.of(model)
    kind = "removed " if deleted else ""
    near = None if number else _nearest(session, model, words, deleted=deleted)
    listing = _listing(called.noun, deleted=deleted, by_name=bool(words) and not number)
    named = addable and words and not number and "@" not in words
    adding = f", or crmctl customer add {shlex.quote(words)}" if named else ""
    way_out = f"the nearest is {near}" if near else listing + adding
    return NotFound(f"no {kind}{called.noun} answers to {words!r} ({way_out})")


def _listing(noun: str, *, deleted: bool, by_name: bool) -> str:
    among = " --removed" if deleted else " --status all" if noun == types.DEAL.noun else ""
    return f"crmctl {noun} list{among}{' --text WORD' if by_name else ''}"


def _nearest(session: CrmSession, model: NumberedModel, words: str, *, deleted: bool) -> str | None:
    """Return what people call the row whose name is most like `words`; None if none is."""
    if len(words) < _LETTERS:
        return None
    from difflib import get_close_matches

    called = types.of(model)
    columns = [called.column(name) for name in called.reference_columns]
    begins: list[ColumnElement[bool]] = [
        dialects.contains(session, each, part)
        for each in columns
        for part in (words[:_LETTERS], words[-_LETTERS:])
    ]
    if len(words) < 2 * _LETTERS:
        begins = [each.istartswith(words[0], autoescape=True) for each in columns]
    query = (
        columns_of(col(model.number), *columns)
        .where(*in_scope(session, model), is_removed(model, deleted), or_(*begins))
        .limit(_COMPARED)
    )
    names: dict[str, str] = {}
    for number, name, *others in session.execute(query):
        for each in (name, *others):
            names.setdefault(each.lower() if each else "", f"{called.ref(number)} {name}")
    close = get_close_matches(words.lower(), names, 1, _LIKENESS)
    return names[close[0]] if close else None
