"""What a command takes, an import takes, with the same value; what one refuses, the other does."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.cli.options import common
from crmctl.domain import dates
from crmctl.domain.importing.cells.values import CellFormat, When
from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.importing.files.escaping import protected
from crmctl.domain.importing.files.tables import Form, Table, TableRow
from crmctl.domain.kinds import Entity, FieldType
from crmctl.errors import UsageError
from crmctl.models.custom_fields import CustomField
from crmctl.models.inputs import ActivityUpdate, CustomerUpdate, DealUpdate, Input, validated
from crmctl.services.imports.parsing import RowParser
from crmctl.services.records import custom_fields
from tests.crm import Crm

NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
REFUSED = "refused"

#: Texts that someone might write, or paste, as any value at all.
NASTY = (
    "0", "1", "01", "1.0", "1,0", "100", "-5", "+5", "(5)", "5-", "\u22125", ".5", "5.", "0.6",
    "60 %", "120%", "1.5", "1,5", "1.200", "1,200", "1.200,50", "1,200.50", "1'200", "1_000",
    "1 200", "1\u00a0200,50", "1,20,000", "1.200.000", "1.2.3", "12k", "1.5m", "1.234k", "12 km",
    "12kk", "1e5", "1E-7", "1e999999", "nan", "-inf", "\u0663", "\uff11", "0x10", "9" * 20,
    "1." + "0" * 40 + "1", "$12,000", "$1.234", "12.000,50 EUR", "€ 5", "EUR 5 USD", "5 kr",
    "Rs.500", "1.200 XX", "today", "Tomorrow", "now", "+14d", "+2w", "3d", "90min", "2 w ago",
    "+3x", "2026-03-31", "2026-02-30", "2026-3-1", "20260301", "2026-W10", "2026-W10-7",
    "31.12.2026", "02/03/2026", "2.3.26", "13/13/2026", "12/31/26 2 pm", "31 Dec 2026",
    "Dec 31st, 2026 at 14:00", "31. März 2026", "2026-03-31T14:30", "2026-03-31T14:30+02:00",
    "2026-03-31 14", "2026-03-31T23:59:59.999999Z", "2026-03-29 02:30", "0001-01-01",
    "9999-12-31", "31-Mar-26 12:00 EST", "90", "1:30", "01:30:00", "1:60", "yes", "NO", "x", "on",
    "t", "unchecked", "maybe", "true ", "ann@x.example", "Ann <A@X.example>", "bob@exa_mple.com",
    "mailto:a@x.de?b=c", "a@x", "a@x.de; b@x.de", "jörg@exämple.de", "a b@x.de",
    '"a b"@x.de', "a@[127.0.0.1]", "+49 30 123456", "0049 (0)30 123456", "+4930123456",
    "030 123456", "+1 5", "(212) 555-0123", "+1 212 555 0123 ext. 7", "call me", "x.example",
    "HTTPS://WWW.X.example/", "http://x.example/De",
    "https://X.Example:80?a", "n/a", "//x.example", "see X.example", "=1+1", "'5", "'=5", "\t5",
    "5\x00", "\u200b5", "ﬁ ß İ", "İ.example", "x" * 60, "x" * 400, '{"a": 1}',
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text("0123456789.,'_ -+()%km$€EURUSD", min_size=1, max_size=12),
    st.text("0123456789./-:T +Zdwhmapr", min_size=1, max_size=20),
    st.text("ab.@<>:/?+0 ÄX-_", min_size=1, max_size=16),
    st.text(min_size=1, max_size=8),
).filter(str.strip)


def _fields(**kinds: FieldType) -> dict[str, CustomField]:
    values: list[dict[str, Any]] = [
        {"key": key, "label": key, "type": kind} for key, kind in kinds.items()
    ]
    return {each["key"]: CustomField(**each) for each in values}


CUSTOM = _fields(size=FieldType.NUMBER, since=FieldType.DATE, vip=FieldType.BOOLEAN)


def _entered(model: type[Input], name: str) -> Callable[[str], Any]:
    return lambda text: validated(model, {name: text})[name]


def _custom(key: str) -> Callable[[str], Any]:
    return lambda text: custom_fields.value_of(CUSTOM[key], text, NOW, BERLIN, "USD")


def _price(text: str) -> Any:
    given, _ = common.price(text, None, "USD")
    found = validated(DealUpdate, given)
    return found["amount"], found.get("currency")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field, how a command reads what it is given for it, and the column of a file for it."""

    entity: Entity
    column: str
    command: Callable[[str], Any]


