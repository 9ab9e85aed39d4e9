"""The plan of an import: for people, for scripts, and its rejects as a file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmctl.domain.importing.columns.column_mapping import How
from crmctl.domain.importing.columns.presets import load
from crmctl.domain.importing.files.escaping import original
from crmctl.domain.importing.files.rejects import REJECT_COLUMNS, original_header
from crmctl.domain.importing.files.tables import NO_HEADER
from crmctl.domain.text import safe
from crmctl.render import values
from crmctl.render.views import JsonRecord, RecordStream, View, cell, csv_line

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.domain.importing.columns.column_mapping import MappedColumn
    from crmctl.domain.importing.findings import Finding
    from crmctl.domain.importing.plan import ImportPlan, Update
    from crmctl.domain.importing.rejected import Trouble

#: How many rejects and updates people are shown.
SHOWN = 10
#: Up to how many cells the names of columns are made to end in a line.
_WIDEST = 40


def view(plan: "ImportPlan", *, opened: bool = False) -> View:
    """Return the view of `plan`. As rows it is its rejects, a row for each thing that is wrong.

    One that was `opened` is drawn without what `opening` says.
    """
    return View(
        document=document(plan), stream=problems(plan), draw=lambda: _draw(plan, opened=opened)
    )


def opening(plan: "ImportPlan") -> tuple[str, ...]:
    """Return what is known before the rows of the file are read, above all what its columns are."""
    said = (f"  {safe(str(each))}" for each in plan.findings.announce())
    return f"{safe(plan.file)}, known by {_key(plan)}", *said, *_mapping(plan)


def document(plan: "ImportPlan") -> JsonRecord:
    """Return `plan` as JSON carries it; `updates` are the first thousand of `updated`."""
    return {
        "entity": str(plan.entity),
        "file": plan.file,
        "format": {
            "kind": plan.form.kind,
            "encoding": plan.form.encoding,
            "delimiter": plan.form.delimiter,
            "header_line": plan.form.header or None,
        },
        "dry_run": plan.dry_run,
        "aborted": plan.aborted,
        "change": plan.change,
        "key": plan.key,
        "preset": plan.preset,
        "mapping": plan.mapping,
        "columns": [
            {"column": column.name, "field": column.field, "how": str(column.how)}
            for column in plan.columns
        ],
        "unmapped": list(plan.unmapped),
        "lacking": list(plan.lacking),
        "custom_fields": dict(plan.custom_fields),
        "rows": plan.rows,
        **({} if plan.deals is None else {"deals": plan.deals}),
        "created": plan.created,
        "updated": plan.updated,
        "unchanged": plan.unchanged,
        "skipped": plan.skipped,
        "rejected": plan.rejected,
        "created_missing": dict(plan.missing),
        "updated_fields": dict(plan.changed_fields),
        "rules_overridden": dict(plan.overridden),
        "findings": [_finding(finding) for finding in plan.findings],
        "updates": [_update(update) for update in plan.updates],
        "rejects": problems(plan),
    }


def problems(plan: "ImportPlan") -> RecordStream:
    """Return everything that is wrong with the rejected rows: line, column, value and reason."""
    return RecordStream(lambda: _problems(plan))


def _problems(plan: "ImportPlan") -> Iterator[JsonRecord]:
    for reject in plan.rejects:
        for problem in reject.problems:
            yield {
                "line": reject.line,
                "column": problem.column,
                "value": problem.value,
                "reason": problem.reason,
            }


def reject_lines(plan: "ImportPlan") -> Iterator[str]:
    """Yield the rejected rows as CSV: the columns of the file, then line, column and reason."""
    yield csv_line([*original_header(plan.header), *REJECT_COLUMNS])
    for reject in plan.rejects:
        columns = dict.fromkeys(problem.column for problem in reject.problems if problem.column)
        # A row with a cell too many keeps it, and is refused again until someone corrects it.
        why = "; ".join(reject.messages)
        yield csv_line([*map(original, reject.cells), reject.line, "; ".join(columns), why])


def _finding(finding: "Finding") -> JsonRecord:
    return {
        "certainty": str(finding.certainty),
        "text": finding.text,
        "count": finding.count,
        "option": finding.option or None,
    }


def _update(update: "Update") -> JsonRecord:
    return {
        "line": update.line,
        "ref": update.ref,
        "fields": {
            name: {"before": values.plain(before), "after": values.plain(after)}
            for name, (before, after) in update.fields.items()
        },
    }


def _draw(plan: "ImportPlan", *, opened: bool) -> "RenderableType":
    from rich.text import Text

    findings = plan.findings.unannounced if opened else list(plan.findings)
    of_file = [f"  {safe(str(each))}" for each in findings if each.urgent or not each.count]
    of_rows = [safe(str(each)) for each in findings if each.count and not each.urgent]
    head = [_head(plan), *of_file, *(() if opened else _mapping(plan)), ""]
    return Text("\n".join([*head, *_counts(plan), *of_rows, *_updates(plan), *_rejects(plan)]))


def _head(plan: "ImportPlan") -> str:
    rows = "row" if plan.rows == 1 else "rows"
    if plan.deals is not None:
        rows += f" about {plan.deals:,} deal{'' if plan.deals == 1 else 's'}"
    return f"{safe(plan.file)}: {plan.rows:,} {rows}, known by {_key(plan)}"


def _key(plan: "ImportPlan") -> str:
    known = plan.key.replace("_", " ").split(", ")
    # Titles repeat among customers.
    owned = any(each.field.startswith(("customer", "contact")) for each in plan.columns)
    return ", ".join(
        f"{each} and customer" if owned and each == "title" else each for each in known
    )


def _mapping(plan: "ImportPlan") -> Iterator[str]:
    """Yield how the file is read: its form, who wrote it, and its columns."""
    if form := ", ".join(_form(plan)):
        yield f"  read as {form}"
    if plan.preset:
        yield f"  written by {load(plan.preset).title} (--preset {plan.preset})"
    yield from _columns(plan)
    if plan.lacking:
        yield f"  not in the file: {', '.join(map(safe, plan.lacking))} (mapping {plan.mapping})"
    if plan.unmapped:
        named = ", ".join(safe(name) for name in plan.unmapped[:SHOWN])
        yield f"  not imported: {named}{_more(len(plan.unmapped))}"


def _columns(plan: "ImportPlan") -> Iterator[str]:
    """Yield which field each column is read for, and why unless it is called so."""
    from rich.cells import cell_len

    names = [safe(column.name) for column in plan.columns]
    wide = min(max(map(cell_len, names), default=0), _WIDEST)
    longest = max((len(column.field) for column in plan.columns), default=0)
    for name, column in zip(names, plan.columns, strict=True):
        padded = name + " " * (wide - cell_len(name))
        yield f"  {padded} -> {column.field:<{longest}}  {_how(plan, column)}".rstrip()


def _how(plan: "ImportPlan", column: "MappedColumn") -> str:
    match column.how:
        case How.TYPED:
            return "--map"
        case How.SAVED:
            return f"mapping {plan.mapping}"
        case How.PRESET:
            return str(plan.preset)
        case How.CLOSE:
            return "a guess"
        case How.ELSE:
            return "where that is empty"
        case How.CUSTOM:
            return f"new custom field: {plan.custom_fields[column.name]}"
    return ""


def _form(plan: "ImportPlan") -> Iterator[str]:
    """Yield what was found out about the file that is not what anyone would expect."""
    form = plan.form
    if form.encoding not in ("utf-8", "utf-8-sig"):
        yield form.encoding
    if form.delimiter not in ("", ","):
        yield f"divided by {'tabs' if form.delimiter == chr(9) else repr(form.delimiter)}"
    if form.header == NO_HEADER:
        yield "rows without a header"
    if form.header > 1:
        yield f"with the header on line {form.header}"


def _counts(plan: "ImportPlan") -> Iterator[str]:
    # Of a plan that was not carried out, the present tense; of one that was, the past.
    tense = 0 if plan.dry_run or plan.aborted else 1
    width = len(f"{plan.rows:,}")
    for words, count in (
        (("create", "created"), plan.created),
        (("update", "updated"), plan.updated),
        (("unchanged", "unchanged"), plan.unchanged),
        (("skip", "skipped"), plan.skipped),
        (("reject", "rejected"), plan.rejected),
    ):
        if words[0] == "skip" and not count:
            continue
        yield f"{words[tense]:<10}{count:>{width},}{_fields(plan) if words[0] == 'update' else ''}"
    for name, count in sorted(plan.missing.items()):
        noun = name.removesuffix("s") if count == 1 else name
        yield f"{('create', 'created')[tense]:<10}{count:>{width},} missing {noun}"
    for rule, count in sorted(plan.overridden.items()):
        yield f"{count:,} passed a rule: {safe(rule)}"


def _fields(plan: "ImportPlan") -> str:
    counts = ", ".join(f"{name} {count:,}" for name, count in plan.changed_fields.most_common())
    return f" ({counts})" if counts else ""


def _updates(plan: "ImportPlan") -> Iterator[str]:
    if not plan.dry_run or not plan.updates:
        return
    yield ""
    for update in plan.updates[:SHOWN]:
        changes = ", ".join(
            f"{name} {cell(values.plain(before))} -> {cell(values.plain(after))}"
            for name, (before, after) in update.fields.items()
        )
        yield f"line {update.line} {update.ref}: {changes}"
    if plan.updated > SHOWN:
        yield f"and {plan.updated - SHOWN:,} more updates (--json)"


def _rejects(plan: "ImportPlan") -> Iterator[str]:
    if not plan.rejects:
        return
    yield ""
    # Rows with the same trouble stand together: it is often one thing to put right.
    troubles = plan.rejects.troubles
    for trouble in troubles[:SHOWN]:
        yield f"{_lines(trouble)}: {safe(trouble.message)}"
    if len(troubles) > SHOWN:
        least = "at least " if plan.rejects.has_more_troubles else ""
        rest = f"{len(troubles) - SHOWN:,} more reasons"
        yield f"and {least}{rest} (--rejects FILE or --json lists all)"


def _lines(trouble: "Trouble") -> str:
    named = ", ".join(map(str, trouble.lines))
    if trouble.count > len(trouble.lines):
        return f"lines {named} and {trouble.count - len(trouble.lines):,} more"
    return f"line{'s' if trouble.count > 1 else ''} {named}"


def _more(count: int) -> str:
    return f" and {count - SHOWN} more" if count > SHOWN else ""
