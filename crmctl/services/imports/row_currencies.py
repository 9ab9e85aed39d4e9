"""The currency of a row: that of its column, the one beside its amount, or what a sign means."""

from functools import lru_cache

from crmctl.domain.amounts import CurrencySign, Number, currencies_in, currency_beside
from crmctl.domain.importing.cells.column_formats import KEPT
from crmctl.domain.importing.cells.currency_signs import CurrencySigns
from crmctl.errors import UsageError
from crmctl.services.imports.parsed_row import ParsedRow


class RowCurrencies:
    """Puts together what the columns of a row say of its currency; `signs` are those of the file.

    What a sign of several means may be for the deal of the row to say.
    """

    def __init__(self, signs: CurrencySigns) -> None:
        self._sign_of = lru_cache(KEPT)(signs.of_row)

    def complete(self, row: ParsedRow) -> None:
        """Make the amount of `row` a number, and its currency a code, or refuse it for them."""
        named = row.values.get("currency")
        if named and (text := row.texts["currency"]) != named:
            possible = frozenset((currencies_in(text) or "").split())
            if len(possible) > 1:
                if isinstance(named, CurrencySign):
                    del row.values["currency"]
                self._take_sign(row, "currency", CurrencySign(text, possible))
        if isinstance(found := row.values.get("amount"), Number):
            row.values["amount"] = found.value
            if found.currencies:
                self._choose(row, found)

    def _choose(self, row: ParsedRow, found: Number) -> None:
        """Take the currency that stands beside the amount; another must not be named elsewhere."""
        named = row.values.get("currency")
        if named is None and "currency" in row.texts:
            self._choose_by_sign(row, found)
            return
        try:
            chosen = currency_beside(row.texts["amount"], found, named)
        except UsageError as error:
            row.refuse("amount", str(error))
            return
        if isinstance(chosen, CurrencySign):
            self._take_sign(row, "amount", chosen)
        elif chosen is not None:
            row.values["currency"] = chosen

    def _choose_by_sign(self, row: ParsedRow, found: Number) -> None:
        """Take what the amount names of what the sign in the column of currencies may mean.

        Without a sign, the currency is refused already.
        """
        if row.sign is None:
            return
        text, sign = row.texts["amount"], row.sign.sign
        both, row.sign = sign.possible & found.currencies, None
        if not both:
            row.refuse("amount", f"{text!r} is no amount in {sign.text}")
        elif len(both) == 1:
            row.values["currency"] = next(iter(both))
        else:
            self._take_sign(row, "amount", CurrencySign(text, both, found.value))

    def _take_sign(self, row: ParsedRow, name: str, sign: CurrencySign) -> None:
        """Take what was typed for `sign`, or leave it to the deal of the row what it means."""
        found = self._sign_of(name, sign)
        if isinstance(found, str):
            row.values["currency"] = found
        else:
            row.sign = found
