"""What the signs of currencies in a file mean that stand for several: `$`, `kr`, `¥`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from crmctl.domain import amounts, money
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.text import folded
from crmctl.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSign:
    """A sign of several currencies in a row, of which those `at_hand` are the company's or named.

    It stands in the `field`, and the file first writes it as `word`.
    """

    field: str
    sign: amounts.CurrencySign
    word: str
    company: str | None
    at_hand: frozenset[str]

    def meant(self, present: str | None = None) -> str:
        """Return what it means; `present` is the currency of a deal that is there.

        Raises OpenCurrency where that is not certain.
        """
        option = mapping_option("--currency-map", self.word, "CODE")
        way_out = f"{option} says it, or a code such as USD in a column of currencies"
        return self.sign.meant(*self.at_hand, present, way_out=way_out)

    def finding(self, code: str) -> Finding:
        """Return that it means `code`, and what decided that."""
        if code == self.company:
            return _decided(self.word, code, "the company's currency")
        ours = code in self.at_hand
        why = "the only one of the file that fits" if ours else "the currency of the deal"
        return _decided(self.word, code, why)


@cache
def _decided(word: str, code: str, why: str) -> Finding:
    return Finding(certainty=Certainty.DECIDED, text=f"{word} is {code}, {why}", count=1)


@dataclass(kw_only=True)
class CurrencySigns:
    """The currencies that the cells of a file name, and what their signs mean.

    A sign means what was `typed` for it, or else the one currency of the file or of the `company`
    that it may stand for.
    """

    company: str | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)

    def add(self, codes: str, line: int, text: str, count: int) -> None:
        """Take note of cells that name one of `codes`, which are divided by spaces.

        The first of them is `text`, on `line`.
        """
        self._counts[codes] = self._counts.get(codes, 0) + count
        if codes not in self._first:
            self._first[codes] = amounts.sign_in(text)

    def words(self) -> dict[str, str]:
        """Return the codes that were typed for words, by these in small letters."""
        return {folded(word): code for word, code in self.typed.items()}

    def meanings(self) -> dict[frozenset[str], str]:
        """Return the one currency that each sign of several means, by all that it may stand for."""
        found = {codes: self._meaning(codes) for codes in self._signs()}
        found |= self._typed()
        return {frozenset(codes.split()): code for codes, code in found.items() if code}

    def of_row(self, name: str, sign: amounts.CurrencySign) -> RowSign | str:
        """Return `sign`, which a row has in the field `name`, or the code that was typed for it."""
        codes = " ".join(sorted(sign.possible))
        return self._typed().get(codes) or RowSign(
            field=name,
            sign=sign,
            word=self._first.get(codes) or amounts.sign_in(sign.text),
            company=self.company,
            at_hand=sign.possible.intersection(self._at_hand()),
        )

    def _signs(self) -> list[str]:
        return [codes for codes in self._counts if " " in codes]

    def _meaning(self, codes: str) -> str | None:
        fitting = self._at_hand().intersection(codes.split())
        return fitting.pop() if len(fitting) == 1 else None

    def _at_hand(self) -> set[str | None]:
        """Return the codes that the file names, and the company's."""
        return {*(each for each in self._counts if " " not in each), self.company}

    def _typed(self) -> dict[str, str]:
        """Return the codes that were typed for signs, by all that these may stand for."""
        found = ((amounts.currencies_in(word), code) for word, code in self.typed.items())
        return {codes: code for codes, code in found if codes}


def check_typed(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed for signs and words, as codes; raises UsageError for what is none."""
    checked = {}
    for word, text in typed.items():
        try:
            checked[word] = money.currency(text)
        except UsageError as error:
            raise UsageError(f"--currency-map {word}={text}: {error}") from None
        codes = amounts.currencies_in(word)
        if codes and checked[word] not in codes.split():
            why = f"{word!r} is no sign of {checked[word]}"
            raise UsageError(f"--currency-map {word}={text}: {why}")
    return checked
