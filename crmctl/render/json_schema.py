"""What every command prints with --json, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

from crmctl.errors import NotFound
from crmctl.render.schemas import CHANGE_HEAD, RECORDS, field_lines

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: The types of fields, as JSON Schema says them; `?` behind one allows null too. A kind of record
#: is a type as well: `{kind}` is one, `[kind]` a list of them. A `value` is that of any field.
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "string"},
    "amount": {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,}$"},
    "probability": {"type": "string", "pattern": r"^(0\.[0-9]{2,4}|1\.00)$"},
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "time": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "id": {"type": "string", "format": "uuid"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array"},
    "object": {"type": "object"},
    "value": {},
}

#: What is no row of a list of records, written as RECORDS are.
_DOCUMENTS = {
    "board": """
        pipeline text: its key
        label text
        at time
        timezone text: of the company
        owner text?: whose deals it shows; null for all
        segment text?: of the customers whose deals it shows; null for all
        closed_days integer: for how long closed deals are on it
        stages [board-stage]
    """,
    "forecast": """
        at time
        timezone text: of the company
        by text: what its rows are for, such as month or owner
        from day
        to day
        today day
        fiscal_month integer: the first month of the fiscal year
        pipeline text?: its key; null for all
        rows [forecast-row]
        totals [forecast-total]
        not_counted {not-counted}
        assumed integer: won deals whose closing date nobody said
        notes list: what was counted and what was not, in sentences
    """,
    "demo": """
        board {board}
        forecast {forecast}
    """,
    "import-plan": """
        entity text: customer, deal, activity or history
        file text
        format {file-format}: how the file is read
        dry_run boolean
        aborted boolean: nothing was written, because rows were rejected
        change text?: the change set that it wrote
        key text: what rows are told apart by
        preset text?: the program that wrote the file
        mapping text?: the saved mapping
        columns [mapped-column]: those that are read
        unmapped list: the columns that are not
        lacking list: the columns of the mapping that the file does not have
        custom_fields object: the types of new custom fields by column
        rows integer
        +deals integer: that an import of history is about
        created integer
        updated integer
        unchanged integer
        skipped integer
        rejected integer
        created_missing object: how many records that rows refer to were created, by kind
        updated_fields object: in how many rows each field changes
        rules_overridden object: how many rows passed a rule, by rule
        findings [finding]: what was found out about the file, the urgent ones first
        updates [update]: the first thousand
        rejects [problem]: everything that is wrong with the rejected rows
    """,
    "undo": """
        change {change-head}: what was taken back
        undo text?: the change set that did; null in a dry run
        taken_back integer
        kept integer: records that were edited since
        rows [undone-record]: the first thousand
    """,
    "record-change": """
        ref text: the change set
        at time
        actor text
        record text: what people call it by
        action text: what was done to it
        fields object: each before and after, by name
        command text
        reason text?
    """,
    "field-change": """
        at time
        actor text
        field text
        before value
        after value
        change text: the change set
        reason text?
    """,
    "broken-invariant": """
        invariant text: what must always hold
        company text?: its name
        record text
        detail text?
    """,
    "database": """
        engine text
        version text
        place text
        schema text?: of the database; null where it has none
        head text: of this program
        state text: current, older, newer or empty
        rows object: how many each table has; only of the current schema
    """,
    "merge": """
        ref text: the customer that is kept
        name text
        merged list: the customers that are not
        deals integer: that changed their customer
        activities integer: that changed their customer
        external_ids integer: that changed their customer
        filled object: the fields taken over, by name
        conflicts [merge-conflict]: values that were not taken over
    """,
    "pipeline-with-stages": """
        key text
        label text
        position integer
        allow_skip boolean
        allow_back boolean
        lost_reason_required boolean
        stages [stage]
        open_deals integer
    """,
    "pipeline-file": """
        key text
        label text
        allow_skip boolean
        allow_back boolean
        lost_reason_required boolean
        stages [stage-of-file]
    """,
    "pipeline-difference": """
        pipeline text: its key
        change text: what is done
        stage text?: its key
        field text?
        before value
        after value
        deals integer: in the stage
        refs list: the first of these deals
    """,
    "archive-table": """
        table text
        rows integer
    """,
}

#: What stands only within others.
_PARTS = {
    "board-stage": """
        key text
        label text
        kind text: open, won or lost
        count integer: all its deals
        wip_limit integer?
        over_limit boolean
        totals [board-total]: one a currency
        more integer: how many of its deals are not listed
        deals [board-deal]
    """,
    "board-total": """
        currency currency
        count integer
        amount amount
        weighted amount?: null of closed deals
        without_amount integer
        without_probability integer
    """,
    "board-deal": """
        ref text: what people call it by
        title text
        customer text?: its name
        amount amount?
        currency currency
        owner text?: the name of a user
        probability probability?: the deal's own; null means its stage's
        expected_close day?
        next_step text?
        stage_entered_at time
        closed_at time?
        age_days integer: how long it has been in its stage
        rotting boolean: longer in its stage than the stage allows
        overdue boolean: the expected close has passed
        no_next_step boolean
        customer_removed boolean
        effective_probability probability?: what counts: its own, else its stage's; null once closed
        weighted_amount amount?: the amount times the effective probability, unrounded
        assumed list: what nobody said of it: stage, closed_at
    """,
    "forecast-row": """
        kind text: what the forecast is by, or overdue or undated
        label text
        key text?: of what the row is for
        from day?
        to day?
    """,
    "forecast-total": """
        currency currency
        deals integer
        won amount
        commit amount
        best_case amount
        pipeline amount
        weighted amount
        expected amount: won and weighted
        without_amount integer
        without_probability integer
    """,
    "not-counted": """
        omitted integer: of forecast category omitted
        before integer: expected to close earlier
        after integer: expected to close later
    """,
    "file-format": """
        kind text: csv, jsonl or the name of a sheet
        encoding text
        delimiter text
        header_line integer?
    """,
    "mapped-column": """
        column text
        field text
        how text: what it is known by
    """,
    "finding": """
        certainty text: decided, assumed or unknown
        text text
        count integer: of the rows it is about; 0 if it is about the file
        option text?: the option that says otherwise
    """,
    "update": """
        line integer
        ref text
        fields object: each before and after, by name
    """,
    "problem": """
        line integer
        column text?
        value text?
        reason text
    """,
    "change-head": CHANGE_HEAD,
    "undone-record": """
        action text: remove, change back, bring back or keep
        record text
        reason text?: why it is kept
        fields object: what each becomes again, by name
    """,
    "merge-conflict": """
        field text
        kept value
        dropped value
        of text: the customer that had it
    """,
    "stage-of-file": """
        key text
        label text
        kind text: open, won or lost
        probability probability
        forecast_category text
        rotting_days integer?
        wip_limit integer?
        required_fields list
        can_create boolean
    """,
}
# A row of a forecast has the numbers of a total, too.
_PARTS["forecast-row"] += _PARTS["forecast-total"]
_KINDS = RECORDS | _DOCUMENTS

#: What commands print: one of these, or a list of them.
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "board": ("board",),
    "forecast": ("forecast",),
    "demo": ("demo",),
    "log": ("change", "record-change"),
    "undo": ("undo",),
    **dict.fromkeys(
        (f"deal {verb}" for verb in (
            "add", "list", "show", "edit", "move", "win", "lose", "reopen", "remove", "restore",
        )), ("deal",),
    ),
    "deal history": ("history", "field-change"),
    **{f"{kind} {verb}": (kind,) for kind in ("customer", "activity")
       for verb in ("add", "list", "show", "edit", "remove", "restore")},
    "customer duplicates": ("duplicate",),
    "customer merge": ("merge",),
    "pipeline list": ("pipeline",),
    "pipeline show": ("pipeline-with-stages",),
    "pipeline templates": ("template",),
    "pipeline remove": ("pipeline",),
    "pipeline export": ("pipeline-file",),
    "pipeline apply": ("pipeline-difference",),
    **{f"stage {verb}": ("stage",) for verb in ("list", "add", "edit", "move", "remove")},
    **{f"import {kind}": ("import-plan",)
       for kind in ("customers", "deals", "activities", "history")},
    "import all": ("archive-table",),
    "import mappings": ("mapping",),
    "import list": ("import",),
    "import show": ("import",),
    **{f"field {verb}": ("field",) for verb in ("add", "list", "edit")},
    **{f"{kind} {verb}": (kind,) for kind in ("company", "franchise", "user")
       for verb in ("list", "show", "add", "edit")},
    "db status": ("database",),
    "db check": ("broken-invariant",),
}  # fmt: skip


def kinds() -> list[str]:
    """Return the kinds of records that there is a schema of."""
    return list(_KINDS)


def kinds_of(words: str) -> tuple[str, ...]:
    """Return the kind that `words` name, or those that a command prints; raises NotFound."""
    if words in _KINDS:
        return (words,)
    if words in _COMMANDS:
        return _COMMANDS[words]
    raise NotFound(
        f"no record is called {words!r} (there is {', '.join(_KINDS)}), and no command prints it"
    )


def schema(words: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of record, or of what a command prints; raises NotFound."""
    found = [{"title": kind, **_record(_KINDS[kind])} for kind in kinds_of(words)]
    if len(found) == 1:
        return {"$schema": _DRAFT, **found[0]}
    return {"$schema": _DRAFT, "title": words, "anyOf": found}


def _record(text: str) -> dict[str, Any]:
    lines = field_lines(text)
    return {
        "type": "object",
        "required": [line.name for line in lines if line.always],
        "properties": {line.name: _typed(line.words, line.meaning) for line in lines},
    }


def _typed(words: str, meaning: str) -> dict[str, Any]:
    name = words.removesuffix("?").strip("[]{}")
    found: dict[str, Any]
    if words.startswith("["):
        found = {"type": "array", "items": _inner(name)}
    else:
        found = _inner(name) if words.startswith("{") else dict(_TYPES[name])
    if words.endswith("?"):
        found["type"] = [found["type"], "null"]
    return {**found, "description": meaning} if meaning else found


def _inner(kind: str) -> dict[str, Any]:
    return _record(_KINDS.get(kind) or _PARTS[kind])
