"""What the records that programs get are made of: names, types and meanings.

A word means one thing in all of them. Fields are added at the end of a record, and never renamed.
"""

from typing import NamedTuple


class FieldLine(NamedTuple):
    """A field: its name, its type in words, what it is, and whether it is always there."""

    name: str
    words: str
    meaning: str
    always: bool


#: How every record of a change set begins; the other lines are as those of RECORDS.
CHANGE_HEAD = """
        ref text
        at time
        actor text
        origin text
        command text
        reason text?
        overrides text?: the rules that were passed
        irreversible boolean
    """
#: Each kind of record: a line a field, with its type and, if its name does not say it, what it is.
#: `+` before a field: only where it is said to be.
RECORDS = {
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
        +activities [activity]: the latest, of deal show
        +from_stage text: where it was, of deal move, win, lose and reopen
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
        +deals [deal]: of customer show
        +merged_into text?: the customer it was merged into, of customer show
        +activities [activity]: the latest, of customer show
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
        +deals_moved integer: to another stage, of stage remove
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
        +deals_moved integer: to another stage, of pipeline remove
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
    "change": f"""{CHANGE_HEAD}
        created integer
        updated integer
        removed integer
        undoes text?
        undone_in text?
        +rows [record-change]: everything in it, of log CHANGE
    """,
}


def fields(kind: str) -> list[str]:
    """Return the names of the fields that every record of a kind has, in their order."""
    return [line.name for line in field_lines(RECORDS[kind]) if line.always]


def field_lines(text: str) -> list[FieldLine]:
    """Return the fields that `text` has a line for each."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        declared, _, meaning = line.partition(": ")
        name, _, words = declared.partition(" ")
        always = not name.startswith("+")
        found.append(FieldLine(name.lstrip("+"), words, meaning, always))
    return found
