"""What a command did to each record, in words."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from crmctl.models.activities import Activity
    from crmctl.models.customers import Customer
    from crmctl.models.deals import Deal
    from crmctl.services.pipeline.corrections import Correction
    from crmctl.services.pipeline.moves import Moves

#: What stands behind a value that nobody said.
ASSUMED = "(assumed)"
#: Verbs that do not end in -d or -ed when it is done.
_PAST = {"Apply": "Applied", "Undo": "Undid"}


def did(verb: str, *, dry: bool) -> str:
    """Return what was done, such as `Removed` for `Remove`; of a dry run, `Would remove`."""
    if dry:
        return f"{'Would' if verb.istitle() else 'would'} {verb.lower()}"
    return _PAST.get(verb) or f"{verb}{'d' if verb.endswith('e') else 'ed'}"


def called(row: "Customer | Deal | Activity") -> str:
    """Return what messages call `row`: `D42 Acme rollout`."""
    from crmctl.services.records.references import name_of, ref

    return f"{ref(row)} {name_of(row)}"


def terms(deal: "Deal") -> str:
    """Return the amount and the closing of a deal that was added: how what was typed was read."""
    from crmctl.domain import money

    amount = "" if deal.amount is None else f", {money.shown(deal.amount, deal.currency)}"
    return amount + (f", closing {deal.expected_close}" if deal.expected_close else "")


#: What corrections call the times that they set, which are of a deal where it is, and their days.
_CORRECTED = {
    "closed": ("closed_at", "closed_on"),
    "entered": ("stage_entered_at", "stage_entered_on"),
}


def moved(moves: "Moves", zone: "ZoneInfo", *, dry: bool) -> list[str]:
    """Return a line for each deal that was moved, corrected, or is in its stage already."""
    return [
        *(f"{_would('Move', dry=dry)}{called(move.deal)}: {move.path}" for move in moves.moved),
        *(_corrected(one, zone, dry=dry) for one in moves.corrected),
        *(f"{called(deal)} is in {deal.stage} already" for deal in moves.unchanged),
    ]


def _corrected(correction: "Correction", zone: "ZoneInfo", *, dry: bool) -> str:
    """Return the line for a deal that stays in its stage, since another time or for a reason."""
    from crmctl.domain import times

    before, after = correction.before, {**correction.before, **correction.values}
    # Of a closed deal, when it entered its stage is when it was closed.
    name = "closed" if "closed_at" in before else "entered"
    at, on = _CORRECTED[name]
    shown = []
    if "stage" in (before.get("assumed") or ()):
        shown.append(f"stage {correction.deal.stage} {ASSUMED} -> {correction.deal.stage}")
    if at in before:
        mark = f" {ASSUMED}" if "closed_at" in (before.get("assumed") or ()) else ""
        old, new = (times.local_or_day(each[at], each[on], zone) for each in (before, after))
        shown.append(f"{name} {old}{mark} -> {new}")
    if "lost_reason" in correction.values:
        shown.append(f"lost reason {before['lost_reason'] or '-'} -> {after['lost_reason']}")
    return f"{_would('Correct', dry=dry)}{called(correction.deal)}: {', '.join(shown)}"


def not_moved(moves: "Moves", missing: Sequence[str]) -> list[str]:
    """Return a line for each deal that was refused, and each reference that names none."""
    return [
        *(f"not moved: {why}" for _, why in moves.refused),
        *(f"not found: {why}" for why in missing),
    ]


def edited(row: "Customer | Deal | Activity", differences: str | None, *, dry: bool) -> str:
    """Return the line for a record and its `differences`, None where it has none."""
    if differences is None:
        return f"{called(row)}: nothing to change"
    return f"{_would('Edit', dry=dry)}{called(row)}: {differences}"


def _would(verb: str, *, dry: bool) -> str:
    """Return what begins a line that shows a row before and after: nothing if it was written."""
    return f"{did(verb, dry=True)} " if dry else ""
