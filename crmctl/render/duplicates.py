"""Customers that may be the same: as records, as a plan to edit, and the result of merging."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmctl.domain.kinds import plural
from crmctl.domain.text import safe
from crmctl.render import values
from crmctl.render.views import JsonRecord, View, cell, listing
from crmctl.services.records import types

if TYPE_CHECKING:
    from crmctl.domain.duplicates.scores import Score
    from crmctl.models.customers import Customer
    from crmctl.services.records.duplicates import DuplicateCustomers
    from crmctl.services.records.merging import Merge

_HEAD = """\
# Customers that may be the same. Change keep and merge as it is right, and delete the
# [[merge]] blocks that are wrong; then crmctl customer merge --plan FILE merges the others.
"""
#: The columns of a list of duplicates.
COLUMNS = ("keep", "keep_name", "merge", "merge_name", "confidence", "evidence", "against")


def records(groups: "Sequence[DuplicateCustomers]") -> list[JsonRecord]:
    """Return a record for each customer that may be another, which `keep` names.

    `group_confidence` is the smallest of those that share a `keep`.
    """
    return [
        {
            "keep": _ref(group.keep),
            "keep_name": group.keep.name,
            "merge": _ref(row),
            "merge_name": row.name,
            "confidence": score.confidence,
            "evidence": list(score.evidence),
            "against": list(score.against),
            "group_confidence": group.confidence,
        }
        for group in groups
        for row, score in group.merge
    ]


def _ref(row: "Customer") -> str:
    return types.CUSTOMER.ref(row.number)


def list_view(groups: "Sequence[DuplicateCustomers]") -> View:
    """Return the view of customers that may be the same."""
    return listing(records(groups), COLUMNS, "no duplicates", kind="duplicate")


def plan(groups: "Sequence[DuplicateCustomers]") -> str:
    """Return the groups as a TOML file, a block each, for `customer merge --plan`."""
    return "\n".join([_HEAD, *(_block(group) for group in groups)])


def _block(group: "DuplicateCustomers") -> str:
    from crmctl.services.records.merging import version

    rows = [group.keep, *(row for row, _ in group.merge)]
    versions = ", ".join(f'{_ref(row)} = "{version(row)}"' for row in rows)
    evidence = [
        f"{_ref(row)} {score.confidence:.2f}: {', '.join(_reasons(score))}"
        for row, score in group.merge
    ]
    lines = [
        "[[merge]]",
        *(f"# {_described(row)}" for row in rows),
        f"keep = {json.dumps(_ref(group.keep))}",
        f"merge = {json.dumps([_ref(row) for row, _ in group.merge])}",
        f"confidence = {group.confidence}",
        f"evidence = {json.dumps([safe(line) for line in evidence], ensure_ascii=False)}",
        f"versions = {{{versions}}}",
    ]
    return "\n".join(lines) + "\n"


def _reasons(score: "Score") -> Iterator[str]:
    yield from score.evidence
    if score.against:
        yield f"but {', '.join(score.against)}"


def _described(row: "Customer") -> str:
    known = (row.organisation, row.email, row.phone, row.website, row.country)
    return safe(", ".join([f"{_ref(row)} {row.name}", *(text for text in known if text)]))


def merged(merge: "Merge", owners: Mapping[UUID, str]) -> JsonRecord:
    """Return what a merge came to: counts, fields taken over, and values that were not.

    `owners` are the names of users by id.
    """

    def shown(value: Any) -> Any:
        return _shown(value, owners)

    return {
        "ref": _ref(merge.kept),
        "name": merge.kept.name,
        "merged": [_ref(row) for row in merge.merged],
        "deals": merge.deals,
        "activities": merge.activities,
        "external_ids": merge.external_ids,
        "filled": {_label(name): shown(value) for name, value in merge.filled.items()},
        "conflicts": [
            {
                "field": _label(one.field),
                "kept": shown(one.kept),
                "dropped": shown(one.dropped),
                "of": _ref(one.row),
            }
            for one in merge.conflicts
        ],
    }


def _shown(value: Any, owners: Mapping[UUID, str]) -> Any:
    return owners.get(value) if isinstance(value, UUID) else values.plain(value)


def merged_lines(merge: "Merge", owners: Mapping[UUID, str], did: str) -> Iterator[str]:
    """Yield in words what `merged` returns; `did` begins them, such as `Merged`."""
    gone = ", ".join(f"{_ref(row)} {row.name}" for row in merge.merged)
    counts = [
        f"{count} {noun if count == 1 else plural(noun)}"
        for count, noun in (
            (merge.deals, "deal"), (merge.activities, "activity"),
            (merge.external_ids, "external id"),
        )
        if count
    ]  # fmt: skip
    taken = [_label(name) for name in merge.filled]
    results = [*counts, *([f"takes over {', '.join(taken)}"] if taken else [])]
    into = f"{_ref(merge.kept)} {merge.kept.name}"
    yield f"{did} {gone} into {into}" + (f": {'; '.join(results)}" if results else "")
    for one in merge.conflicts:
        mine, theirs = (cell(_shown(value, owners)) for value in (one.kept, one.dropped))
        yield f"  {_label(one.field)} stays {mine}; {_ref(one.row)} had {theirs}"


def _label(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ")
