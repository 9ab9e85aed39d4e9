"""Why deals are lost: only one that is lost has a lost reason."""

from crmctl.domain.kinds import Status


def allowed(status: Status) -> bool:
    """Return whether a deal of this `status` can have a lost reason."""
    return status == Status.LOST


def conflict(lost_reason: str | None, stage: str, status: Status) -> str | None:
    """Return why a deal in `stage`, which is of the kind `status`, cannot be given `lost_reason`.

    None if it can, or if there is none to give.
    """
    if lost_reason is None or allowed(status):
        return None
    return f"a lost reason is for deals that are lost, and {stage} is not"
