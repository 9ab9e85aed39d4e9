# ruff: noqa: RUF001 - signs and letters that look like others are what this is about.
"""Texts that were read in a wrong encoding and saved again."""

import pytest

from crmctl.domain.importing.cells.damaged_texts import (
    DamagedTexts,
    is_damaged,
    repaired,
    spoils,
)
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.importing.findings import Certainty
from tests.encodings.languages import LANGUAGES

WHOLE = ["Müller", "Łódź", "“Smith’s” – 5 €", "Привет мир", "Άννα Ψαράς", "naïve café à la", "Işık"]
PAGES = ["cp1252", "cp1250", "cp1254", "mac-roman", "cp437", "cp850", "cp1251", "cp1253", "koi8-r"]


def misread(text: str, page: str) -> str:
    """Return UTF-8 read in `page`, by a program that takes what it has not for control codes."""
    return "".join(bytes([byte]).decode(page, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("text", WHOLE)
def test_utf_8_that_was_read_in_another_page_is_known(text: str, page: str) -> None:
    assert is_damaged(misread(text, page))
    assert spoils(text, misread(text, page))
    assert not spoils(misread(text, page), text)


@pytest.mark.parametrize("page", ["cp1252", "cp1250", "cp850", "mac-roman"])
def test_what_it_was_is_shown(page: str) -> None:
    assert repaired(misread("Jörg Müller", page)) == "Jörg Müller"
    assert repaired(misread(misread("Jörg Müller", page), page)) == misread("Jörg Müller", page)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.name)
def test_words_of_a_language_are_whole(language) -> None:  # type: ignore[no-untyped-def]
    lists = f"{language.given} {language.family} {language.places}".split()
    for word in (*lists, *language.notes.split("|")):
        for text in (word, word.upper(), f"«{word}»", f"“{word}”", f"{word}®", f"{word.upper()}’S"):
            assert not is_damaged(text)


@pytest.mark.parametrize("text", ["Её", "Її", "CAFÉ®", "ROSÉ’S", "Ð", "5 °C", "Ã", "ÀÉ", "№ 5"])
def test_rare_texts_are_whole(text: str) -> None:
    assert not is_damaged(text)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Müller", "M?ller", True),
        ("Müller", "M\ufffdller", True),
        ("Müller", "Muller", False),
        ("Müller", "Möller", False),
        ("Muller", "MÃ¼ller", False),
        ("Wer?", "Wer!", False),
        ("Müller", None, False),
        (5, "MÃ¼ller", False),
    ],
)
def test_a_whole_text_is_spoilt_by_a_damaged_one(
    before: object, after: object, expected: bool
) -> None:
    assert spoils(before, after) == expected


def test_damaged_cells_are_counted_with_the_first() -> None:
    texts = DamagedTexts()
    texts.look([TableRow(2, ("Ann", "Köln")), TableRow(3, ("MÃ¼ller", "KÃ¶ln"))])
    texts.look([TableRow(4, ("Jos\ufffd", "Lima"))])
    misread, lost = texts.findings
    assert (misread.certainty, misread.count) == (Certainty.UNKNOWN, 2)
    assert misread.text.endswith("such as MÃ¼ller for Müller on line 3")
    assert (lost.certainty, lost.count) == (Certainty.UNKNOWN, 1)
    assert lost.text.endswith("the first on line 4")
