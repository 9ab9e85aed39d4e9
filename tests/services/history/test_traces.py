"""Where a person's data may be: which words of a name mean the person alone."""

import pytest

from crmctl.services.history import erase, traces
from tests.services.company import Company


@pytest.mark.parametrize(("others", "alone"), [(3, True), (4, False)])
def test_a_word_means_one_person_whoever_else_has_it_in_a_word(
    company: Company, others: int, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "_PAGE", 10)
    with company.writes() as session:
        company.customers(session, "Ann Quill", *(f"Hannah {n}" for n in range(1100)))
        company.customers(session, *(f"Ann {n}" for n in range(others)))
    with company.writes() as session:
        subject = erase.find(session, "C1")
        assert subject.row
        found = traces.trace(session, subject, [subject.row])
    assert bool(found.possible.search("the plan of Ann")) is alone
    assert found.possible.search("the plan of Quill")
