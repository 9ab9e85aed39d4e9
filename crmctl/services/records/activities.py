"""Activities: what was done, or is to be done, about customers and deals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crmctl.domain.kinds import ActivityKind, Entity
from crmctl.errors import Refused, UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import Columns, new_id
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.inputs import ActivityUpdate, validated
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import numbers, record_values, references


@dataclass(frozen=True, kw_only=True)
class NewActivity:
    """An activity to add, about a `deal`, a `customer` or both, which are references.

    `subject`, `minutes` and `body` are as people write them. It takes place `at` that time, or now.
    """

    kind: ActivityKind
    subject: str
    at: datetime | None = None
    minutes: str | None = None
    body: str | None = None
    done: bool = False
    owner: str | None = None
    deal: str | None = None
    customer: str | None = None
    external_ids: Sequence[str] = ()


def add(session: CrmSession, new: NewActivity) -> Activity:
    """Add an activity with all that is to be known of it."""
    texts = {"subject": new.subject, "minutes": new.minutes, "body": new.body}
    given = {name: text for name, text in texts.items() if text is not None}
    values = {
        **validated(ActivityUpdate, given),
        "kind": new.kind,
        "at": new.at or session.change.at,
        "done_at": session.change.at if new.done else None,
        **record_values.reference_columns(session, owner=new.owner),
    }
    activity = create(session, values, deal=new.deal, customer=new.customer)
    record_values.attach(session, activity, new.external_ids)
    return activity


def create(
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
    about = references.find(session, Customer, customer, addable=True) if customer else None
    # First, as whoever merges customers may wait for one who waits for a number.
    changes.keep_customers(session, Activity, [{"customer_id": about.id}] if about else [])
    homes = (session.franchise_id, *(row.franchise_id for row in (about_deal, about) if row))
    home = next((one for one in homes if one), None)
    if why := record_values.against_owner(session, values, home):
        raise Refused(f"the activity: {why}")
    fixed = {
        "id": new_id(),
        "number": numbers.take(session, Entity.ACTIVITY),
        "franchise_id": home,
        "deal_id": about_deal.id if about_deal else None,
        "customer_id": about.id if about else None,
    }
    return changes.create(session, Activity, [{"at": session.change.at, **values, **fixed}])[0]
