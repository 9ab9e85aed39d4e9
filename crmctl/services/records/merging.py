"""Merging customers that turned out to be one, all of them or none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import select

from crmctl.domain.kinds import Entity
from crmctl.domain.toml import parse_toml
from crmctl.errors import Conflict, CrmError, NotFound, Refused, UsageError
from crmctl.models.activities import Activity
from crmctl.models.base import Values
from crmctl.models.customers import Customer
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.records import external_ids, references, types
from crmctl.services.records.references import Numbered, ref
from crmctl.storage.lookups import batches
from crmctl.storage.scope import in_company

#: What a block of a plan may hold.
_BLOCK = {"keep", "merge", "confidence", "evidence", "versions"}


@dataclass(frozen=True, kw_only=True)
class MergeRequest:
    """What is asked for: the references of a customer, and of those to be merged into it.

    `versions` say in which change the customers were when the plan was made, `block_name` names the
    block of the plan that asks for it.
    """

    keep: str
    merge: Sequence[str]
    versions: Mapping[str, str] = field(default_factory=dict)
    block_name: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldConflict:
    """A field in which customers to be merged differ: the value that is kept, and that of `row`."""

    field: str
    kept: object
    dropped: object
    row: Customer


@dataclass(kw_only=True)
class Merge:
    """A customer that is kept, those that are merged into it, and what that comes to.

    `filled` are fields that it takes over, `conflicts` those that differ.
    """

    kept: Customer
    merged: list[Customer]
    filled: Values = field(default_factory=dict)
    conflicts: list[FieldConflict] = field(default_factory=list)
    deals: int = 0
    activities: int = 0
    external_ids: int = 0


def version(row: Customer) -> str:
    """Return what a plan calls the state that a customer is in."""
    return row.changed_in.hex[-12:]


def read(text: str, name: str) -> list[MergeRequest]:
    """Return the groups of a plan, a TOML file; raises UsageError for anything else."""
    try:
        content = parse_toml(text)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    blocks = content.pop("merge", [])
    if content or not isinstance(blocks, list):
        raise UsageError(f"{name}: a plan holds [[merge]] blocks alone, not {_first(content)}")
    return [_group(block, f"{name}, block {number}") for number, block in enumerate(blocks, 1)]


def _first(content: Mapping[str, object]) -> str:
    return next(iter(content), "merge")


def _group(block: object, block_name: str) -> MergeRequest:
    if not isinstance(block, dict) or block.keys() - _BLOCK:
        unknown = sorted(block.keys() - _BLOCK)[0] if isinstance(block, dict) else block
        raise UsageError(f"{block_name}: {unknown!r} is none of {', '.join(sorted(_BLOCK))}")
    keep, merge, versions = block.get("keep"), block.get("merge"), block.get("versions", {})
    if not isinstance(keep, str) or not isinstance(merge, list) or not _are_texts(merge):
        raise UsageError(f'{block_name}: it needs keep = "C1" and merge = ["C2"]')
    if not isinstance(versions, dict) or not _are_texts(versions.values()):
        raise UsageError(f"{block_name}: versions is a table of customers")
    return MergeRequest(keep=keep, merge=merge, versions=versions, block_name=block_name)


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def prepare(session: CrmSession, groups: Sequence[MergeRequest]) -> list[Merge]:
    """Return what merging `groups` comes to, with the customers locked; writes nothing.

    Raises a CrmError that names each group that cannot be merged, if there is one.
    """
    found = _resolve(session, groups)
    wrong: list[CrmError] = []
    merges: list[Merge] = []
    seen: dict[UUID, MergeRequest] = {}
    for group in groups:
        try:
            merges.append(_checked(group, found, seen))
        except CrmError as error:
            wrong.append(error)
    if wrong:
        lines = [str(error) for error in wrong]
        head = lines if len(lines) == 1 else [f"{len(lines)} groups cannot be merged:", *lines]
        raise type(wrong[0])(*head)
    for merge in merges:
        _weigh(merge)
    return merges


def _resolve(session: CrmSession, groups: Sequence[MergeRequest]) -> dict[str, Customer | CrmError]:
    """Return the customer that each reference names, or why there is none."""
    texts = list(dict.fromkeys(text for group in groups for text in (group.keep, *group.merge)))
    lock = not session.change.dry
    found: dict[str, Customer | CrmError] = {}
    numbers = {text: references.number_of(Customer, text.strip()) for text in texts}
    plain = [text for text, number in numbers.items() if number]
    rows = references.find_all(session, Customer, plain, lock=lock, missing=[])
    by_number = {row.number: row for row in rows}
    for text in texts:
        row = by_number.get(numbers[text] or 0)
        found[text] = row or _named(session, text, lock=lock)
    return found


def _named(session: CrmSession, text: str, *, lock: bool) -> Customer | CrmError:
    try:
        return references.find(session, Customer, text, lock=lock)
    except NotFound as error:
        gone = references.get(session, Customer, text, deleted=True)
        if gone is None or gone.merged_into:
            return error
        return Refused(references.why_hidden(session, gone))


def _checked(
    group: MergeRequest, found: Mapping[str, Customer | CrmError], seen: dict[UUID, MergeRequest]
) -> Merge:
    """Return the merge that `group` asks for; raises a CrmError if it cannot be."""
    where = f"{group.block_name}: " if group.block_name else ""
    rows: list[Customer] = []
    for text in (group.keep, *group.merge):
        row = found[text]
        if isinstance(row, CrmError):
            raise type(row)(f"{where}{row}")
        if row in rows:
            raise UsageError(f"{where}{ref(row)} {row.name} is named twice")
        if row.id in seen:
            raise UsageError(
                f"{where}{ref(row)} {row.name} is in {seen[row.id].block_name} already"
            )
        if group.versions.get(ref(row), version(row)) != version(row):
            raise Conflict(f"{where}{ref(row)} {row.name} was changed since the plan was made")
        rows.append(row)
    if len(rows) == 1:
        raise UsageError(f"{where}name the customers to merge into {ref(rows[0])}")
    seen.update((row.id, group) for row in rows)
    merged = sorted(rows[1:], key=lambda row: (row.created_at, row.number))
    return Merge(kept=rows[0], merged=merged)


def _weigh(merge: Merge) -> None:
    """Learn which fields the kept customer takes over, and which differ."""
    kept = changes.values_of(merge.kept)
    for row in merge.merged:
        _differ(merge, row, "name", merge.kept.name, row.name)
        for name in types.CUSTOMER.taken_over:
            _take_over(merge, row, kept, name)
        tags = [tag for tag in row.tags if tag not in kept["tags"]]
        custom = {key: value for key, value in row.custom.items() if key not in kept["custom"]}
        for key in sorted(row.custom.keys() - custom.keys()):
            _differ(merge, row, f"custom.{key}", kept["custom"][key], row.custom[key])
        if tags:
            kept["tags"] = merge.filled["tags"] = [*kept["tags"], *tags]
        if custom:
            kept["custom"] = merge.filled["custom"] = {**kept["custom"], **custom}


def _take_over(merge: Merge, row: Customer, kept: Values, name: str) -> None:
    value = getattr(row, name)
    if value is None:
        return
    if kept[name] is None:
        kept[name] = merge.filled[name] = value
    else:
        _differ(merge, row, name, kept[name], value)


def _differ(merge: Merge, row: Customer, name: str, kept: object, value: object) -> None:
    if value != kept:
        merge.conflicts.append(FieldConflict(field=name, kept=kept, dropped=value, row=row))


def carry_out(session: CrmSession, merges: Sequence[Merge]) -> None:
    """Merge as `merges` say: deals, activities and external ids follow, the merged are hidden."""
    into = {row.id: merge.kept for merge in merges for row in merge.merged}
    merge_of = {row.id: merge for merge in merges for row in merge.merged}
    for deal in _follow(session, Deal, "customer_id", into):
        merge_of[deal].deals += 1
    for owner in _follow(session, Activity, "customer_id", into):
        merge_of[owner].activities += 1
    moved = external_ids.move(session, Entity.CUSTOMER, {old: new.id for old, new in into.items()})
    for owner in moved:
        merge_of[owner].external_ids += 1
    _follow(session, Customer, "merged_into", into)
    gone = {"deleted_at": session.change.at}
    changes.edit_each(session, [(merge.kept, merge.filled) for merge in merges])
    changes.edit_each(
        session,
        [(row, {**gone, "merged_into": merge.kept.id}) for merge in merges for row in merge.merged],
    )


def _follow(
    session: CrmSession, model: type[Numbered], name: str, into: Mapping[UUID, Customer]
) -> list[UUID]:
    """Let the rows of `model` that refer to one of `into` by `name` refer to what it becomes.

    Returns whom each of them referred to.
    """
    column = types.of(model).column(name)
    owners: list[UUID] = []
    for batch in batches(list(into)):
        query = select(model).where(in_company(session, model), column.in_(batch))
        rows = session.exec(query if session.change.dry else query.with_for_update()).all()
        owners += [getattr(row, name) for row in rows]
        changes.edit_each(session, [(row, {name: into[getattr(row, name)].id}) for row in rows])
    return owners
