"""Which column is which field, and what is not imported."""

from tests.faults.place import Place
from tests.faults.rows import row


@row("I4", "a column of won, lost and open", "04-status-column.csv")
def status_column(at: Place) -> None:
    at.done("import deals $IN/04-status-column.csv", "Status")
    at.same("deals", at.deals("title", "status"),
            [("Dock gate", "won"), ("Crane", "lost"), ("Ferry", "open")])  # fmt: skip


@row("I4", "columns named after ids", "04-stage-id.csv")
def stage_id(at: Place) -> None:
    result = at.run("import deals $IN/04-stage-id.csv")
    if result.exit_code:
        at.tells("import deals $IN/04-stage-id.csv", result, "stage_id", "--map")
        return
    expected = [("proposal", "1000.00", "Ada"), ("won", "2500.00", "Ada")]
    at.same("deals", at.deals("stage", "amount", "owner"), expected)


@row("I4", "a file of deals without a stage says so first")
def without_a_stage(at: Place) -> None:
    command, content = "import deals -", "Deal Name,Colour\nDock gate,red\n"
    at.done(f"{command} --dry-run", "stage", "amount", input=content)
    at.refused(f"{command} --strict", "stage", input=content)
    at.same("deals", at.deals("title"), [])
    at.done(command, "stage", "amount", input=content)


@row("I4", "units and formats in brackets", "04-units-in-header.csv")
def units(at: Place) -> None:
    at.all("import deals $IN/04-units-in-header.csv")
    found = at.deals("amount", "currency", "expected_close")
    at.same("deals", found, [("1000.00", "EUR", "2026-12-31")])


@row("I4", "the primary e-mail and the work phone", "04-primary-email.csv")
def primary_email(at: Place) -> None:
    at.all("import customers $IN/04-primary-email.csv")
    found = at.customers("name", "email", "phone")
    at.same("customers", found, [("Ines Moor", "ines@moor.example", "+4930123456")])


@row("I4", "old names of Zoho's columns", "04-old-zoho-potentials.csv")
def old_names(at: Place) -> None:
    command = "import deals $IN/04-old-zoho-potentials.csv"
    result = at.run(command)
    if result.exit_code:
        at.tells(command, result, "Potential Name", "title", "Closing Date", "Amount")
        at.all(f"{command} --map 'Potential Name=title'")
    found = at.deals("title", "amount", "created_at", "expected_close")
    at.same("deals", found, [("Dock gate", "1000.00", "2026-01-05T10:00:00Z", "2026-12-31")])


@row("I8", "of several columns the one that is filled", "08-empty-account-column.csv")
def filled_columns(at: Place) -> None:
    at.all("import customers $IN/08-empty-account-column.csv")
    found = at.customers("name", "organisation", "phone")
    at.same("customers", found, [("Mia Orr", "Orr Ltd", "+4930123456")])


@row("I8", "a meeting stands at its start", "08-event-start.csv")
def starts(at: Place) -> None:
    at.all("deal add Dock", "import activities $IN/08-event-start.csv --kind meeting")
    found = [activity["at"] for activity in at.json("activity list")]
    at.same("meetings", found, ["2026-12-01T10:00:00Z"])


@row("I8", "a task is due on its due date", "08-task-due.csv")
def due_dates(at: Place) -> None:
    at.all("customer add 'Ines Moor' --email ines@moor.example")
    mapped = "--map 'Associated Contact Email=customer_email'"
    at.all(f"import activities $IN/08-task-due.csv {mapped}")
    tasks = at.json("activity list")
    found = [(task["at"][:10], task["subject"], task["body"]) for task in tasks]
    at.same("tasks", found, [("2026-12-01", "Visit the dock", "Bring the plans")])


@row("I26", "a header of two lines", "26-two-line-header.csv")
def two_lines(at: Place) -> None:
    command = "import deals $IN/26-two-line-header.csv"
    at.refused(command, "--header 2")
    at.all(f"{command} --header 2 --create-missing customers")
    at.same("deals", at.deals("title", "amount"), [("Dock gate", "1000.00")])


@row("I17", "a file without a header", "17-no-header.csv")
def no_header(at: Place) -> None:
    command = "import deals $IN/17-no-header.csv"
    at.refused(command, "--no-header")
    at.all(f"{command} --no-header --map 1=title --map 2=amount --map 3=expected_close")
    expected = [("Dock gate", "1000.00", "2026-12-31"), ("Crane", "2500.00", "2027-01-31")]
    at.same("deals", at.deals("title", "amount", "expected_close"), expected)


@row("I17", "a row of too few cells", "17-short-row.csv")
def short_rows(at: Place) -> None:
    command = "import customers $IN/17-short-row.csv"
    at.tells(command, at.run(command), "line 3|lines 3|3:")


@row("I17", "texts between apostrophes", "17-apostrophe-quotes.csv")
def apostrophes(at: Place) -> None:
    command = "import deals $IN/17-apostrophe-quotes.csv"
    result = at.run(command)
    if result.exit_code:
        at.tells(command, result, "--quote")
        at.run(f'{command} --quote "\'"')
    expected = [("Dock gate", "call, then visit"), ("Crane", "it won't wait")]
    at.same("deals", at.deals("title", "next_step"), [*expected, ("O'Hara pier", "mail")])
