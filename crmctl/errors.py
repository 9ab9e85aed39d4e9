"""Everything crmctl can refuse or fail at, each with its exit code."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

Checked = TypeVar("Checked")
#: How many failures an error names that stands for several.
_NAMED = 30


class CrmError(Exception):
    """A failure told in one line that names the thing and the way out; `details` are more lines.

    Each line is one, whatever is in the names that it holds.
    """

    exit_code = 1

    def __init__(self, message: str, *details: str) -> None:
        super().__init__(message, *details)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        """Return all of it in one line, for where it is part of something else."""
        if not self.details:
            return self.message
        details = "; ".join(detail.strip() for detail in self.details)
        return f"{self.message}{'' if self.message.endswith(':') else ';'} {details}"


class Refused(CrmError):
    """A rule says no, or some rows were rejected."""

    exit_code = 1


class UsageError(CrmError):
    """The command line, a value or a file given on it is wrong."""

    exit_code = 2


class NotFound(CrmError):
    """Nothing, or more than one thing, answers to a reference."""

    exit_code = 3


class DatabaseError(CrmError):
    """The database cannot be reached, read or written, or its schema is not this program's."""

    exit_code = 4


class Retry(DatabaseError):
    """The transaction did not come about, and may if all of it is run again."""


class Conflict(CrmError):
    """Someone else changed it meanwhile."""

    exit_code = 5


class Overtaken(Retry):
    """Someone else changed meanwhile what the transaction had read without a lock."""

    exit_code = Conflict.exit_code


def check_each(items: Iterable[Checked], check: Callable[[Checked], object], summary: str) -> None:
    """Have `check` look at each of `items`, and raise all that it raises, together."""
    failures = []
    for item in items:
        try:
            check(item)
        except (Refused, UsageError, NotFound, Conflict) as error:
            failures.append(error)
    raise_all(failures, summary)


def raise_all(failures: Sequence[CrmError], summary: str) -> None:
    """Raise the one failure there is, or several as one that `summary` begins; none is no error.

    It is of their kind where they are of one, and else Refused.
    """
    messages = list(dict.fromkeys(map(str, failures)))
    if len(messages) == 1:
        raise failures[0]
    if messages:
        kinds = {type(failure) for failure in failures}
        kind = kinds.pop() if len(kinds) == 1 else Refused
        more = [f"  and {len(messages) - _NAMED} more"] if len(messages) > _NAMED else []
        raise kind(f"{summary}:", *(f"  {each}" for each in messages[:_NAMED]), *more)


#: What is wrong with a value, by the kind of fault or the first word of it.
_FAULTS = {
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "enum": "must be {expected}",
    "int": "not a whole number: {input!r}",
    "decimal": "not a number: {input!r}",
    "finite": "not a number: {input!r}",
    "bool": "must be true or false",
    "string": "must be text",
    "list": "must be a list",
    "date": "not a date: {input!r}",
    "extra": "there is no such field",
    "unexpected": "there is no such field",
    "missing": "is missing",
    "dataclass": "must be fields and values",
}


def fault(found: Mapping[str, Any]) -> str:
    """Return in plain words what is wrong with a value, where pydantic `found` it."""
    kind = str(found["type"])
    words = _FAULTS.get(kind) or _FAULTS.get(kind.partition("_")[0])
    if words is None:
        return str(found["msg"]).removeprefix("Value error, ").removesuffix(".")
    return words.format(input=found["input"], **found.get("ctx", {}))
