"""What a text costs as one of Chinese, Japanese or Korean."""

from functools import cache
from itertools import pairwise

from crmctl.domain.importing.files.code_pages.languages import Ideographs

#: What a character costs: one of the commoner half of its standard, one of the rarer, and others.
_COMMON, _RARE, _HALF_WIDTH, _FULL_WIDTH, _PUNCTUATION, _OTHER = 10.0, 14.0, 8.0, 7.0, 5.0, 10.0
_ASCII, _BESIDE_LETTER, _IMPOSSIBLE = 3.0, 6.0, 25.0
# In these standards the commoner characters come first; the bytes are those of the first of them.
_LEVELS = {
    "Japanese": ("euc_jp", 0xB0, 0xCF),
    "Chinese": ("gb2312", 0xB0, 0xD7),
    "Korean": ("euc_kr", 0xB0, 0xC8),
    "Taiwanese": ("big5", 0xA4, 0xC6),
}


def text_cost(text: str, language: Ideographs) -> float:
    """Return what `text`, without spaces, costs as one of `language`."""
    cost = sum(_cost(each, language) for each in text)
    beside = sum(_is_latin(one) != _is_latin(other) for one, other in pairwise(text)
                 if not max(one, other).isascii())  # fmt: skip
    return cost + _BESIDE_LETTER * beside


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _cost(character: str, language: Ideographs) -> float:
    code = ord(character)
    if code < 0x80:
        return _ASCII
    if character == "\ufffd" or 0xE000 <= code < 0xF900 or code < 0xA0:
        return _IMPOSSIBLE
    known = language.costs.get(character)
    if known is not None:
        return known
    if 0xFF61 <= code <= 0xFFDC:
        return _HALF_WIDTH
    if 0xFF00 <= code <= 0xFFFF:
        return _FULL_WIDTH
    if 0x3000 <= code < 0x3040:
        return _PUNCTUATION
    return _level_cost(character, language.name) if code >= 0x2E80 else _OTHER


@cache
def _level_cost(character: str, name: str) -> float:
    page, low, high = _LEVELS[name]
    encoded = character.encode(page, "ignore")
    return _COMMON if encoded and low <= encoded[0] <= high else _RARE
