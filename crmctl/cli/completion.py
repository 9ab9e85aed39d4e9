"""What TAB offers of the database's own names. A failure offers nothing and says nothing."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any

import typer

from crmctl.cli import invocation
from crmctl.errors import CrmError

if TYPE_CHECKING:
    from crmctl.services.completion import Offer

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


def _quiet(offer: "Callable[..., Offer]") -> "Callable[..., Offer]":
    @wraps(offer)
    def offered(*arguments: Any, **options: Any) -> "Offer":
        try:
            return [
                (value, _NOT_PLAIN.sub(" ", label))
                for value, label in offer(*arguments, **options)
                if not _NOT_PLAIN.search(value)
            ]
        except (CrmError, OSError):
            return []

    return offered


def _fitting(found: "Offer", begun: str) -> "Offer":
    """Return the names in `found` in the form in which they go on from `begun`."""
    offers = []
    for name, label in found:
        if name.lower().startswith(begun.lower()):
            offers.append((begun + name[len(begun) :], label))
        elif name[1:].startswith(begun):
            offers.append((name[1:], label))
        elif label.startswith(begun):
            offers.append((label, name))
    return offers


def _offering(
    find: "Callable[[Any, Any, str], Offer]", opened: Callable[[], Any] = invocation.session
) -> "Callable[[typer.Context, str], Offer]":
    """Return what offers the names that `find` finds, by the services and in a session."""

    @_quiet
    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        from crmctl.services import completion

        # Typer has left the context that it hands over, and knows no current one.
        with ctx.scope(cleanup=False), opened() as session:
            return _fitting(find(completion, session, incomplete), incomplete)

    return complete


complete_deal = _offering(lambda by, session, begun: by.deals(session, begun, _MOST, by.OPEN))
complete_closed_deal = _offering(
    lambda by, session, begun: by.deals(session, begun, _MOST, by.CLOSED)
)
complete_removed_deal = _offering(
    lambda by, session, begun: by.removed(session, by.Deal, begun, _MOST)
)
complete_customer = _offering(lambda by, session, begun: by.customers(session, begun, _MOST))
complete_removed_customer = _offering(
    lambda by, session, begun: by.removed(session, by.Customer, begun, _MOST)
)
complete_activity = _offering(lambda by, session, begun: by.activities(session, begun, _MOST))
complete_removed_activity = _offering(
    lambda by, session, begun: by.removed(session, by.Activity, begun, _MOST)
)
complete_stage = _offering(lambda by, session, begun: by.stages(session, begun))
complete_pipeline = _offering(lambda by, session, begun: by.pipelines(session, begun))
complete_user = _offering(lambda by, session, begun: by.users(session, begun))
complete_franchise = _offering(lambda by, session, begun: by.franchises(session, begun))
complete_company = _offering(
    lambda by, session, begun: by.companies(session, begun), invocation.unscoped_session
)
complete_template = _offering(lambda by, _, begun: by.templates(begun), nullcontext)
complete_undoable = _offering(
    lambda by, session, begun: by.changes(session, begun, _MOST, undoable=True)
)
complete_logged = _offering(
    lambda by, session, begun: (
        by.changes(session, begun, _MOST)
        + by.deals(session, begun, _MOST)
        + by.customers(session, begun, _MOST)
    )
)


def complete_deal_or_stage(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Offer deals, and once there is one, the stages too."""
    named = ctx.params.get("deals") or ctx.params.get("stage")
    stages = complete_stage(ctx, incomplete) if named else []
    return stages + complete_deal(ctx, incomplete)
