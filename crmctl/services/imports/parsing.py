"""From a row of a file to checked values by field, with all that is wrong with them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from crmctl.domain.amounts import Number
from crmctl.domain.external_ids import canonical, kind_of_column, source_of
from crmctl.domain.importing.cells import values
from crmctl.domain.importing.cells.column_formats import KEPT, KEPT_LENGTH, find_formats
from crmctl.domain.importing.cells.currency_signs import CurrencySigns
from crmctl.domain.importing.cells.values import CellFormat, Kind
from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.columns.fields import FIELDS, Listed
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.tables import Table, TableRow
from crmctl.domain.importing.findings import Finding
from crmctl.domain.importing.unknown_names import name_in
from crmctl.domain.kinds import Entity, FieldType
from crmctl.domain.spreadsheets import cut_numbers, refuse_error, refuse_rounded, why_rounded
from crmctl.errors import CrmError, UsageError
from crmctl.models.custom_fields import CustomField
from crmctl.models.inputs import CustomerUpdate, ExternalKeyInput, Input, StoredContacts
from crmctl.services.imports.cell_readers import (
    CellParser,
    CellReader,
    ParsedCell,
    clearing,
    first_read,
    hardly_repeats,
    parsed_once,
    period_read,
    with_way_out,
)
from crmctl.services.imports.parsed_row import (
    CLEARED,
    CLOSINGS,
    KEYS,
    ParsedRow,
    Setter,
    setter_of,
)
from crmctl.services.imports.row_currencies import RowCurrencies
from crmctl.services.records import custom_fields, external_ids, types
from crmctl.services.records.external_ids import ExternalIdPair

#: From a value to the same, checked.
Check = Callable[[Any], Any]

_CUSTOM_KINDS = {
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.DATE: Kind.DAY,
    FieldType.BOOLEAN: Kind.TRUTH,
    FieldType.TEXT: Kind.TEXT,
}
# What was read as one of these is what the model wants; it would find nothing wrong with it.
_SOUND = frozenset({Kind.DAY, Kind.CATEGORY, Kind.CURRENCY})
# What a currency or a percent sign in the format of a cell says something of.
_AS_WRITTEN = frozenset({Kind.AMOUNT, Kind.PROBABILITY})
# What refers to other records, who may be named by their ids.
_IDS = frozenset({"external_id", "customer_external_id", "contact_external_id", "deal_external_id"})
_REFERENCES = frozenset({"customer", "contact", "deal", *_IDS})
# What a customer is known by before its organisation.
_KNOWN_BY = frozenset(
    {*KEYS, "crmctl_id", "number", "email", "name", "first_name", "last_name", "website"}
)
# Cells of these fields hardly ever come again, or may be long.
_UNIQUE = frozenset(
    {
        *KEYS, "crmctl_id", "title", "name", "first_name", "last_name", "email", "phone",
        "website", "subject", "body", "next_step", "lost_reason", "reason",
    }
)  # fmt: skip


_EMPTY: ParsedCell = ("", None, "")


class _CellColumn(NamedTuple):
    """A column of the file: which it is, its field, and how a cell becomes the field's value.

    One that is called `spare` is read where those before it for the same field are empty.
    """

    position: int
    field: str
    parse: CellParser
    setter: Setter | None
    spare: str = ""


class RowParser:
    """Reads the rows of one file.

    `record` is the kind of record that their ids are of, where the file's system is known, and
    `currency` that of deals for which the file names none; `signs` say what signs mean. `findings`
    say what decided about columns whose format was chosen.
    """

    def __init__(
        self,
        *,
        columns: ColumnMapping,
        entity: Listed,
        custom: Mapping[str, CustomField],
        cell_format: CellFormat,
        source: str | None = None,
        record: str = "",
        currency: str | None = None,
        clear: frozenset[str] = frozenset(),
        signs: CurrencySigns | None = None,
    ) -> None:
        self._columns = columns
        self._entity = entity
        self._custom = custom
        self._cell_format = cell_format
        self._system = source
        self._record = record
        self._currency = currency
        self._clear = clear
        self._signs = signs or CurrencySigns(company=currency)
        self._currencies = RowCurrencies(self._signs)
        self.findings: tuple[Finding, ...] = ()
        self._prepare({})

    def as_written(self, table: Table) -> Table:
        """Return `table` with what cells show of amounts, probabilities and closings."""
        shown = frozenset(
            each.position
            for each in self._columns.mapped
            if each.field in CLOSINGS or self.kind(each.field) in _AS_WRITTEN
        )
        return table if self._cell_format.own else table.as_written(shown)

    def choose_formats(self, table: Table, keys: Collection[str] = ()) -> frozenset[str]:
        """Decide by all cells of `table` how each column of it is written.

        Returns those of the fields `keys` that each row is known to say something of. Raises
        UsageError where a column could be read in two ways.
        """
        mapped = self._columns.mapped
        kinds = {column.position: self.kind(column.field) for column in mapped}
        named = {each.position: "external_id" if each.field in KEYS else each.field
                 for each in mapped}  # fmt: skip
        asked = [position for position, name in named.items() if name in keys]
        currency = self._currency or self._signs.company
        found = find_formats(
            table.rows(), kinds, table.header, self._cell_format, asked, self._signs, currency
        )
        self._cell_format = replace(
            self._cell_format, signs=self._signs.meanings(), currencies=self._signs.words()
        )
        formats = {at: each for at, each in found.formats.items() if kinds[at] != Kind.CURRENCY}
        self._prepare(formats)
        self.findings = found.findings
        return frozenset(named[position] for position in found.full)

    def _prepare(self, formats: Mapping[int, CellFormat]) -> None:
        self._cells = [
            _CellColumn(
                column.position,
                column.field,
                self._parser(column.field, formats.get(column.position, self._cell_format)),
                setter_of(column.field, self.kind(column.field)),
                column.name if column.rank else "",
            )
            for column in sorted(self._columns.mapped, key=lambda each: each.rank)
        ]

    def _parser(self, name: str, cell_format: CellFormat) -> CellParser:
        """Return the parser for cells of the field `name`; it reads equal ones once."""
        read, empty = self._reader(name, cell_format), self._cell_format.empty - self._clear
        if self._clear:
            read = clearing(read, self._clear)
        if self.kind(name) in (Kind.EMAIL, Kind.PHONE) and not cell_format.own:
            read = first_read(read)
        if name in CLOSINGS and not cell_format.own:
            read = period_read(read, self.kind(name), cell_format)

        def parse(cell: str) -> ParsedCell:
            text = original(cell).strip() if cell[:1] == "'" else cell.strip()
            if not text or text in empty:
                return _EMPTY
            try:
                # Asked of no other cell: there is one call less for each.
                return text, read(refuse_error(text) if text[0] == "#" else text), ""
            except CrmError as error:
                return text, None, with_way_out(text, str(error))

        if name in _UNIQUE:
            return parse
        kind = self.kind(name)
        # A list may be changed later: each row has its own. What a custom text holds is not known.
        alone = kind == Kind.LIST or (kind == Kind.TEXT and name.startswith("custom."))
        return parse if alone else lru_cache(KEPT)(parse)

    def kind(self, name: str) -> Kind:
        """Return how the cells of the field `name` are read."""
        if name.startswith("custom."):
            return _CUSTOM_KINDS[self._custom[name.removeprefix("custom.")].type]
        return FIELDS[self._entity][name].kind

    def _reader(self, name: str, cell_format: CellFormat) -> CellReader:
        """Return the reader of texts for the field `name`, which checks them too."""
        if name == "external_id":
            return self._external_id_reader()
        if name == "external_ids":
            return lambda text: [external_ids.parse(part) for part in values.listed(text)]
        if name in _REFERENCES:
            return refuse_rounded
        kind = self.kind(name)
        return _composed(kind, cell_format, self._check(name, kind))

    def _check(self, name: str, kind: Kind) -> Check | None:
        """Return the check of a value that was read for the field `name`, if it needs one."""
        if name.startswith("custom."):
            custom = self._custom[name.removeprefix("custom.")]
            return lambda value: custom_fields.stored(custom, value)
        model = types.imported(self._entity).input_model
        if model is CustomerUpdate and self._is_kept(name, kind):
            model = StoredContacts
        return None if kind in _SOUND or name not in model.model_fields else _checker(model, name)

    def _is_kept(self, name: str, kind: Kind) -> bool:
        """Return whether an address of the file stays as it is by now, and only has to fit.

        A phone number was read with the country of the file. In an own export, what was stored
        comes back though it might not be taken any more.
        """
        return kind == Kind.PHONE or (self._cell_format.own and name in StoredContacts.model_fields)

    def _external_id_reader(self) -> CellReader:
        """Return the reader of ids: of the file's system, and of the kind of record that it names.

        Without a system, an id may name its own.
        """
        assert isinstance(self._entity, Entity)
        kind = self._record or kind_of_column(self._columns.of("external_id"), self._entity)
        source = _checker(ExternalKeyInput, "source")(source_of(self._system or "", kind)) or ""
        check = _checker(ExternalKeyInput, "external_id")

        def read(text: str) -> list[ExternalIdPair]:
            if self._system is None and ":" in text:
                return [external_ids.parse(text)]
            return [(source, canonical(source, check(text)))]

        return read

    def parse_rows(self, rows: Sequence[TableRow]) -> list[ParsedRow]:
        """Return `rows` with their cells read and checked, one column after the other."""
        parsed = [ParsedRow(row, self._columns) for row in rows]
        sound = [row for row in parsed if not row.file_row.trouble]
        cells = list(zip(*(_readable(row.file_row) for row in sound), strict=True))
        for column in self._cells if sound else ():
            _parse_column(sound, cells[column.position], column)
            if column.field in _IDS:
                _refuse_cut(sound, cells[column.position], column.field)
        for row in sound:
            if row.file_row.faults:
                self._refuse_cells(row, row.file_row.faults)
            self._complete(row)
        for row in parsed if len(sound) < len(parsed) else ():
            if row.file_row.trouble:
                row.refuse("", row.file_row.trouble)
        return parsed

    def _refuse_cells(self, row: ParsedRow, faults: Mapping[int, str]) -> None:
        """Refuse a row for those of its cells that the file has no value of."""
        for column in self._cells:
            if column.position in faults:
                row.texts[column.field] = row.file_row.cells[column.position]
                row.refuse(column.field, faults[column.position])

    def _complete(self, row: ParsedRow) -> None:
        """Put together what more than one column says."""
        if self._entity == Entity.CUSTOMER:
            _compose_name(row)
        else:
            self._currencies.complete(row)


def _readable(row: TableRow) -> Sequence[str]:
    """Return the cells of a row, empty ones in place of those that are faulty."""
    if not row.faults:
        return row.cells
    return ["" if place in row.faults else cell for place, cell in enumerate(row.cells)]


def _parse_column(rows: Sequence[ParsedRow], cells: Sequence[str], column: _CellColumn) -> None:
    """Put what `cells` hold, those of `rows` in one column, into the field of each."""
    _, name, parse, setter, spare = column
    if max(map(len, cells)) > KEPT_LENGTH or hardly_repeats(parse):
        # Thousands of long texts that are no values would be kept, or of which none comes again.
        parse = getattr(parse, "__wrapped__", parse)
    # Other columns keep what they read, and each row has ids of its own.
    once = name in _UNIQUE and name not in KEYS
    parsed = parsed_once(cells, parse) if once else map(parse, cells)
    for row, (text, value, fault) in zip(rows, parsed, strict=True):
        if not text or (spare and name in row.texts):
            continue
        row.texts[name] = text
        if fault:
            row.refuse(name, fault, name_in(name, text))
        elif value is None:
            continue
        elif value is CLEARED:
            row.clear(name)
        elif setter is None:
            row.values[name] = value
        else:
            setter(row, value)


def _refuse_cut(rows: Sequence[ParsedRow], cells: Sequence[str], name: str) -> None:
    """Refuse those of `rows` whose id, in `cells`, has lost its last digits."""
    for text in cut_numbers(cells):
        for row, cell in zip(rows, cells, strict=True):
            if cell == text:
                row.refuse(name, f"{text} {why_rounded()}")


def _composed(kind: Kind, cell_format: CellFormat, check: Check | None) -> CellReader:
    """Return the reader of texts of `kind` that checks what it reads."""
    # The check of an address reads it.
    if kind == Kind.TEXT or (kind == Kind.EMAIL and check):
        return check or str
    if check is None:
        return lambda text: values.read(kind, text, cell_format)
    if kind == Kind.AMOUNT:
        return lambda text: _checked_amount(values.read(kind, text, cell_format), check)
    return lambda text: check(values.read(kind, text, cell_format))


def _checked_amount(found: Number, check: Check) -> Number:
    value = check(found.value)
    return found if value is found.value else Number(value, found.currencies)


@cache
def _checker(model: type[Input], name: str) -> Check:
    """Return the check of values by the rules of the field `name` of `model`."""
    info = model.model_fields[name]
    rules: Any = Annotated[info.annotation, info]
    validate = TypeAdapter(rules).validator.validate_python

    def check(value: Any) -> Any:
        try:
            return validate(value)
        except ValidationError as error:
            raise UsageError(error.errors(include_url=False)[0]["msg"]) from None

    return check


def _compose_name(row: ParsedRow) -> None:
    parts = [row.values.pop(name, "") for name in ("first_name", "last_name")]
    if "name" in row.values or not any(parts):
        _name_like_organisation(row)
        return
    try:
        row.values["name"] = _checker(CustomerUpdate, "name")(" ".join(filter(None, parts)))
    except UsageError as error:
        row.refuse("name", str(error))


def _name_like_organisation(row: ParsedRow) -> None:
    """Know a row that has nothing but an organisation to be known by as that organisation."""
    if "organisation" in row.values and row.texts.keys().isdisjoint(_KNOWN_BY):
        row.values["name"] = row.values["organisation"]
