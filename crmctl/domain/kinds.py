"""The closed sets of words that crmctl stores and accepts."""

from enum import StrEnum


def plural(noun: str) -> str:
    """Return what several of what `noun` calls are called: deals, activities."""
    return f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"


class Status(StrEnum):
    """What a stage means for its deals, and so the status of a deal."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ForecastCategory(StrEnum):
    """How a deal is counted in a forecast."""

    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    OMITTED = "omitted"


class Origin(StrEnum):
    """Which way a change came in."""

    CLI = "cli"
    IMPORT = "import"
    BOARD = "board"
    UNDO = "undo"
    HOOK = "hook"


class Entity(StrEnum):
    """The kinds of record that people refer to by number, key or name."""

    CUSTOMER = "customer"
    DEAL = "deal"
    USER = "user"
    ACTIVITY = "activity"

    @property
    def plural(self) -> str:
        """What several of them are called."""
        return plural(self.value)


class ActivityKind(StrEnum):
    """What an activity is."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    NOTE = "note"
    TASK = "task"


class ImportKind(StrEnum):
    """What the rows of an imported file are."""

    CUSTOMERS = "customers"
    DEALS = "deals"
    ACTIVITIES = "activities"
    HISTORY = "history"

    @property
    def plural(self) -> str:
        """What several of the rows are called."""
        return "entries of history" if self is ImportKind.HISTORY else str(self)


class FieldType(StrEnum):
    """What a custom field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


class DateOrder(StrEnum):
    """Which comes first in a date like 02/03/24."""

    DMY = "dmy"
    MDY = "mdy"


class Preset(StrEnum):
    """Whose export a file is: found by itself, nobody's, or that of a system which is known."""

    AUTO = "auto"
    NONE = "none"
    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
    PIPEDRIVE = "pipedrive"
    ZOHO = "zoho"
    ODOO = "odoo"


class DecimalMark(StrEnum):
    """What is between the whole and the fraction of an amount."""

    POINT = "."
    COMMA = ","


class OnError(StrEnum):
    """What an import does when a row cannot be imported."""

    REJECT = "reject"
    ABORT = "abort"


class OutputFormat(StrEnum):
    """How records are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


class Period(StrEnum):
    """What a forecast has a row for."""

    MONTH = "month"
    QUARTER = "quarter"
    OWNER = "owner"
    STAGE = "stage"
    PIPELINE = "pipeline"
    SEGMENT = "segment"
    FRANCHISE = "franchise"
