"""What the name of a column says beside its field: units, and which of several columns it is."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from crmctl.domain import amounts
from crmctl.domain.kinds import DateOrder, Entity
from crmctl.domain.text import folded as text_folded
from crmctl.domain.text import without_accents
from crmctl.errors import UsageError


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`."""
    return frozenset(text.split())


_BRACKETS = re.compile(r"\s*[(\[{]([^()\[\]{}]*)[)\]}]\s*")
_IN_UNIT = re.compile(r"(.*\S)(?:\s+in|\s*[,/:-])\s+(\S+)", re.IGNORECASE)
_LAST_WORD = re.compile(r"(.*\S)\s+(\S+)")
_AFTER_A_LINE = re.compile(r"(.*[^\W_])_([a-z]{3}|[A-Z]{3})")
#: Codes of currencies that are words as well, where they are not in capitals.
_WORDS_TOO = word_set("all top try pen cup mop sos gel mad ron bob")
_PARTS = re.compile(r"\s*/\s*|\s+or\s+", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+")
_NO_LETTERS = re.compile(r"[\W_]+")
#: Letters that Unicode takes for others, and not for ones with an accent.
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe"})
# What makes a column of something that of its id or its kind.
_TELLING = word_set("id ids code key type name email e-mail mail url link")
#: How a record that stands within another is called there.
_NAMES_WITHIN = word_set("name title label displayname fullname")
_FIRST_LETTER = {"d": DateOrder.DMY, "m": DateOrder.MDY}
_DATE = re.compile(r"(dd?|mm?|yyyy|yy)[./ -](dd?|mm?|mmm)[./ -](dd?|yyyy|yy)", re.IGNORECASE)
# By how much the amounts below such a unit are to be multiplied.
_THOUSANDS = word_set(
    "k t tsd tds thousand thousands 000 000s '000 '000s mille miles mil tausend milliers migliaia"
    " duizend tusen tys 1000 x1000"
)
_MILLIONS = word_set(
    "m mm mio mln million millions millones millionen milioni miljoen miljoner 1000000"
)
_LAKHS, _CRORES = word_set("lakh lakhs lac lacs"), word_set("crore crores")
_BILLIONS = word_set("bn billion billions mrd milliarden milliards miliardi miljard miljarder")
_SIZES = (
    (_THOUSANDS, Decimal(1000)),
    (_MILLIONS, Decimal(1_000_000)),
    (_BILLIONS, Decimal(1_000_000_000)),
    (_LAKHS, Decimal(100_000)),
    (_CRORES, Decimal(10_000_000)),
)
#: What is no unit without brackets, or a word for it: `t` may be tons, and a million a `mil`.
_NOT_ALONE = word_set("t mil 000 1000 1000000")
#: What divides the zeros of `1,000`, and what stands before it.
_TIMES, _ZEROS = re.compile(r"^[x×*]\s*(?=1)"), re.compile(r"(?<=[0-9])[,.' ](?=000(?![0-9]))")
#: An amount for each month, or of a million.
_A_MONTH = re.compile(r"/\s*m\b", re.IGNORECASE)
_HUNDREDTHS = word_set(
    "cent cents ct cts pence pennies rappen centime centimes centimos centavos centesimi ore grosz"
    " groszy kopeks kopecks paise halere bani stotinki"
)
#: The smallest units of currencies, which are hundredths in most of them alone.
_SMALLEST = re.compile(r"(?:in )?(?:(?:minor|smallest)(?: currency)?(?: units?)?|subunits?)")
#: Words of names of amounts, which a letter after them may be a unit of.
MONEY_WORDS = word_set(
    "arr mrr acv tcv nrr annual monthly recurring yearly lifetime list amount value revenue price"
    " fee budget netto net brutto gross umsatz betrag wert summe preis volumen montant valeur prix"
    " importe valor monto precio valore prezzo bedrag belopp belob kwota wartosc castka osszeg"
)
#: Before a letter that is a unit of something else, as of an area.
_PER = word_set("per pro par por je a p")
_OF = word_set("of de di von")
#: What a unit without brackets is divided by from what it is one of.
_BETWEEN = re.compile(r"[\s_-]+|(?<=\w)\.(?=\w)|(?<=[a-zà-ÿ])(?=[A-Z])")
#: What comes before a unit in a sentence, and how many words it has at most.
_IN = word_set("in en i w")
_LONGEST = 3
#: Words before a name that say which of several it is, and that anyone would leave out.
_QUALIFIERS = {
    None: "primary main default work business office direct current record",
    Entity.CUSTOMER: "contact person customer lead client company1",
    Entity.DEAL: "deal opportunity potential sales engagement project",
    Entity.ACTIVITY: "activity task call meeting event note engagement appointment",
}
_ENDINGS = word_set(
    "1 work business office main primary value geschaftlich dienstlich arbeit privat mobil bureau"
    " professionnel travail movil oficina trabajo lavoro ufficio"
)


@dataclass(frozen=True, kw_only=True)
class ColumnUnit:
    """What a column says of its cells: the currency, the order of dates, and how large a 1 is.

    A `sign` of several currencies stands for one of them. Where amounts are in the `smallest`
    units, how large a 1 is depends on their currencies.
    """

    currency: str | None = None
    sign: str = ""
    dates: DateOrder | None = None
    factor: Decimal = Decimal(1)
    smallest: bool = False

    @property
    def is_scaled(self) -> bool:
        """Whether a 1 stands for another number."""
        return self.factor != 1 or self.smallest

    @property
    def says_amount(self) -> bool:
        """Whether it is one of amounts."""
        return self.currency is not None or bool(self.sign) or self.is_scaled

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies that the amounts may be in; none where it does not say."""
        if self.sign:
            return frozenset((amounts.currencies_in(self.sign) or "").split())
        return frozenset({self.currency}) if self.currency else frozenset()


#: A column that says nothing of its cells.
NO_UNIT = ColumnUnit()


def normal(text: str) -> str:
    """Return a name in small letters and digits alone, so that `Deal Name` is `deal_name`."""
    found = text_folded(text)
    return found if found.isalnum() else _NO_LETTERS.sub("", found)


def stage_word(text: str) -> str:
    """Return what names of stages and statuses are compared by, also of signs alone."""
    return normal(text) or text_folded(text)


def folded(text: str) -> str:
    """Return a name in small letters without accents, and in digits, as `normal` does."""
    found = normal(without_accents(text))
    return found if found.isascii() else found.translate(_STROKES)


def words_of(name: str) -> list[str]:
    """Return the words of a name, those of `expectedAmount` and `expected_amount` alike."""
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name)
    return [folded(word) for word in _WORDS.findall(spaced.replace("_", " "))]


def unit_of(name: str) -> ColumnUnit:
    """Return what the name of a column says of its cells."""
    return _split(name)[1]


def bare_name(name: str) -> str:
    """Return the name of a column without its unit, as names are compared."""
    return normal(_split(name)[0])


def shorter_names(name: str, entity: Entity | None) -> list[tuple[str, ...]]:
    """Return what a column called `name` may be called as well, the likeliest first.

    That is its name without what stands in brackets and without a unit; each part of a name that
    has several; and without a word that only says which of several columns it is. What is in
    another record, as `org_id.name`, is called as a column of that is, `org`.
    """
    bare = _split(name)[0]
    parts = [part for part in _PARTS.split(bare) if part]
    found = [(folded(bare), *_of_related(bare)), tuple(folded(part) for part in parts)]
    found.append(tuple(filter(None, (_unqualified(part, entity) for part in parts))))
    return found


def _of_related(name: str) -> tuple[str, ...]:
    """Return what a field of a record within is called as a column: `org` for `org_id.name`."""
    path, _, field = name.rpartition(".")
    record = path.rpartition(".")[2]
    if not record:
        return ()
    whole, field = folded(record), folded(field)
    bare = whole.removesuffix("id") or whole
    if field in _NAMES_WITHIN:
        return (bare,)
    if field == "id" or (field == "value" and bare != whole):
        return (f"{bare}id",)
    return (f"{bare}email",) if field == "email" else ()


def _split(name: str) -> tuple[str, ColumnUnit]:
    """Return a name without its unit and without brackets, and the unit."""
    inside = _BRACKETS.findall(name)
    unit = next(filter(None, map(read_unit, inside)), NO_UNIT)
    bare = _BRACKETS.sub(lambda match: match[0] if _tells(match[1]) else " ", name).strip(" *:")
    if not unit.is_scaled and (scaled := _scaled(bare)):
        before, found = scaled
        return before, replace(found, currency=found.currency or unit.currency)
    without = not inside or (unit.is_scaled and not unit.currencies)
    for pattern in (_IN_UNIT, _LAST_WORD) if without else ():
        match = pattern.fullmatch(bare)
        last = match and read_unit(match[2])
        if match and last and (last.currencies or pattern is _IN_UNIT):
            return match[1], replace(last, factor=last.factor * unit.factor, smallest=unit.smallest)
    if not inside and (match := _AFTER_A_LINE.fullmatch(bare)) and match[2] not in _WORDS_TOO:
        last = read_unit(match[2].upper())
        if last and last.currency:
            return match[1], last
    return bare, unit


def _scaled(name: str) -> tuple[str, ColumnUnit] | None:
    """Return the name of money before what says how large a 1 is of it, as in `amount_cents`."""
    if MONEY_WORDS.isdisjoint(words_of(name)):
        return None
    ends = [match.span() for match in _BETWEEN.finditer(name)]
    for end, begin in ends[-_LONGEST - 1 :]:
        before, words = name[:end], _BETWEEN.split(name[begin:])
        said = " ".join(map(_in_capitals, words[1:] if words[0].lower() in _IN else words))
        unit = read_unit(said)
        alone = said.lower() in _NOT_ALONE and words[0].lower() not in _IN
        if unit and unit.is_scaled and not alone and _PER.isdisjoint(words_of(before)[-1:]):
            return before, unit
    return None


def _in_capitals(word: str) -> str:
    """Return the code of a currency in capitals, where it may be one."""
    return word if word in _WORDS_TOO or len(word) != 3 else word.upper()


def _tells(inside: str) -> bool:
    """Return whether what stands in brackets makes it another column, as that of an id."""
    return not _TELLING.isdisjoint(inside.lower().split())


def read_unit(text: str) -> ColumnUnit | None:
    """Return the unit that `text` is, None if it is none."""
    if date := _DATE.fullmatch(text.strip()):
        return ColumnUnit(dates=_FIRST_LETTER.get(date[1][0].lower()))
    if _SMALLEST.fullmatch(text.strip().lower()):
        return ColumnUnit(smallest=True)
    if _A_MONTH.search(text):
        return None
    factor, currency, sign = Decimal(1), None, ""
    bare = re.sub(r"^in\s+", "", text.strip(), flags=re.IGNORECASE)
    for word in re.findall(r"[^\s,;/]+", _ZEROS.sub("", _TIMES.sub("", bare))):
        if factor != 1 and word in _OF:
            continue
        size, rest = _size(word)
        factor *= size
        if rest:
            currency = currency or _currency(rest)
            if currency is None and (rest.isalnum() or not amounts.is_sign(rest)):
                return None
            sign = sign if currency else rest
    unit = ColumnUnit(currency=currency, sign="" if currency else sign, factor=factor)
    return unit if unit.says_amount else None


def scale_in(text: str) -> str:
    """Return what `text`, such as `Pipeline (in EUR thousand)`, says amounts are in; else empty.

    A currency alone is none, and neither is a letter alone.
    """
    words = re.findall(r"[^\s,;:()\[\]{}]+", text)
    for at, word in enumerate(words):
        for length in range(_LONGEST, 0, -1) if word.lower() in _IN else ():
            said = " ".join(words[at + 1 : at + 1 + length])
            found = read_unit(said) if len(said) > 1 else None
            if found and found.factor != 1:
                return said
    inside = (each for each in _BRACKETS.findall(text) if len(each) > 1)
    units = ((each, read_unit(each)) for each in inside)
    return next((each for each, found in units if found and found.factor != 1), "")


def _size(word: str) -> tuple[Decimal, str]:
    """Return what the beginning of a word multiplies by, and the rest of it."""
    lower = word.lower().rstrip(".")
    for words, size in _SIZES:
        if lower in words:
            return size, ""
        # `T€` and `kEUR`, but not `TRY` or `MXN`.
        if lower[0] in words and _currency(word[1:]) and not _currency(word):
            return size, word[1:]
    return (Decimal("0.01"), "") if folded(word) in _HUNDREDTHS else (Decimal(1), word)


def _currency(text: str) -> str | None:
    """Return the code of a currency that `text` names in capitals or by its sign."""
    if text.isalpha() and not text.isupper() and text.lower() != "euro":
        return None
    try:
        return amounts.currency(text)
    except UsageError:
        return None


def _unqualified(name: str, entity: Entity | None) -> str:
    """Return `name` without what says which of several it is; empty if nothing does."""
    words = words_of(name)
    rest = list(words)
    qualifiers = {*_QUALIFIERS[None].split(), *_QUALIFIERS.get(entity, "").split()}
    while len(rest) > 1 and rest[0] in qualifiers:
        rest.pop(0)
    while len(rest) > 1 and rest[-1] in _ENDINGS:
        rest.pop()
    return "".join(rest) if rest != words else ""
