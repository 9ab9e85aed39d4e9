"""What other systems call the columns and stages of their exports, and which one wrote a header."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from crmctl.domain.kinds import ImportKind, Preset

#: From how many of its marks on a list is recognised. Any one is a word that others use as well.
MARKS = 3

#: From how many on where its ids are of the list by their name, as in `Deal - ID`.
_FEW = 2
_PART = " - "

#: What a field may be called, the best first; columns in a tuple are each filled for other rows.
ColumnLabels = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One kind of list as a system exports it; `record` is the kind of record that its ids are of.

    `name` is what it is called there; without a `kind` it is one that is not imported. `marks` are
    the labels it is recognised by, as they are written. `ignored` are columns whose
    names would mislead: they mean something else there. With `stage_probability`, that of a deal
    is the one of its stage until someone changes it.
    """

    name: str
    kind: ImportKind | None
    marks: frozenset[str]
    fields: Mapping[str, ColumnLabels]
    ignored: frozenset[str]
    record: str = ""
    stage_probability: bool = False

    def score(self, header: Sequence[str]) -> int:
        """Return how many columns of `header` are called by its marks.

        Letter case tells systems apart, but for a header that is in capitals throughout.
        """
        capitals = all(name == name.upper() for name in header)
        marks = {mark.upper() for mark in self.marks} if capitals else self.marks
        return len(marks.intersection(name.rstrip("*") for name in header))

    def enough(self, header: Sequence[str]) -> int:
        """Return from which score on `header` is one of this list."""
        ids = (label for group in self.fields.get("external_id", ()) for label in group)
        return _FEW if any(_PART in label and label in header for label in ids) else MARKS


@dataclass(frozen=True, kw_only=True)
class System:
    """A system whose exports are known; `stages` are its words for a closed stage."""

    preset: Preset
    title: str
    layouts: tuple[Layout, ...]
    stages: Mapping[str, str]

    @property
    def source(self) -> str:
        """The name that the ids of the system's records are kept under."""
        return str(self.preset)


@dataclass(frozen=True)
class Recognised:
    """The system that wrote a header, and which of its lists the file is."""

    system: System
    layout: Layout


def recognise(header: Sequence[str], kind: ImportKind, preset: Preset) -> Recognised | None:
    """Return the system that wrote `header`, a list of `kind`, or the one that `preset` names.

    None is a header that no system is clearly known by, and a system without such lists.
    """
    if preset == Preset.NONE:
        return None
    chosen = SYSTEMS if preset == Preset.AUTO else (preset,)
    found = [
        (layout.score(header), Recognised(system, layout))
        for system in map(load, chosen)
        for layout in system.layouts
        if layout.kind == kind
    ]
    if not found:
        return None
    best, recognised = max(found, key=lambda each: each[0])
    if preset != Preset.AUTO:
        return recognised
    rivals = {each.system.preset for score, each in found if score == best}
    if (
        best < recognised.layout.enough(header)
        or len(rivals) > 1
        or _has_ids_of_others(header, recognised)
    ):
        return None
    return recognised


def _has_ids_of_others(header: Sequence[str], recognised: Recognised) -> bool:
    """Return whether the ids of `header` are in a column that another system calls so.

    Kept under the name of the wrong system, they would be found by nobody.
    """
    own, others = set[str](), set[str]()
    for system in map(load, SYSTEMS):
        labels = {
            label
            for layout in system.layouts
            for group in layout.fields.get("external_id", ())
            for label in group
        }
        if system is recognised.system:
            own = labels
        else:
            others |= {label for label in labels if " " in label}
    return own.isdisjoint(header) and not (others - own).isdisjoint(header)


@cache
def system_of_deals(column: str) -> str | None:
    """Return the source of the one system that calls the ids of deals as `column` does, if any."""
    found = {
        system.source
        for system in map(load, SYSTEMS)
        for layout in system.layouts
        for name in ("external_id", "deal_external_id")
        for group in layout.fields.get(name, ())
        if layout.kind in (ImportKind.DEALS, ImportKind.HISTORY) and column in group
    }
    return found.pop() if len(found) == 1 else None


SYSTEMS = tuple(preset for preset in Preset if preset not in (Preset.AUTO, Preset.NONE))


@cache
def load(preset: Preset) -> System:
    """Return what is known of the system that `preset` names."""
    text = files(__name__).joinpath(f"{preset}.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    title, stages = content.pop("title"), content.pop("stages")
    words = {word: kind for kind, group in stages.items() for word in group}
    return System(
        preset=preset,
        title=title,
        layouts=tuple(_layout(name, each) for name, each in content.items()),
        stages=words,
    )


def _layout(name: str, content: Mapping[str, object]) -> Layout:
    fields = content.get("fields", {})
    assert isinstance(fields, dict)
    kind = content.get("of")
    return Layout(
        name=str(content.get("name", name)),
        kind=ImportKind(str(kind)) if kind else None,
        marks=frozenset(_texts(content["marks"])),
        fields={name: tuple(_labels(group)) for name, group in fields.items()},
        ignored=frozenset(_texts(content.get("ignored", []))),
        record=str(content.get("record", "")),
        stage_probability=bool(content.get("stage_probability", False)),
    )


def _labels(group: object) -> Iterator[tuple[str, ...]]:
    assert isinstance(group, list)
    for entry in group:
        yield (entry,) if isinstance(entry, str) else tuple(_texts(entry))


def _texts(content: object) -> Iterator[str]:
    assert isinstance(content, list)
    yield from map(str, content)
