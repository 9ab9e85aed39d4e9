"""Single values as JSON has them, and the differences between two records of a row."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from crmctl.domain.kinds import Status
from crmctl.render.values import differences, plain


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, None),
        (3, 3),
        (True, True),
        ("as it is", "as it is"),
        (Decimal("12500.0000"), "12500.00"),
        (date(2026, 3, 14), "2026-03-14"),
        (datetime(2026, 3, 14, 9, 30, tzinfo=UTC), "2026-03-14T09:30:00Z"),
        (Status.WON, "won"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        ({"renewal": date(2026, 3, 14)}, {"renewal": "2026-03-14"}),
        (["a", "b"], ["a", "b"]),
    ],
)
def test_a_value_is_what_json_has_a_form_for(value: object, written: object) -> None:
    found = plain(value)
    assert found == written
    assert json.loads(json.dumps(found)) == written


def test_differences_are_named_without_what_follows_from_them() -> None:
    before = {"amount": "5", "owner": None, "tags": ["a"], "updated_at": "1", "next_step": "call"}
    after = {"amount": "7", "owner": "Uma", "tags": [], "updated_at": "2", "next_step": "call"}
    assert differences(before, after) == "amount 5 -> 7, owner - -> Uma, tags a -> -"


def test_differences_are_safe_to_show() -> None:
    assert differences({"title": "a"}, {"title": "b\x1b[2J"}) == "title a -> b\\x1b[2J"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"budget": 5}, "budget - -> 5"),
        ({"budget": 5}, {"budget": 6.5}, "budget 5 -> 6.5"),
        ({"budget": 5}, {}, "budget 5 -> -"),
        ({"budget": 5, "site": "N"}, {"site": "S"}, "site N -> S, budget 5 -> -"),
        ({}, {"vip": True}, "vip - -> yes"),
        ({"vip": True}, {"vip": False}, "vip yes -> no"),
        ({}, {"plan_size": "XL"}, "plan_size - -> XL"),
        ({"amount": 5}, {"amount": 6}, "custom.amount 5 -> 6"),
        ({"note": "a"}, {"note": "a"}, ""),
    ],
)
def test_differences_name_each_custom_field(
    before: dict[str, object], after: dict[str, object], said: str
) -> None:
    old, new = {"title": "a", "custom": before}, {"title": "a", "custom": after}
    assert differences(old, new) == said
