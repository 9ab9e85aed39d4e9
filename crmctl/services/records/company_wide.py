"""What concerns a whole company: its pipelines, their stages, and what its records hold."""

from crmctl.errors import Refused
from crmctl.models.session import CrmSession


def require(session: CrmSession, name: str) -> None:
    """Raise Refused in a franchise, whose like has deals and customers that `name` is for, too."""
    if session.franchise_id is not None:
        raise Refused(f"{name} is of the whole company, and of every franchise: --franchise none")
