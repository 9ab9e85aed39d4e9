"""What other systems call the kinds of activity, and say of one that is done."""

import re
from collections.abc import Mapping

from crmctl.domain import booleans
from crmctl.domain.kinds import ActivityKind
from crmctl.errors import UsageError

_KINDS = {
    ActivityKind.CALL: "call calls phonecall calllog loggedcall",
    ActivityKind.EMAIL: "email emails mail listemail incomingemail forwardedemail",
    ActivityKind.MEETING: "meeting meetings event demo lunch appointment visit",
    ActivityKind.NOTE: "note notes",
    ActivityKind.TASK: "task tasks todo deadline reminder uploaddocument",
}
_WORDS = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_STATES = {
    True: "done completed complete closed held",
    False: "open todo planned scheduled pending notstarted inprogress waiting waitingonsomeoneelse"
    " deferred",
}
_DONE = booleans.WORDS | {word: state for state, words in _STATES.items() for word in words.split()}


def kind(text: str, own: Mapping[str, str]) -> ActivityKind:
    """Return the kind of activity that `text` means; `own` are further words for the kinds.

    Raises UsageError for a word that no kind is known by.
    """
    word = plain(text)
    given = {plain(name): meant for name, meant in own.items()}
    found = _WORDS.get(plain(given.get(word, text)))
    if found is None:
        kinds = ", ".join(ActivityKind)
        raise UsageError(f"not a kind of activity: {text!r} (one of {kinds}; --kind-map NAME=KIND)")
    return found


def is_done(text: str) -> bool:
    """Return whether `text` says that something is done; raises UsageError if it says neither."""
    found = _DONE.get(plain(text))
    if found is None:
        raise UsageError(f"neither done nor not done: {text!r} (write yes or no)")
    return found


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())
