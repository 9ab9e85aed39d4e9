"""What tests of crmctl import share: running one, and what came of it."""

from typing import Any

from tests.crm import Crm, Result


def deals(crm: Crm, *, removed: bool = False) -> list[dict[str, Any]]:
    """Return all deals as JSON has them."""
    result = crm(f"deal list --status all --limit 10000 --json {'--removed' if removed else ''}")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = result.json()
    return found


def customers(crm: Crm) -> list[dict[str, Any]]:
    """Return the customers as JSON has them."""
    result = crm("customer list --json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = result.json()
    return found


def take(crm: Crm, what: str, content: str | bytes, options: str = "", **more: Any) -> Result:
    """Import `content` from stdin and print the plan as JSON."""
    return crm(f"import {what} - --json {options}", input=content, **more)


def findings(result: Result, certainty: str | None = None) -> dict[str, int]:
    """Return what an import found out, with how many rows each is about."""
    found = result.json()["findings"]
    return {each["text"]: each["count"] for each in found if certainty in (None, each["certainty"])}


def counts(result: Result) -> tuple[int, int, int, int]:
    """Return how many rows of a plan were created, updated, unchanged and rejected."""
    plan = result.json()
    return plan["created"], plan["updated"], plan["unchanged"], plan["rejected"]


def reasons(result: Result) -> list[str]:
    """Return what is wrong with the rejected rows, a text for each."""
    return [
        f"{each['line']} {each['column']}: {each['reason']}" for each in result.json()["rejects"]
    ]


def changes(crm: Crm) -> int:
    """Return how many change sets there are."""
    return len(crm("log --json").json())
