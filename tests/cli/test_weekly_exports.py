"""The export of another system that comes again each week, with what happened there since."""

import pytest

from tests.cli.imported import counts, deals, findings, reasons, take
from tests.crm import Crm

STAGES = ("Lead", "Qualified", "Proposal", "Negotiation", "Won", "Lost")


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = "2026-10-30T09:00:00Z"
    return crm.begin("init Acme --currency EUR --user Ann")


def _wide(*entered: tuple[str, str]) -> str:
    """Return the file with a column for each stage, which has the last time that it was entered."""
    last = dict(entered)
    head = ",".join(f'"Date entered ""{stage}"""' for stage in STAGES)
    return f"Record ID,{head}\n1,{','.join(last.get(stage, '') for stage in STAGES)}\n"


def _stages(crm: Crm) -> list[tuple[str, str]]:
    found = crm("deal history D1 --json").json()
    return [(row["stage"], row["entered_at"][5:10]) for row in found]


LOG = (
    ("Lead", "2026-09-01 09:00"),
    ("Qualified", "2026-09-02 09:00"),
    ("Won", "2026-09-05 09:00"),
    ("Negotiation", "2026-09-10 09:00"),
    ("Won", "2026-09-15 09:00"),
    ("Negotiation", "2026-09-20 09:00"),
    ("Lost", "2026-09-25 09:00"),
    ("Lead", "2026-09-28 09:00"),
    ("Won", "2026-10-02 09:00"),
)


@pytest.mark.parametrize("weeks", [(3, 5, 6, 7, 8, 9), (3, 4, 5, 9), (1, 3, 5, 8), (5, 9), (2, 7)])
@pytest.mark.parametrize("with_deals", [False, True])
def test_a_stage_that_was_entered_again_replaces_its_time_in_the_file_alone(
    crm: Crm, weeks: tuple[int, ...], with_deals: bool
) -> None:
    for week in weeks:
        stage, day = LOG[week - 1]
        if with_deals or week == weeks[0]:
            file = f"Record ID,Deal Name,Amount,Deal Stage,Close Date\n1,A,1,{stage},{day[:10]}\n"
            assert take(crm, "deals", file, "--preset hubspot").exit_code == 0
        result = take(crm, "history", _wide(*LOG[:week]))
        assert result.exit_code == 0, reasons(result)
        again = take(crm, "history", _wide(*LOG[:week]))
        assert (again.exit_code, counts(again)[:2]) == (0, (0, 0)), again.stdout
        assert _stages(crm)[-1] == (LOG[week - 1][0].lower(), LOG[week - 1][1][5:10])
    if weeks == (3, 5, 6, 7, 8, 9):
        assert _stages(crm) == [(stage.lower(), day[5:10]) for stage, day in LOG]
    assert crm("db check").exit_code == 0


def test_what_no_later_entry_replaced_is_still_refused(crm: Crm) -> None:
    take(crm, "deals", "Record ID,Deal Name,Amount,Deal Stage\n1,A,1,Won\n", "--preset hubspot")
    take(crm, "history", _wide(*LOG[:3]))
    for other in (
        (*LOG[:2], ("Won", "2026-09-07 09:00")),
        (*LOG[:1], ("Qualified", "2026-09-03 09:00"), LOG[2]),
        (*LOG[:1], LOG[2]),
    ):
        result = take(crm, "history", _wide(*other))
        if len(other) == 2:  # What is recorded besides is no contradiction.
            assert result.exit_code == 0
            continue
        assert "otherwise than what is recorded of D1" in reasons(result)[0]
        assert "(crmctl deal history D1 shows what recorded it)" in reasons(result)[0]
    assert findings(result) == {}
    assert deals(crm)[0]["closed_at"] == "2026-09-05T09:00:00Z"


