"""Franchises: the parts of a company that work their own customers and deals."""

from uuid import UUID

from sqlmodel import select

from crmctl.domain.collation import collation_key
from crmctl.domain.text import folded
from crmctl.errors import Refused, UsageError
from crmctl.models.base import Columns, new_id
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise
from crmctl.services import changes
from crmctl.services.records.references import find_named
from crmctl.services.tenancy.companies import NONE
from crmctl.storage import dialects
from crmctl.storage.scope import in_company


def find_id(session: CrmSession, text: str) -> UUID | None:
    """Return the id of the franchise that `text` names; None for `none`, the whole company."""
    return None if text.lower() == NONE else find_named(session, Franchise, text).id


def search(session: CrmSession) -> list[Franchise]:
    """Return the franchises of the company, by name."""
    mine = select(Franchise).where(in_company(session, Franchise))
    return sorted(session.exec(mine).all(), key=lambda franchise: collation_key(franchise.name))


def add(session: CrmSession, values: Columns) -> Franchise:
    """Create a franchise from valid `values`, and return it."""
    _take_turns(session)
    _free_franchise_name(session, values["name"])
    return changes.create(session, Franchise, [{"id": new_id(), **values}])[0]


def edit(session: CrmSession, franchise: Franchise, values: Columns) -> bool:
    """Set valid `values` in `franchise`; return whether that changed anything."""
    _take_turns(session)
    changes.lock(session, franchise)
    if (name := values.get("name")) and folded(name) != folded(franchise.name):
        _free_franchise_name(session, name)
    return bool(changes.edit(session, [franchise], values))


def _take_turns(session: CrmSession) -> None:
    """Wait for whoever else names franchises: no row that they add can be locked."""
    dialects.take_turns(session, f"franchise {session.company_id}")


def _free_franchise_name(session: CrmSession, name: str) -> None:
    if name.lower() == NONE:
        raise UsageError(f"a franchise cannot be called {name!r}: that stands for no franchise")
    if any(folded(known.name) == folded(name) for known in search(session)):
        raise Refused(f"there is a franchise called {name!r} already")
