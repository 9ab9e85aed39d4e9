"""What people try first who know other programs, and which command of crmctl they look for."""

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence

from crmctl.domain.kinds import ActivityKind

_NOUNS = {
    "deal": "deal deals opportunity opportunities opp opps",
    "customer": "customer customers contact contacts lead leads client clients account accounts"
    " person people",
    "activity": "activity activities event events",
    "pipeline": "pipeline pipelines",
    "stage": "stage stages",
    "user": "user users member members",
    "company": "company companies",
    "franchise": "franchise franchises",
    "field": "field fields property properties",
}
_VERBS = {
    "list": "list ls all",
    "add": "add create new insert",
    "edit": "edit update set change modify rename",
    "show": "show view get info display",
    "remove": "remove rm delete del",
    "restore": "restore undelete recover",
}
_DEAL_VERBS = {
    "move": "move stage advance",
    "win": "win won",
    "lose": "lose lost",
    "reopen": "reopen open",
    "history": "history",
}
_MERGE = {"merge": "merge", "duplicates": "duplicates dedupe dupes", "erase": "erase forget purge"}
#: What is no noun and no verb, by the whole command that does it.
_OTHERS = {
    "version": "--version",
    "report": "forecast",
    "reports": "forecast",
    "dashboard": "board",
    "kanban": "board",
    "redo": "undo CHANGE",
    "history": "log",
    "status": "db status",
    "check": "db check",
    "migrate": "db migrate",
    "upgrade": "db migrate",
    "backup": "export all DIR",
    "restore": "deal restore DEAL",
    "whoami": "user list",
}
#: What can be imported and exported, by what it may be called.
_LISTS = {"deal": "deals", "customer": "customers", "activity": "activities"}
_RECORDS = {"d": "deal", "c": "customer", "a": "activity"}
_REFERENCE = re.compile(r"([dca])\d+", re.IGNORECASE)
_FILE = re.compile(r".*(?:/|\.(?:csv|tsv|txt|xlsx?|ods|jsonl?|ndjson|zip|gz))", re.IGNORECASE)


def suggestion(
    group: str, word: str, rest: Sequence[str], verbs_of: Callable[[str], Collection[str]]
) -> str | None:
    """Return the command that may be meant by `word`, which `group` has not; None if none is.

    `group` is `crmctl` or one such as `crmctl deal`, `rest` what was typed behind it, and
    `verbs_of` says which verbs a noun has.
    """
    given = list(rest)
    noun = group.partition(" ")[2]
    if noun in ("import", "export"):
        found = _list(noun, word, given)
    elif noun:
        found = _verb(noun, word.lower(), [word, *given])
    else:
        found = _root(word.lower(), [word, *given])
    noun, verb, *_ = f"{found or ''} ".split(" ")
    lacks = noun in _NOUNS and not verb.startswith("-") and verb not in verbs_of(noun)
    return None if lacks or not found else f"crmctl {found}"


def _root(word: str, typed: list[str]) -> str | None:
    """Return what is meant by a first word that is no command."""
    rest = typed[1:]
    if noun := _of(_NOUNS, word):
        found = _verb(noun, rest[0].lower(), rest) if rest else f"{noun} list"
        return found or f"{noun} --help"
    if word == "help":
        return f"{' '.join(rest)} --help".strip()
    if word in tuple(ActivityKind):
        added = rest[:1] and _of(_VERBS, rest[0].lower()) == "add"
        return f"activity add {shlex.join([word, *rest[1 if added else 0 :]])}"
    if word in ("find", "search"):
        return f"deal list --text {shlex.join(rest[:1]) or 'WORD'}"
    about = [match for text in rest if (match := _REFERENCE.fullmatch(text))]
    noun = _RECORDS[about[0][1].lower()] if about else "deal"
    # `history` alone is the log, and that of a deal its stages.
    if word in _OTHERS and not (about and word in ("history", "restore")):
        return _OTHERS[word]
    return _verb(noun, word, typed)


def _verb(noun: str, word: str, typed: list[str]) -> str | None:
    """Return what is meant by the first of what was `typed` after `noun`."""
    rest = typed[1:]
    if word == "help":
        return f"{noun} --help"
    if _REFERENCE.fullmatch(word):
        return f"{_RECORDS[word[0]]} show {typed[0].upper()}"
    if word in ("find", "search") and noun in _LISTS:
        return f"{noun} list --text {shlex.join(rest[:1]) or 'WORD'}"
    if noun == "activity" and word in tuple(ActivityKind):
        return f"activity add {shlex.join(typed)}"
    if noun == "db":
        return _OTHERS.get(word)
    if noun == "deal" and word == "close":
        deal = shlex.join(rest[:1]) or "DEAL"
        return f"deal win {deal}, or crmctl deal lose {deal}"
    verbs = _VERBS | (_DEAL_VERBS if noun == "deal" else _MERGE if noun == "customer" else {})
    verb = _of(verbs, word)
    return verb and f"{noun} {verb} {shlex.join(rest)}".strip()


def _list(noun: str, word: str, rest: list[str]) -> str | None:
    """Return what is meant by a word after `import` or `export` that is none of their lists."""
    if kind := _LISTS.get(_of(_NOUNS, word.lower()) or ""):
        return f"{noun} {kind} {shlex.join(rest)}".strip()
    if _FILE.fullmatch(word):
        name = word.lower()
        kind = next((each for each in _LISTS.values() if each[:-1] in name), "deals")
        return f"{noun} {kind} {shlex.quote(word)}"
    return None


def _of(words: Mapping[str, str], word: str) -> str | None:
    """Return what a `word` is called here, by what it may be called elsewhere."""
    return next((name for name, others in words.items() if word in others.split()), None)
