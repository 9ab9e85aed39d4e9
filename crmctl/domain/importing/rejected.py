"""The rows of a file that are not imported, however many they are, and why."""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field

from crmctl.domain.importing.spool import Spool

#: How many lines of rows with one trouble are known, and how many troubles at most.
KEPT_LINES = 3
_KEPT_MESSAGES = 10_000
_LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Problem:
    """Why a row is rejected: the column and its text, both empty where it is the row itself.

    Where nothing answers to that text, `unknown` is what it is the name of.
    """

    column: str
    value: str
    reason: str
    _: KW_ONLY
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row that is not imported, with its cells as they stand in the file.

    `earlier_message` is how an earlier run worded its problems, where that one rejected it.
    """

    line: int
    cells: tuple[str, ...]
    problems: tuple[Problem, ...]
    earlier_message: str = ""

    @property
    def messages(self) -> list[str]:
        """What is wrong with the row, each with its column, or as an earlier run said it."""
        if self.earlier_message:
            return [self.earlier_message]
        return [
            f"{problem.column}: {problem.reason}" if problem.column else problem.reason
            for problem in self.problems
        ]


@dataclass(kw_only=True)
class Trouble:
    """What is wrong with some rows in the same words: how many they are, and their first lines."""

    message: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """Count the row on `line`."""
        self.count += 1
        if self.count <= KEPT_LINES:
            self.lines.append(line)


class Rejects:
    """Rejected rows in the order of the file; only what they have in common is held in memory."""

    def __init__(self) -> None:
        self._rows = Spool()
        self._troubles: dict[str, Trouble] = {}
        self.has_more_troubles = False

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Reject]:
        """Yield the rows, as often as needed."""
        for line, cells, problems, message in self._rows:
            yield Reject(
                line=line,
                cells=cells,
                problems=tuple(Problem(*each) for each in problems),
                earlier_message=message,
            )

    def append(self, reject: Reject) -> None:
        """Add a row, and count what is wrong with it."""
        found = tuple((each.column, each.value, each.reason) for each in reject.problems)
        messages = reject.messages
        letters = sum(map(len, reject.cells)) + sum(map(len, messages))
        self._rows.append((reject.line, reject.cells, found, reject.earlier_message), letters)
        for message in dict.fromkeys(messages):
            self._count(message[:_LONGEST_MESSAGE], reject.line)

    def _count(self, message: str, line: int) -> None:
        trouble = self._troubles.get(message)
        if trouble is None:
            if len(self._troubles) == _KEPT_MESSAGES:
                self.has_more_troubles = True
                return
            trouble = self._troubles[message] = Trouble(message=message)
        trouble.add(line)

    @property
    def troubles(self) -> list[Trouble]:
        """What is wrong with the rows, what most have in common first.

        Of more than ten thousand troubles, which `has_more_troubles` says, the first are there.
        """
        return sorted(self._troubles.values(), key=lambda each: -each.count)
