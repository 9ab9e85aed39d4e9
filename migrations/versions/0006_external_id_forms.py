"""External ids of systems that write one id in several ways are brought to one form."""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY: dict[str, sa.types.TypeEngine[Any]] = {
    "company_id": sa.Uuid(),
    "entity": sa.Text(),
    "source": sa.Text(),
    "external_id": sa.Text(),
}
_SALESFORCE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)
_DECIMAL = re.compile(r"\A([0-9]+)\.0+\Z", re.ASCII)
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_KINDS = ("", "/company", "/contact", "/lead", "/call", "/meeting", "/note", "/task")
_SOURCES = [
    f"{system}{kind}"
    for system in ("salesforce", "zoho", "hubspot", "pipedrive")
    for kind in _KINDS
]


def upgrade() -> None:
    """Bring the schema to this revision; an id whose other form names a record already stays."""
    columns = [sa.column(name, kind) for name, kind in _KEY.items()]
    table = sa.table("external_keys", *columns)
    mine = [each == sa.bindparam(f"own_{each.name}", type_=each.type) for each in columns]
    new = {"external_id": sa.bindparam("new_id", type_=sa.Text())}
    changed = list(_changed(table))
    if changed:
        op.get_bind().execute(sa.update(table).where(*mine).values(new), changed)


def downgrade() -> None:
    """Take the schema back to the revision before; ids stay in their form."""


def _changed(table: sa.TableClause) -> Iterator[dict[str, object]]:
    """Yield the key of each id that is in another form, and that form, which no other has."""
    query = sa.select(table).where(table.c.source.in_(_SOURCES))
    rows: list[Any] = [tuple(row) for row in op.get_bind().execute(query)]
    taken = set(rows)
    for *owner, source, external_id in rows:
        form = _form(source.partition("/")[0], external_id)
        key = (*owner, source, form)
        if key not in taken:
            taken.add(key)
            own = zip(_KEY, (*owner, source, external_id), strict=True)
            yield {**{f"own_{name}": value for name, value in own}, "new_id": form}


def _form(system: str, text: str) -> str:
    if system == "salesforce":
        return _salesforce(text) if _SALESFORCE.fullmatch(text) else text
    return _DECIMAL.sub(r"\1", text.removeprefix("zcrm_") if system == "zoho" else text)


def _salesforce(text: str) -> str:
    bare, ending = text[:15], text[15:].upper()
    if not ending:
        return bare + _case_of(bare)
    told = bare
    if bare in (bare.lower(), bare.upper()) and not set(ending) - set(_CASES):
        bits = [_CASES.index(each) >> at & 1 for each in ending for at in range(5)]
        told = "".join(c.upper() if up else c.lower() for c, up in zip(bare, bits, strict=True))
    return told + ending if _case_of(told) == ending else text


def _case_of(bare: str) -> str:
    bits = [sum(c.isupper() << at for at, c in enumerate(bare[i : i + 5])) for i in (0, 5, 10)]
    return "".join(_CASES[each] for each in bits)
