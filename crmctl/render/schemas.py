"""What the records that programs get are made of: names, types and meanings, as JSON Schema.

A word means one thing in all of them. Fields are added at the end of a record, and never renamed.
"""

from collections.abc import Mapping
from typing import Any

from crmctl.errors import NotFound

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
#: The types of fields, as JSON Schema says them; `?` behind one allows null too.
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
}

#: Each kind of record: a line a field, with its type and, if its name does not say it, what it is.
_RECORDS = {
    "deal": """
        ref text: what people call it by
        title text
        customer text?: its name
        customer_ref text?
        amount amount?
        currency currency
        pipeline text: its key
        stage text: its key
        stage_label text?
        status text: open, won or lost
        probability probability?: the deal's own; null means its stage's
        forecast_category text?: the deal's own; null means its stage's
        expected_close day?
        next_step text?
        owner text?: the name of a user
        source text?
        lost_reason text?
        tags list
        external_ids list: source:id of other systems
        custom object: the custom fields by key
        franchise text?
        stage_entered_at time
        closed_at time?
        created_at time
        updated_at time
        removed_at time?
        id id
        customer_removed boolean
        effective_probability probability?: what counts: its own, else its stage's; null once closed
        weighted_amount amount?: the amount times the effective probability, unrounded
        stage_entered_on day?: where only the day is known
        closed_on day?: where only the day is known
        assumed list: the fields that an import assumed
    """,
    "customer": """
        ref text: what people call it by
        name text
        organisation text?
        email text?
        phone text?
        website text?
        country text?
        segment text?
        lead_score integer?
        owner text?: the name of a user
        source text?
        lifecycle text?
        tags list
        external_ids list: source:id of other systems
        custom object: the custom fields by key
        franchise text?
        created_at time
        updated_at time
        removed_at time?
        id id
    """,
    "activity": """
        ref text: what people call it by
        kind text: call, email, meeting, note or task
        subject text
        at time: when it took place, or when a task is due
        minutes integer?
        done_at time?
        deal text?: its title
        deal_ref text?
        customer text?: its name
        customer_ref text?
        owner text?: the name of a user
        body text?
        external_ids list: source:id of other systems
        franchise text?
        created_at time
        updated_at time
        removed_at time?
        id id
    """,
    "stage": """
        pipeline text: its key
        key text
        label text
        position integer
        kind text: open, won or lost
        probability probability?: of deals in it that have none of their own
        forecast_category text
        rotting_days integer?
        wip_limit integer?
        required_fields list
        can_create boolean
        open_deals integer
    """,
    "pipeline": """
        key text
        label text
        position integer
        allow_skip boolean
        allow_back boolean
        lost_reason_required boolean
        stages list: their keys
        open_deals integer
    """,
    "template": """
        template text
        label text
        stages list: their keys
    """,
    "history": """
        deal text: what people call it by
        position integer
        pipeline text: its key
        from_stage text?
        stage text: its key
        status text: open, won or lost
        entered_at time
        left_at time?
        seconds integer?: how long the deal was in the stage
        actor text?
        reason text?
        amount amount?: at that time
        currency currency
        change text: the change set that wrote it
        entered_on day?: where only the day is known
    """,
    "field": """
        entity text: deal or customer
        key text
        label text
        type text: text, number, date or boolean
        created_at time
    """,
    "user": """
        id id
        name text
        email text?
        franchise text?
        active boolean
        current boolean
        created_at time
    """,
    "franchise": """
        id id
        name text
        current boolean
        created_at time
    """,
    "company": """
        id id
        name text
        currency currency
        timezone text
        fiscal_month integer
        current boolean
        created_at time
    """,
    "import": """
        ref text
        at time
        finished_at time?: null where it was cut off
        actor text
        kind text: customers, deals, activities or history
        file text
        checksum text
        created integer
        updated integer
        unchanged integer
        skipped integer
        rejected integer
        state text
        change text?
        options object
    """,
    "mapping": """
        name text
        kind text: customers, deals, activities or history
        columns list
        stages list
    """,
    "duplicate": """
        keep text
        keep_name text
        merge text
        merge_name text
        confidence number: from 0 to 1
        evidence list
        against list
        group_confidence number
    """,
    "change": """
        ref text
        at time
        actor text
        origin text
        command text
        reason text?
        overrides text?: the rules that were passed
        irreversible boolean
        created integer
        updated integer
        removed integer
        undoes text?
        undone_in text?
    """,
}


def kinds() -> list[str]:
    """Return the kinds of records that there is a schema of."""
    return list(_RECORDS)


def fields(kind: str) -> list[str]:
    """Return the names of the fields of a kind of record, in their order."""
    return [name for name, _, _ in _lines(kind)]


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a record of `kind`; raises NotFound."""
    if kind not in _RECORDS:
        raise NotFound(f"no record is called {kind!r} (there is {', '.join(_RECORDS)})")
    return {
        "$schema": _DRAFT,
        "title": kind,
        "type": "object",
        "required": fields(kind),
        "properties": {name: _typed(words, meaning) for name, words, meaning in _lines(kind)},
    }


def _lines(kind: str) -> list[tuple[str, str, str]]:
    """Return the name, the type and the meaning of each field."""
    found = []
    for line in _RECORDS[kind].strip().splitlines():
        declared, _, meaning = line.strip().partition(": ")
        name, _, words = declared.partition(" ")
        found.append((name, words, meaning))
    return found


def _typed(words: str, meaning: str) -> dict[str, Any]:
    found = dict(_TYPES[words.removesuffix("?")])
    if words.endswith("?"):
        found["type"] = [found["type"], "null"]
    return {**found, "description": meaning} if meaning else found
