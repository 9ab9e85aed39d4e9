"""What cells say: text in its encoding, dates, amounts, several values, workbooks."""

from tests.faults.place import Place
from tests.faults.rows import row


def _names(at: Place, file: str, encoding: str, *names: str) -> None:
    """Import a file that is read rightly, or refused with the way to read it."""
    command = f"import customers $IN/{file}"
    result = at.run(command)
    if result.exit_code:
        at.tells(command, result, "--encoding")
        at.all(f"{command} --encoding {encoding}")
    at.same("customers", at.customers("name"), list(names))


@row("I2", "Spanish in cp1252", "02-spanish-cp1252.csv")
def spanish(at: Place) -> None:
    at.done("import customers $IN/02-spanish-cp1252.csv", "encoding|1252")
    at.same("customers", at.customers("name"), ["Ana Muñoz", "Óscar Díaz"])


@row("I2", "German and French in cp1252", "02-mixed-cp1252.csv")
def mixed(at: Place) -> None:
    at.done("import customers $IN/02-mixed-cp1252.csv", "encoding|1252")
    at.same("customers", at.customers("name"), ["Jörg Möller", "Zoë Brunel"])


@row("I2", "Turkish in cp1254", "02-turkish-cp1254.csv")
def turkish(at: Place) -> None:
    names = ("Çağla I\u015f\u0131k", "Emre Taş", "Oya Günay")
    _names(at, "02-turkish-cp1254.csv", "cp1254", *names)


@row("I2", "Polish in ISO 8859-2", "02-polish-iso8859-2.csv")
def polish(at: Place) -> None:
    _names(at, "02-polish-iso8859-2.csv", "iso8859-2", "Łucja Świątek", "Wąs Źrebak")


@row("I2", "Japanese in ISO 2022", "02-japanese-iso2022.csv")
def japanese(at: Place) -> None:
    content = (at.inputs / "02-japanese-iso2022.csv").read_bytes().decode("iso2022_jp")
    name = content.splitlines()[1].split(",")[0]
    command = "import customers $IN/02-japanese-iso2022.csv"
    result = at.run(command)
    if result.exit_code:
        at.holds("escape codes are shown", "\x1b" not in result.stderr)
        at.tells(command, result, "iso-2022|iso2022|--encoding|--map")
        columns = "--map 氏名=name --map 会社=organisation"
        at.all(f"{command} {columns}")
    at.same("customers", at.customers("name"), [name])


@row("I11", "an error in a cell", "11-error-cell.xlsx")
def errors_in_cells(at: Place) -> None:
    at.refused("import deals $IN/11-error-cell.xlsx", "#DIV/0!")
    at.holds("a deal without amount", None not in at.deals("amount"))


@row("I11", "a formula that was never computed", "11-formula-never-computed.xlsx")
def formulas(at: Place) -> None:
    at.refused("import deals $IN/11-formula-never-computed.xlsx", "formula", "save|open")
    at.holds("a deal without amount", None not in at.deals("amount"))


@row("I11", "merged cells", "11-merged-cells.xlsx")
def merged_cells(at: Place) -> None:
    at.all("import deals $IN/11-merged-cells.xlsx --create-missing customers")
    found = dict(at.deals("title", "customer"))
    at.holds(f"Barge has no customer: {found}", found.get("Barge"))


@row("I11", "an amount that a formula computes", "11-computed-amount.xlsx")
def computed_amounts(at: Place) -> None:
    at.all("import deals $IN/11-computed-amount.xlsx")
    at.holds(f"amounts: {at.deals('amount')}", "333.33" in at.deals("amount"))


@row("I11", "a workbook whose table is on the second sheet", "11-second-sheet.xlsx")
def sheets(at: Place) -> None:
    command = "import deals $IN/11-second-sheet.xlsx"
    at.tells(command, at.run(command), "Read me", "Pipeline", "--sheet")
    at.all(f"{command} --sheet Pipeline")
    at.holds("no deals", at.deals("title"))


@row("I16", "words of a status, and the sign of a currency", "16-status-words.csv")
def status_words(at: Place) -> None:
    command = "import deals $IN/16-status-words.csv"
    status = "Deal - Title,Deal - Value,Deal - Status,Deal - Stage\nA,1,Auftrag,Lead\n"
    at.refused("import deals -", "--status-map", "Auftrag", input=status)
    at.run(f"{command} --status-map Gewonnen=won --status-map Offen=open")
    found = at.deals("title", "status", "currency")
    at.same("deals", found[:2], [("Dock gate", "won", "CHF"), ("Crane", "open", "CHF")])
    at.refused("import deals -", "$", input="Deal Name,Amount,Currency\nA,1,USD\nB,2,CAD\nC,3,$\n")
    at.load("deals", "Deal Name,Amount,Currency\nD,1,USD\nE,3,$\n")
    at.same("signs", at.deals("currency")[-2:], ["USD", "USD"])


@row("I20", "several values in one cell", "20-several-values.csv")
def several_values(at: Place) -> None:
    at.done("import customers $IN/20-several-values.csv", "first")
    found = at.customers("email", "phone")
    at.same("customers", found, [("ines@moor.example", "+4930123456")])


@row("I21", "dates with points", "21-dotted-dates.csv")
def dotted_dates(at: Place) -> None:
    at.done("import deals $IN/21-dotted-dates.csv", "day first|day comes first")
    expected = [
        ("2026-12-31", "2026-04-03T00:00:00Z"), ("2027-01-15", "2026-02-01T00:00:00Z"),
    ]  # fmt: skip
    at.same("deals", at.deals("expected_close", "created_at"), expected)


@row("I21", "months and quarters", "21-months-and-quarters.csv")
def months_and_quarters(at: Place) -> None:
    command = "import deals $IN/21-months-and-quarters.csv"
    at.done(command, "last day")
    at.same("deals", at.deals("expected_close"), ["2026-12-31", "2026-09-30", "2026-11-30"])


@row("I22", "a byte order mark inside the file", "22-bom-inside.csv")
def marks_inside(at: Place) -> None:
    at.all("import deals $IN/22-bom-inside.csv")
    at.load("deals", "Deal Name,Amount\nCrane,2500\n")
    at.same("deals", at.deals("title"), ["Dock gate", "Crane"])


@row("I23", "a list of objects in JSON", "23-list-of-objects.json")
def lists_of_objects(at: Place) -> None:
    at.all("import deals $IN/23-list-of-objects.json")
    at.same("deals", at.deals("title", "amount"), [("Dock gate", "1000.00"), ("Crane", "2500.00")])
    listed = at.done("deal list --json").stdout
    plan = at.load("deals", listed, "--json").json()
    at.same("what the list prints", (plan["created"], plan["updated"]), (0, 0))


@row("I24", "a deal that is won in the future", "24-won-in-future.csv")
def won_ahead(at: Place) -> None:
    at.done("import deals $IN/24-won-in-future.csv", "2099-12-15|future|ahead|not come")
    at.same("deals", at.deals("status", "closed_at"), [("won", at.crm.now)])
