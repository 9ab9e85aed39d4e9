"""Amounts, chances and currencies that can be read in two ways, or not at all."""

from tests.faults.place import Place
from tests.faults.rows import row


@row("B8", "an empty cell over a value, and a word that clears it")
def empty_cells(at: Place) -> None:
    at.load("deals", "Deal ID,Deal Name,Amount\n1,Weir,5.00\n")
    command, content = "import deals -", "Deal ID,Deal Name,Amount\n1,Weir,\n"
    result = at.done(command, "empty", input=content)
    at.silent(command, result, "the database says what the file says")
    at.same("amounts", at.deals("amount"), ["5.00"])
    at.load("deals", "Deal ID,Deal Name,Amount\n1,Weir,none\n", "--clear-with none")
    at.same("amounts", at.deals("amount"), [None])


@row("B9", "amounts finer than the smallest unit")
def finer_than_the_unit(at: Place) -> None:
    at.refused("deal add Weir --amount 10.5 --currency JPY", "10.5", "JPY")
    at.refused("deal add Weir --amount 1.234", "1.234")
    content = "Deal Name,Amount,Currency\nWeir,1500.75,JPY\nLock,21,JPY\nDam,10,JPY\n"
    at.refused("import deals -", "1500.75", input=content)
    at.all("deal edit D1 --close 2026-12-31", "deal edit D2 --close 2026-12-31")
    totals = at.json("forecast --by month")["totals"]
    at.same("pipeline", [float(each["pipeline"]) for each in totals], [31.0])


@row("B10", "a probability of 1, and of 1.0")
def certain_or_hardly(at: Place) -> None:
    for value in ("1", "1.0"):
        at.refused(f"deal add Weir --probability {value}", "1%", "100%")
    at.all("deal add Low --probability 1%", "deal add High --probability 100%")
    at.same("chances", [float(one) for one in at.deals("probability")], [0.01, 1.0])


@row("C4", "the probability of a stage elsewhere is not the deal's own")
def probabilities_of_stages(at: Place) -> None:
    hubspot = "Record ID,Deal Name,Deal Stage,Deal owner,Amount,Deal probability\n"
    rows = "1,Weir,won,,100,1.0\n2,Lock,lead,,100,0.2\n3,Dam,lead,,100,0.2\n"
    at.load("deals", hubspot + rows)
    salesforce = "Opportunity ID,Opportunity Name,Opportunity Owner,Stage,Amount,Probability (%)\n"
    at.load("deals", f"{salesforce}4,Pier,,Lead,100,10\n5,Quay,,Lead,100,10\n")
    at.same("chances", at.deals("probability"), [None] * 5)
    at.all("deal move D4 negotiation", "deal reopen D1 --to qualified")
    chances = dict(at.deals("ref", "effective_probability"))
    at.same("what D4 and D1 weigh", (float(chances["D4"]), float(chances["D1"])), (0.75, 0.2))


@row("C6", "an amount that is 1.2 or 1,200", empty=True)
def points_and_thousands(at: Place) -> None:
    at.all("init Co --currency EUR --user Ada", "deal add Weir --amount 7")
    at.refused("deal edit D1 --amount 1.200", "1200", "1.2")
    at.same("amounts", at.deals("amount"), ["7.00"])
    at.done("deal edit D1 --amount 1200.50", "1200.50|1,200.50")


@row("C21", "an amount or a currency in the database that cannot be read", engine="sqlite")
def unreadable_values(at: Place) -> None:
    for column, value in (("amount", "'soon'"), ("currency", "'EURO-SHEKEL'")):
        at.all(f"deal add {column} --amount 5")
        damaged = f"UPDATE deals SET {column} = {value} WHERE title = '{column}'"
        at.execute("PRAGMA ignore_check_constraints=ON", damaged)
    at.refused("db check", "D1", "D2")
    for command in ("deal list", "board", "forecast"):
        if at.run(command).exit_code:
            at.refused(command, "D1|D2")
