"""What is assumed of a deal: its stage and when it was closed, which its history may say."""

from collections.abc import Sequence

from crmctl.domain.kinds import Status

#: The column that is assumed where nobody says when a deal was closed.
CLOSED_AT = "closed_at"
#: The column that is assumed where nobody says in which stage a deal is.
STAGE = "stage"
#: The column of stage history that is assumed where a file of deals alone says when a deal entered
#: its stage: people type closing dates, and a history that says another replaces them.
ENTERED_AT = "entered_at"


def shown(assumed: Sequence[str] | None) -> list[str]:
    """Return those of what is `assumed` of a deal that its readers are told."""
    return [name for name in assumed or () if name in (STAGE, CLOSED_AT)]


def is_assumed(assumed: Sequence[str] | None) -> bool:
    """Return whether the closing date is among what is `assumed` of a deal."""
    return CLOSED_AT in (assumed or ())


def by_file(assumed: Sequence[str] | None) -> bool:
    """Return whether a file of deals alone said when a deal entered its stage, or was closed."""
    return ENTERED_AT in (assumed or ())


def is_unsure(assumed: Sequence[str] | None) -> bool:
    """Return whether a history may say better when a deal was closed."""
    return is_assumed(assumed) or by_file(assumed)


def with_date(assumed: Sequence[str] | None) -> list[str]:
    """Return what is `assumed` of a deal with its closing date."""
    return [*(without_date(assumed) or ()), CLOSED_AT]


def with_file(assumed: Sequence[str] | None) -> list[str]:
    """Return what is `assumed` of a deal of which a file of deals said when it was closed."""
    return [*(without_date(assumed) or ()), ENTERED_AT]


def without_date(assumed: Sequence[str] | None) -> list[str] | None:
    """Return what is `assumed` of a deal whose closing date was told; None for nothing."""
    return [name for name in assumed or () if name not in (CLOSED_AT, ENTERED_AT)] or None


def stage_is_assumed(assumed: Sequence[str] | None) -> bool:
    """Return whether the stage is among what is `assumed` of a deal."""
    return STAGE in (assumed or ())


def with_stage(assumed: Sequence[str] | None) -> list[str]:
    """Return what is `assumed` of a deal with its stage."""
    return [*(without_stage(assumed) or ()), STAGE]


def without_stage(assumed: Sequence[str] | None) -> list[str] | None:
    """Return what is `assumed` of a deal whose stage was told; None for nothing."""
    return [name for name in assumed or () if name != STAGE] or None


def closing_index(statuses: Sequence[Status]) -> int:
    """Return the index of the entry that closed a deal, by the `statuses` of all its entries.

    Between two stages that both mean won, say, it was won when it first was.
    """
    index = len(statuses) - 1
    while index and statuses[index - 1] == statuses[-1]:
        index -= 1
    return index
