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


#: Short forms of first names that are no beginnings of them, folded.
_SHORT_FORMS = {
    "bob": "robert", "rob": "robert", "bill": "william", "will": "william", "dick": "richard",
    "jim": "james", "jack": "john", "ted": "edward", "tony": "anthony", "peggy": "margaret",
    "liz": "elizabeth", "beth": "elizabeth", "kate": "katherine", "mike": "michael",
    "hans": "johannes", "sepp": "josef", "pepe": "jose", "sasha": "alexander", "lena": "helena",
}  # fmt: skip
#: Letters that the beginning of a name has at most that is a short form of it.
_SHORTENED = 5


def are_one(one: FoldedName, other: FoldedName) -> bool:
    """Return whether two names may be written of one: they are the same, or one says less.

    `I. Moss` may be Ines Moss, and `Bob Ray` Robert Ray; no name may be any.
    """
    mine, theirs = _unshared(one, other)
    if not mine or not theirs:
        return True
    return len(mine) == len(theirs) == 1 and _may_be(mine[0], theirs[0])


def differ_in_first_name(one: FoldedName, other: FoldedName, *, slips: bool) -> bool:
    """Return whether two names share their last word, say, and have others in front of it.

    With `slips`, words of which one letter differs may be one.
    """
    mine, theirs = _unshared(one, other)
    shared = len(mine) < len(one.words)
    if not shared or not mine or not theirs or one.words[0] == other.words[0]:
        return False
    return not any(
        _may_be(word, another) or (slips and _is_slip(word, another))
        for word in mine
        for another in theirs
    )


def _is_slip(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    return min(len(one), len(other)) > 2 and OSA.distance(one, other, score_cutoff=1) <= 1


def _unshared(one: FoldedName, other: FoldedName) -> tuple[list[str], list[str]]:
    """Return the words that only one of two names has."""
    mine = [word for word in one.words if word not in other.words]
    return mine, [word for word in other.words if word not in one.words]


def _may_be(one: str, other: str) -> bool:
    """Return whether a word may be short for another: an initial, a beginning, a short form."""
    short, long = sorted((one, other), key=len)
    if len(short) == 1 or (len(short) <= _SHORTENED and len(long) - len(short) > 1):
        return long.startswith(short) or _SHORT_FORMS.get(short) == long
    return _SHORT_FORMS.get(short) == long
