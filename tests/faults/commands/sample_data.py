"""Rows that were seen on the sample data."""

import csv
from collections import defaultdict

from tests.faults.place import Place
from tests.faults.rows import row

#: From the folder of the input files.
FOLDER = "../../data/pe-deals-stage-history"
STAGES = (
    "--stage-map Reviewed=lead --stage-map Indication=qualified --stage-map Offer=proposal"
    " --stage-map 'Closed - Won=won' --stage-map 'Closed - Lost=lost' --stage-map Passed=lost"
)
DEALS = (
    "--map company_name=title --map deal_size_usd=amount --map date_sourced=created_at"
    " --create-missing customers,users --empty NA"
)


@row(
    "C3", "won by quarter is what the imported history says",
    f"{FOLDER}/pipeline_deals.csv", f"{FOLDER}/stage_history.csv",
)  # fmt: skip
def won_by_quarter(at: Place) -> None:
    at.run(f"import deals $IN/{FOLDER}/pipeline_deals.csv {DEALS} {STAGES}")
    at.run(f"import history $IN/{FOLDER}/stage_history.csv {STAGES}")
    at.sound()
    rows = at.json("forecast --by quarter --from 2023-01-01 --to 2026-12-31")["rows"]
    found = {each["from"]: float(each["won"]) for each in rows if float(each["won"] or 0)}
    at.same("won", found, _expected(at))


def _expected(at: Place) -> dict[str, float]:
    """Return what the files themselves say was won, by the first day of the quarter."""
    amounts = {each["deal_id"]: each["deal_size_usd"] for each in _rows(at, "pipeline_deals")}
    sums: dict[str, float] = defaultdict(float)
    for each in _rows(at, "stage_history"):
        # Two deals share the id D-0500.
        if each["stage"] == "Closed - Won" and each["deal_id"] != "D-0500":
            year, month = int(each["stage_date"][:4]), int(each["stage_date"][5:7])
            amount = amounts[each["deal_id"]]
            sums[f"{year}-{(month - 1) // 3 * 3 + 1:02}-01"] += (
                0 if amount == "NA" else float(amount)
            )
    return {quarter: won for quarter, won in sorted(sums.items()) if won}


def _rows(at: Place, name: str) -> list[dict[str, str]]:
    with (at.inputs / FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
