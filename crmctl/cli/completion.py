"""What TAB offers of the database's own names. A failure offers nothing and says nothing."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from crmctl.cli import context
from crmctl.errors import CrmError

Offer = list[tuple[str, str]]
#: More is no help on a screen.
_MOST = 50
# zsh evaluates what it is offered, so nothing of the database may pass but plain words.
_NOT_PLAIN = re.compile(r"[^\w .,+/@-]")
_SPECIAL_IN_BASH = re.compile(r"[^\w.,+/@%=:-]")


def prepare() -> None:
    """Let Typer hand words to the shell as they are: not through Rich, and escaped in bash."""
    from typer import _completion_classes as shells

    shells._sanitize_help_text = lambda text: text
    setattr(shells.BashComplete, "format_completion", _format_for_bash)  # noqa: B010


def _format_for_bash(_self: Any, item: Any) -> str:
    return _SPECIAL_IN_BASH.sub(lambda match: f"\\{match[0]}", item.value)


def _quiet(offer: Callable[..., Offer]) -> Callable[..., Offer]:
    @wraps(offer)
    def offered(*arguments: Any, **options: Any) -> Offer:
        try:
            return [
                (value, _NOT_PLAIN.sub(" ", told))
                for value, told in offer(*arguments, **options)
                if not _NOT_PLAIN.search(value)
            ]
        except (CrmError, OSError):
            return []

    return offered


def _fitting(found: Offer, begun: str) -> Offer:
    """Return the names in `found` in the form in which they go on from `begun`."""
    offers = []
    for name, told in found:
        if name.lower().startswith(begun.lower()):
            offers.append((begun + name[len(begun) :], told))
        elif name[1:].startswith(begun):
            offers.append((name[1:], told))
        elif told.startswith(begun):
            offers.append((told, name))
    return offers


@_quiet
def complete_deal(incomplete: str) -> Offer:
    """Offer the open deals whose number or title begins so."""
    from crmctl.services import completion

    with context.session() as session:
        return _fitting(completion.deals(session, incomplete, _MOST), incomplete)


@_quiet
def complete_customer(incomplete: str) -> Offer:
    """Offer the customers whose number or name begins so."""
    from crmctl.services import completion

    with context.session() as session:
        return _fitting(completion.customers(session, incomplete, _MOST), incomplete)


@_quiet
def complete_activity(incomplete: str) -> Offer:
    """Offer the activities whose number or subject begins so."""
    from crmctl.services import completion

    with context.session() as session:
        return _fitting(completion.activities(session, incomplete, _MOST), incomplete)


@_quiet
def complete_stage(incomplete: str) -> Offer:
    """Offer the stages of all pipelines."""
    from crmctl.services import completion

    with context.session() as session:
        return _fitting(completion.stages(session, incomplete), incomplete)


@_quiet
def complete_pipeline(incomplete: str) -> Offer:
    """Offer the pipelines."""
    from crmctl.services import completion

    with context.session() as session:
        return _fitting(completion.pipelines(session, incomplete), incomplete)


def complete_deal_or_stage(ctx: typer.Context, incomplete: str) -> Offer:
    """Offer deals, and once there is one, the stages too."""
    named = ctx.params.get("deals") or ctx.params.get("stage")
    return (complete_stage(incomplete) if named else []) + complete_deal(incomplete)
