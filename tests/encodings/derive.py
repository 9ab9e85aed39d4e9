"""Derives letters.json, by which code pages are told apart: python -m tests.encodings.derive FILE.

What goes in are counts of letters that stand side by side in names of persons and towns (Faker,
MIT licence), in messages of a program (Django, BSD licence), in names of countries, languages and
currencies (CLDR through Babel, Unicode licence) and in `words`. None of them is part of crmctl: to
run this, `pip install faker babel django`. The words of the files on which the result is measured,
those of `languages` and `held_out`, are left out wherever they are among these, but for words of
three letters or less, such as articles.
"""

import gettext
import importlib
import json
import math
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crmctl.domain.importing.files.code_pages.languages import DIGITS, UNIT, folded, script
from tests.encodings.held_out import HELD_OUT
from tests.encodings.languages import LANGUAGES
from tests.encodings.words import WORDS

#: By code: the name, the locales of Faker and of Django, and the letters that a page must have.
ALPHABETIC = {
    "en": ("English", "en_US en_GB", "en", "é"),
    "es": ("Spanish", "es_ES es_MX es_AR es_CO es_CL", "es", "áéíñóúü"),
    "fr": ("French", "fr_FR fr_CA fr_CH", "fr", "àâæçèéêëîïôùûü"),
    "de": ("German", "de_DE de_AT", "de", "äöüß"),
    "it": ("Italian", "it_IT", "it", "àèéìòù"),
    "pt": ("Portuguese", "pt_PT pt_BR", "pt pt_BR", "àáâãçéêíóôõúü"),
    "ca": ("Catalan", "es_CA", "ca", "àçèéíïòóúü"),
    "nl": ("Dutch", "nl_NL nl_BE", "nl", "éëïóö"),
    "sv": ("Swedish", "sv_SE", "sv", "åäöé"),
    "da": ("Danish", "da_DK", "da", "åæøé"),
    "nb": ("Norwegian", "no_NO", "nb", "åæøéòô"),
    "fi": ("Finnish", "fi_FI", "fi", "åäö"),
    "is": ("Icelandic", "is_IS", "is", "áæéðíóöþúý"),
    "et": ("Estonian", "et_EE", "et", "äõöüšž"),
    "lv": ("Latvian", "lv_LV", "lv", "āčēģīķļņšūž"),
    "lt": ("Lithuanian", "lt_LT", "lt", "ąčėęįšūųž"),
    "pl": ("Polish", "pl_PL", "pl", "ąćęłńóśźż"),
    "cs": ("Czech", "cs_CZ", "cs", "áčďéěíňóřšťúůýž"),
    "sk": ("Slovak", "sk_SK", "sk", "áäčďéíĺľňóôŕšťúýž"),
    "hu": ("Hungarian", "hu_HU", "hu", "áéíóöőúüű"),
    "ro": ("Romanian", "ro_RO", "ro", "âăî"),
    "sl": ("Slovenian", "sl_SI", "sl", "čšž"),
    "hr": ("Croatian", "hr_HR", "hr bs sr_Latn", "čćđšž"),
    "tr": ("Turkish", "tr_TR", "tr", "çğıöşüâİ"),
    "sq": ("Albanian", "", "sq", "çë"),
    "ru": ("Russian", "ru_RU", "ru", "абвгдежзийклмнопрстуфхцчшщъыьэюяё"),
    "uk": ("Ukrainian", "uk_UA", "uk", "абвгґдежзийклмнопрстуфхцчшщьюяєії"),
    "be": ("Belarusian", "", "be", "абвгдежзйклмнопрстуфхцчшыьэюяёіў"),
    "bg": ("Bulgarian", "bg_BG", "bg", "абвгдежзийклмнопрстуфхцчшщъьюя"),
    "sr": ("Serbian", "", "sr mk", "абвгдежзиклмнопрстуфхцчшђјљњћџ"),
    "el": ("Greek", "el_GR", "el", "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώς"),
    "he": ("Hebrew", "he_IL", "he", "אבגדהוזחטיכלמנסעפצקרשתםןףץך"),
    "ar": ("Arabic", "ar_SA ar_AA ar_PS", "ar", "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإ"),
    "th": ("Thai", "th_TH", "th", "กขคงจชญดตถทธนบปผพภมยรลวศสหอ"),
}
IDEOGRAPHIC = {
    "ja": ("Japanese", "ja_JP", "ja"),
    "zh": ("Chinese", "zh_CN", "zh_Hans"),
    "zh_Hant": ("Taiwanese", "zh_TW", "zh_Hant"),
    "ko": ("Korean", "ko_KR", "ko"),
}
# Vowels and points of Hebrew, Arabic and Thai are part of a word.
_POINTS = "\u0300-\u036f\u0591-\u05c7\u0610-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_POINTS}])*")
_PLACEHOLDER = re.compile(r"%\(\w+\)\w|%\w|\{\w*\}|<[^>]*>")
_CLDR = (
    "territories", "languages", "currency_names", "months", "days", "quarters", "time_zones",
    "meta_zones", "unit_display_names", "date_fields",
)  # fmt: skip
#: What words count: those written in capitals beside others, and those of CLDR beside names.
_CAPITALS, _OF_LISTS, _WRITTEN = 0.15, 0.5, 2.0
#: How often a letter is foreign, one that must be there, and any other, at least.
_FOREIGN, _CORE, _ANY = 3e-4, 2e-4, 2e-5
#: How rare a letter of a language may be, how many there are, and how much single letters count
#: where pairs are rare.
_RAREST, _MOST, _SMOOTHING = 2e-4, 60, 15
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CEDILLAS = str.maketrans("ȘșȚț", "ŞşŢţ")
#: How many characters of a language are kept, what part of a text they are, and how much the
#: commonest of a list are commoner than in texts.
_CHARACTERS, _PART, _FLAT = 1600, 0.85, 0.8


