"""Columns of yes and no that say whether a deal is won, lost or closed: what it may be by them."""

from collections.abc import Mapping

from crmctl.domain.kinds import Status

_CLOSED = frozenset({Status.WON, Status.LOST})
#: What a deal is of which such a field says yes.
FLAGS: Mapping[str, frozenset[Status]] = {
    "is_won": frozenset({Status.WON}),
    "is_lost": frozenset({Status.LOST}),
    "is_closed": _CLOSED,
}
#: What a deal may be of which nothing is said.
ANYTHING = frozenset(Status)


def possible(values: Mapping[str, object], *, denied: bool = True) -> frozenset[Status]:
    """Return what a deal may be by the `values` of a row; nothing where they contradict.

    Where what is `denied` does not count, a no says nothing.
    """
    found = ANYTHING
    for name, meant in FLAGS.items():
        said = values.get(name)
        if said:
            found &= meant
        elif said is not None and denied:
            found -= meant
    return found


def words(statuses: frozenset[Status]) -> str:
    """Return what a deal may be, for a message: `an open or lost deal`."""
    named = " or ".join(each for each in Status if each in statuses)
    return f"a{'n' if named.startswith('o') else ''} {named} deal"