FIELDS = {
    "email": Field(
        entity=Entity.CUSTOMER, column="email", command=_entered(CustomerUpdate, "email")
    ),
    "phone": Field(
        entity=Entity.CUSTOMER, column="phone", command=_entered(CustomerUpdate, "phone")
    ),
    "website": Field(
        entity=Entity.CUSTOMER, column="website", command=_entered(CustomerUpdate, "website")
    ),
    "score": Field(
        entity=Entity.CUSTOMER, column="lead_score", command=_entered(CustomerUpdate, "lead_score")
    ),
    "amount": Field(entity=Entity.DEAL, column="amount", command=_price),
    "probability": Field(
        entity=Entity.DEAL, column="probability", command=_entered(DealUpdate, "probability")
    ),
    "day": Field(
        entity=Entity.DEAL,
        column="expected_close",
        command=lambda text: dates.day(text, NOW, BERLIN),
    ),
    "moment": Field(
        entity=Entity.ACTIVITY, column="at", command=lambda text: dates.moment(text, NOW, BERLIN)
    ),
    "minutes": Field(
        entity=Entity.ACTIVITY, column="minutes", command=_entered(ActivityUpdate, "minutes")
    ),
    "number": Field(entity=Entity.CUSTOMER, column="size", command=_custom("size")),
    "date": Field(entity=Entity.CUSTOMER, column="since", command=_custom("since")),
    "boolean": Field(entity=Entity.CUSTOMER, column="vip", command=_custom("vip")),
}


def _typed(field: Field, text: str) -> Any:
    """Return what a command makes of `text`."""
    try:
        return field.command(text)
    except UsageError:
        return REFUSED


def _imported(field: Field, text: str) -> Any:
    """Return what an import makes of a file with `text` in its one cell."""
    custom: Mapping[str, CustomField] = CUSTOM if field.entity == Entity.CUSTOMER else {}
    header = (field.column, "ref")
    columns = map_columns(header, field.entity, (), {key: key for key in custom})
    rows = [TableRow(2, (protected(text), "1"))]
    cell_format = CellFormat(zone=BERLIN, now=NOW)
    parser = RowParser(
        columns=columns,
        entity=field.entity,
        custom=custom,
        cell_format=cell_format,
        currency="USD",
    )
    try:
        parser.choose_formats(
            Table(name="file", header=header, rows=lambda: iter(rows), form=Form(kind="csv"))
        )
    except UsageError:
        return REFUSED
    row = parser.parse_rows(rows)[0]
    if row.problems:
        return REFUSED
    if row.findings:
        # Of several values in a cell the first is taken, and told; a command is given one.
        return _typed(field, text)
    if field.column == "amount":
        return row.values["amount"], row.values.get("currency")
    value = {**row.values, **row.values.get("custom", {})}.get(field.column)
    return value.at if isinstance(value, When) else value


@pytest.mark.parametrize("kind", FIELDS)
def test_nasty_texts_get_one_reading(kind: str) -> None:
    for text in NASTY:
        typed, imported = _typed(FIELDS[kind], text), _imported(FIELDS[kind], text)
        assert (text, typed, type(typed)) == (text, imported, type(imported))


@pytest.mark.parametrize("kind", FIELDS)
@given(text=TEXTS)
def test_any_text_gets_one_reading(kind: str, text: str) -> None:
    typed, imported = _typed(FIELDS[kind], text), _imported(FIELDS[kind], text)
    assert (typed, type(typed)) == (imported, type(imported))


