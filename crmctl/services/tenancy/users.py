"""Users: who owns deals and makes changes."""

from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.collation import collation_key
from crmctl.domain.kinds import Entity
from crmctl.domain.text import folded
from crmctl.errors import Refused, UsageError
from crmctl.models.base import Columns, new_id
from crmctl.models.session import CrmSession
from crmctl.models.tenants import User
from crmctl.services import changes
from crmctl.services.tenancy import franchises
from crmctl.services.tenancy.companies import NONE
from crmctl.storage import dialects
from crmctl.storage.scope import in_company


def search(session: CrmSession) -> list[User]:
    """Return the users of the company, by name."""
    mine = select(User).where(in_company(session, User))
    return sorted(
        session.exec(mine).all(), key=lambda user: (collation_key(user.name), str(user.id))
    )


def get(session: CrmSession, user_id: UUID | None) -> User | None:
    """Return the user with this id, or None."""
    return session.get(User, (session.company_id, user_id)) if user_id else None


def handle(session: CrmSession, user: User) -> str:
    """Return what names `user` and nobody else: the e-mail address, else the name, else the id."""
    if user.email:
        return user.email
    same = [other for other in search(session) if folded(other.name) == folded(user.name)]
    return user.name if len(same) == 1 else str(user.id)


def add(session: CrmSession, values: Columns, franchise: str | None = None) -> User:
    """Create and return a user from valid `values`, of the session's franchise or the named one."""
    _take_turns(session)
    _free_email(session, values.get("email"))
    if not values.get("name"):
        raise UsageError("a user needs a name")
    _check_user_name(values["name"])
    _tell_apart(session, values["name"], values.get("email"))
    home = franchises.find_id(session, franchise) if franchise else session.franchise_id
    return changes.create(session, User, [{"id": new_id(), "franchise_id": home, **values}])[0]


def edit(session: CrmSession, user: User, values: Columns, franchise: str | None = None) -> bool:
    """Set valid `values` and the franchise in `user`; return whether that changed anything."""
    if not values.keys().isdisjoint(("name", "email")):
        _take_turns(session)
    changes.lock(session, user)
    _check_user_name(values.get("name", user.name))
    if values.get("email") != user.email:
        _free_email(session, values.get("email"))
    if not values.keys().isdisjoint(("name", "email")):
        after = {"name": user.name, "email": user.email, **values}
        _tell_apart(session, after["name"], after["email"], user.id)
    home = {"franchise_id": franchises.find_id(session, franchise)} if franchise else {}
    return bool(changes.edit(session, [user], {**values, **home}))


def _take_turns(session: CrmSession) -> None:
    """Wait for whoever else names users, imports included: no row that they add can be locked."""
    dialects.take_turns(session, f"import {Entity.USER} {session.company_id}")


def _check_user_name(name: str) -> None:
    if name.lower() == NONE:
        raise UsageError(f"a user cannot be called {name!r}: that stands for no user")


def _tell_apart(session: CrmSession, name: str, email: str | None, own: UUID | None = None) -> None:
    """Raise Refused where nothing but an id would tell a user from others of that name."""
    for other in search(session) if not email else ():
        if other.id != own and folded(other.name) == folded(name):
            raise Refused(
                f"there is a user called {other.name!r} already: "
                "an e-mail address tells them apart (--email)"
            )


def _free_email(session: CrmSession, email: str | None) -> None:
    same = select(User).where(in_company(session, User), col(User.email) == email)
    if email and (taken := session.exec(same).first()):
        raise Refused(f"{email} belongs to {taken.name} already")
