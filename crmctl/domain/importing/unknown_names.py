"""Names in a file that nothing here answers to: all of them, with how many rows have each."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from crmctl.domain.amounts import is_sign
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.importing.rejected import Problem

#: How many names of a kind are counted, are named in a finding, and have their option written out.
_KEPT = 1000
_NAMED = 20
_WRITTEN = 8
#: How much of a name is shown, and up to which length its option is written out.
_LONGEST = 60
_LONGEST_WRITTEN = 500


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


def name_in(field: str, text: str) -> NameOf | None:
    """Return what the `text` of a cell that cannot be read is the name of, if it is one.

    A sign of several currencies is known, and an error of a spreadsheet is no name.
    """
    is_name = field == "currency" and text[0] != "#" and not is_sign(text)
    return NameOf.CURRENCY if is_name else None


@dataclass(frozen=True, kw_only=True)
class _Wording:
    """What messages call several of a kind of names and one, and the option that says otherwise.

    With a `meaning`, each name has the option for itself; `more` is what is said after them.
    """

    many: str
    one: str
    option: str = ""
    meaning: str = ""
    more: str = ""


_STAGES = _Wording(many="stages", one="a stage", option="--stage-map", meaning="STAGE")
_WORDINGS = {
    NameOf.STAGE: _STAGES,
    NameOf.PAST_STAGE: replace(_STAGES, more='; "NAME=" leaves its events out'),
    NameOf.STATUS: _Wording(
        many="statuses", one="a status",
        option="--status-map", meaning="STATUS", more=", STATUS is open, won or lost",
    ),
    NameOf.PIPELINE: _Wording(many="pipelines", one="a pipeline", option="--pipeline KEY"),
    NameOf.USER: _Wording(many="users", one="a user", option="--create-missing users"),
    NameOf.FRANCHISE: _Wording(
        many="franchises", one="a franchise", option="crmctl franchise add NAME"
    ),
    NameOf.CURRENCY: _Wording(
        many="currencies", one="a currency", option="--currency-map", meaning="CODE"
    ),
    NameOf.KIND: _Wording(
        many="kinds of activities", one="a kind of activity", option="--kind-map", meaning="KIND"
    ),
    NameOf.CUSTOMER: _Wording(
        many="customers", one="a customer", option="--create-missing customers"
    ),
    NameOf.DEAL: _Wording(many="deals", one="a deal"),
}  # fmt: skip


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
            wording, names = _WORDINGS[kind], self._names[kind]
            yield Finding(
                certainty=Certainty.UNKNOWN,
                text=f"rows name {wording.many} that are not there: {self._listed(kind)}",
                one=f"row names {wording.one} that is not there: {_shown(next(iter(names)))}",
                count=self._rows[kind],
                option=_option(wording, [name for name, _ in names.most_common(_WRITTEN)]),
            )

    def _listed(self, kind: NameOf) -> str:
        """Return the names of a kind, each with how many rows have it, the most common first."""
        names = self._names[kind]
        listed = ", ".join(
            f"{_shown(name)} ({count:,})" for name, count in names.most_common(_NAMED)
        )
        more = len(names) - _NAMED
        if more <= 0:
            return listed
        return f"{listed} and {'at least ' if kind in self._more else ''}{more:,} more"


def _shown(name: str) -> str:
    """Return a name as messages show it: a long one cut off."""
    text = " ".join(name.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _option(wording: _Wording, names: Iterable[str]) -> str:
    """Return the option, for each of `names` where one is about a name; these are not cut."""
    if not wording.meaning:
        return wording.option
    written = [name for name in names if len(name) <= _LONGEST_WRITTEN] or ["NAME"]
    options = (mapping_option(wording.option, name, wording.meaning) for name in written)
    return " ".join(options) + wording.more
