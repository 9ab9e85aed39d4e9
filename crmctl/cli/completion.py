"""What TAB offers of the database's own names. A failure offers nothing and says nothing."""

from collections.abc import Callable
from functools import wraps

from crmctl.cli import context
from crmctl.errors import CrmError

Offer = list[tuple[str, str]]
#: More is no help on a screen.
_MOST = 50


def _quiet(offer: Callable[[str], Offer]) -> Callable[[str], Offer]:
    @wraps(offer)
    def offered(incomplete: str) -> Offer:
        try:
            return offer(incomplete)
        except CrmError:
            return []

    return offered


@_quiet
def complete_deal(incomplete: str) -> Offer:
    """Offer the open deals whose number or title begins so."""
    from crmctl.services import completion

    with context.session() as session:
        return completion.deals(session, incomplete, _MOST)


@_quiet
def complete_customer(incomplete: str) -> Offer:
    """Offer the customers whose number or name begins so."""
    from crmctl.services import completion

    with context.session() as session:
        return completion.customers(session, incomplete, _MOST)


@_quiet
def complete_stage(incomplete: str) -> Offer:
    """Offer the stages of all pipelines."""
    from crmctl.services import completion

    with context.session() as session:
        return completion.stages(session, incomplete)


@_quiet
def complete_pipeline(incomplete: str) -> Offer:
    """Offer the pipelines."""
    from crmctl.services import completion

    with context.session() as session:
        return completion.pipelines(session, incomplete)
