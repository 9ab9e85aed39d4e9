"""Yes and no as people write them."""

from crmctl.errors import UsageError

_YES = (
    "true yes y 1 on x t checked ja wahr oui vrai sí si verdadero sim verdadeiro vero tak ano"
    " igen evet kyllä да"
)
_NO = (
    "false no n 0 off f unchecked nein falsch non faux falso não nao nej nei nee nie ne nem"
    " hay\u0131r hayir ei нет"
)
#: The words for each, those of forms and lists among them, in the languages that files are in.
WORDS = {word: said for words, said in ((_YES, True), (_NO, False)) for word in words.split()}


def read(text: str) -> bool:
    """Return whether `text` says yes; raises UsageError if it says neither."""
    found = WORDS.get(text.strip().lower())
    if found is None:
        raise UsageError(f"neither yes nor no: {text!r}")
    return found
