"""The code pages that texts are looked for in."""

from functools import cache

from crmctl.domain.importing.files.code_pages.languages import alphabetic

_WEST = "en es fr de it pt ca nl sv da nb fi is sq"
_CENTRE = "pl cs sk hu sl hr ro de sq"
_BALTIC = "et lv lt"
_TURKISH = "tr"
_RUSSIAN = "ru uk be bg sr"
#: Pages of 256 characters: what they cost, that is how rare they are in files that people keep, and
#: the languages that they are made for.
SINGLE = {
    "cp1252": (0.0, _WEST), "cp1250": (1.5, _CENTRE), "cp1251": (1.5, _RUSSIAN),
    "cp1253": (1.5, "el"), "cp1254": (1.5, _TURKISH), "cp1257": (4.0, _BALTIC),
    "cp1255": (2.0, "he"), "cp1256": (2.0, "ar"), "cp874": (2.5, "th"),
    "iso8859-1": (1.5, _WEST), "iso8859-15": (3.5, _WEST), "iso8859-2": (4.0, _CENTRE),
    "iso8859-7": (5.0, "el"), "iso8859-9": (4.0, _TURKISH), "iso8859-5": (6.0, _RUSSIAN),
    "iso8859-8": (5.0, "he"), "iso8859-6": (5.0, "ar"), "iso8859-4": (10.0, _BALTIC),
    "iso8859-13": (9.0, _BALTIC), "iso8859-10": (12.0, f"{_BALTIC} is"), "iso8859-16": (14.0, "ro"),
    "cp850": (4.0, _WEST), "cp437": (4.5, _WEST), "cp852": (5.0, _CENTRE), "cp866": (4.0, _RUSSIAN),
    "cp737": (5.0, "el"), "cp857": (5.0, _TURKISH), "cp775": (6.0, _BALTIC),
    "cp855": (7.0, _RUSSIAN),
    "cp862": (6.0, "he"), "cp860": (7.0, "pt"), "cp861": (7.0, "is"), "cp863": (7.0, "fr"),
    "cp865": (7.0, "da nb"), "cp869": (7.0, "el"), "koi8-r": (4.0, _RUSSIAN), "koi8-u": (3.5, "uk"),
    "mac-roman": (4.0, _WEST), "mac-latin2": (6.0, _CENTRE), "mac-cyrillic": (6.0, _RUSSIAN),
    "mac-greek": (6.0, "el"), "mac-turkish": (6.0, _TURKISH), "mac-iceland": (7.0, "is"),
    "mac-croatian": (7.0, "hr sl"), "mac-romanian": (7.0, "ro"),
}  # fmt: skip
# The pages that Windows writes, somewhere in the world.
_WINDOWS = frozenset(
    {
        "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
        "cp932", "cp949", "cp950", "gb18030", "iso8859-1",
    }
)  # fmt: skip
#: What it costs that the language of a text is not one that its page is made for.
ABROAD = 5.0
#: Pages of characters of one or more bytes, with the language whose they are.
MULTIPLE = {
    "cp932": (1.0, "ja"), "euc_jp": (2.5, "ja"), "gb18030": (1.0, "zh"), "cp949": (1.0, "ko"),
    "cp950": (1.5, "zh_Hant"), "big5hkscs": (2.0, "zh_Hant"),
}  # fmt: skip


@cache
def languages(page: str) -> tuple[str, ...]:
    """Return the codes of the languages that can be written in a page of 256 characters."""
    letters = set(bytes(range(256)).decode(page, "replace"))
    return tuple(code for code, each in alphabetic().items() if letters.issuperset(each.core))


@cache
def home(page: str) -> frozenset[str]:
    """Return the codes of the languages that a page of 256 characters is made for."""
    return frozenset(SINGLE[page][1].split())


def is_usual(page: str) -> bool:
    """Return whether `page` is one that Windows writes, somewhere in the world."""
    return page in _WINDOWS
