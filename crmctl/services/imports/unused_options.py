"""Options of an import that nothing in its file has a use for, which is said."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from crmctl.domain import amounts, dates
from crmctl.domain.importing.cells import activity_words
from crmctl.domain.importing.cells.values import Kind
from crmctl.domain.importing.columns.column_mapping import ColumnMapping, How
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.importing.units import stage_word, unit_of
from crmctl.domain.kinds import Preset
from crmctl.domain.text import folded
from crmctl.services.imports.options import ImportOptions
from crmctl.services.imports.parsed_row import ParsedRow

#: The texts of a row that an option may be about.
_Texts = Callable[[ParsedRow], Iterable[str]]
#: How many texts are remembered as looked at.
_REMEMBERED = 20_000
_IDS = ("external_id", "external_ids", "customer_external_id", "deal_external_id")
#: The fields that name customers, and those that name users.
_CREATED = {"customers": ("customer", "contact"), "users": ("owner", "actor")}


@dataclass(kw_only=True)
class _WordSearch:
    """Looks for a text that `option` is about, such as `word`; `missing` says what there is not.

    `lacking` is the field that would have it where no column is read for that. One in a `column`
    looks where nothing is read, and `missing` is the field that it may be.
    """

    option: str
    missing: str
    column: str = ""
    texts: _Texts
    means: Callable[[str], object] = bool
    word: str = ""
    lacking: str = ""
    found: bool = False
    _seen: set[str] = field(default_factory=set)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the word was found in a column that is not read."""
        return self.found and bool(self.column)

    def look(self, rows: Sequence[ParsedRow]) -> None:
        """Look at `rows`; a text that was seen is not looked at again."""
        texts = {text for row in rows for text in self.texts(row)} - self._seen
        self.found = any(map(self.means, texts))
        if len(self._seen) < _REMEMBERED:
            self._seen |= texts


