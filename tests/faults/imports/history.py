"""Histories, statuses that rows are told apart by, and imports of any size."""

from tests.faults.place import Place
from tests.faults.rows import row


def _history(at: Place) -> list[tuple[str, str]]:
    return [(entry["stage"], entry["entered_at"][:10]) for entry in at.json("deal history D1")]


EXPECTED = [("lead", "2026-01-05"), ("proposal", "2026-02-01")]


@row("I14", "a history with events that are no stages", "14-deals.csv", "14-events.csv")
def events(at: Place) -> None:
    at.all("import deals $IN/14-deals.csv")
    command = "import history $IN/14-events.csv"
    at.refused(command, "Demo booked", "Contract viewed", "--stage-map")
    at.all(f"{command} --stage-map 'Demo booked=' --stage-map 'Contract viewed='")
    at.same("history", _history(at), EXPECTED)
    at.sound()


@row("I14", "a history that moves its deal on", "14-deals.csv", "14-events-stages-only.csv")
def stages_only(at: Place) -> None:
    at.all("import deals $IN/14-deals.csv", "import history $IN/14-events-stages-only.csv")
    at.same("history", _history(at), EXPECTED)
    at.same("deals", at.deals("stage"), ["proposal"])
    at.sound()


@row("I15", "reasons that follow from another", "15-follow-on-reasons.csv")
def follow_on_reasons(at: Place) -> None:
    for options in ("--dry-run", "--create-missing customers"):
        command = f"import deals $IN/15-follow-on-reasons.csv {options}"
        result = at.refused(command, "Sketching")
        at.silent(command, result, "open stage")
    if at.deals("title"):
        at.same("deals", at.deals("title", "status"), [("Dock gate", "lost")])


@row("I13", "undo of an import of 50,000 deals", slow=True)
def large_undo(at: Place) -> None:
    rows = "".join(f"{n},Deal {n},{n}\n" for n in range(50_000))
    at.file("big.csv", f"Deal ID,Deal Name,Amount\n{rows}")
    imported = at.measured("import deals $OUT/big.csv --as Ada", seconds=300)
    undone = at.measured("undo --as Ada", seconds=300)
    for ended in (imported, undone):
        at.same(str(ended), ended.code, 0)
    at.holds(f"the import: {imported}; the undo: {undone}",
             undone.megabytes < 300 and undone.seconds < 2 * imported.seconds + 1)  # fmt: skip
    at.same("deals", at.deals("title"), [])
