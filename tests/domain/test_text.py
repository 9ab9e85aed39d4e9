"""Text as it is compared, and as it is shown: what nobody sees tells nothing apart."""

import pytest

from crmctl.domain.text import folded, safe

#: What looks like Beech Größe Inc.
ALIKE = {
    "no-break space": "Beech\u00a0Größe Inc",
    "narrow space": "Beech\u202fGröße Inc",
    "two spaces and a tab": " Beech \tGröße Inc ",
    "zero width": "Beech\u200b Größe Inc",
    "word joiner": "Be\u2060ech Größe Inc",
    "soft hyphen": "Be\u00adech Größe Inc",
    "decomposed": "Beech Gro\u0308ße Inc",
    "marks of direction": "\u200eBeech Größe Inc\u200f",
    "byte order mark": "\ufeffBeech Größe Inc",
    "full width": "\uff22eech Größe Inc",
    "tag": "Beech Größe Inc\U000e0041",
    "lone CR": "Beech\rGröße Inc",
    "capitals": "BEECH GRÖßE INC",
}


@pytest.mark.parametrize("text", ALIKE.values(), ids=ALIKE)
def test_texts_that_look_alike_are_one(text: str) -> None:
    assert folded(text) == "beech größe inc"


@pytest.mark.parametrize("text", ["Beech Grösse Inc", "Beach Größe Inc", "Beech-Größe Inc"])
def test_texts_that_look_otherwise_are_not(text: str) -> None:
    assert folded(text) != "beech größe inc"


@pytest.mark.parametrize(
    ("one", "other"), [("ΟΔΟΣ", "οδος"), ("İSTANBUL", "istanbul"), ("ÇELİK", "çelik")]
)
def test_capitals_of_other_alphabets_are_one_with_small_letters(one: str, other: str) -> None:
    assert folded(one) == folded(other) == folded(other.upper())


def test_text_of_which_nothing_is_seen_is_compared_as_it_is() -> None:
    assert folded("\u200b") != folded("\u200e")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("We\u200bir", "We\\u200bir"), ("\u200eWeir\u200f", "\\u200eWeir\\u200f"),
        ("\ufeffWeir", "\\ufeffWeir"), ("We\u00adir", "We\\xadir"), ("We\u200dir", "We\\u200dir"),
        ("Weir\U000e0041", "Weir\\U000e0041"),
        # Emoji and letters that are joined, and the flag of a region.
        ("Team \U0001f468\u200d\U0001f469\u200d\U0001f467", None),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", None),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("Größe\u00a0\u2764\ufe0f", None),
    ],
)  # fmt: skip
def test_what_misleads_is_shown_written_out(text: str, shown: str | None) -> None:
    assert safe(text) == (shown or text)
