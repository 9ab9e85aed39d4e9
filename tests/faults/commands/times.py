"""Days and moments: what was closed when, and what the past looked like."""

from tests.faults.place import Place
from tests.faults.rows import row

WON = "Deal ID,Deal Name,Amount,Stage,Close Date\n1,Weir,10,Won,"


def won_by_month(at: Place, options: str = "") -> dict[str, float]:
    """Return what was won, by month."""
    rows = at.json(f"forecast --from 2026-01-01 --to 2026-12-31 {options}")["rows"]
    return {each["from"][:7]: float(each["won"]) for each in rows if float(each["won"] or 0)}


def board(at: Place, options: str) -> dict[str, str]:
    """Return the stage of each deal on the board, by title."""
    stages = at.json(f"board {options}")["stages"]
    return {deal["title"]: stage["key"] for stage in stages for deal in stage["deals"]}


@row("B2", "a day stays that day in another time zone")
def days_in_another_zone(at: Place) -> None:
    at.load("deals", f"{WON}2026-07-01\n")
    at.all("company edit --timezone America/New_York")
    at.same("closed", at.deals("closed_on"), ["2026-07-01"])
    at.same("won", won_by_month(at), {"2026-07": 10.0})
    plan = at.load("deals", f"{WON}2026-07-01\n", "--json").json()
    at.same("unchanged rows", plan["unchanged"], 1)
    at.load("deals", "Deal ID,Deal Name,Stage,Close Date\n2,Lock,Won,2026-07-01T02:00:00Z\n")
    at.done("deal show D2", "2026-06-30 22:00")


@row("B6", "what is asked of a deal that is closed already")
def corrected_closings(at: Place) -> None:
    at.all("deal add Weir --at 2026-06-01", "deal win D1 --at 2026-07-01")
    at.all("deal win D1 --at 2026-06-28")
    at.all("deal add Lock --at 2026-06-01", "deal lose D2 --lost-reason price")
    at.all("deal lose D2 --lost-reason timing")
    at.same("closed", at.deals("closed_on")[0], "2026-06-28")
    at.same("reasons", at.deals("lost_reason"), [None, "timing"])
    at.done("deal history D1 --fields", "2026-07-01", "2026-06-28")
    at.sound()


@row("B21", "a day alone means its end")
def ends_of_days(at: Place) -> None:
    at.all("deal add Weir --amount 10")
    at.done("deal win D1", now="2026-12-30T15:00:00Z")
    at.crm.now = "2027-01-15T09:00:00Z"
    at.same("board of the day", board(at, "--as-of 2026-12-30"), {"Weir": "won"})
    at.same("board before it", board(at, "--as-of 2026-12-30T14:00"), {"Weir": "lead"})


DEALS = "Deal ID,Deal Name,Amount,Stage,Create Date\n1,Weir,1000,Won,2026-01-05\n"
HISTORY = "Deal ID,Stage,Entered at,Who\n1,Lead,2026-01-05,Ada\n1,Won,2026-03-10,Ada\n"


@row("C3", "a closing date that was assumed gives way to the history")
def assumed_closings(at: Place) -> None:
    result = at.load("deals", DEALS, "--json")
    assumed = " ".join(at.findings(result, "assumed"))
    at.holds(f"the closing date is not among what is assumed: {assumed}", "clos" in assumed)
    at.done("deal show D1", "assumed")
    at.same("marked", at.deals("assumed"), [["closed_at"]])
    at.load("history", HISTORY)
    at.same("closed", at.deals("closed_on", "assumed"), [("2026-03-10", [])])
    at.same("won", won_by_month(at), {"2026-03": 1000.0})
    at.sound()
    at.execute("UPDATE deals SET closed_at = created_at")
    at.refused("db check", "D1")


@row("C8", "what was entered late is one past", empty=True)
def entered_late(at: Place) -> None:
    at.all("init Co --user Ada", "deal add Late --at 2026-02-01")
    at.all("deal move Late qualified --at 2026-02-10")
    at.same("board then", board(at, "--as-of 2026-02-15"), {"Late": "qualified"})
    at.same("board before", board(at, "--as-of 2026-02-05"), {"Late": "lead"})
    at.refused("board --as-of 2026-02-15 --as-recorded", "no pipeline yet")
    entered = [entry["entered_on"] for entry in at.json("deal history D1")]
    at.same("history", entered, ["2026-02-01", "2026-02-10"])


@row("C9", "a time of 3m, which is minutes or months")
def minutes_or_months(at: Place) -> None:
    at.all("deal add Weir --at 2026-01-01")
    for command in ("log --since 3m", "deal move D1 qualified --at 5m"):
        at.refused(command, "min", "mo")
    at.all("log --since 3mo", "log --since 1y", "log --since 5min")


@row("C16", "errors about times, in the company's zone")
def times_in_errors(at: Place) -> None:
    at.all("company edit --timezone Europe/Berlin", "deal add Weir --at 2026-07-01T10:00")
    at.all("deal move D1 proposal --at 2026-07-02T10:00")
    at.refused("deal move D1 won --at 2026-07-01T12:00", "2026-07-02 10:00")
    at.refused("deal move D1 won --at 2027-01-05T10:00", "2027-01-05 10:00|10:00")
