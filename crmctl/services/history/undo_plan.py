"""How to take a change set back: what of it stays, and why; all else is read when it is done."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crmctl.models.base import Columns, Owned
from crmctl.models.changes import Change
from crmctl.models.deals import StageEntry
from crmctl.models.external_ids import ExternalId
from crmctl.models.schema import TABLES
from crmctl.models.session import ChangeSet
from crmctl.services import changes
from crmctl.services.history.row_changes import PARTS, ChangedRows
from crmctl.services.history.row_effects import RowEffect
from crmctl.services.records import types

#: Rows that are named; all are counted.
NAMED = 1000
#: Fields that follow from others.
DERIVED = changes.BOOKKEEPING.union(*(one.derived for one in types.ALL))
#: Fields in which a position in a list is kept: not worth keeping them for.
_SOFT = frozenset({"position"})
_CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a row is not taken back, or of one that was changed, some of its `fields` are not."""

    because: str
    fields: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What people call a row that stays, or of which fields stay, and why."""

    name: str
    kept_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """A row that is taken back: what is done with it, and those columns of it that change."""

    verb: str
    name: str
    model: type[Owned]
    before: Columns = field(default_factory=dict)
    after: Columns = field(default_factory=dict)


@dataclass(kw_only=True)
class UndoPlan:
    """How `by` takes `change` back: what it wrote, what of it stays, and what was taken back.

    `verbs` are those of the rows by table, but for those that it created and nobody edited.
    `replaced` are rows that it created in the place of others, `late` those that go after what
    refers to them, `attached` the tables of parts that come back to rows that are there. `standing`
    are the lists of stages, or of pipelines, that stay in their order, `loose` those that are put
    in order anew, and `moved` says of rows who has moved them since. `merges`
    says whom customers would be merged into. `taken` are the first rows that were taken back,
    `names` what they refer to is called, and `counts` how many by verb, once it is carried out or
    rehearsed; `all_kept` says that there was nothing to write, and `judged` that it is known what
    stays.
    """

    change: Change
    by: ChangeSet
    rows: ChangedRows
    verbs: dict[type[Owned], set[str]] = field(default_factory=lambda: defaultdict(set))
    replaced: set[tuple[type[Owned], str]] = field(default_factory=set)
    late: set[tuple[type[Owned], str]] = field(default_factory=set)
    attached: set[type[Owned]] = field(default_factory=set)
    standing: set[tuple[type[Owned], object]] = field(default_factory=set)
    loose: set[tuple[type[Owned], object]] = field(default_factory=set)
    moved: dict[tuple[type[Owned], str], str] = field(default_factory=dict)
    merges: dict[UUID, UUID | None] = field(default_factory=dict)
    taken: list[TakenBack] = field(default_factory=list)
    names: Mapping[UUID, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    all_kept: bool = False
    judged: bool = False
    _kept: dict[type[Owned], dict[str, Kept]] = field(default_factory=lambda: defaultdict(dict))
    _named: dict[tuple[type[Owned], str], str] = field(default_factory=dict)

    @property
    def undone_already(self) -> bool:
        """Whether there is nothing to do, because the change set was taken back before."""
        return self.change.undone_in is not None

    @property
    def kept_count(self) -> int:
        """How many rows stay, in whole or in some fields."""
        return sum(map(len, self._kept.values()))

    def kept(self) -> list[KeptRow]:
        """Return the first rows that stay, in whole or in some fields, each with the reason."""
        ranked = sorted(self._named, key=lambda place: TABLES.index(place[0]))
        return [KeptRow(self._named[p], self._kept[p[0]][p[1]].because) for p in ranked]

    def kept_keys(self, model: type[Owned]) -> set[str]:
        """Return the keys of the rows of `model` that stay whole."""
        return {key for key, kept in self._kept[model].items() if kept.fields is None}

    def keeps_any(self, model: type[Owned]) -> bool:
        """Return whether a row of `model`, or one that rows of it are a part of, stays."""
        if not self._named:
            return False
        return bool(self._kept[model]) or any(self._kept[w] for w in PARTS.get(model, {}).values())

    def keep(self, effect: RowEffect, because: str, *, instead: bool = False) -> None:
        """Keep the whole row of `effect`; the first reason counts, or this one `instead`."""
        if effect.kept_because is None or instead:
            effect.kept_because = because
        known = self._kept[effect.model].get(effect.key)
        if known is None or known.fields is not None or instead:
            self._keep(effect, Kept(because))

    def keep_fields(self, effect: RowEffect, reasons: Mapping[str, str]) -> None:
        """Keep some fields of the row of `effect` as they are, for the `reasons` by field.

        With each goes what makes sense only together with it.
        """
        known = self._kept[effect.model].get(effect.key)
        if known and known.fields is None:
            return
        fields = {name: why for name, why in reasons.items() if name not in _SOFT}
        for name in reasons.keys() & _SOFT:
            self.moved[effect.model, effect.key] = reasons[name]
        whole = _together(effect.model, {*reasons})
        texts = [known.because] if known else []
        for why in dict.fromkeys(fields.values()):
            labels = _labels(effect.model, [name for name, each in fields.items() if each == why])
            if not known or f"{labels}{why}" not in known.because:
                texts.append(f"{labels}{why}")
        self._drop(effect, whole)
        if texts:
            kept = frozenset(whole).union(known.fields or () if known else ())
            self._keep(effect, Kept("; ".join(texts), kept))

    def keep_position(self, effect: RowEffect) -> None:
        """Say that the row of `effect` stays where someone has moved it to since."""
        why = self.moved[effect.model, effect.key]
        self._keep(effect, Kept(f"position{why}", _SOFT))

    def _keep(self, effect: RowEffect, kept: Kept) -> None:
        self._kept[effect.model][effect.key] = kept
        place = effect.model, effect.key
        if len(self._named) < NAMED or place in self._named:
            self._named[place] = effect.name

    def _drop(self, effect: RowEffect, fields: Iterable[str]) -> None:
        """Leave `fields` of a row as they are: then it is not as it was before."""
        for name in fields:
            if name.startswith(_CUSTOM):
                _drop_key(effect, name.removeprefix(_CUSTOM))
            else:
                effect.values.pop(name, None)
        self.stamp(effect)

    def stamp(self, effect: RowEffect) -> None:
        """Say in what `effect` sets who set it; what follows from an edit alone is no edit."""
        if effect.values.keys() <= changes.BOOKKEEPING:
            effect.values = {}
        else:
            stamped = {"changed_in": self.by.id, "updated_at": self.by.at}
            names = effect.model.model_fields
            effect.values |= {name: value for name, value in stamped.items() if name in names}

    def apply(self, effects: Iterable[RowEffect]) -> None:
        """Set of each of `effects` whether it is kept, and of which fields."""
        for effect in effects:
            kept = self._kept[effect.model].get(effect.key)
            if kept and kept.fields is None:
                effect.kept_because = kept.because
            elif kept and kept.fields:
                self._drop(effect, kept.fields)
            if self.standing and effect.values and effect.siblings in self.standing:
                self._drop(effect, _SOFT)

    def stays(self, effect: RowEffect) -> bool:
        """Return whether `effect` stands: it is kept, or the row that it is a part of is."""
        if effect.kept_because is not None or not self.keeps_any(effect.model):
            return effect.kept_because is not None
        return any(self._keeps_part(effect.model, model, key) for model, key in self.wholes(effect))

    def _keeps_part(self, part: type[Owned], model: type[Owned], key: str) -> bool:
        kept = self._kept[model].get(key)
        if kept is None or kept.fields is None:
            return kept is not None
        # A stage that stays has the history that led to it.
        return part is StageEntry and not kept.fields.isdisjoint(types.DEAL.together[0])

    def wholes(self, effect: RowEffect) -> Iterator[tuple[type[Owned], str]]:
        """Yield the row that `effect` is a part of, by its table and its key."""
        for name, model in PARTS.get(effect.model, {}).items():
            # One that moved is a part of the row that it goes back to.
            if key := effect.values.get(name) or effect.get(name):
                yield model, str(key)

    def keep_whole(self, effect: RowEffect) -> None:
        """Keep the row of which `effect`, which is kept, is a part that it cannot be without.

        Without its history a deal has no stage, and one that comes back without its external id
        would be there twice: whoever has that by now is the same.
        """
        if effect.kept_because and effect.model in (StageEntry, ExternalId):
            for model, key in self.wholes(effect):
                for whole in self.rows.of_keys(model, [key]):
                    if effect.model is StageEntry:
                        self.keep(whole, effect.kept_because)
                    elif whole.row is None:
                        self.keep(whole, f"another has {effect.name}")

    def note(self, effects: Sequence[RowEffect]) -> None:
        """Count `effects`, which were taken back, and name the first of those that people know."""
        known = self._of_others(effects) if effects[0].model in PARTS else effects
        for effect in known:
            self.counts[effect.verb] += 1
            if len(self.taken) < NAMED:
                self.taken.append(_taken(effect))

    def forget(self) -> None:
        """Forget what was decided and noted, as it was not written."""
        for found in (self.attached, self.merges, self.taken, self.counts, self._kept, self._named):
            found.clear()

    def _of_others(self, effects: Sequence[RowEffect]) -> list[RowEffect]:
        """Return those of `effects`, all parts, that are of rows that the change did not write."""
        first = effects[0]
        created = first.verb == "remove" and self.rows.creates(first)
        if created and not self.rows.parts_of_others(first.model):
            return []
        if first.verb == "restore" and first.model not in self.attached:
            return []
        wanted: dict[type[Owned], set[str]] = defaultdict(set)
        for effect in effects:
            for model, key in self.wholes(effect):
                wanted[model].add(key)
        written = {(m, k) for m, keys in wanted.items() for k in self.rows.among(m, [*keys])}
        return [e for e in effects if written.isdisjoint(self.wholes(e))]


def _drop_key(effect: RowEffect, key: str) -> None:
    """Leave one custom field as it is."""
    now, custom = (effect.row or {}).get("custom", {}), dict(effect.values.get("custom", {}))
    custom.pop(key, None)
    if key in now:
        custom[key] = now[key]
    if "custom" in effect.values:
        effect.values["custom"] = custom
        if custom == now:
            del effect.values["custom"]


def _together(model: type[Owned], names: set[str]) -> set[str]:
    """Return `names` with the fields that make sense only together with them."""
    return names.union(*(g for g in types.of(model).together if not names.isdisjoint(g)))


def _labels(model: type[Owned], names: Sequence[str]) -> str:
    """Return what people call the fields `names`, without those that follow from others."""
    record = types.of(model)
    known = [name for name in names if name not in DERIVED]
    known = known or [group[0] for group in record.together if not set(names).isdisjoint(group)]
    words = (record.label(name.removeprefix(_CUSTOM)).replace("_", " ") for name in known)
    return ", ".join(sorted(words))


def _taken(effect: RowEffect) -> TakenBack:
    changed = effect.values if effect.verb == "change" else {}
    return TakenBack(
        verb=effect.verb,
        name=effect.name,
        model=effect.model,
        before={name: effect.get(name) for name in changed},
        after=dict(changed),
    )
