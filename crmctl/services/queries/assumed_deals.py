"""How many deals were closed on a day that nobody said."""

from sqlalchemy import String, cast, func
from sqlmodel import col

from crmctl.models.deals import Deal
from crmctl.services.pipeline import closing
from crmctl.services.queries.deal_totals import Selection, changed_since, unchanged_since
from crmctl.services.queries.snapshot import Snapshot


def count_assumed(snapshot: Snapshot, chosen: Selection) -> int:
    """Return how many of the `chosen` deals, closed ones, were closed on an assumed day."""
    text = cast(col(Deal.assumed), String)
    query = unchanged_since(snapshot, chosen, func.count()).where(
        col(Deal.assumed).is_not(None), text.like(f'%"{closing.CLOSED_AT}"%')
    )
    there: int = snapshot.session.execute(query).scalar_one()
    changed = changed_since(snapshot, chosen)
    return there + sum(closing.is_assumed(deal.get("assumed")) for deal in changed)
