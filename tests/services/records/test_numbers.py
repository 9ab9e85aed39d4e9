"""Numbers: nobody gets one twice, and nobody waits for a long transaction that takes many."""

import pytest

from crmctl.domain.kinds import Entity
from crmctl.services.records import numbers
from crmctl.storage import db
from tests.services.company import Company

DEAL = Entity.DEAL


@pytest.fixture
def block(monkeypatch: pytest.MonkeyPatch) -> int:
    """The size of a block, for these tests."""
    monkeypatch.setattr(numbers, "BLOCK", 10)
    return 10


def next_number(company: Company) -> int:
    """Return the number that the next one gets."""
    with company.writes() as session:
        return numbers.take(session, DEAL)


@pytest.mark.usefixtures("block")
def test_a_long_transaction_leaves_no_gap_that_nobody_needs(company: Company) -> None:
    with company.writes() as session:
        taken = [numbers.take(session, DEAL, count, long=True) for count in (3, 4, 15, 1)]
    assert taken == [1, 4, 8, 23]
    assert next_number(company) == 24
    with company.writes() as session:
        assert numbers.take(session, DEAL, 2, long=True) == 25
        db.commit(session)
        # Of the same session, in the next transaction.
        assert numbers.take(session, DEAL) == 27
        assert numbers.take(session, Entity.CUSTOMER) == 1


def test_others_take_numbers_behind_the_blocks_of_a_long_transaction(
    company: Company, block: int
) -> None:
    if company.engine.dialect.name == "sqlite":
        pytest.skip("it has one writer at a time")
    assert next_number(company) == 1
    with company.writes() as session:
        assert numbers.take(session, DEAL, 3, long=True) == 2
        with company.writes() as other:
            others = [numbers.take(other, DEAL), numbers.take(other, DEAL)]
            assert others == [block, block + 1]
            # Meanwhile that block is theirs.
            start = numbers.take(session, DEAL, 8, long=True)
            assert start == 2 * block
        assert next_number(company) == block + 2
        assert numbers.take(session, DEAL, 4, long=True) == 2 * block + 8
    assert next_number(company) == 3 * block + 2


def test_what_a_long_transaction_took_is_free_again_where_it_fails(company: Company) -> None:
    with company.writes() as session:
        assert numbers.take(session, DEAL, 3, long=True) == 1
        session.rollback()
    assert next_number(company) == 1
