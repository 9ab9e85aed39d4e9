"""Whom the rows of a file name as the owner of a record, and in which franchise it is."""

from uuid import UUID

from sqlmodel import col, select

from crmctl.domain.importing.unknown_names import NameOf
from crmctl.domain.text import folded
from crmctl.errors import CrmError
from crmctl.models.base import new_id
from crmctl.models.inputs import UserUpdate, validated
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Franchise, User
from crmctl.services.imports.lookups.candidates import Candidate, Candidates
from crmctl.services.imports.parsed_row import ParsedRow
from crmctl.storage.scope import in_company

#: How many answers are kept in memory.
_REMEMBERED = 20_000


class OwnerLookup(Candidates):
    """The users of the company."""

    def __init__(self, session: CrmSession, *, create: bool) -> None:
        super().__init__(create)
        self._session = session
        self.labels: dict[UUID, str] = {}
        self._answers: dict[tuple[str | None, str | None], list[Candidate]] = {}
        self._read()

    def renew(self) -> None:
        """Read the users anew, after a commit."""
        self.known = {}
        self._answers.clear()
        self._read()

    def _read(self) -> None:
        session = self._session
        query = select(User.id, User.name, User.email, User.active).where(in_company(session, User))
        users = session.exec(query.order_by(col(User.id))).all()
        for user_id, name, email, active in users:
            self.labels[user_id] = name
            label = f"{name} <{email}>" if email else name
            user = Candidate(id=user_id, label=label, email=email, inactive=not active)
            if email:
                self.add(("email", email.lower()), user)
            # Someone who left is meant only where nobody who is there bears the name.
            self.add(("name" if active else "former", folded(name)), user)

    def find(self, row: ParsedRow) -> list[Candidate]:
        """Return those who may own the record that `row` is about; none refuses the row."""
        text, email = row.values.get("owner"), row.values.get("owner_email")
        if not text and not email:
            return []
        found = self._answering(text, email)
        if found:
            return found
        field_name = "owner" if text else "owner_email"
        if self.create:
            return self.add_new(row, field_name, text, email)
        row.refuse(
            field_name,
            f"no user answers to {email or text!r} (--create-missing users adds them)",
            NameOf.USER,
        )
        return []

    def _answering(self, text: str | None, email: str | None) -> list[Candidate]:
        """Return those who answer to `text` and `email`; most rows name few of them."""
        found = self._answers.get((text, email))
        if found is None:
            words = [folded(each) for each in (email, text) if each]
            names = [(kind, word) for word in words for kind in ("email", "name", "former")]
            found = self.first_known(names, email)
            if found:
                if len(self._answers) >= _REMEMBERED:
                    self._answers.clear()
                self._answers[text, email] = found
        return found

    def add_new(
        self, row: ParsedRow, name: str, text: str | None, email: str | None
    ) -> list[Candidate]:
        """Return a new user of whom `row` says `text` and `email`, in its field `name`."""
        address = email or (text if text and "@" in text else None)
        try:
            values = validated(UserUpdate, {"name": text or email, "email": address})
        except CrmError as error:
            row.refuse(name, str(error))
            return []
        self._answers.clear()
        user = Candidate(
            id=new_id(), label=values["name"], email=values["email"], new_values=values
        )
        self.labels[user.id] = user.label
        self.add(("name", folded(values["name"])), user)
        if values["email"]:
            self.add(("email", values["email"]), user)
        return [user]


class FranchiseLookup:
    """The franchises of the company."""

    def __init__(self, session: CrmSession) -> None:
        self._session = session
        self._own = session.franchise_id
        self.renew()

    def renew(self) -> None:
        """Read the franchises, again after a commit."""
        query = select(Franchise).where(in_company(self._session, Franchise))
        self._known = {folded(row.name): row.id for row in self._session.exec(query)}
        self.labels = {row_id: name for name, row_id in self._known.items()}

    def find(self, row: ParsedRow) -> UUID | None:
        """Return the franchise that `row` names; one that is not there refuses the row."""
        text = row.values.get("franchise")
        if text is None:
            return None
        found = self._known.get(folded(text))
        if found is None:
            why = f"no franchise is called {text!r} (crmctl franchise add)"
            row.refuse("franchise", why, NameOf.FRANCHISE)
        elif self._own not in (None, found):
            row.refuse("franchise", "is not the one that this import works for")
        return found
