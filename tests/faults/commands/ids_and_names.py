"""Who and what is meant: ids, names as people see them, duplicates."""

from tests.faults.place import Place
from tests.faults.rows import row

DEALS = "Record ID,Deal Name,Deal Stage,Amount\n"


@row("B1", "an id that a spreadsheet has rounded")
def rounded_ids(at: Place) -> None:
    for title in ("Harbour lift", "Pier"):
        content = f"{DEALS}1.23457E+11,{title},lead,100\n219E01,Crane,lead,5\n"
        at.refused("import deals -", "1.23457E+11", "spreadsheet|rounded", input=content)
    at.same("deals", at.deals("title", "external_ids"), [("Crane", ["hubspot:219E01"])])
    phone = "Name,Phone\nInes Moor,4.91512E+12\n"
    at.refused("import customers -", "4.91512E+12", input=phone)
    at.refused("customer add Ines --phone 4.91512E+12", "4.91512E+12")
    at.same("customers", at.customers("name"), [])


@row("B3", "Salesforce's ids of 15 and of 18 characters")
def ids_of_salesforce(at: Place) -> None:
    head = "Opportunity ID,Opportunity Name,Opportunity Owner,Stage,Close Date,Fiscal Period\n"
    for key in ("0065g00000AbCdE", "0065g00000AbCdEAAV"):
        at.load("deals", f"{head}{key},Harbour lift,Ada,lead,2026-12-31,Q4\n")
    at.same("deals", at.deals("title"), ["Harbour lift"])
    at.load("deals", f"{head}0065g00000aBcDe,Crane,Ada,lead,2026-12-31,Q4\n")
    at.same("deals", at.deals("title"), ["Harbour lift", "Crane"])


@row("B4", "two persons of one organisation with one switchboard")
def colleagues(at: Place) -> None:
    shared = "--organisation 'Quayside Ltd' --phone '+49 30 123456'"
    at.all(
        f"customer add 'Ines Moss' {shared} --email ines@quayside.example",
        f"customer add 'Otto Lund' {shared} --email otto@quayside.example",
    )
    at.same("duplicates", at.json("customer duplicates"), [])


@row("B5", "a rare name three times")
def copies_of_a_name(at: Place) -> None:
    at.all(*["customer add 'Tarn Valley Foods Ltd'"] * 3)
    at.done("customer duplicates", "C1", "C2", "C3")


#: `Beech Größe Inc` with what nobody sees, or in another Unicode form.
ALIKE = (
    "Beech Größe Inc", "Beech\u00a0Größe Inc", "Beech  Größe Inc", "Beech\tGröße Inc",
    "Beech\u200b Größe Inc", "Beech Gro\u0308ße Inc", "\u200eBeech Größe Inc",
)  # fmt: skip


@row("B7", "names that look alike are one")
def names_that_look_alike(at: Place) -> None:
    for number, name in enumerate(ALIKE):
        content = f"Deal ID,Deal Name,Customer\n{number},Deal {number},{name}\n"
        at.load("deals", content, "--create-missing customers")
    at.same("customers", at.customers("ref"), ["C1"])
    at.done(["customer", "show", ALIKE[1]], "C1")


@row("B17", "a removed customer whose file is imported again")
def removed_customers(at: Place) -> None:
    content = "Name,Email\nInes Moor,ines@moor.example\n"
    at.load("customers", content)
    at.all("customer remove C1")
    at.refused("import customers -", "C1", "removed", input=content)
    at.all("customer restore C1")
    at.same("customers", at.customers("ref"), ["C1"])


@row("C5", "a merge survives the file of both customers")
def merges_survive(at: Place) -> None:
    rows = ["Acme GmbH,a@acme.example\n", "ACME,b@acme.example\n"]
    at.load("customers", "Name,Email\n" + "".join(rows))
    at.all("customer merge C1 C2")
    kept = at.customers("ref", "name", "email")
    for order in (rows, rows[::-1]) * 2:
        at.load("customers", "Name,Email\n" + "".join(order))
        at.same("customers", at.customers("ref", "name", "email"), kept)
    at.sound()


@row("C19", "legal forms of one name")
def legal_forms(at: Place) -> None:
    at.all(*(f"customer add '{name}'" for name in ("Acme", "Acme Corp", "Acme Corporation")))
    at.done("customer duplicates", "C1", "C2", "C3")


@row("C24", "columns First, Last and Email")
def first_and_last(at: Place) -> None:
    at.load("customers", "First,Last,Email\nInes,Moor,ines@moor.example\n")
    found = at.customers("name", "email")
    at.same("customers", found, [("Ines Moor", "ines@moor.example")])


@row("D17", "characters that nobody sees in names")
def unseen_characters(at: Place) -> None:
    for mark in ("\u200e", "\u200f", "\u200b", "\U000e0041", "\ufeff"):
        at.done(["deal", "add", f"Weir{mark}gate"])
        for command in ("deal list", "board", "log"):
            at.holds(f"{command} shows U+{ord(mark):04X}", mark not in at.run(command).stdout)
    at.all("customer add 'Fell Dairy'")
    at.done(["customer", "show", "Fell\u200b \u200fDairy"], "C1")
    at.done(["deal", "edit", "D1", "--next-step", "one\rtwo"])
    written = at.done("export deals -").stdout
    at.holds("a lone CR is not quoted in CSV", "one\rtwo" not in written or '"one\rtwo"' in written)


@row("D24", "a cell that begins with a full-width =")
def full_width_formulas(at: Place) -> None:
    at.done(["deal", "add", "Weir", "--next-step", "\uff1d1+1"])
    for command in ("export deals -", "deal list --output csv"):
        written = at.done(command).stdout
        at.holds(f"{command} leaves a formula", "'\uff1d1+1" in written)
    written = at.done("export deals -").stdout
    at.load("deals", written)
    at.same("next steps", at.deals("next_step"), ["\uff1d1+1"])
