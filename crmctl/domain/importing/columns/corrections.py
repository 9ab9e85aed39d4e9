"""Corrections of what columns are, as people type them: a column of the file, and a field."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from crmctl.domain.importing.columns.fields import ACTIVE, FIELDS, SEEN_ALONE, Listed
from crmctl.domain.importing.files.tables import numbered
from crmctl.domain.importing.units import bare_name, normal
from crmctl.errors import UsageError


def correction(
    text: str, header: Sequence[str], entity: Listed, custom: Mapping[str, str]
) -> tuple[int, str]:
    """Return which column `text`, such as `Deal Name=title`, is about, and the field it is for.

    An empty field leaves the column out.
    """
    name, equals, field = (part.strip() for part in text.rpartition("="))
    if not equals or not name:
        raise UsageError(f'--map takes COLUMN=FIELD, such as "Deal Name=title", not {text!r}')
    return _position(name, header), field_named(field, entity, custom) if field else ""


def _position(name: str, header: Sequence[str]) -> int:
    wanted = " ".join(name.split())
    for same in (str, normal, bare_name):
        found = [position for position, column in enumerate(header) if same(column) == same(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            named = " and ".join(repr(header[position]) for position in found)
            raise UsageError(f"columns {named} are meant by {name!r}: write one as it is")
    # A column that the file gives no name is told by its number.
    if wanted.isdecimal() and numbered(int(wanted) - 1) in header:
        return header.index(numbered(int(wanted) - 1))
    close = get_close_matches(name, header, n=3) or header
    raise UsageError(f"there is no column {name!r} (there is {_some(close)})")


def field_named(text: str, entity: Listed, custom: Mapping[str, str]) -> str:
    """Return the field that a person calls `text`; raises UsageError if there is none."""
    name = text.lower().replace(" ", "_").replace("-", "_")
    fields = FIELDS[entity]
    if name in fields and not (name in {*SEEN_ALONE, ACTIVE} and name in custom):
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


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
