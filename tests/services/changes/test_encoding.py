"""What a change set keeps of a row in JSON is read back as the row held it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlmodel import select

from crmctl.domain.kinds import ForecastCategory
from crmctl.models.deals import Deal
from crmctl.services import changes
from crmctl.services.pipeline import deals
from tests.services.company import Company


def test_every_field_of_a_deal_comes_back_as_it_was(company: Company) -> None:
    values = {
        "title": "Desks",
        "amount": Decimal("1200.5000"),
        "probability": Decimal("0.3500"),
        "forecast_category": ForecastCategory.COMMIT,
        "expected_close": date(2026, 4, 1),
        "tags": ["a"],
    }
    with company.writes() as session:
        deals.create(session, values, at=datetime(2026, 2, 1, 8, 30, tzinfo=UTC), stage="won")
    with company.reads() as session:
        row = session.exec(select(Deal)).one()
        before = changes.values_of(row)
        kept = json.loads(json.dumps(changes.encode_all(before)))
        after = changes.decode(Deal, kept)
    assert after == before
    assert {name: type(value) for name, value in after.items()} == {
        name: type(value) for name, value in before.items()
    }