#: Commands that give a text as a value, the table and the column of a file with it, and where it
#: is in the record; and some texts with what is stored for them, or None where they are refused.
CUSTOMER, DEAL, ACTIVITY = (
    "customer add Ann",
    "deal add Ann",
    "activity add note Ann --customer C1",
)
INSTANCES: dict[tuple[str, str, str], dict[str, Any]] = {
    (CUSTOMER, "--email", "email"): {
        "Zed <Zed@X.com>": "zed@x.com", "jörg@exämple.de": "jörg@exämple.de",
        "bob@exa_mple.com": None,
    },
    (CUSTOMER, "--phone", "phone"): {
        "+49 (0)30 123456": "+4930123456", "030 123456": "030 123456", "+1 5": None,
    },
    (CUSTOMER, "--website", "website"): {
        "HTTPS://WWW.X.example/": "https://www.x.example", "X.example/De": "x.example/De",
        "see our page": "see our page", "x" * 301: None,
    },
    (CUSTOMER, "--score", "lead_score"): {"1,200": 1200, "85.0": 85, "8.5": None, "1.200": None},
    (CUSTOMER, "--custom", "size"): {"1.200,50": 1200.5, "1e3": 1000, "1.200": None, "5 EUR": None},
    (CUSTOMER, "--custom", "since"): {"31 Dec 2026": "2026-12-31", "+2w": "2026-03-16", "3d": None},
    (CUSTOMER, "--custom", "vip"): {"X": True, "off": False, "maybe": None},
    (DEAL, "--amount", "amount"): {
        "12k": ("12000.00", "USD"), "$12,000": ("12000.00", "USD"),
        "12.000,50 EUR": ("12000.50", "EUR"), "£1.5m": ("1500000.00", "GBP"),
        "1,200": ("1200.00", "USD"), "1.200": None, "5 kr": None,
    },
    (DEAL, "--probability", "probability"): {
        "60%": "0.60", "60": "0.60", "0,6": "0.60", "1.0": None, "1": None, "120": None,
    },
    (DEAL, "--close", "expected_close"): {
        "31.12.2026": "2026-12-31", "12/31/26": "2026-12-31", "today": "2026-03-02",
        "+14d": "2026-03-16", "2026-03-31T23:30Z": "2026-04-01", "02/03/2026": None, "3d": None,
    },
    (ACTIVITY, "--at", "at"): {
        "3d": "2026-02-26T23:30:00Z", "31 Dec 2026 2 pm": "2026-12-31T13:00:00Z",
        "yesterday": "2026-02-28T23:00:00Z", "02/03/2026": None, "soon": None,
    },
    (ACTIVITY, "--minutes", "minutes"): {"1:30": 90, " 90 ": 90, "1.5": None},
}  # fmt: skip


@pytest.fixture
def company(sqlite_url: str) -> Crm:
    """A company in Berlin that counts in dollars."""
    return Crm(sqlite_url, NOW.isoformat()).begin(
        "init Acme --user Uma --currency USD --timezone Europe/Berlin",
        "field add customer size --type number",
        "field add customer since --type date",
        "field add customer vip --type boolean",
        "customer add Bo",
    )


@pytest.mark.parametrize(("command", "option", "name"), INSTANCES)
def test_commands_and_files_store_the_same(
    company: Crm, command: str, option: str, name: str
) -> None:
    for text, stored in INSTANCES[command, option, name].items():
        given = f"{name}={text}" if option == "--custom" else text
        added = company([*command.split(), f"{option}={given}", "--json"])
        if added.exit_code == 0:
            # A row with the address of someone who is there is about them.
            company("undo")
        taken = company(_import_of(command), input=_file(command, name, text))
        if stored is None:
            assert (text, added.exit_code, taken.exit_code > 0) == (text, 2, True)
            continue
        assert (text, added.exit_code, taken.exit_code) == (text, 0, 0)
        ref = added.json()["ref"]
        imported = f"{ref[0]}{int(ref[1:]) + 1}"
        noun = command.split()[0]
        for record in (added.json(), company(f"{noun} show {imported} --json").json()):
            assert (text, _stored(record, name)) == (text, stored)


def test_of_several_addresses_a_command_takes_none_and_a_file_the_first(company: Crm) -> None:
    text = "a@x.de, b@x.de"
    assert company(["customer", "add", "Ann", "--email", text]).exit_code == 2
    taken = company("import customers - --json", input=_file(CUSTOMER, "email", text))
    assert [each["certainty"] for each in taken.json()["findings"]] == ["assumed"]
    assert company("customer show Bob --json").json()["email"] == "a@x.de"


def _import_of(command: str) -> str:
    nouns = {"customer": "customers", "deal": "deals", "activity": "activities"}
    return f"import {nouns[command.split()[0]]} -"


def _file(command: str, name: str, text: str) -> str:
    columns = {"external_id": f"crm:{name}:{text}"[:200], name: protected(text)}
    if command == CUSTOMER:
        columns["name"] = "Bob"
    elif command == DEAL:
        columns["title"] = "Bob"
    else:
        columns |= {"kind": "note", "subject": "Bob", "customer": "C1"}
    stream = io.StringIO()
    csv.writer(stream).writerows([columns.keys(), columns.values()])
    return stream.getvalue()


def _stored(record: dict[str, Any], name: str) -> Any:
    if name == "amount":
        return record["amount"], record["currency"]
    return {**record, **(record.get("custom") or {})}[name]
