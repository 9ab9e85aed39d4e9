"""How a file tells of stage history: a column for each stage, or a row for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from crmctl.domain.importing.columns.column_findings import column_findings
from crmctl.domain.importing.columns.column_mapping import ColumnMapping, MappedColumn
from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.importing.columns.presets import Recognised, recognise
from crmctl.domain.importing.files.tables import OWN_HISTORY, Table
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.importing.timeline import StageColumn, stage_columns
from crmctl.domain.kinds import ImportKind, Preset
from crmctl.errors import UsageError
from crmctl.services.imports.options import ImportOptions

#: The columns of our own export, and the fields that they are.
_OWN = {
    "deal_id": "deal_crmctl_id",
    **{name: name for name in ("pipeline", "stage", "status", "entered_at", "actor", "reason")},
    **{name: name for name in ("amount", "currency")},
    "entered_on": "entered_day",
}
#: The fields that say which deal a row is about.
_DEAL_FIELDS = ("deal", "deal_crmctl_id", "deal_external_id")


@dataclass(frozen=True, kw_only=True)
class HistoryLayout:
    """How a file tells of history: `wide` columns, one a stage, or else a row for each stage.

    `own` is the export of crmctl, of which an empty cell is a value, too. `unread` are the columns
    of a wide file that say neither which deal is meant nor when it entered a stage.
    """

    columns: ColumnMapping
    wide: Sequence[StageColumn] = ()
    own: bool = False
    unread: tuple[str, ...] = ()
    system: Recognised | None = None

    @property
    def source(self) -> str | None:
        """The name of the system that ids are of, where it is known."""
        return self.system.system.source if self.system else None

    @property
    def deal_fields(self) -> list[str]:
        """The fields of the file that say which deal a row is about."""
        return [name for name in _DEAL_FIELDS if name in self.columns.fields]


def read_history_layout(table: Table, options: ImportOptions) -> HistoryLayout:
    """Return how `table` is read; raises UsageError where it tells of no stages or no deals."""
    wide = stage_columns(table.header)
    # Nobody else calls columns so.
    preset = Preset.HUBSPOT if wide and options.preset == Preset.AUTO else options.preset
    system = recognise(table.header, ImportKind.HISTORY, preset)
    if set(table.header) >= OWN_HISTORY and not options.columns:
        return HistoryLayout(columns=_own_columns(table), own=True)
    layout = system.layout if system else None
    columns = map_columns(table.header, ImportKind.HISTORY, options.columns, layout=layout)
    unread: tuple[str, ...] = ()
    if wide:
        which = tuple(column for column in columns.mapped if column.field in _DEAL_FIELDS)
        columns = ColumnMapping(mapped=which, unmapped=(), left_out=columns.left_out)
        unread = _unread(table, columns, wide)
    found = HistoryLayout(columns=columns, wide=wide, unread=unread, system=system)
    _require_columns(table, found)
    return found


def _unread(table: Table, columns: ColumnMapping, wide: Sequence[StageColumn]) -> tuple[str, ...]:
    """Return the names of the columns that a wide file has besides those that are read."""
    read = {each.position for each in columns.mapped}
    read |= {each.position for each in wide}
    read |= {each.left for each in wide if each.left is not None}
    names = (name for position, name in enumerate(table.header) if position not in read)
    return tuple(name for name in names if name not in columns.left_out)


def _own_columns(table: Table) -> ColumnMapping:
    mapped = (
        MappedColumn(position=table.header.index(name), name=name, field=_OWN[name])
        for name in table.header
        if name in _OWN
    )
    return ColumnMapping(mapped=tuple(mapped), unmapped=())


def _require_columns(table: Table, layout: HistoryLayout) -> None:
    for name in () if layout.wide else ("stage", "entered_at"):
        if name not in layout.columns.fields:
            raise UsageError(
                f"no column of {table.name} is called {name}: it has"
                f" {', '.join(table.header[:20])} (--map COLUMN={name})"
            )
    if not layout.deal_fields:
        raise UsageError(f"no column of {table.name} says which deal is meant (--map COLUMN=deal)")


def history_plan(table: Table, options: ImportOptions, layout: HistoryLayout) -> ImportPlan:
    """Return the plan of an import of `table` before any row of it."""
    entered = (
        MappedColumn(position=each.position, name=each.name, field="entered_at")
        for each in layout.wide
    )
    columns = sorted([*layout.columns.mapped, *entered], key=lambda each: each.position)
    plan = ImportPlan(
        entity=options.entity,
        file=table.name,
        form=table.form,
        key=", ".join(layout.deal_fields),
        header=table.header,
        columns=tuple(columns),
        unmapped=layout.columns.unmapped or layout.unread,
        preset=layout.system.system.preset if layout.system else None,
        dry_run=options.dry_run,
        strict=options.strict,
        deals=0,
    )
    for finding in (*table.form.findings, *column_findings(layout.columns, ImportKind.HISTORY)):
        plan.findings.add(finding)
    return plan
