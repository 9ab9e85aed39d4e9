"""Text from the database made safe to show: nothing in it is interpreted."""

import re

# C0 and C1 controls, DEL, line and paragraph separators, and the marks that turn text around:
# a terminal would act on them instead of showing them. Lone surrogates cannot be written at all.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: object) -> str:
    """Return `text` with each control and turning character written out, such as `\\x1b`."""
    return _UNSAFE.sub(lambda match: _written(match[0]), str(text))


def safe_json(text: str) -> str:
    """Return JSON `text` with the unsafe characters that JSON leaves bare as its own escapes."""
    return _UNSAFE.sub(lambda match: _json_escape(match[0]), text)


def _written(character: str) -> str:
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def _json_escape(character: str) -> str:
    # JSON itself escapes what is below a space in strings; between them a new line is layout.
    return character if character == "\n" else f"\\u{ord(character):04x}"
