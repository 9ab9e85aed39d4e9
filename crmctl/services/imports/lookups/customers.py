"""The customers whom the rows of a file refer to, and those that are to be created for them."""

from collections.abc import Sequence

from crmctl.domain.contacts import domain_of, host_of
from crmctl.domain.external_ids import kind_of_column
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.unknown_names import NameOf
from crmctl.domain.kinds import Entity
from crmctl.errors import CrmError
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.inputs import CustomerUpdate, validated
from crmctl.services.imports.lookups.candidates import Candidate
from crmctl.services.imports.lookups.records import RecordLookup
from crmctl.services.imports.matching.match_keys import comparable
from crmctl.services.imports.parsed_row import ParsedRow

_BY_ADDRESS = Finding(
    certainty=Certainty.ASSUMED,
    text="new customers are called by their addresses: no row names them",
    one="new customer is called by its address: no row names it",
    count=1,
    option="--map COLUMN=customer",
)


_NOBODYS = Finding(
    certainty=Certainty.UNKNOWN,
    text="rows say of their customers nothing but an id that nobody has: they are left open",
    one="row says of its customer nothing but an id that nobody has: it is left open",
    count=1,
    option="--map COLUMN=customer",
)


_OF_PERSON = Finding(
    certainty=Certainty.DECIDED,
    text="new companies are not given the addresses of their contact persons",
    one="new company is not given the address of its contact person",
    count=1,
)


class CustomerLookup(RecordLookup[Customer]):
    """The customers whom the rows of a file refer to."""

    model = Customer
    name = "name"
    email = "email"
    instead = ("contact",)
    creation_hint = " (--create-missing customers adds them)"

    def mark_used(self, candidate: Candidate | None) -> None:
        """Have `candidate` created, and take note if it is called by an address."""
        if candidate is None:
            return
        pending = len(self.pending)
        super().mark_used(candidate)
        for each in self.pending[pending:]:
            if each.name in (each.email, each.website):
                self._findings.add(_BY_ADDRESS)

    def _missing(self, row: ParsedRow) -> Sequence[Candidate]:
        said = [name for name in self._fields if name in row.values]
        if said == ["customer_external_id"] and row.values.get("customer_id_alone"):
            # Exports list the ids of whatever is associated, whether it is exported or not.
            row.findings += (_NOBODYS,)
            return []
        return self._new(row) if self.create else super()._missing(row)

    def _new(self, row: ParsedRow) -> list[Candidate]:
        """Return a customer with all that `row` says about it, known by that from now on."""
        given, text = row.values, self._text(row)
        email = _own_address(row, text)
        domain = host_of(given.get("customer_domain") or "")
        if not (text or email or domain) or self._number(text or ""):
            name = self.field(row)
            row.refuse(name, f"no customer answers to {row.texts[name]!r}", NameOf.CUSTOMER)
            return []
        external = given.get("customer_external_id")
        try:
            named = {"name": text or email or domain, "email": email}
            values = validated(CustomerUpdate, named | ({"website": domain} if domain else {}))
        except CrmError as error:
            row.refuse(self.field(row), str(error))
            return []
        candidate = Candidate(
            id=given.get("customer_crmctl_id") or new_id(),
            label=values["name"],
            name=values["name"],
            email=values["email"],
            website=values.get("website"),
            new_values=values,
            external_id=self._own_external_id(row, external) if external else None,
        )
        self.labels[candidate.id] = candidate.label
        self._add_new(candidate, values["name"], values["email"], values.get("website"))
        return [candidate]

    def _add_new(
        self, candidate: Candidate, name: str, email: str | None, website: str | None
    ) -> None:
        self.add(("id", candidate.id), candidate)
        self.add(("name", comparable(name)), candidate)
        if email:
            self.add(("email", email), candidate)
        if domain := domain_of(website, email):
            self.add(("domain", domain), candidate)
        if candidate.external_id:
            self.add(("external", candidate.external_id), candidate)

    def mark_created(self, customers: Sequence[Candidate]) -> None:
        """Take note that `customers` are in the database now, which can be asked for them."""
        for kind, index in self._indexes.items():
            key = self._stored_key(kind)
            index.add((key.value_in(each.new_values or {}), each.id) for each in customers)
        for customer in customers:
            customer.new_values = None


def _own_address(row: ParsedRow, text: str | None) -> str | None:
    """Return the e-mail address that a new customer gets, which may be the `text` that names it."""
    email: str | None = row.values.get("customer_email")
    if email is None and text and "@" in text and " " not in text:
        email = text
    if email and _is_of_person(row):
        row.findings += (_OF_PERSON,)
        return None
    return email


def _is_of_person(row: ParsedRow) -> bool:
    """Return whether `row` names a company, and beside it the address of a person there.

    The names of the columns tell, such as `Person - Email` beside `Organization`.
    """
    company, person = row.values.get("customer"), row.values.get("contact")
    if company is None or company == person:
        return False
    address, named = (row.columns.of(each) for each in ("customer_email", "customer"))
    kinds = [kind_of_column(each, Entity.CUSTOMER) for each in (address, named)]
    return kinds[0] == "contact" != kinds[1]
