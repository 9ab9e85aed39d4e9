"""Columns that look like a field by their cells, where no name of one is known."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crmctl.domain.importing.columns.column_mapping import How
from crmctl.domain.importing.columns.contents import (
    Contents,
    is_amount,
    is_currency,
    is_date,
    is_email,
    is_money,
    is_phone,
)
from crmctl.domain.importing.columns.fields import Listed
from crmctl.domain.importing.columns.record_numbers import numbered_field
from crmctl.domain.importing.units import MONEY_WORDS, word_set, words_of
from crmctl.domain.kinds import Entity

#: What is no longer so, or not yet: the stage before, the first owner.
_OTHER_TIMES = word_set(
    "previous prior former old last first next original initial from lifecycle lead"
)
#: Names of a column of stages or statuses, as words of a name.
_STAGE_WORDS = word_set(
    "stage status state step phase result outcome milestone column list group ergebnis resultat"
    " stadium stufe etat statut etape etapa fase estado stato stadio stand"
)

#: Days of a deal that are not that of its closing.
_OTHER_DAYS = word_set(
    "created creation added entered modified updated last previous first start started birth"
    " birthday engage engaged contacted sourced received reviewed since system modstamp timestamp"
)
#: Words for a day that is still hoped for.
_AHEAD = "due expected estimated planned forecast deadline target"


@dataclass(frozen=True, kw_only=True)
class _Look:
    """How columns for a field look: words of their names, words of others', and their cells.

    A column that has no such name is asked about if its cells look like `alone`, and any is where
    no column is read for a field `beside` it, if there are such.
    """

    words: frozenset[str]
    others: frozenset[str]
    test: Callable[[str], bool]
    alone: Callable[[str], bool] | None = None
    unless: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()

    def is_clear(self, named: Collection[int], taken: Collection[str]) -> bool:
        """Return whether the columns that are `named` so leave no doubt beside those `taken`."""
        return len(named) == 1 and not (self.beside and self.beside.isdisjoint(taken))


_LOOKS: Mapping[Entity, Mapping[str, _Look]] = {
    Entity.CUSTOMER: {
        "email": _Look(
            words=word_set("email mail"),
            others=word_set("owner rep manager assigned referrer"),
            test=is_email,
            alone=is_email,
        ),
        "phone": _Look(
            words=word_set("phone phones tel telephone mobile cell telefon handy"),
            others=word_set("fax owner"),
            test=lambda text: is_phone(text) and text.strip()[:1] in "+0(123456789",
        ),
    },
    Entity.DEAL: {
        "amount": _Look(
            words=word_set(
                "amount value revenue price total worth volume budget sum betrag wert umsatz summe"
                " volumen preis montant valeur prix importe valor monto precio valore prezzo tcv"
            ),
            others=word_set(
                "cost costs discount tax vat weighted converted monthly annual recurring yearly mrr"
                " arr margin profit paid balance invoiced id ids count number days age unit units"
                " quantity percent score lifetime company account customer employees probability"
                " list gewichtet kosten rabatt steuer year"
            ),
            test=is_amount,
            alone=is_money,
        ),
        "currency": _Look(
            words=word_set("currency wahrung devise monnaie moneda valuta moeda waluta mena"),
            others=word_set("base home company converted default system rate"),
            test=is_currency,
            alone=is_currency,
        ),
        "closed_at": _Look(
            words=word_set(
                "closed won lost gewonnen verloren gagne perdu ganado perdido vinto perso"
            ),
            others=_OTHER_DAYS | word_set(_AHEAD),
            test=is_date,
            unless=frozenset({"close_date"}),
            beside=frozenset({"stage", "outcome"}),
        ),
        "close_date": _Look(
            words=word_set("close closing closes abschluss cloture cierre chiusura"),
            others=_OTHER_DAYS | word_set(_AHEAD),
            test=is_date,
            unless=frozenset({"expected_close", "closed_at"}),
        ),
        "expected_close": _Look(
            words=word_set(_AHEAD),
            others=_OTHER_DAYS,
            test=is_date,
            alone=is_date,
            unless=frozenset({"close_date", "closed_at"}),
        ),
        "customer_email": _Look(
            words=frozenset(),
            others=word_set("owner rep manager assigned user seller"),
            test=is_email,
            alone=is_email,
            unless=frozenset({"customer", "customer_external_id", "customer_domain"}),
        ),
    },
    Entity.ACTIVITY: {
        "customer_email": _Look(
            words=frozenset(),
            others=word_set("owner rep manager assigned user organizer"),
            test=is_email,
            alone=is_email,
            unless=frozenset({"customer", "customer_external_id", "deal", "deal_external_id"}),
        ),
        "at": _Look(
            words=word_set("start starts begin begins when due"),
            others=word_set("created modified updated end ends"),
            test=is_date,
            alone=is_date,
        ),
    },
}


@dataclass(frozen=True, kw_only=True)
class Guess:
    """The columns that look like a field; it is `clear` if only one has a name for it as well."""

    field: str
    positions: Sequence[int]
    clear: bool
    how: How = How.CELLS


def guesses(
    header: Sequence[str],
    free: Collection[int],
    taken: Collection[str],
    entity: Listed,
    contents: Contents,
) -> Iterator[Guess]:
    """Yield which of the `free` columns look like a field of `entity` that is not `taken`."""
    numbers = list(_of_numbers(header, free, entity, contents))
    yield from (each for each in numbers if each.field not in taken)
    numbered = {position for each in numbers for position in each.positions}
    free = [each for each in free if each not in numbered]
    if entity == Entity.DEAL:
        yield from _of_stages(header, free, taken, contents)
    for field, look in _LOOKS.get(entity, {}).items() if isinstance(entity, Entity) else ():
        if field in taken or not look.unless.isdisjoint(taken):
            continue
        seen = [each for each in free if _all(look.test, contents.texts(each))]
        words = {each: set(words_of(header[each])) for each in seen}
        seen = [each for each in seen if look.others.isdisjoint(words[each])]
        named = [each for each in seen if not look.words.isdisjoint(words[each])]
        if named:
            yield Guess(field=field, positions=named, clear=look.is_clear(named, taken))
        elif alone := [each for each in seen if _all(look.alone, contents.texts(each))]:
            yield Guess(field=field, positions=alone, clear=False)
        elif money := _of_money(header, free, contents) if field == "amount" else []:
            yield Guess(field=field, positions=money, clear=False)


def _of_money(header: Sequence[str], free: Collection[int], contents: Contents) -> list[int]:
    """Return the columns that may be amounts where none looks like one: of a year, say."""
    mostly = {each: contents.mostly(is_money, each) for each in free}
    called = {each for each in free if not MONEY_WORDS.isdisjoint(words_of(header[each]))}
    return [each for each in free if mostly[each]] or [
        each for each in sorted(called) if contents.mostly(is_amount, each)
    ]


def _of_numbers(
    header: Sequence[str], free: Collection[int], entity: Listed, contents: Contents
) -> Iterator[Guess]:
    """Yield the columns with numbers of customers and of deals; those of a record are its own."""
    found: dict[str, list[int]] = {}
    for each in free:
        field = numbered_field(header[each], entity)
        if field and contents.are_ids(each):
            found.setdefault(field, []).append(each)
    for field, positions in found.items():
        own = field == "external_id"
        clear = len(positions) == 1 and not (own and contents.repeats(positions[0]))
        yield Guess(field=field, positions=positions, clear=clear, how=How.NAME)


def _of_stages(
    header: Sequence[str], free: Collection[int], taken: Collection[str], contents: Contents
) -> Iterator[Guess]:
    """Yield the columns that say whether a deal is won or lost, and those that say its stage."""
    words = {each: set(words_of(header[each])) for each in free}
    now = [each for each in free if _OTHER_TIMES.isdisjoint(words[each])]
    named = [each for each in now if not _STAGE_WORDS.isdisjoint(words[each])]
    statuses = [
        each
        for each in now
        if contents.are_statuses(each) and (each in named or contents.say_closed(each))
    ]
    if statuses and "outcome" not in taken:
        yield _of_one("outcome", statuses, named)
    if "stage" in taken:
        return
    others = [each for each in now if each not in statuses]
    stages = [each for each in others if contents.are_stages(each)]
    stages = stages or [each for each in named if each in others and contents.are_stages(each, 0.5)]
    if stages:
        # One word that is called like a stage may be another thing, as the type `Lead`.
        sure = [each for each in stages if each in named or len(contents.texts(each)) > 1]
        yield _of_one("stage", sure or stages, named, clear=bool(sure))
    elif asked := [each for each in named if contents.texts(each) and each not in statuses]:
        yield Guess(field="stage", positions=asked, clear=False)


def _of_one(
    field: str, positions: Sequence[int], named: Collection[int], *, clear: bool = True
) -> Guess:
    """Return the columns that look like a field: the ones with a name for it, if there are some."""
    chosen = [each for each in positions if each in named] or positions
    return Guess(field=field, positions=chosen, clear=clear and len(chosen) == 1)


def _all(test: Callable[[str], bool] | None, texts: Sequence[str]) -> bool:
    return test is not None and bool(texts) and all(map(test, texts))
