"""Activities: what was done, or is to be done, about customers and deals."""

from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import numbers, references


def add(
    session: CrmSession,
    values: Columns,
    *,
    deal: str | None = None,
    customer: str | None = None,
) -> Activity:
    """Create an activity from valid `values`, about the `deal`, the `customer` or both.

    It takes place now where nothing else is said, and belongs to the franchise of what it is about.
    """
    if not deal and not customer:
        raise UsageError("an activity is about a deal or a customer: say --deal or --customer")
    about_deal = references.find(session, Deal, deal) if deal else None
    about = references.find(session, Customer, customer) if customer else None
    homes = (session.franchise_id, *(row.franchise_id for row in (about_deal, about) if row))
    fixed = {
        "id": new_id(),
        "number": numbers.take(session, Entity.ACTIVITY),
        "franchise_id": next((home for home in homes if home), None),
        "deal_id": about_deal.id if about_deal else None,
        "customer_id": about.id if about else None,
    }
    return changes.create(session, Activity, [{"at": session.change.at, **values, **fixed}])[0]