class UnusedOptions:
    """Watches the rows of a file for what the options that were typed are about.

    `kind_of` says how cells of a field are read, and `named` are stages that the `header` names.
    """

    def __init__(
        self,
        options: ImportOptions,
        columns: ColumnMapping,
        kind_of: Callable[[str], Kind],
        named: Iterable[str] = (),
        header: Sequence[str] = (),
    ) -> None:
        self._options = options
        self._columns = columns
        self._watches = [*_of_words(options, columns, set(map(stage_word, named)))]
        unread = {name: header.index(name) for name in columns.unmapped if name in header}
        self._watches += list(_elsewhere(self._watches, unread))
        kinds = {name: kind_of(name) for name in columns.fields}
        self._watches += _of_formats(options, kinds)

    def look(self, rows: Sequence[ParsedRow]) -> None:
        """Look at `rows` for what was not found yet."""
        for watch in self._watches:
            if not watch.found:
                watch.look(rows)

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield what no row was found to have a use for, and what no column has."""
        missing: dict[tuple[str, str], list[str]] = {}
        unread: dict[tuple[str, str], list[str]] = {}
        elsewhere = {(each.option, each.word) for each in self._watches if each.is_elsewhere}
        for watch in self._watches:
            if watch.is_elsewhere:
                unread.setdefault((watch.column, watch.missing), []).append(watch.word)
            elif not (watch.found or watch.column or (watch.option, watch.word) in elsewhere):
                missing.setdefault((watch.option, watch.missing), []).append(watch.word)
        for (column, name), words in unread.items():
            yield Finding(
                certainty=Certainty.UNKNOWN,
                text=f"is {column} the {name}? It has {', '.join(words)}, and is not read",
                option=mapping_option("--map", column, name),
            )
        for (option, text), words in missing.items():
            yield _decided(f"{text} {', '.join(words)}".strip(), option)
        yield from self._of_columns()

    def _of_columns(self) -> Iterator[Finding]:
        options, columns = self._options, self._columns
        for kind in sorted(options.create_missing):
            if not any(name.startswith(_CREATED[kind]) for name in columns.fields):
                yield _decided(f"no column names {kind}", f"--create-missing {kind}")
        if options.pipeline and "pipeline" in columns.fields:
            text = f"{columns.of('pipeline')}: not read, as all rows are of one pipeline"
            yield _decided(text, f"--pipeline {options.pipeline}")
        if options.custom and not any(each.how == How.CUSTOM for each in columns.mapped):
            yield _decided("no column is left for a custom field", "--custom")
        named = options.preset not in (Preset.AUTO, Preset.NONE)
        if named and not any(each.how == How.PRESET for each in columns.mapped):
            yield _decided("no column is called as that system does", f"--preset {options.preset}")


def unapplied(options: ImportOptions, plan: ImportPlan) -> Iterator[Finding]:
    """Yield what is said of options that rows have a use for by what becomes of them."""
    uses = plan.applied
    if options.scope.fill and not (plan.updated or plan.unchanged):
        yield _decided("no row is of a record that is there", "--fill-empty")
    if options.override and not plan.overridden:
        yield _decided("no row breaks a rule of its pipeline", "--override")
    if options.lost_reason and "--lost-reason" not in uses:
        yield _decided("no row makes a lost deal without a reason", "--lost-reason")
    if options.kind and "--kind" not in uses:
        yield _decided("no new row lacks a kind", "--kind")


def _decided(text: str, option: str) -> Finding:
    return Finding(certainty=Certainty.DECIDED, text=text, option=option)


def _of_fields(*names: str) -> _Texts:
    return lambda row: [row.texts[name] for name in names if name in row.texts]


def _of_words(
    options: ImportOptions, columns: ColumnMapping, named: set[str]
) -> Iterator[_WordSearch]:
    """Yield what looks for the words that options give a meaning; `named` are stages."""
    stages = [text.rpartition("=")[0].strip() for text in options.stages]
    stages = [word for word in stages if stage_word(word) not in named]
    alike = partial(_alike, stage_word)
    units = {unit_of(each.name).sign for each in columns.mapped if each.field == "amount"}
    currencies = [word for word in options.currencies if word not in units]
    for option, what, fields, words, means in (
        ("--stage-map", "stage", ("stage", "outcome", "status"), stages, alike),
        ("--status-map", "status", ("outcome",), options.statuses, alike),
        ("--kind-map", "kind", ("kind",), options.kinds, partial(_alike, activity_words.plain)),
        ("--currency-map", "currency", ("currency", "amount"), currencies, _of_currency),
    ):
        missing = f"no row has the {what}"
        if columns.fields.isdisjoint(fields):
            missing = f"no column is read for a {what} (--map COLUMN={fields[0]}), and none has"
        lacking = fields[0] if columns.fields.isdisjoint(fields) else ""
        for word in words:
            yield _WordSearch(
                option=option, missing=missing, word=word, lacking=lacking,
                texts=_of_fields(*fields), means=means(word),
            )  # fmt: skip
    positions = [each.position for each in columns.mapped]
    for option, texts in (("--empty", options.empty), ("--clear-with", options.clear)):
        for word in sorted(texts):
            yield _WordSearch(
                option=option, missing="no cell is", word=word,
                texts=_cells_at(positions), means=word.__eq__,
            )  # fmt: skip


def _elsewhere(searches: Sequence[_WordSearch], unread: Mapping[str, int]) -> Iterator[_WordSearch]:
    """Yield what looks in the columns that are `unread` for words of what no column is read for."""
    for search in searches:
        for name, position in unread.items() if search.lacking else ():
            texts = _cells_at([position])
            yield replace(search, missing=search.lacking, column=name, texts=texts, _seen=set())


def _of_formats(options: ImportOptions, kinds: Mapping[str, Kind]) -> Iterator[_WordSearch]:
    """Yield what looks for cells that options say how to read, in fields of these `kinds`."""

    def of(*wanted: Kind) -> _Texts:
        return _of_fields(*(name for name, kind in kinds.items() if kind in wanted))

    if options.source:
        yield _WordSearch(option="--source", missing="no row has an external id", texts=_ids)
    if options.dates:
        text, read = "no date has its day or its month first", of(Kind.DAY, Kind.TIME)
        yield _WordSearch(option="--dates", missing=text, texts=read, means=dates.hint)
    if options.decimals:
        text = "no number has decimals or divides thousands"
        read = of(Kind.AMOUNT, Kind.NUMBER, Kind.INTEGER, Kind.PROBABILITY)
        yield _WordSearch(option="--decimal", missing=text, texts=read, means=amounts.hint)
    if options.country:
        text, read = "no phone number lacks its country", of(Kind.PHONE)
        yield _WordSearch(option="--country", missing=text, texts=read, means=_is_national)


def _ids(row: ParsedRow) -> Iterator[str]:
    """Yield what may be ids of another system in a row: those of columns of ids, or like them."""
    yield from _of_fields(*_IDS)(row)
    for text in _of_fields("customer", "contact", "deal")(row):
        if " " not in text and any(map(str.isdigit, text)):
            yield text


def _cells_at(positions: Sequence[int]) -> _Texts:
    def cells(row: ParsedRow) -> list[str]:
        found = row.file_row
        if found.trouble:
            return []
        return [original(found.cells[position]).strip() for position in positions]

    return cells


def _alike(form: Callable[[str], str], word: str) -> Callable[[str], bool]:
    return lambda text: form(text) == form(word)


def _of_currency(word: str) -> Callable[[str], bool]:
    codes = amounts.currencies_in(word)
    same = _alike(folded, word)
    return lambda text: same(text) or (bool(codes) and amounts.currencies_in(text) == codes)


def _is_national(text: str) -> bool:
    return not text.lstrip("( ").startswith(("+", "00"))
