"""Names in a file that nothing here answers to: all of them, with how many rows have each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.rejected import Problem

#: How many names of a kind are counted, are told, and have their option written out.
_KEPT = 1000
_TOLD = 20
_WRITTEN = 3
_LONGEST = 60


class NameOf(StrEnum):
    """What a name in a file is of."""

    STAGE = "stage"
    PAST_STAGE = "stage of events"
    STATUS = "status"
    PIPELINE = "pipeline"
    USER = "user"
    FRANCHISE = "franchise"
    CURRENCY = "currency"
    KIND = "kind of activity"
    CUSTOMER = "customer"
    DEAL = "deal"


@dataclass(frozen=True)
class _Told:
    """How several and one of a kind of names are told, and the option that says otherwise.

    One of each name has a `{}` in it.
    """

    many: str
    one: str
    option: str = ""


_TOLD_AS = {
    NameOf.STAGE: _Told("stages", "a stage", '--stage-map "{}=STAGE"'),
    NameOf.PAST_STAGE: _Told("stages", "a stage", '--stage-map "{}=STAGE"'),
    NameOf.STATUS: _Told("statuses", "a status", '--status-map "{}=open", or won or lost'),
    NameOf.PIPELINE: _Told("pipelines", "a pipeline", "--pipeline KEY"),
    NameOf.USER: _Told("users", "a user", "--create-missing users"),
    NameOf.FRANCHISE: _Told("franchises", "a franchise", "crmctl franchise add NAME"),
    NameOf.CURRENCY: _Told("currencies", "a currency", "--map COLUMN= leaves them out"),
    NameOf.KIND: _Told("kinds of activities", "a kind of activity", '--kind-map "{}=KIND"'),
    NameOf.CUSTOMER: _Told("customers", "a customer", "--create-missing customers"),
    NameOf.DEAL: _Told("deals", "a deal"),
}
_LEFT_OUT = '; "NAME=" leaves its events out'


class UnknownNames:
    """Counts the rows that are kept out for a name, by what the name is of."""

    def __init__(self) -> None:
        self._rows: Counter[NameOf] = Counter()
        self._names: dict[NameOf, Counter[str]] = {}
        self._more: set[NameOf] = set()

    def count(self, problems: Iterable[Problem]) -> None:
        """Count what is wrong with one row."""
        named = {(NameOf(each.unknown), each.value) for each in problems if each.unknown}
        self._rows.update({kind for kind, _ in named})
        for kind, name in named:
            names = self._names.setdefault(kind, Counter())
            if name in names or len(names) < _KEPT:
                names[name] += 1
            else:
                self._more.add(kind)

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield what the names are that nothing answers to, a finding for each kind."""
        for kind in (each for each in NameOf if each in self._names):
            told, names = _TOLD_AS[kind], self._names[kind]
            yield Finding(
                certainty=Certainty.UNKNOWN,
                text=f"rows name {told.many} that are not there: {self._listed(kind)}",
                one=f"row names {told.one} that is not there: {next(iter(names))}",
                count=self._rows[kind],
                option=_option(kind, [name for name, _ in names.most_common(_WRITTEN)]),
            )

    def _listed(self, kind: NameOf) -> str:
        """Return the names of a kind, each with how many rows have it, the most common first."""
        names = self._names[kind]
        listed = ", ".join(
            f"{name[:_LONGEST]} ({count:,})" for name, count in names.most_common(_TOLD)
        )
        more = len(names) - _TOLD
        if more <= 0:
            return listed
        return f"{listed} and {'at least ' if kind in self._more else ''}{more:,} more"


def _option(kind: NameOf, names: Iterable[str]) -> str:
    option = _TOLD_AS[kind].option
    if "{}" in option:
        way, _, rest = option.partition(",")
        option = " ".join(way.format(name[:_LONGEST]) for name in names) + (
            f",{rest}" if rest else ""
        )
    return option + (_LEFT_OUT if kind == NameOf.PAST_STAGE else "")
