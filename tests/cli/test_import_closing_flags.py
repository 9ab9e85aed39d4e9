"""crmctl import: columns of yes and no that say whether deals are won, lost or closed."""

import pytest

from tests.cli.imported import deals, findings, reasons, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = "2026-08-10T12:00:00Z"
    return crm.begin("init Acme --user Ann")


def stages(crm: Crm, header: str, *rows: str) -> list[str]:
    """Return the stages of the deals in rows without titles, or why one is refused."""
    lines = [f"D{n},{row}" for n, row in enumerate(rows)]
    result = take(crm, "deals", "\n".join([f"title,{header}", *lines]))
    return [each["stage"] for each in deals(crm)] + reasons(result)


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        ("IsWon,IsClosed", "true,true false,true false,false", "won lost lead"),
        ("Is Won,Is Closed", "TRUE,TRUE FALSE,TRUE FALSE,FALSE", "won lost lead"),
        ("Is Closed Won,Is closed lost", "true,false false,true false,false", "won lost lead"),
        ("Won,Lost", "1,0 0,1 0,0", "won lost lead"),
        ("Won,Closed", "yes,yes no,yes no,no ,", "won lost lead lead"),
        ("Gewonnen,Verloren", "x, ,x ,", "won lost lead"),
        ("Won,Stage", "true,proposal false,proposal", "won proposal"),
        ("Geschlossen,Stage", "ja,won nein,lead", "won lead"),
        ("Fermé,Stage", "oui,lost non,lead", "lost lead"),
        ("Zamknięte,Stage", "tak,won nie,lead", "won lead"),
        ("IsClosed,Stage", "true,won true,lost false,qualified", "won lost qualified"),
        ("IsWon,IsClosed,Stage", "true,true,Sketching false,true,lead", "won lost"),
        ("IsWon,Status", "true,won false,lost false,open", "won lost lead"),
        ("IsWon", "true false", "won lead"),
    ],
)  # fmt: skip
def test_they_decide_with_a_stage_or_without(
    crm: Crm, header: str, rows: str, expected: str
) -> None:
    assert sorted(stages(crm, header, *rows.split(" "))) == sorted(expected.split())


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        ("IsWon,IsClosed", "true,false",
         "2 IsClosed: its columns contradict each other: IsWon 'true', IsClosed 'false'"),
        ("Won,Lost", "yes,yes", "2 Lost: its columns contradict each other: Won 'yes', Lost 'yes'"),
        ("Outcome,IsWon", "lost,true",
         "2 IsWon: its columns contradict each other: Outcome 'lost', IsWon 'true'"),
        ("IsWon,Stage", "true,lost", "2 IsWon: a won deal in lost, a stage of lost ones"),
        ("IsWon,Stage", "false,won", "2 IsWon: an open or lost deal in won, a stage of won ones"),
        ("IsClosed,Stage", "false,won", "2 IsClosed: an open deal in won, a stage of won ones"),
        ("IsClosed,Stage", "true,lead", "2 IsClosed: a won or lost deal in lead, an open stage"),
        ("IsClosed", "true",
         "2 IsClosed: closed, and no column says whether won or lost (--map COLUMN=is_won)"),
        ("Status,Stage", "won,lost", "2 Status: a won deal in lost, a stage of lost ones"),
    ],
)  # fmt: skip
def test_what_contradicts_is_refused_with_both(
    crm: Crm, header: str, row: str, reason: str
) -> None:
    assert stages(crm, header, row) == [reason]


def test_a_deal_that_is_there_is_closed_by_a_flag(crm: Crm) -> None:
    stages(crm, "Stage", "proposal", "lead")
    result = take(crm, "deals", "title,won,closed\nD0,true,true\nD1,false,false\n")
    assert (result.json()["updated"], result.json()["unchanged"]) == (1, 1)
    assert sorted(each["stage"] for each in deals(crm)) == ["lead", "won"]


@pytest.mark.parametrize("column", ["Closed", "Geschlossen", "Cerrado", "Closed won", "Won"])
def test_where_its_cells_are_days_it_says_when_deals_were_closed(crm: Crm, column: str) -> None:
    content = f"title,amount,stage,{column}\nA,1,won,2026-03-04\nB,2,lead,\n"
    assert take(crm, "deals", content).exit_code == 0
    assert [each["closed_on"] for each in deals(crm)] == ["2026-03-04", None]


def test_days_of_won_and_of_lost_deals_are_both_read(crm: Crm) -> None:
    rows = "A,1,won,2026-02-03,\nB,2,lost,,2026-03-04\n"
    take(crm, "deals", f"title,amount,stage,date_won,date_lost\n{rows}")
    assert [each["closed_on"] for each in deals(crm)] == ["2026-02-03", "2026-03-04"]


def test_a_column_that_has_both_is_asked_about(crm: Crm) -> None:
    result = take(
        crm, "deals", "title,amount,stage,closed\nA,1,won,yes\nB,1,lead,no\nC,1,won,2026-02-01\n"
    )
    assert findings(result, "unknown") == {
        "does closed say whether deals are closed, or when they were? It has yes or no in some"
        " rows and days in others": 0
    }


def test_what_is_no_yes_or_no_is_no_flag(crm: Crm) -> None:
    result = take(crm, "deals", "title,won,closed\nA,2026-02-01,\nB,,soon\n")
    assert result.json()["unmapped"] == ["won", "closed"]


@pytest.mark.parametrize(
    ("stage", "flags", "stored"),
    [
        ("Dead", "false,false", "lost"),
        ("Dead", "false,true", "lost"),
        ("Dead", "true,true", None),
        ("Signed", "false,false", "won"),
        # Of a deal that is closed, an open stage is the one that it was closed from.
        ("Running", "false,true", "lost"),
        ("Lost", "false,false", None),
    ],
)
def test_what_the_stage_map_says_goes_before_a_no(
    crm: Crm, stage: str, flags: str, stored: str | None
) -> None:
    content = f"Deal Name,Amount,Stage,Is Won,Is Closed\nWeir,1,{stage},{flags}\n"
    maps = "--stage-map Dead=lost --stage-map Signed=won --stage-map Running=lead"
    result = take(crm, "deals", content, maps)
    assert result.exit_code == (0 if stored else 1)
    assert [each["stage"] for each in deals(crm)] == ([stored] if stored else [])
