"""Which languages a file is likely in, by what all code pages write alike: what it has in ASCII."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from math import log

from crmctl.domain.importing.files.code_pages.languages import alphabetic, mixture

#: By code of a language: ends of domain names, dialling codes, currencies, then names of countries
#: and the words that head columns.
_HINTS = {
    "es": "es mx ar cl pe uy|34 52 54 56 57 51|MXN CLP COP|spain espana mexico argentina colombia"
    " nombre apellido apellidos ciudad correo direccion provincia",
    "fr": "fr|33||france nom prenom ville societe adresse courriel telephone entreprise",
    "de": "de at|49 43||germany deutschland austria nachname vorname ort stadt firma strasse plz"
    " kunde bemerkung",
    "it": "it|39||italy italia nome cognome citta azienda indirizzo cliente",
    "pt": "pt br|351 55|BRL|portugal brazil brasil apelido cidade morada telefone empresa",
    "ca": "cat|||catalunya cognoms ciutat correu",
    "nl": "nl be|31 32||netherlands nederland belgie voornaam achternaam plaats bedrijf woonplaats",
    "sv": "se|46|SEK|sweden sverige fornamn efternamn stad ort foretag",
    "da": "dk|45|DKK|denmark danmark fornavn efternavn by firma",
    "nb": "no|47|NOK|norway norge fornavn etternavn poststed firma",
    "fi": "fi|358||finland suomi nimi etunimi sukunimi kaupunki yritys puhelin",
    "is": "is|354|ISK|iceland island nafn fyrirtaeki",
    "et": "ee|372||estonia eesti nimi eesnimi perenimi linn ettevote",
    "lv": "lv|371||latvia latvija vards uzvards",
    "lt": "lt|370||lithuania lietuva vardas pavarde miestas",
    "pl": "pl|48|PLN|poland polska imie nazwisko miasto firma klient uwagi",
    "cs": "cz|420|CZK|czechia cesko jmeno prijmeni mesto firma poznamka",
    "sk": "sk|421||slovakia slovensko meno priezvisko mesto",
    "hu": "hu|36|HUF|hungary magyarorszag nev vezeteknev keresztnev varos ceg",
    "ro": "ro md|40|RON MDL|romania nume prenume oras firma",
    "sl": "si|386||slovenia slovenija ime priimek kraj mesto podjetje",
    "hr": "hr ba|385 387|HRK BAM|croatia hrvatska ime prezime grad tvrtka",
    "tr": "tr|90|TRY|turkey turkiye isim soyad soyadi sehir il firma telefon",
    "sq": "al|355|ALL|albania shqiperia emri mbiemri qyteti",
    "ru": "ru su by kz|7 375|RUB BYN KZT|russia moscow",
    "uk": "ua|380|UAH|ukraine kyiv kiev",
    "bg": "bg|359|BGN|bulgaria sofia",
    "sr": "rs mk|381 389|RSD MKD|serbia beograd",
    "el": "gr cy|30 357||greece hellas athens athina",
    "he": "il|972|ILS|israel",
    "ar": "eg sa ae ma|20 966 971 212|EGP SAR AED MAD|egypt",
    "th": "th|66|THB|thailand bangkok",
    "ja": "jp|81|JPY|japan tokyo",
    "zh": "cn|86|CNY|china beijing shanghai",
    "zh_Hant": "tw hk|886 852|TWD HKD|taiwan taipei",
    "ko": "kr|82|KRW|korea seoul",
}
#: What a domain, a number, a currency or a word of these counts, in words that are no names, and
#: how many of them do.
_WEIGHT, _MOST = 6.0, 10
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_ADDRESS = re.compile(rb"(?:[\w.+-]*@|https?:|www\.)[\w./-]*[A-Za-z]")
_SHORTEST, _WORDS = 3, 300
_DIVIDERS = re.compile(r"[\s,;|\t\"]+")
_DIALLED = re.compile(r"(?<![\w+])(?:\+|00)(\d{2,3})[\d ()./-]{4}")
#: A text of few words, or one in English, says little: what the languages of no page can write.
_FEW, _SURE, _EVEN = 2.0, 20.0, 1.0


@cache
def _hints() -> tuple[dict[str, list[str]], ...]:
    """Return the languages by domain, dialling code, currency and word."""
    found: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
    for code, hints in _HINTS.items():
        for kind, named in zip(found, hints.split("|"), strict=True):
            for hint in named.split():
                kind.setdefault(hint, []).append(code)
    return found


def find_hints(text: bytes) -> dict[str, float]:
    """Return how many words of each language, by its code, `text` has in ASCII, but for English.

    A domain, a dialling code or a currency counts as several words.
    """
    found = _words(text)
    for code, count in _named(text.decode("ascii", "replace")).items():
        found[code] = found.get(code, 0.0) + _WEIGHT * min(count, _MOST)
    del found["en"]
    return found


def _words(text: bytes) -> dict[str, float]:
    """Return how many words in ASCII are likely of each language that is written in Latin."""
    plain = _ADDRESS.sub(b" ", text)
    words = [word for word in dict.fromkeys(_WORD.findall(plain)) if word.isascii()]
    known = [word.decode() for word in words if len(word) >= _SHORTEST][:_WORDS]
    codes = [code for code, language in alphabetic().items() if language.script == "latin"]
    languages = [alphabetic()[code] for code in codes]
    counts = mixture(known, languages, [1.0] * len(languages))[1]
    return dict(zip(codes, counts, strict=True))


def _named(text: str) -> Counter[str]:
    domains, dialled, currencies, words = _hints()
    found: Counter[str] = Counter()
    for address in _ADDRESS.findall(text.encode("ascii", "replace")):
        found.update(domains.get(address.decode().rpartition(".")[2].lower(), ()))
    for number in _DIALLED.findall(text):
        code = next((number[:n] for n in (3, 2, 1) if number[:n] in dialled), "")
        found.update(dialled.get(code, ()))
    for cell in _DIVIDERS.split(text):
        found.update(currencies.get(cell, words.get(cell.lower(), [])))
    return found


def foreign_cost(hints: Mapping[str, float], code: str) -> float:
    """Return what it costs that only the language `code` can be in a file with these `hints`."""
    return -log((hints.get(code, 0.0) + _FEW) / (sum(hints.values()) + _FEW))


def weigh(hints: Mapping[str, float], codes: Sequence[str]) -> tuple[list[float], float]:
    """Return how many words are expected of each of the languages `codes`, and of all others."""
    total = sum(hints.values())
    scale = min(1.0, _SURE / total) if total else 1.0
    expected = [scale * hints.get(code, 0.0) for code in codes]
    return [each + _EVEN / len(codes) for each in expected], scale * total - sum(expected)
