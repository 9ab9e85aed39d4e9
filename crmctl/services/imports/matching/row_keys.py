"""What a row of a file is known by, and which of that decides what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crmctl.services.imports.matching.match_keys import MatchKey

#: Keys that others may bear as well.
NAMES = ("name", "title")


@dataclass(slots=True, kw_only=True)
class RowKeys:
    """What a row is known by.

    `deciding` are the groups of match keys that decide which record it is about, `all` are those
    that no other row of the file may have, the first `decisive` of them those that decide.
    `addresses` decide where the external ids of the row are new. `name` is that of its keys which
    others may bear, where rows of the file may be known by something surer.
    """

    deciding: list[list[MatchKey]]
    all: list[MatchKey]
    decisive: int
    addresses: list[MatchKey] = field(default_factory=list)
    name: MatchKey | None = None
    #: The key that decides in the end, empty if there is none.
    last_key: str = field(init=False)

    def __post_init__(self) -> None:
        """Find the last key once: it is asked for several times."""
        self.last_key = self.deciding[-1][0][0] if self.deciding else ""

    @property
    def goes_by_name(self) -> bool:
        """Whether the row is known by its name alone."""
        return self.last_key in NAMES

    @property
    def name_alone(self) -> MatchKey | None:
        """The name, as that of a row which is known by it alone."""
        return ("name alone", self.name) if self.name else None

    @property
    def every(self) -> list[MatchKey]:
        """All match keys, with the name alone."""
        alone = self.name_alone
        return [*self.all, alone] if alone else self.all


def deciding_keys(match_keys: Sequence[MatchKey]) -> list[list[MatchKey]]:
    """Return the match keys that decide what a row is about, those of one key together.

    One key decides. A row of another database, though, is new here, unless it is known by more than
    its name.
    """
    if not match_keys:
        return []
    surest = match_keys[0][0]
    if surest != "crmctl_id":
        return [[each for each in match_keys if each[0] == surest]]
    groups: dict[str, list[MatchKey]] = {}
    for match_key in match_keys:
        groups.setdefault(match_key[0], []).append(match_key)
    own = groups.pop("crmctl_id")
    return [own, *(group for key, group in groups.items() if key not in NAMES)][:2]