def main() -> None:
    """Write the costs of all languages to the file that is named."""
    found = {
        "alphabetic": {code: _alphabetic(code) for code in ALPHABETIC},
        "ideographic": {code: _ideographic(code) for code in IDEOGRAPHIC},
    }
    text = json.dumps(found, ensure_ascii=False, indent=0)
    Path(sys.argv[1]).write_text(f"{text}\n", encoding="utf-8")


def _alphabetic(code: str) -> dict[str, object]:
    name, _, _, core = ALPHABETIC[code]
    counts = _pairs(code, script(core[0]))
    single: Counter[str] = Counter()
    for row in counts.values():
        single.update(row)
    total = sum(single.values())
    common = [each for each, count in single.most_common() if count / total >= _RAREST]
    known = [*(_LATIN if script(core[0]) == "latin" else ""), *core, *common]
    letters = [each for each in dict.fromkeys(known) if each != " "][:_MOST]
    costs = _costs(counts, letters, core)
    return {"name": name, "core": core, "letters": "".join(letters), "costs": costs}


def _pairs(code: str, wanted: str) -> Mapping[str, Counter[str]]:
    """Return how often each letter comes after each other one; a space is the border of a word."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for word, count in _corpus(code).items():
        if any(script(each) != wanted for each in word):
            continue
        capitals = (word.replace("i", "İ") if code == "tr" else word).upper()
        for written, weight in ((word, count), (capitals, count * _CAPITALS)):
            before = " "
            for letter in f"{folded(written)} ":
                found[before][letter] += weight  # type: ignore[assignment]
                before = letter
    return found


def _costs(counts: Mapping[str, Counter[str]], letters: list[str], core: str) -> list[str]:
    """Return a row for each letter, the border and any foreign one before: what comes next costs.

    A cost is a digit that counts steps of UNIT of the negative logarithm.
    """
    symbols = [" ", "*", *letters]
    known = frozenset(symbols)
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    single: Counter[str] = Counter()
    for before, row in counts.items():
        for letter, count in row.items():
            here = letter if letter in known else "*"
            rows[before if before in known else "*"][here] += count
            single[here] += count
    total = sum(single.values())
    least = {**dict.fromkeys(symbols, _ANY), **dict.fromkeys(core, _CORE), "*": _FOREIGN}
    share = {each: (single[each] / total + least[each]) / 1.01 for each in symbols}

    def cost(before: str, here: str) -> str:
        row = rows[before]
        part = (row[here] + _SMOOTHING * share[here]) / (sum(row.values()) + _SMOOTHING)
        return DIGITS[min(len(DIGITS) - 1, round(-math.log(part) / UNIT))]

    return ["".join(cost(before, here) for here in symbols) for before in symbols]


def _ideographic(code: str) -> dict[str, object]:
    name, faker, django = IDEOGRAPHIC[code]
    texts = [*_names(faker), *_messages(django), *_listed(code)]
    counts = Counter(each for text in texts for each in text if ord(each) >= 0x3000)
    total = sum(count**_FLAT for count in counts.values()) / _PART
    bands: dict[int, list[str]] = defaultdict(list)
    for each, count in counts.most_common(_CHARACTERS):
        bands[round(-math.log(count**_FLAT / total))].append(each)
    costs = {str(cost): "".join(sorted(band)) for cost, band in sorted(bands.items())}
    return {"name": name, "costs": costs}


def _corpus(code: str) -> dict[str, float]:
    _, faker, django, _ = ALPHABETIC[code]
    found: dict[str, float] = defaultdict(float)
    for locale in faker.split():
        found.update(dict.fromkeys(_words(_names(locale)), 1.0))
    texts = Counter(word for locale in django.split() for word in _words(_messages(locale)))
    for word, count in texts.items():
        found[word] += 0.5 + math.log(1 + count) / 2
    for word in set(_words(_listed(code))):
        found[word] = max(found[word], _OF_LISTS)
    for word in WORDS.get(code, "").split():
        found[word] += _WRITTEN
    if code == "ro":
        # In code pages, and often elsewhere, the letters with a comma have a cedilla.
        found.update({word.translate(_CEDILLAS): count for word, count in [*found.items()]})
    return {word: count for word, count in found.items() if word not in _measured()}


@cache
def _measured() -> frozenset[str]:
    texts = [text for each in (*LANGUAGES, *HELD_OUT) for text in each.texts]
    return frozenset(word for word in _words(texts) if len(word) > 3)


def _words(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from _WORD.findall(unicodedata.normalize("NFC", text))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif hasattr(value, "values"):
        # Names that Faker weighs are keys.
        for key, each in value.items():
            yield from _strings(each if isinstance(each, str) or hasattr(each, "values") else key)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _strings(each)


def _names(locale: str) -> Iterator[str]:
    for kind in ("person", "address", "company", "job"):
        try:
            module = importlib.import_module(f"faker.providers.{kind}.{locale}")
        except ModuleNotFoundError as error:
            if error.name == "faker":
                raise
            continue
        for name, value in vars(module.Provider).items():
            if not name.startswith("_") and "format" not in name and "roman" not in name:
                yield from _strings(value)


def _messages(locale: str) -> Iterator[str]:
    django: Any = importlib.import_module("django")
    for path in Path(django.__path__[0]).glob(f"**/locale/{locale}/LC_MESSAGES/*.mo"):
        with path.open("rb") as file:
            catalog: Any = gettext.GNUTranslations(file)
        for key, text in catalog._catalog.items():
            if key:
                yield _PLACEHOLDER.sub("", text)


def _listed(code: str) -> Iterator[str]:
    babel: Any = importlib.import_module("babel")
    data = babel.Locale.parse({"zh": "zh_Hans"}.get(code, code))._data
    for part in _CLDR:
        yield from _strings(data.get(part) or {})


if __name__ == "__main__":
    main()
