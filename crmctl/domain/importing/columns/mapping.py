"""From the columns of a file to the fields of a record, by name."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum

from crmctl.domain.importing.columns.fields import (
    COMPANY_NAMES,
    DERIVED,
    EXACT,
    FIELDS,
    KNOWN_BY,
    OWN_NAMES,
    Listed,
    own_export,
)
from crmctl.domain.importing.columns.presets import Layout
from crmctl.domain.importing.columns.similar_names import FieldNames, closest
from crmctl.domain.importing.files.rejects import original_header
from crmctl.errors import UsageError


class How(StrEnum):
    """Why a column is read for a field, the surest first."""

    TYPED = "typed"
    SAVED = "saved"
    PRESET = "preset"
    NAME = "name"
    CLOSE = "close"
    CUSTOM = "custom"


@dataclass(frozen=True, kw_only=True)
class MappedColumn:
    """A column of the file, the field that its cells are read for, and why."""

    position: int
    name: str
    field: str
    how: How = How.NAME


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """How the columns of a file were understood.

    `unmapped` are the names of those that are not read, `left_out` of those that are not to be,
    and `lacking` are columns of a saved mapping that the file has not.
    """

    mapped: tuple[MappedColumn, ...]
    unmapped: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def of(self, field: str) -> str:
        """Return the name of the column that `field` is read from, or the field's own name."""
        return next((column.name for column in self.mapped if column.field == field), field)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that some column is mapped to."""
        return frozenset(column.field for column in self.mapped)

    def with_custom(self, fields: Mapping[str, str], header: Sequence[str]) -> "ColumnMapping":
        """Return these columns with those of `fields`, custom fields by column, mapped too."""
        more = (
            MappedColumn(
                position=header.index(name), name=name, field=f"custom.{key}", how=How.CUSTOM
            )
            for name, key in fields.items()
        )
        rest = tuple(name for name in self.unmapped if name not in fields)
        return replace(self, mapped=_ordered([*self.mapped, *more]), unmapped=rest)


def normal(text: str) -> str:
    """Return a name in small letters and digits alone, so that `Deal Name` is `deal_name`."""
    return re.sub(r"[\W_]+", "", text.lower())


def map_columns(
    header: Sequence[str],
    entity: Listed,
    typed: Iterable[str] = (),
    custom: Mapping[str, str] | None = None,
    *,
    saved: Iterable[Sequence[str]] = (),
    layout: Layout | None = None,
) -> ColumnMapping:
    """Return which field each column of `header` is for.

    `typed` are corrections such as `Deal Name=title` or, to leave a column out, `Notes=`; `saved`
    are pairs of column and field that were kept; `layout` is what the system that wrote the file
    calls its columns; `custom` are the declared custom fields, label by key. Raises UsageError for
    a correction that names no column or no field, for two columns for one field, and where rows are
    known by no column, and one has nearly the name of such a field.
    """
    mapper = _Mapper(header=header, entity=entity, custom=custom or {})
    mapper.correct(typed)
    mapper.recall(saved)
    if layout:
        mapper.follow(layout)
    mapper.match_names()
    mapper.match_similar_names()
    columns = mapper.columns()
    _ask_for_key(columns, entity)
    return columns


def likely(columns: Iterable[str], entity: Listed, taken: Iterable[str]) -> dict[str, str]:
    """Return the field, not one of `taken`, that each of `columns` nearly has the name of.

    They are fields that no column is given without asking.
    """
    headings = {normal(name): name for name in columns}
    free = EXACT.difference(taken)
    names: FieldNames = {field: words for field, words in _names(entity, {}) if field in free}
    return {headings[word]: field for word, field in closest(headings, names).items()}


def _ask_for_key(columns: ColumnMapping, entity: Listed) -> None:
    if KNOWN_BY & columns.fields:
        return
    near = likely(columns.unmapped, entity, columns.fields)
    asked = [(name, field) for name, field in near.items() if field in KNOWN_BY]
    if asked:
        questions = ", ".join(
            f"is {name!r} the {field.replace('_', ' ')}?" for name, field in asked
        )
        name, field = asked[0]
        raise UsageError(
            f'nothing tells the rows apart: {questions} (--map "{name}={field}";'
            f' --map "{name}=" if it is not)'
        )


@dataclass(kw_only=True)
class _Mapper:
    """Columns on their way to fields: `decided` are the positions that need no more asking."""

    header: Sequence[str]
    entity: Listed
    custom: Mapping[str, str]
    chosen: list[MappedColumn] = dataclasses.field(default_factory=list)
    decided: set[int] = dataclasses.field(default_factory=set)
    misleading: set[int] = dataclasses.field(default_factory=set)
    left_out: list[str] = dataclasses.field(default_factory=list)
    lacking: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.own = own_export(self.header)
        self.decided |= set(range(len(original_header(self.header)), len(self.header)))
        if self.own:
            derived = (position for position, name in enumerate(self.header) if name in DERIVED)
            self.decided |= set(derived)

    @property
    def fields(self) -> set[str]:
        """The fields that a column is mapped to by now."""
        return {column.field for column in self.chosen}

    def choose(self, position: int, field: str, how: How) -> None:
        """Have the column at `position` read for `field`; an empty one leaves the column out."""
        self.decided.add(position)
        if field:
            self.chosen.append(
                MappedColumn(position=position, name=self.header[position], field=field, how=how)
            )
        else:
            self.left_out.append(self.header[position])

    def correct(self, typed: Iterable[str]) -> None:
        """Follow what was typed."""
        for text in typed:
            position, field = _correction(text, self.header, self.entity, self.custom)
            self.choose(position, field, How.TYPED)
        _refuse_twice(self.chosen)

    def recall(self, saved: Iterable[Sequence[str]]) -> None:
        """Follow what was kept of an earlier import, where nothing else was typed."""
        typed, decided = self.fields, frozenset(self.decided)
        for name, text in saved:
            if name not in self.header:
                self.lacking.append(name)
                continue
            position = list(self.header).index(name)
            field = _field(text, self.entity, self.custom) if text else ""
            if position not in decided and field not in typed:
                self.choose(position, field, How.SAVED)

    def follow(self, layout: Layout) -> None:
        """Read the columns that are called as in `layout`."""
        taken = self.fields
        positions = self._positions()
        for field, labels in layout.fields.items():
            if field in taken:
                continue
            for group in labels:
                words = [word for word in map(normal, group) if word in positions]
                for word in words:
                    self.choose(positions.pop(word), field, How.PRESET)
                if words:
                    break
        ignored = set(map(normal, layout.ignored))
        self.misleading |= {position for word, position in positions.items() if word in ignored}

    def match_names(self) -> None:
        """Read the columns that are called as a field is, or as other systems call it."""
        positions = self._positions()
        found = self.fields
        for field, words in _names(self.entity, self.custom):
            if field in found:
                continue
            if field == "name" and not {"first_name", "last_name"} & found:
                # Where people are not named, what is listed are companies.
                words = (*words, *COMPANY_NAMES.split())
            word = next((word for word in words if word in positions), None)
            if word is not None:
                found.add(field)
                self.choose(positions.pop(word), field, How.NAME)

    def match_similar_names(self) -> None:
        """Read the columns whose names are similar to that of a field which is still free."""
        barred = EXACT | self.fields
        names: FieldNames = {
            field: words for field, words in _names(self.entity, self.custom) if field not in barred
        }
        for word, field in closest(self._positions(), names).items():
            self.choose(self._positions()[word], field, How.CLOSE)

    def _positions(self) -> dict[str, int]:
        """Return where the columns that are still free stand, by name; the first of one name."""
        positions: dict[str, int] = {}
        for position, name in enumerate(self.header):
            if position not in self.decided and position not in self.misleading and name:
                name = OWN_NAMES.get(name, name) if self.own else name
                positions.setdefault(normal(name), position)
        return positions

    def columns(self) -> ColumnMapping:
        """Return what was found."""
        rest = (name for position, name in enumerate(self.header) if position not in self.decided)
        return ColumnMapping(
            mapped=_ordered(self.chosen),
            unmapped=tuple(name for name in rest if name),
            left_out=tuple(self.left_out),
            lacking=tuple(self.lacking),
        )


def _ordered(columns: Iterable[MappedColumn]) -> tuple[MappedColumn, ...]:
    return tuple(sorted(columns, key=lambda column: (column.position, column.field)))


def _correction(
    text: str, header: Sequence[str], entity: Listed, custom: Mapping[str, str]
) -> tuple[int, str]:
    name, equals, field = (part.strip() for part in text.rpartition("="))
    if not equals or not name:
        raise UsageError(f'--map takes COLUMN=FIELD, such as "Deal Name=title", not {text!r}')
    return _position(name, header), _field(field, entity, custom) if field else ""


def _position(name: str, header: Sequence[str]) -> int:
    wanted = " ".join(name.split())
    for same in (str, normal):
        found = [position for position, column in enumerate(header) if same(column) == same(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            named = " and ".join(repr(header[position]) for position in found)
            raise UsageError(f"columns {named} are meant by {name!r}: write one as it is")
    close = get_close_matches(name, header, n=3) or header
    raise UsageError(f"there is no column {name!r} (there is {_some(close)})")


def _field(text: str, entity: Listed, custom: Mapping[str, str]) -> str:
    name = text.lower().replace(" ", "_").replace("-", "_")
    fields = FIELDS[entity]
    if name in fields:
        return name
    key = text.lower().removeprefix("custom.")
    if key in custom:
        return f"custom.{key}"
    if text.lower().startswith("custom."):
        raise UsageError(f"no custom field {key!r} is declared (crmctl field add {entity} {key})")
    known = [*fields, *custom]
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(known)}"
    raise UsageError(f"{entity.plural} have no field {text!r} ({hint})")


def _names(entity: Listed, custom: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the fields, each with what its column may be called, the best name first."""
    for name, field in FIELDS[entity].items():
        yield name, (normal(name), *field.names.split())
    for key, label in custom.items():
        yield f"custom.{key}", (normal(f"custom.{key}"), normal(key), normal(label))


def _refuse_twice(columns: Iterable[MappedColumn]) -> None:
    first: dict[str, MappedColumn] = {}
    for column in columns:
        other = first.setdefault(column.field, column)
        if other.position != column.position:
            names = f"{other.name!r} and {column.name!r}"
            raise UsageError(f"two columns are mapped to {column.field}: {names}")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
