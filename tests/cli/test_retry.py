"""What the database asks to have run again: once more, unless something was printed already."""

from collections.abc import Iterator
from typing import Any

import pytest

from crmctl.errors import Retry
from crmctl.services.exports import records
from crmctl.services.queries import search
from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("on_each_engine")

TOLD = "crmctl: error: the server ended the connection\n"


@pytest.fixture
def tries(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read of a company with a deal; the first reading ends in a lost connection."""
    crm.begin("init Acme --user Uma", "deal add Deal")
    monkeypatch.setattr("crmctl.workspace.time.sleep", lambda _: None)
    tried: list[str] = []
    rows, page = records.deals, search.deals

    def lost(what: str) -> None:
        tried.append(what)
        if len(tried) == 1:
            raise Retry("the server ended the connection")

    def exported(*arguments: Any) -> Iterator[Any]:
        yield from rows(*arguments)
        lost("exported")

    def listed(*arguments: Any, **options: Any) -> Any:
        lost("listed")
        return page(*arguments, **options)

    monkeypatch.setattr(records, "deals", exported)
    monkeypatch.setattr(search, "deals", listed)
    return tried


def test_what_has_printed_nothing_is_run_again(crm: Crm, tries: list[str]) -> None:
    result = crm("deal list --output csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(result.stdout.splitlines()) == 2
    assert tries == ["listed", "listed"]


def test_what_has_printed_is_not_run_again(crm: Crm, tries: list[str]) -> None:
    result = crm("export deals")
    assert (result.exit_code, result.stderr) == (4, TOLD)
    assert len(result.stdout.splitlines()) == 2
    assert tries == ["exported"]
