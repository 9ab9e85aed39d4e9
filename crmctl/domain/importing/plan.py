"""What an import is going to do, or has done: the same plan for a dry run and for the run."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crmctl.domain.importing.columns.column_mapping import MappedColumn
from crmctl.domain.importing.files.rejects import original_cells
from crmctl.domain.importing.files.tables import Form
from crmctl.domain.importing.findings import Findings
from crmctl.domain.importing.rejected import Reject, Rejects
from crmctl.domain.importing.unknown_names import UnknownNames
from crmctl.domain.kinds import Entity, Preset

#: How many updates a plan keeps one by one; all are counted.
KEPT_UPDATES = 1000


#: Fields as people call them, each with its value before and after.
FieldChanges = Mapping[str, tuple[object, object]]


@dataclass(frozen=True)
class Update:
    """A record that is changed, and the fields in which."""

    line: int
    ref: str
    fields: FieldChanges


@dataclass(frozen=True, kw_only=True)
class EarlierRun:
    """What an import had come to when it was cut off: counts, and the rejects if still known."""

    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    rejects: Rejects | None = None


@dataclass(kw_only=True)
class ImportPlan:
    """What becomes of the rows of a file.

    `preset` is the system whose export it is, `lacking` what the saved `mapping` has and the file
    has not, `custom_fields` the types of the fields that are added, by column. `missing` counts
    what `--create-missing` adds. `overridden` counts the rules that were passed. `findings` are
    what was decided, assumed or is not known; a `strict` import writes nothing but what is decided.
    `deals` are those that rows of stage history are about, where that is what is imported.
    `updates` are the first KEPT_UPDATES of `updated`. `unkept_rejects` are those of a run that was
    cut off, which are only counted. `unknown` are names that nothing answers to. `skipped` are rows
    left out because the import was told only to add, or only to change, what they are about,
    because a row before them is about the same record by another id, or because what they are about
    was merged into another. `applied` are options that rows had a use for.
    """

    entity: Entity
    file: str
    form: Form
    key: str
    header: tuple[str, ...]
    columns: tuple[MappedColumn, ...]
    unmapped: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    preset: Preset | None = None
    mapping: str | None = None
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    strict: bool = False
    aborted: bool = False
    change: str | None = None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    deals: int | None = None
    missing: Counter[str] = field(default_factory=Counter)
    changed_fields: Counter[str] = field(default_factory=Counter)
    overridden: Counter[str] = field(default_factory=Counter)
    findings: Findings = field(default_factory=Findings)
    updates: list[Update] = field(default_factory=list)
    rejects: Rejects = field(default_factory=Rejects)
    unkept_rejects: int = 0
    unknown: UnknownNames = field(default_factory=UnknownNames)
    applied: set[str] = field(default_factory=set)

    def continue_from(self, earlier: EarlierRun) -> None:
        """Begin with what an `earlier` part of the same import came to."""
        self.created, self.updated = earlier.created, earlier.updated
        self.unchanged, self.skipped = earlier.unchanged, earlier.skipped
        self.rejects = Rejects() if earlier.rejects is None else earlier.rejects
        self.unkept_rejects = earlier.rejected if earlier.rejects is None else 0

    def count_created(self) -> None:
        """Count a record that is created."""
        self.created += 1

    def add_update(self, update: Update) -> None:
        """Count a record that is changed, and each field that is; keep the first updates."""
        self.updated += 1
        self.changed_fields.update(update.fields.keys())
        if len(self.updates) < KEPT_UPDATES:
            self.updates.append(update)

    def count_unchanged(self) -> None:
        """Count a record that says what the file says already."""
        self.unchanged += 1

    def count_skipped(self) -> None:
        """Count a row that is sound and left out all the same."""
        self.skipped += 1

    def add_reject(self, reject: Reject) -> None:
        """Add a row that is not imported, without the columns of a file of rejects."""
        self.unknown.count(reject.problems)
        cells = original_cells(reject.cells, self.header)
        self.rejects.append(reject if cells is reject.cells else replace(reject, cells=cells))

    @property
    def rejected(self) -> int:
        """How many rows are not imported."""
        return self.unkept_rejects + len(self.rejects)

    @property
    def writes(self) -> bool:
        """Whether the plan changes anything."""
        return bool(self.created or self.updated)
