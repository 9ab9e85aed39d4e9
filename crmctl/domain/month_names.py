"""The names of months in the languages of the West, whole and cut short."""

from collections.abc import Mapping
from functools import cache

from crmctl.domain.text import without_accents

_NAMES = (
    "january januar janvier enero gennaio janeiro januari",
    "february februar fevrier febrero febbraio fevereiro februari",
    "march marz mrz maerz mars marzo marco maart marts",
    "april avril abril aprile",
    "may mai mayo maggio maio mei maj",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august aout agosto augustus augusti",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)


def month_called(word: str) -> int | None:
    """Return the number of the month that `word` names, in either case, with accents or without."""
    return _months().get(without_accents(word).lower())


@cache
def _months() -> Mapping[str, int]:
    """Return the months by their names and by what these begin with, if no other's does."""
    found: dict[str, set[int]] = {}
    for number, names in enumerate(_NAMES, 1):
        for name in names.split():
            for length in range(3, len(name) + 1):
                found.setdefault(name[:length], set()).add(number)
    found["sept"] = {9}
    return {word: min(months) for word, months in found.items() if len(months) == 1}
