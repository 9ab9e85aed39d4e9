"""What the columns of a file mean: as typed, as saved, as its system writes them, or by name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crmctl.domain import times
from crmctl.domain.importing.cells.field_types import guess_types, key_of
from crmctl.domain.importing.cells.values import CellFormat
from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.columns.columns_of_stages import refuse_columns_of_stages
from crmctl.domain.importing.columns.contents import Contents, first_rows
from crmctl.domain.importing.columns.fields import FIELDS, own_export
from crmctl.domain.importing.columns.mapping import NOTHING_SEEN, map_columns
from crmctl.domain.importing.columns.missing_header import lacks_header
from crmctl.domain.importing.columns.other_lists import other_list
from crmctl.domain.importing.columns.presets import Recognised, recognise
from crmctl.domain.importing.columns.units_beside import refuse_units_beside
from crmctl.domain.importing.files.tables import NO_HEADER, Table
from crmctl.domain.kinds import Entity, FieldType, ImportKind, Preset
from crmctl.errors import UsageError
from crmctl.models.custom_fields import CustomField
from crmctl.models.imports import SavedMapping
from crmctl.models.session import CrmSession
from crmctl.services.imports import mappings
from crmctl.services.pipeline import rules
from crmctl.services.records import custom_fields, types

if TYPE_CHECKING:
    from crmctl.services.imports.options import ImportOptions

#: How many columns of a file are named where it has none of the fields.
SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class FileLayout:
    """How a file is read: `options` completed by what was found, its columns and custom fields.

    `declared` are the custom fields, by column, that this import adds; `contents` is how the file
    begins, `closing` are the words for closed stages of the system that wrote it, and `record` is
    the kind of its records.
    """

    options: "ImportOptions"
    columns: ColumnMapping
    custom: Mapping[str, CustomField]
    preset: Preset | None = None
    contents: Contents = NOTHING_SEEN
    closing: Mapping[str, str] = field(default_factory=dict)
    record: str = ""
    declared: Mapping[str, CustomField] = field(default_factory=dict)


def read_layout(session: CrmSession, table: Table, options: "ImportOptions") -> FileLayout:
    """Return how `table` is read, with its new custom fields declared and its mapping saved."""
    kind = types.imported(options.entity).kind
    saved = mappings.find(session, options.mapping, kind) if options.mapping else None
    system = _system(table, kind, options.preset)
    custom = custom_fields.known(session, options.entity)
    renamed = [*(saved.stages if saved else ()), *_pairs(options.stages)]
    contents = _contents(session, table, options, system, [word for word, _ in renamed])
    columns = _columns(table, options, saved, system, custom, contents)
    declared = _declare(session, table, options, columns, custom) if options.custom else {}
    new = {name: field.key for name, field in declared.items()}
    columns = columns.with_custom(new, table.header)
    _require_header(table, contents, columns)
    _require_any(table, options, columns)
    _refuse_another_list(table, options, columns)
    refuse_units_beside(table.header, columns, contents)
    if options.entity == Entity.DEAL:
        refuse_columns_of_stages(table.header, columns, contents)
    stages = dict(renamed)
    if options.save_mapping:
        _save_mapping(session, options.save_mapping, kind, columns, stages)
    return FileLayout(
        options=_completed(options, system, stages),
        columns=columns,
        custom={**custom, **{field.key: field for field in declared.values()}},
        preset=system.system.preset if system else None,
        contents=contents,
        closing=system.system.stages if system else {},
        record=system.layout.record if system else "",
        declared=declared,
    )


def _columns(
    table: Table,
    options: "ImportOptions",
    saved: SavedMapping | None,
    system: Recognised | None,
    custom: Mapping[str, CustomField],
    contents: Contents,
) -> ColumnMapping:
    """Return which columns are for which fields, custom ones that are there among them."""
    columns = map_columns(
        table.header,
        options.entity,
        options.columns,
        {key: field.label for key, field in custom.items()},
        saved=saved.columns if saved else (),
        layout=system.layout if system else None,
        contents=contents,
    )
    return columns.with_custom(_known_contacts(columns, custom), table.header)


def _completed(
    options: "ImportOptions", system: Recognised | None, stages: Mapping[str, str]
) -> "ImportOptions":
    """Return `options` with the source of the system that wrote the file, and all `stages`."""
    return replace(
        options,
        source=options.source or (system.system.source if system else None),
        stages=[f"{word}={stage}" for word, stage in stages.items()],
    )


def _save_mapping(
    session: CrmSession,
    name: str,
    kind: ImportKind,
    columns: ColumnMapping,
    stages: Mapping[str, str],
) -> None:
    """Keep under `name` which column is for which field, or left out, and what stages mean."""
    ranked = sorted(columns.mapped, key=lambda column: column.rank)
    pairs = [(column.name, column.field) for column in ranked]
    pairs += [(left, "") for left in columns.left_out]
    mappings.save(session, name, kind, pairs, list(stages.items()))


def _system(table: Table, kind: ImportKind, preset: Preset) -> Recognised | None:
    own = preset == Preset.AUTO and own_export(table.header)
    return None if own else recognise(table.header, kind, preset)


def _contents(
    session: CrmSession,
    table: Table,
    options: "ImportOptions",
    system: Recognised | None,
    renamed: Sequence[str],
) -> Contents:
    """Return how `table` begins, and which words in it are names of stages, or `renamed` ones."""
    if own_export(table.header):
        return NOTHING_SEEN
    words = [*renamed, *(system.system.stages if system else ())]
    if options.entity == Entity.DEAL:
        for process in rules.sales_processes(session).values():
            words += [name for stage in process.stages for name in (stage.key, stage.label)]
    return first_rows(table.rows(), options.empty | options.clear, words, options.statuses)


def _pairs(stages: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in stages:
        word, _, stage = (part.strip() for part in text.rpartition("="))
        yield word, stage


def _require_header(table: Table, contents: Contents, columns: ColumnMapping) -> None:
    """Raise UsageError where the first row of a file without a header was taken for one."""
    if table.form.header != NO_HEADER and lacks_header(table.header, contents, columns):
        raise UsageError(
            f"{table.name} line {table.form.header} looks like a row, not a header:"
            f" {', '.join(table.header[:SHOWN])} (--no-header calls columns by number, as"
            " --map 1=title; --map COLUMN=FIELD if these are their names)",
            *(f"  {finding}" for finding in table.form.findings),
        )


def _require_any(table: Table, options: "ImportOptions", columns: ColumnMapping) -> None:
    if not columns.mapped:
        line = table.form.header
        if len(table.header) == 1 and table.form.delimiter:
            raise UsageError(
                f"no column of {table.name} is called as a field of {options.entity.plural}: it has"
                f" one, {table.header[0]} (--delimiter CHARACTER if that is several columns)",
                *(f"  {finding}" for finding in table.form.findings),
            )
        way = f", or --header LINE if it is not line {line} that names the columns"
        raise UsageError(
            f"no column of {table.name} is called as a field of {options.entity.plural}: it has"
            f" {', '.join(table.header[:SHOWN])} (--map {_example(table)}=FIELD"
            f"{way if line != NO_HEADER else ''})",
            *(f"  {finding}" for finding in table.form.findings),
        )


def _example(table: Table) -> str:
    return "1" if table.form.header == NO_HEADER else "COLUMN"


def _refuse_another_list(table: Table, options: "ImportOptions", columns: ColumnMapping) -> None:
    """Raise UsageError for a list of something else, unless a person says what it is."""
    kind = types.imported(options.entity).kind
    if options.preset != Preset.AUTO or options.columns or options.mapping:
        return
    if found := other_list(table.header, kind, columns):
        way = f"crmctl import {found.kind} reads them; " if found.kind else ""
        raise UsageError(
            f"{table.name} looks like {found.name}, not {kind}"
            f" ({way}--preset none imports it all the same)"
        )


def _known_contacts(columns: ColumnMapping, custom: Mapping[str, CustomField]) -> Mapping[str, str]:
    """Return the columns of contacts, of deals of companies, that custom fields are kept of."""
    keys = {field.label: key for key, field in custom.items()}
    return {name: keys[name] for name in columns.of_contacts if name in keys}


def _declare(
    session: CrmSession,
    table: Table,
    options: "ImportOptions",
    columns: ColumnMapping,
    custom: Mapping[str, CustomField],
) -> dict[str, CustomField]:
    """Declare a custom field for each column that is not read and not empty; return them by it."""
    cell_format = CellFormat(
        dates=options.dates, zone=times.zone(session.timezone), empty=options.empty | options.clear
    )
    names = (*columns.unmapped, *columns.spare, *columns.of_contacts)
    positions = [table.header.index(name) for name in names]
    types = guess_types(table.rows(), positions, cell_format)
    taken = {*custom, *FIELDS[options.entity]}
    wanted: dict[str, tuple[str, str, FieldType]] = {}
    for position, kind in types.items():
        name = table.header[position]
        key = key_of(name, taken)
        taken.add(key)
        wanted[name] = (key, name[:100], kind)
    found = custom_fields.declare(session, options.entity, list(wanted.values()))
    return dict(zip(wanted, found, strict=True))
