"""Which deals have a lost reason."""

import pytest

from crmctl.domain import lost_reasons
from crmctl.domain.kinds import Status


@pytest.mark.parametrize("status", [Status.OPEN, Status.WON])
def test_only_a_lost_deal_has_one(status: Status) -> None:
    assert not lost_reasons.allowed(status)
    assert lost_reasons.conflict(None, "proposal", status) is None
    why = "a lost reason is for deals that are lost, and proposal is not"
    assert lost_reasons.conflict("price", "proposal", status) == why


def test_a_lost_deal_has_one() -> None:
    assert lost_reasons.allowed(Status.LOST)
    assert lost_reasons.conflict("price", "lost", Status.LOST) is None
