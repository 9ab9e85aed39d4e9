"""Names as they are compared: folded, and without the legal form of a company."""

import re
import unicodedata
from dataclasses import dataclass


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


#: Letters that no decomposition takes apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "\u0131": "i"}
)
#: What letters become where they are written out, instead of losing their dots.
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_DROPPED = re.compile("[.'’`\u00b4]")
_WORDS = re.compile(r"\w+")
#: Legal forms, folded, after which a company is the same one without them.
LEGAL_FORMS = words_of(
    """
    inc incorporated corp corporation co company ltd limited llc llp lp plc pllc gmbh ggmbh mbh
    ag kg kgaa ohg ug gbr ev se eg sa sas sasu sarl eurl sci snc spa srl srls sl slu sau ltda
    lda eireli cv bv nv vof ab as asa aps ans oy oyj oue sro spol zs spz zoo sp spzoo oo kft zrt
    nyrt bt doo dd jdoo ood eood ead sia uab oao ooo zao pty pte sdn bhd kk pvt
    """
)
#: What stands between the parts of a legal form: `S.A. de C.V.`, `Sp. z o.o.`.
_BETWEEN = frozenset(("de", "z"))
#: Words for `&`, which says as little between others.
_AND = frozenset(("and", "und", "et"))
#: Other ways to write a legal form; a company is often one without saying so.
_SAME = {"incorporated": "inc", "corporation": "corp", "limited": "ltd", "co": "", "company": ""}


@dataclass(frozen=True, slots=True)
class FoldedName:
    """A name, folded: its words in order without a legal form, and that form."""

    words: tuple[str, ...]
    form: str

    @property
    def ordered(self) -> str:
        """The words sorted, so that `Lee, Ann` is `Ann Lee`."""
        return " ".join(sorted(self.words))

    def is_other_form(self, other: "FoldedName") -> bool:
        """Return whether both name a legal form, and have none in common."""
        if self.form == other.form:
            return False
        forms = [{_SAME.get(word, word) for word in one.form.split()} for one in (self, other)]
        mine, theirs = (found - {"", *_BETWEEN} for found in forms)
        return bool(mine and theirs) and mine.isdisjoint(theirs)


def fold(text: str, *, spelled: bool = False) -> str:
    """Return `text` without case, accents, dots and apostrophes; `spelled`, `ü` becomes `ue`."""
    if text.isascii():
        return _DROPPED.sub("", text.lower())
    text = text.casefold()
    if spelled:
        text = unicodedata.normalize("NFC", text).translate(_SPELLED)
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return _DROPPED.sub("", "".join(c for c in letters if not unicodedata.combining(c)))


def read(text: str, *, spelled: bool = False) -> FoldedName:
    """Return the name that `text` writes; a single word is no legal form."""
    found = _WORDS.findall(fold(text, spelled=spelled))
    inner = (word for word in found[1:-1] if word not in _AND)
    words = _joined([*found[:1], *inner, *found[1:][-1:]])
    end = len(words)
    while end > 1 and (words[end - 1] in LEGAL_FORMS or _is_between(words, end)):
        end -= 1
    return FoldedName(tuple(words[:end]), " ".join(words[end:]))


def _is_between(words: list[str], end: int) -> bool:
    return words[end - 1] in _BETWEEN and end < len(words)


def _joined(words: list[str]) -> list[str]:
    """Return `words` with single letters that follow each other made one: `s r o` is `sro`."""
    found: list[str] = []
    single = False
    for word in words:
        if single and len(word) == 1:
            found[-1] += word
        else:
            found.append(word)
            single = len(word) == 1 and word.isalpha()
    return found