@pytest.mark.parametrize(
    ("system", "header"),
    [
        ("pipedrive", "Deal - ID,Stage,Entered at,Who"),
        ("pipedrive", "Deal - ID,Stage,Modified on,Modified by"),
        ("salesforce", "Opportunity ID,To Stage,Last Modified Date,Last Modified By"),
        ("salesforce", "Opportunity ID,From Stage,To Stage,Last Modified,Last Modified By"),
        ("salesforce", "Opportunity ID,Edit Date,Edited By,Field / Event,Old Value,New Value"),
        ("other", "Deal ID,Stage,Entered at,Who"),
    ],
)
def test_a_history_names_its_deals_and_times_as_their_system_does(
    crm: Crm, system: str, header: str
) -> None:
    file = "Id,Deal,Amount,Stage\n501,A,1,Proposal\n"
    assert take(crm, "deals", file, f"--source {system}").exit_code == 0
    said = {name: "Ann" for name in header.split(",")}
    for name in said:
        if name.endswith("ID"):
            said[name] = "501"
        elif {"Stage", "Value"} & set(name.split()):
            said[name] = "" if {"From", "Old"} & set(name.split()) else "Lead"
        elif name == "Field / Event":
            said[name] = "Stage"
        elif not name.endswith(("by", "By", "Who")):
            said[name] = "2026-09-01"
    text = f"{header}\n{','.join(said.values())}\n"
    result = take(crm, "history", text)
    if system == "other":
        assert reasons(result) == ["2 Deal ID: no deal answers to '501' (--source other)"]
        return
    assert (result.exit_code, counts(result)) == (0, (1, 0, 0, 0)), reasons(result)
    assert _stages(crm)[0] == ("lead", "09-01")


_ROW = "Deal ID,Deal,Amount,Stage,Close date,Created\n1,A,{},{},{},{}\n"


@pytest.mark.parametrize("created", ["2026-09-01", ""])
@pytest.mark.parametrize(
    ("weeks", "expected"),
    [
        ("Lead; Negotiation; Won 2026-09-15", "negotiation 09-15, won 09-15"),
        ("Lead; Proposal; Negotiation; Lost 2026-09-15", "negotiation 09-15, lost 09-15"),
        ("Lead; Negotiation; Won 2026-09-15; Won 2026-09-12", "negotiation 09-12, won 09-12"),
        ("Lead; Negotiation; Won 2026-09-15; Won 2026-09-18", "negotiation 09-18, won 09-18"),
        ("Negotiation; Won 2026-09-15; Proposal; Lost 2026-09-20", "proposal 09-20, lost 09-20"),
        ("Lead; Won; Lost 2026-09-15", "won 09-15, lost 09-15"),
    ],
)  # fmt: skip
def test_a_time_that_an_import_made_up_gives_way_to_what_a_file_says(
    crm: Crm, created: str, weeks: str, expected: str
) -> None:
    for amount, week in enumerate(weeks.split("; ")):
        stage, _, day = week.partition(" ")
        result = take(crm, "deals", _ROW.format(amount, stage, day, created))
        assert result.exit_code == 0, reasons(result)
    assert deals(crm)[0]["amount"] == f"{amount}.00"
    found = [f"{stage} {day}" for stage, day in _stages(crm)]
    assert ", ".join(found).endswith(expected)
    assert crm("db check").exit_code == 0
    # What gave way is still no fact for a history that knows better.
    wrong = take(crm, "deals", _ROW.format(amount, stage, day, created))
    assert counts(wrong)[:2] == (0, 0)
    if weeks == "Lead; Negotiation; Won 2026-09-15":
        rows = "1,Lead,2026-09-01\n1,Negotiation,2026-09-09\n1,Won,2026-09-15\n"
        assert take(crm, "history", f"Deal ID,Stage,Changed at\n{rows}").exit_code == 0
        assert _stages(crm) == [("lead", "09-01"), ("negotiation", "09-09"), ("won", "09-15")]
        assert crm("db check").exit_code == 0
    assert crm("undo").exit_code == 0
    assert crm("db check").exit_code == 0
