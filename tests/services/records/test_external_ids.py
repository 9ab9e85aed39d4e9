"""External keys: given to rows once, looked up in bulk, never to two rows."""

import gc
import weakref

import pytest

from crmctl.domain.kinds import Entity
from crmctl.errors import Refused, UsageError
from crmctl.services.records import external_ids
from tests.services.company import Company


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("123", ("", "123")),
        ("hubspot:123", ("hubspot", "123")),
        (" hubspot : 123 ", ("hubspot", "123")),
        ("urn:li:7", ("urn", "li:7")),
    ],
)
def test_a_key_is_read_up_to_its_first_colon(text: str, parsed: tuple[str, str]) -> None:
    assert external_ids.parse(text) == parsed


@pytest.mark.parametrize("text", ["", "hubspot:", "x" * 201, f"{'s' * 51}:1", "a\x00b"])
def test_a_key_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        external_ids.parse(text)


def test_keys_are_attached_once_and_looked_up_in_bulk(company: Company) -> None:
    with company.writes() as session:
        ann, bob = company.customers(session, "Ann", "Bob")
        pairs = [("1", ann.id), ("2", bob.id), ("1", ann.id)]
        assert len(external_ids.attach(session, Entity.CUSTOMER, "hubspot", pairs)) == 2
        assert external_ids.attach(session, Entity.CUSTOMER, "hubspot", pairs) == []
        asked = [str(number) for number in range(1200)]
        found = external_ids.lookup(session, Entity.CUSTOMER, "hubspot", asked)
        assert found == {"1": ann.id, "2": bob.id}
        assert external_ids.lookup(session, Entity.CUSTOMER, "other", ["1"]) == {}
        assert external_ids.lookup(session, Entity.DEAL, "hubspot", ["1"]) == {}
        assert external_ids.of(session, Entity.CUSTOMER, [ann.id, bob.id]) == {
            ann.id: ["hubspot:1"],
            bob.id: ["hubspot:2"],
        }


def test_a_key_never_names_two_rows(company: Company) -> None:
    with company.writes() as session:
        ann, bob = company.customers(session, "Ann", "Bob")
        external_ids.attach(session, Entity.CUSTOMER, "", [("1", ann.id)])
        with pytest.raises(Refused, match="external id 1 belongs to another customer already"):
            external_ids.attach(session, Entity.CUSTOMER, "", [("1", bob.id)])
        with pytest.raises(Refused, match="external id crm:9"):
            external_ids.attach(session, Entity.CUSTOMER, "crm", [("9", ann.id), ("9", bob.id)])


def test_keys_that_are_taken_away_can_be_given_again(company: Company) -> None:
    with company.writes() as session:
        ann, bob = company.customers(session, "Ann", "Bob")
        external_ids.attach(session, Entity.CUSTOMER, "crm", [("1", ann.id)])
        assert [
            external_ids.written(key)
            for key in external_ids.detach(session, Entity.CUSTOMER, [ann.id])
        ] == ["crm:1"]
        external_ids.attach(session, Entity.CUSTOMER, "crm", [("1", bob.id)])
        assert external_ids.of(session, Entity.CUSTOMER, [ann.id, bob.id]) == {bob.id: ["crm:1"]}


class _Text(str):
    """A text that can be watched."""


def test_what_was_looked_up_is_let_go_without_looking_for_garbage(company: Company) -> None:
    if company.engine.dialect.name == "sqlite":
        pytest.skip("SQLite is given the values as one text of JSON, and PostgreSQL the values")
    with company.writes() as session:
        external_ids.lookup(session, Entity.CUSTOMER, "hubspot", ["1"])
        asked = _Text("2")
        kept = weakref.ref(asked)
        gc.disable()
        try:
            external_ids.lookup(session, Entity.CUSTOMER, "hubspot", [asked])
            del asked
            assert kept() is None
        finally:
            gc.enable()
