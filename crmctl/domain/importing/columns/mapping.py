"""From the columns of a file to the fields of a record, by name."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from crmctl.domain.importing.columns.column_mapping import (
    ColumnMapping,
    How,
    MappedColumn,
    ordered,
    refuse_twice,
)
from crmctl.domain.importing.columns.contents import Contents
from crmctl.domain.importing.columns.corrections import correction, field_named
from crmctl.domain.importing.columns.fields import (
    ACTIVE,
    COMPANY_NAMES,
    DERIVED,
    EXACT,
    FIELDS,
    KNOWN_BY,
    OWN_NAMES,
    SEEN_ALONE,
    Listed,
    own_export,
)
from crmctl.domain.importing.columns.guesses import guesses
from crmctl.domain.importing.columns.labels import ACTIVES, COMPANIES, CONTACT_PERSONS, more_names
from crmctl.domain.importing.columns.presets import Layout
from crmctl.domain.importing.columns.similar_names import FieldNames, closest
from crmctl.domain.importing.files.rejects import original_header
from crmctl.domain.importing.findings import mapping_option
from crmctl.domain.importing.units import folded, normal, shorter_names, word_set
from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError

#: A file of which no row was looked at.
NOTHING_SEEN = Contents()
#: What a column of names may be called that has half of a name beside a column of the other half.
_HALF_NAMES = word_set("name nom nombre nome naam navn namn")


#: The fields of which a record has one value, whichever of several columns has it.
_FILLED_IN: Mapping[Listed, frozenset[str]] = {
    Entity.CUSTOMER: word_set("organisation email phone website"),
    Entity.DEAL: word_set("customer closed_at"),
    Entity.ACTIVITY: word_set("customer"),
}


def map_columns(
    header: Sequence[str],
    entity: Listed,
    typed: Iterable[str] = (),
    custom: Mapping[str, str] | None = None,
    *,
    saved: Iterable[Sequence[str]] = (),
    layout: Layout | None = None,
    contents: Contents = NOTHING_SEEN,
) -> ColumnMapping:
    """Return which field each column of `header` is for.

    `typed` are corrections such as `Deal Name=title` or, to leave a column out, `Notes=`; `saved`
    are pairs of column and field that were kept; `layout` is what the system that wrote the file
    calls its columns; `custom` are the declared custom fields, label by key; `contents` is how the
    file begins, as a column has to look like the field that it is read for. Raises UsageError for
    a correction that names no column or no field, for two columns for one field, and where rows are
    known by no column, and one has nearly the name of such a field.
    """
    mapper = _Mapper(header=header, entity=entity, custom=custom or {}, contents=contents)
    mapper.correct(typed)
    mapper.recall(saved)
    if layout:
        mapper.follow(layout)
    mapper.match_names()
    mapper.match_labels()
    mapper.match_similar_names()
    mapper.match_cells()
    mapper.read_archived()
    mapper.part_names()
    mapper.name_companies()
    mapper.fill_in(layout)
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
            f"nothing tells the rows apart: {questions} ({mapping_option('--map', name, field)};"
            f" {mapping_option('--map', name, '')} if it is not)"
        )


@dataclass(kw_only=True)
class _Mapper:
    """Columns on their way to fields: `decided` are the positions that need no more asking."""

    header: Sequence[str]
    entity: Listed
    custom: Mapping[str, str]
    contents: Contents
    chosen: list[MappedColumn] = dataclasses.field(default_factory=list)
    decided: set[int] = dataclasses.field(default_factory=set)
    misleading: set[int] = dataclasses.field(default_factory=set)
    left_out: list[str] = dataclasses.field(default_factory=list)
    lacking: list[str] = dataclasses.field(default_factory=list)
    of_stages: tuple[str, ...] = ()

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
            name, rank = self.header[position], sum(each.field == field for each in self.chosen)
            self.chosen.append(
                MappedColumn(position=position, name=name, field=field, how=how, rank=rank)
            )
        else:
            self.left_out.append(self.header[position])

    def correct(self, typed: Iterable[str]) -> None:
        """Follow what was typed."""
        for text in typed:
            position, field = correction(text, self.header, self.entity, self.custom)
            self.choose(position, field, How.TYPED)
        refuse_twice(self.chosen)

    def recall(self, saved: Iterable[Sequence[str]]) -> None:
        """Follow what was kept of an earlier import, where nothing else was typed."""
        typed, decided = self.fields, frozenset(self.decided)
        for name, text in saved:
            if name not in self.header:
                self.lacking.append(name)
                continue
            position = list(self.header).index(name)
            field = field_named(text, self.entity, self.custom) if text else ""
            if position not in decided and field not in typed:
                self.choose(position, field, How.SAVED)

    def follow(self, layout: Layout) -> None:
        """Read the columns that are called as in `layout`."""
        taken = self.fields
        positions = self._positions()
        for field, labels in layout.fields.items():
            if field in taken:
                continue
            there = ([word for word in map(normal, group) if word in positions] for group in labels)
            groups = [[positions[word] for word in words] for words in there if words]
            for position in self._filled(groups):
                self.choose(position, field, How.PRESET)
        if layout.stage_probability:
            self.leave_to_stages()
        ignored = set(map(normal, layout.ignored))
        self.misleading |= {position for word, position in positions.items() if word in ignored}

    def leave_to_stages(self) -> None:
        """Leave a column of probabilities out that has one for each stage: they are the stages'."""
        columns = {each.field: each for each in self.chosen}
        stage, chance = columns.get("stage"), columns.get("probability")
        if not stage or not chance or chance.how == How.TYPED:
            return
        pairs = {
            (self.contents.cell(row, stage.position), self.contents.cell(row, chance.position))
            for row in self.contents.rows
        }
        if pairs and len({name for name, _ in pairs}) == len(pairs):
            self.chosen.remove(chance)
            self.decided.discard(chance.position)
            self.misleading.add(chance.position)
            self.of_stages = (chance.name,)

    def match_names(self) -> None:
        """Read the columns that are called as a field is, or as other systems call it."""
        positions = self._positions()
        found = self.fields
        for field, words in _names(self.entity, self.custom):
            if field in found or field in SEEN_ALONE or field == ACTIVE:
                continue
            if field == "name" and not {"first_name", "last_name"} & found:
                # Where people are not named, what is listed are companies.
                words = (*words, *(() if self._names_people() else COMPANY_NAMES.split()))
            called = [[positions[word]] for word in words if word in positions]
            fitting = [
                group
                for group in called
                if all(self.contents.fits(field, position) for position in group)
            ]
            for position in self._filled(fitting or ([] if field == "number" else called)):
                found.add(field)
                self.choose(position, field, How.NAME)
                positions = self._positions()

    def _names_people(self) -> bool:
        """Return whether some column is called as a part of a person's name is elsewhere."""
        further = more_names(self.entity)
        words = {word for field in ("first_name", "last_name") for word in further[field]}
        return any(folded(name) in words for name in self.header)

    def _names_companies(self) -> bool:
        """Return whether some column is called as that of companies' names is."""
        return any(folded(name) in COMPANIES for name in self.header)

    def match_labels(self) -> None:
        """Read the columns that are called as fields are elsewhere, where their cells allow it.

        What a column is called in full goes before what is left of its name.
        """
        in_full, *shorter = self._words()
        self._match_words(in_full, more_names(self.entity))
        for words in shorter:
            self._match_words(words, _all_names(self.entity))

    def _words(self) -> list[Mapping[int, Sequence[str]]]:
        """Return what columns are called, by position: in full, and what is left of their names."""
        entity = self.entity if isinstance(self.entity, Entity) else None
        shorter = [[(folded(name),), *shorter_names(name, entity)] for name in self.header]
        return [{at: names[length] for at, names in enumerate(shorter)} for length in range(4)]

    def fill_in(self, layout: Layout | None) -> None:
        """Read further columns that are called as a field is, where its own is empty."""
        names, levels = _all_names(self.entity), self._words()
        fields = _FILLED_IN.get(self.entity, frozenset()) if self.contents.rows else frozenset()
        for field in (each for each in names if each in fields & self.fields):
            labels = layout.fields.get(field, ()) if layout else ()
            words = [*(folded(label) for group in labels for label in group), *names[field]]
            for position in dict.fromkeys(
                position
                for columns in levels
                for word in words
                for position in self._positions().values()
                if word in columns[position] and self.contents.texts(position)
            ):
                if self.contents.fits(field, position):
                    self.choose(position, field, How.ELSE)

    def _match_words(
        self, columns: Mapping[int, Sequence[str]], names: Mapping[str, Sequence[str]]
    ) -> None:
        """Read those of `columns`, words by position, that have one of the `names` of a field."""
        for field, words in names.items():
            passed = field in self.fields or field == ACTIVE
            free = [] if passed else self._positions().values()
            called = [
                [position]
                for word in words
                for position in free
                if word in columns[position] and self._may_be(field, position, word)
            ]
            for position in self._filled(called):
                self.choose(position, field, How.NAME)

    def _may_be(self, field: str, position: int, word: str) -> bool:
        """Return whether the cells of a column that is called `word` may be values of `field`.

        What is called an id has to be seen: most are only known to the system that wrote them.
        """
        if field == "name" and word in CONTACT_PERSONS and self._names_companies():
            return False
        unseen = not self.contents.texts(position)
        by_cells = word.endswith("id") or (field in SEEN_ALONE and word != normal(field))
        return self.contents.fits(field, position) and not (unseen and by_cells)

    def match_cells(self) -> None:
        """Read the columns whose cells look like a field that is still free, one for each."""
        found = guesses(
            self.header, self._positions().values(), self.fields, self.entity, self.contents
        )
        for guess in found:
            if guess.clear:
                self.choose(guess.positions[0], guess.field, guess.how)

    def read_archived(self) -> None:
        """Read which deals are active where those that are not have reasons why they were lost.

        Elsewhere, one that is not active may be closed by its stage, and is asked about.
        """
        places = {column.field: column.position for column in self.chosen}
        if self.entity != Entity.DEAL or ACTIVE in places or "lost_reason" not in places:
            return
        for position in self._positions().values():
            known = (position, places["lost_reason"], places.get("stage"))
            if folded(self.header[position]) in ACTIVES and self.contents.archive_losses(*known):
                self.choose(position, ACTIVE, How.NAME)
                return

    def part_names(self) -> None:
        """Read a column of names for the half of a name that stands in no other column.

        Beside a first name, what is called the name is the last one, unless the first is in it.
        """
        halves = {column.field: column for column in self.chosen}
        whole = halves.get("name")
        missing = [field for field in ("first_name", "last_name") if field not in halves]
        if whole is None or len(missing) != 1 or folded(whole.name) not in _HALF_NAMES:
            return
        other = halves["last_name" if missing == ["first_name"] else "first_name"]
        pairs = [(row[whole.position], row[other.position]) for row in self.contents.rows]
        apart = [half.strip() not in name for name, half in pairs if half.strip() and name.strip()]
        if apart and 2 * sum(apart) > len(apart):
            self.chosen.remove(whole)
            self.chosen.append(replace(whole, field=missing[0]))

    def name_companies(self) -> None:
        """Read the names of organisations as those of customers, where nobody else is named.

        An address is no name, though a customer with nothing else is called by it.
        """
        if self.entity != Entity.CUSTOMER or self.fields & {"name", "first_name", "last_name"}:
            return
        self.chosen = [
            replace(column, field="name")
            if column.field == "organisation" and column.how == How.NAME
            else column
            for column in self.chosen
        ]

    def _filled(self, groups: Sequence[Sequence[int]]) -> Sequence[int]:
        """Return the first of `groups` of columns that are not empty, or the first of all."""
        filled = (group for group in groups if not all(map(self.contents.is_blank, group)))
        return next(filled, groups[0] if groups else ())

    def match_similar_names(self) -> None:
        """Read the columns whose names are similar to that of a field which is still free."""
        barred = {*EXACT, *SEEN_ALONE, ACTIVE, *self.fields}
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
            mapped=ordered(self.chosen),
            unmapped=tuple(name for name in rest if name),
            left_out=tuple(self.left_out),
            lacking=tuple(self.lacking),
            of_stages=self.of_stages,
        )


def _names(entity: Listed, custom: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the fields, each with what its column may be called, the best name first."""
    for name, field in FIELDS[entity].items():
        yield name, (normal(name), *field.names.split())
    for key, label in custom.items():
        yield f"custom.{key}", (normal(f"custom.{key}"), normal(key), normal(label))


@cache
def _all_names(entity: Listed) -> Mapping[str, Sequence[str]]:
    """Return what columns are called for the fields of `entity`, also elsewhere."""
    further = more_names(entity)
    return {field: (*map(folded, words), *further[field]) for field, words in _names(entity, {})}
