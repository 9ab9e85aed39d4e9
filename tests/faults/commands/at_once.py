"""Several at once: what is one stays one, and nothing is left on what was merged or undone."""

from tests.faults.place import Place
from tests.faults.rows import row
from tests.processes.programs import Ended, ended, until

ROWS = 150
MISSING = "--create-missing customers,users --as Ada"
FINE = (0, 1, 2, 3, 5)


def _files(at: Place, column: str = "Segment", cell: str = "dairy") -> None:
    """Write a file of customers, with a column beside their names, and one of their deals."""
    people = "".join(f"Fell {n},{cell.format(n)}\n" for n in range(ROWS))
    at.file("people.csv", f"Name,{column}\n{people}")
    deals = "".join(f"{n},Deal {n},Fell {n % ROWS},Owner {n % 7}\n" for n in range(2 * ROWS))
    at.file("deals.csv", f"Deal ID,Deal Name,Customer,Owner\n{deals}")


def _sane(at: Place, *ends: Ended) -> None:
    for end in ends:
        at.holds(f"exit {end.code}: {end.stderr[-300:]}", end.code in FINE)
        at.holds(f"it breaks: {end.stderr[-300:]}", "unexpected" not in end.stderr)


def _whole(at: Place) -> None:
    """Note where there are more or fewer than the files have, or not one for each name."""
    at.same("deals", len(at.deals("ref")), 2 * ROWS)
    names = at.customers("name")
    at.same("customers", (len(names), len(set(names))), (ROWS, ROWS))
    users = [user["name"] for user in at.json("user list")]
    at.same("users", (len(users), len(set(users))), (8, 8))
    at.sound()


@row("D3", "imports of several kinds, in steps, and resumed, at once", engine="postgresql")
def imports_at_once(at: Place) -> None:
    _files(at)
    people = "import customers $OUT/people.csv --as Ada"
    deals = f"import deals $OUT/deals.csv {MISSING}"
    _sane(at, *at.together(people, deals, deals, *[f"{deals} --batch 50"] * 2))
    at.run(people)
    at.run(deals)
    _whole(at)


@row("D3", "a run that goes on is not resumed", engine="postgresql")
def resumed_while_running(at: Place) -> None:
    _files(at)
    deals = f"import deals $OUT/deals.csv --batch 7 {MISSING}"
    _sane(at, *at.together(deals, *["import --resume --as Ada"] * 3))
    _whole(at)


@row("D5", "a merge, an undo and a rule meanwhile, in an import in steps")
def meanwhile(at: Place) -> None:
    _files(at, "Email", "f{}@fell.example")
    at.all("import customers $OUT/people.csv")
    importing = at.start(f"import deals $OUT/deals.csv --batch 20 {MISSING}")
    merging = at.start_loop(*(f"customer merge C{n} C{n + 1} --as Ada" for n in range(1, 40, 2)))
    adding = at.start_loop(
        *(f"deal add 'New {n}' --customer f{n}@fell.example --as Ada" for n in range(40))
    )
    _sane(at, *(ended(each) for each in (importing, merging, adding)))
    _on_gone_customers(at)
    importing = at.start(f"import deals $OUT/deals.csv --batch 5 --source other {MISSING}")
    undoing = at.start_loop(*["undo --as Ada"] * 3)
    _sane(at, ended(importing), ended(undoing))
    at.sound()


def _on_gone_customers(at: Place) -> None:
    gone = "SELECT count(*) FROM deals t JOIN customers c ON c.id = t.customer_id"
    found = at.query(f"{gone} WHERE c.merged_into IS NOT NULL")
    at.same("deals on merged customers", found, [(0,)])


@row("D5", "a rule that is made and a field that is removed, in an import in steps")
def rules_meanwhile(at: Place) -> None:
    rows = "".join(f"{n},Deal {n},Proposal,{n}\n" for n in range(2 * ROWS))
    at.file("staged.csv", f"Deal ID,Deal Name,Stage,Budget\n{rows}")
    at.all("field add deal budget --type number")
    mapped = "--map Budget=custom.budget --as Ada"
    importing = at.start(f"import deals $OUT/staged.csv --batch 5 {mapped}")
    until(lambda: at.deals("ref"))
    at.run("stage edit proposal --required amount --as Ada")
    at.run("field remove deal budget --yes --as Ada")
    end = ended(importing)
    _sane(at, end)
    late = end.code and len(at.deals("ref")) < 2 * ROWS
    at.holds(f"it takes no notice: {end.stderr[-300:]}", late)
    at.sound()


@row("D6", "a customer is merged away while others write about it")
def merged_meanwhile(at: Place) -> None:
    at.all(*(f"customer add 'Fell {n}' --email f{n}@fell.example" for n in range(1, 31)))
    customers = [f"--customer f{n}@fell.example --as Ada" for n in range(1, 31)]
    started = [
        at.start_loop(*(f"customer merge C{n} C{n + 1} --as Ada" for n in range(1, 30, 2))),
        at.start_loop(*(f"deal add New {one}" for one in customers)),
        at.start_loop(*(f"activity add note Hi {one}" for one in customers)),
    ]
    _sane(at, *(ended(each) for each in started))
    _on_gone_customers(at)
    at.sound()


@row("D6", "undo follows a merge")
def undo_follows_merges(at: Place) -> None:
    at.all("customer add One", "customer add Two", "customer add Three")
    at.all("deal add Wheel --customer C1", "deal edit D1 --customer C3")
    edit = at.last_change()
    at.all("customer merge C2 C1")
    at.run(f"undo {edit}")
    at.same("its customer", at.deals("customer"), ["Two"])
    at.sound()
    at.execute("UPDATE deals SET customer_id = (SELECT id FROM customers WHERE number = 1)")
    at.refused("db check", "D1")


@row("D15", "six who add one user at once", engine="postgresql")
def one_user(at: Place) -> None:
    ends = at.together(*["user add Bo --as Ada"] * 6)
    _sane(at, *ends)
    at.same("who did", [end.code for end in ends].count(0), 1)
    names = [user["name"] for user in at.json("user list")]
    at.same("users", sorted(names), ["Ada", "Bo"])
    at.sound()
    at.execute("UPDATE users SET name = 'Ada' WHERE name = 'Bo'")
    at.refused("db check", "Ada")
