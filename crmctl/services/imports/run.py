"""Running an import: the rows of a table a batch at a time, in one change set, or as a dry run."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from crmctl.domain import contacts, times
from crmctl.domain.importing.cells.currency_signs import CurrencySigns, check_typed
from crmctl.domain.importing.cells.values import CellFormat
from crmctl.domain.importing.columns.column_findings import column_findings, unit_findings
from crmctl.domain.importing.files.tables import Table, written_by_crmctl
from crmctl.domain.importing.findings import Certainty, Finding
from crmctl.domain.importing.plan import EarlierRun, ImportPlan
from crmctl.domain.importing.timeline import stage_columns
from crmctl.domain.kinds import Entity
from crmctl.errors import Refused, UsageError
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.imports.associations import Associations
from crmctl.services.imports.importers import ImporterFactory
from crmctl.services.imports.layout import FileLayout, read_layout
from crmctl.services.imports.matching.match_keys import choose_keys, sufficient_keys
from crmctl.services.imports.matching.others_changes import OthersChanges
from crmctl.services.imports.options import ImportOptions
from crmctl.services.imports.parsing import RowParser
from crmctl.services.imports.removed_rows import RemovedRows
from crmctl.services.imports.row_batches import BATCH, BatchReader, batched
from crmctl.services.imports.summary_rows import SummaryRows
from crmctl.services.imports.unused_options import UnusedOptions, unapplied
from crmctl.services.records import custom_fields
from crmctl.storage import dialects

if TYPE_CHECKING:
    from crmctl.services.imports.importers import Importer

_STAGE_TIMES = Finding(
    certainty=Certainty.DECIDED,
    text="columns tell when stages were entered, and are left to crmctl import history",
    one="column tells when a stage was entered, and is left to crmctl import history",
)
#: What `--create-missing` can add.
CREATABLE = {"customers": Entity.CUSTOMER, "users": Entity.USER}


def _unheard(plan: ImportPlan) -> None:
    """Tell nobody how an import is read."""


def _uncommitted(plan: ImportPlan, line: int) -> bool:
    """Commit nothing before the end."""
    return False


def _unbroken() -> None:
    """Look at nothing again: all is one transaction."""


@dataclass(frozen=True, kw_only=True)
class ImportProgress:
    """How an import goes on: `reached` is told the plan and the line after each batch of rows.

    It returns whether it has committed them: then `renewed` is called before the next ones, and
    raises Conflict where the import must not go on. Only one that has a `size` commits any.

    `begun` is told the plan before any row of it, when it says how the columns are read. A batch
    has at most `size` rows. `after` is the line that an earlier run got to, and `earlier` what it
    had come to there. With `lock`, others wait who would change a record that a row is about;
    without, the import is Overtaken if they change one that it changes as well.
    """

    reached: Callable[[ImportPlan, int], bool] = _uncommitted
    renewed: Callable[[], None] = _unbroken
    size: int | None = None
    after: int = 0
    earlier: EarlierRun | None = None
    begun: Callable[[ImportPlan], None] = _unheard
    lock: bool = False


class Aborted(Refused):
    """Rows were rejected or something is not certain, and the import was to write nothing then."""

    def __init__(self, plan: ImportPlan, why: str) -> None:
        super().__init__(f"{why}; nothing was written")
        self.plan = plan


def run(
    session: CrmSession, table: Table, options: ImportOptions, progress: ImportProgress
) -> ImportPlan:
    """Import `table`, or with `dry_run` plan it alone, and return what became of its rows.

    Raises Aborted, with the plan, where a row is rejected and `options` say to abort, and where
    something is not certain and they are strict.
    """
    check(session, options)
    take_turns(session, options)
    layout = read_layout(session, table, options)
    keep_fields(session, layout)
    typed, options = options, layout.options
    chain = choose_keys(options.entity, layout.columns, options.key, table.name)
    plan = _plan(table, layout, chain, session.currency)
    if progress.earlier:
        plan.continue_from(progress.earlier)
    progress.begun(plan)
    parser = _row_parser(session, table, layout)
    table = parser.as_written(table)
    chain = sufficient_keys(chain, parser.choose_formats(table, chain))
    for finding in parser.findings:
        plan.findings.add(finding)
    lock = progress.lock and not options.dry_run
    factory = ImporterFactory(session=session, plan=plan, layout=layout, chain=chain, lock=lock)
    if options.entity == Entity.ACTIVITY and options.scope.create and not progress.after:
        _refuse_about_nothing(table, parser, factory)
    unused = UnusedOptions(typed, layout.columns, parser.kind, header=table.header)
    _import_rows(table, parser, factory, progress, unused)
    add_unused(plan, typed, unused, resumed=bool(progress.after))
    return finish(session, plan, options)


def _row_parser(session: CrmSession, table: Table, layout: FileLayout) -> RowParser:
    options = layout.options
    return RowParser(
        columns=layout.columns,
        entity=options.entity,
        custom=layout.custom,
        cell_format=cell_format_of(session, table, options),
        source=options.source,
        record=layout.record,
        currency=session.currency,
        clear=options.clear,
        signs=CurrencySigns(company=session.currency, typed=check_typed(options.currencies)),
    )


def _refuse_about_nothing(table: Table, parser: RowParser, factory: ImporterFactory) -> None:
    """Raise UsageError where no column says what activities are about and the first ones are new.

    Each of them would be refused for it, which is said once, before anything else of its rows.
    """
    if any(name.startswith(("deal", "customer")) for name in factory.layout.columns.fields):
        return
    rows = parser.parse_rows(list(islice(table.rows(), BATCH)))
    importer = factory.importer(whole=False)
    importer.load(rows)
    if rows and not any(matched.record for matched in importer.match(rows)):
        count = sum(1 for _ in table.rows())
        raise UsageError(
            f"no column of {table.name} says which deal or customer its {count:,} activities are"
            " about (--map COLUMN=deal or --map COLUMN=customer)"
        )


def _import_rows(
    table: Table,
    parser: RowParser,
    factory: ImporterFactory,
    progress: ImportProgress,
    unused: UnusedOptions,
) -> None:
    """Import the rows of `table`, but for those that an earlier run has imported."""
    session, plan, layout = factory.session, factory.plan, factory.layout
    importer: Importer | None = None
    reader = BatchReader(plan, parser, unused)
    summaries, removed = SummaryRows(plan), RemovedRows(plan, layout.options)
    associations = Associations(layout.columns, layout.contents)
    # What commits nothing on the way reads nothing anew.
    others = OthersChanges(session) if progress.size else None
    committed = False
    rejected = {reject.line for reject in plan.rejects}
    for rows, whole in batched(table.rows(), min(BATCH, progress.size or BATCH)):
        importer = importer or factory.importer(whole=whole and not progress.size)
        if committed:
            _go_on(session, layout, progress)
            importer.renew(others.since() if others else [])
        parsed = reader.read(rows)
        associations.read(parsed)
        parsed = removed.leave_out(summaries.sift(parsed))
        if rows[-1].line > progress.after:
            importer.import_batch(parsed)
            if progress.size:
                importer.write_decided()
            committed = progress.reached(plan, rows[-1].line)
        else:
            importer.note_imported([row for row in parsed if row.line not in rejected])
    if committed:
        progress.renewed()
    reader.add_findings()
    if importer:
        importer.write_decided()
        importer.add_findings()


def _go_on(session: CrmSession, layout: FileLayout, progress: ImportProgress) -> None:
    """Begin the next transaction, after rows were committed; raises Conflict where it must not."""
    take_turns(session, layout.options)
    progress.renewed()
    session.expunge_all()
    keep_fields(session, layout)


def check(session: CrmSession, options: ImportOptions) -> None:
    """Refuse `options` that do not go together."""
    if unknown := options.create_missing - set(CREATABLE):
        raise UsageError(
            f"--create-missing {','.join(sorted(unknown))}: it adds {' and '.join(CREATABLE)}"
        )
    if options.override and not session.change.reason:
        raise UsageError("--override needs --reason TEXT")


def cell_format_of(session: CrmSession, table: Table, options: ImportOptions) -> CellFormat:
    """Return how all cells of `table` are written, as far as it is known before they are read."""
    return CellFormat(
        dates=options.dates,
        zone=times.zone(session.timezone),
        empty=options.empty | options.clear,
        decimals=options.decimals,
        country=options.country and contacts.country(options.country),
        own=written_by_crmctl(table.header),
        now=session.change.at,
        fiscal_month=session.fiscal_month,
    )


def take_turns(session: CrmSession, options: ImportOptions) -> None:
    """Wait for other imports that may add records of the same kinds, until the next commit.

    No row that one is about to add can be locked.
    """
    missing = {CREATABLE[each] for each in options.create_missing if each in CREATABLE}
    # All take them in one order, so that no two wait for each other.
    kinds = sorted({options.entity, *missing}) if not options.dry_run else ()
    dialects.take_turns(session, *(f"import {kind} {session.company_id}" for kind in kinds))


def keep_fields(session: CrmSession, layout: FileLayout) -> None:
    """Keep the custom fields that rows give values for; raises Conflict where one is gone."""
    read = {column.field: column for column in layout.columns.mapped}
    keys = [name.removeprefix("custom.") for name in read if name.startswith("custom.")]
    if keys and not session.change.dry:
        custom_fields.keep(
            session, layout.options.entity, {key: layout.custom[key] for key in keys}
        )


def _plan(table: Table, layout: FileLayout, chain: Sequence[str], currency: str) -> ImportPlan:
    options, columns = layout.options, layout.columns
    plan = ImportPlan(
        entity=options.entity,
        file=table.name,
        form=table.form,
        key=", ".join(chain),
        header=table.header,
        columns=columns.mapped,
        unmapped=columns.unmapped,
        lacking=columns.lacking,
        preset=layout.preset,
        mapping=options.mapping,
        custom_fields={name: str(each.type) for name, each in layout.declared.items()},
        dry_run=options.dry_run,
        strict=options.strict,
    )
    found = column_findings(columns, options.entity, table.header, layout.contents)
    units = () if written_by_crmctl(table.header) else unit_findings(columns, currency)
    for finding in (*table.form.findings, *found, *units):
        # Deals that are there keep what a file does not say.
        if options.scope.create or not finding.urgent:
            plan.findings.add(finding)
    if options.entity == Entity.DEAL and (dated := stage_columns(columns.unmapped)):
        plan.findings.add(replace(_STAGE_TIMES, count=len(dated)))
    return plan


def add_unused(
    plan: ImportPlan, options: ImportOptions, unused: UnusedOptions, *, resumed: bool = False
) -> None:
    """Add to `plan` what is said of `options` that nothing had a use for.

    Of an import that is `resumed`, what its rows before that had a use for is not known.
    """
    if plan.rows:
        for finding in (*unused.findings, *(() if resumed else unapplied(options, plan))):
            plan.findings.add(finding)


def finish(session: CrmSession, plan: ImportPlan, options: ImportOptions) -> ImportPlan:
    """Return `plan` as it stands at the end; raises Aborted where `options` say so."""
    plan.missing = Counter({name: count for name, count in plan.missing.items() if count})
    given = {f"--create-missing {kind}" for kind in options.create_missing}
    for finding in plan.unknown.findings:
        # What it could not add has no way out by the same.
        plan.findings.add(replace(finding, option="") if finding.option in given else finding)
    doubts = plan.findings.doubts if options.strict else ()
    if doubts or (options.abort and plan.rejects):
        plan.aborted = True
        rejected = f"{len(plan.rejects)} of {plan.rows} rows rejected"
        raise Aborted(plan, f"--strict: {doubts[0].text}" if doubts else rejected)
    if not options.dry_run and session.change.written:
        if plan.overridden:
            rules = sorted(plan.overridden.items())
            session.change.overrides = "\n".join(
                f"{rule} ({count} {'deal' if count == 1 else 'deals'})" for rule, count in rules
            )
            changes.amend(session)
        plan.change = session.change.ref
    return plan
