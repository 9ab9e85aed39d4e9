"""Rules of the work: owners, stages, fields, what belongs to the whole company."""

from tests.faults.place import Place
from tests.faults.rows import row


def halves(at: Place) -> None:
    """Have a franchise North with Nia, and a South with Sam, and a deal of each."""
    at.all(
        "franchise add North", "franchise add South", "user add Boss",
        "--franchise North user add Nia", "--franchise South user add Sam",
        "--franchise North deal add Weir", "--franchise South deal add Lock",
    )  # fmt: skip


@row("B12", "an owner who is of another franchise")
def owners_elsewhere(at: Place) -> None:
    halves(at)
    at.refused("--franchise North deal edit D1 --owner Sam", "Sam", "South|franchise")
    at.all("--franchise North deal edit D1 --owner Nia")
    at.all("--franchise North deal edit D1 --owner Sam --override --reason loan")


@row("B13", "new work for a user who is inactive")
def inactive_owners(at: Place) -> None:
    at.all("user add Bo", "user edit Bo --inactive")
    at.refused("deal add Weir --owner Bo", "Bo", "inactive|not active")
    at.load("deals", "Deal ID,Deal Name,Owner\n1,Weir,Bo\n", "", "Bo", "inactive|not active")
    at.same("owners", at.deals("owner"), ["Bo"])


@row("B16", "two columns of one name")
def labels_of_stages(at: Place) -> None:
    for command in ("stage add legal --label Proposal", "stage edit lead --label Won"):
        at.refused(command, "Proposal|Won")
    labels = [stage["label"] for stage in at.json("stage list")]
    at.same("stages", labels, ["Lead", "Qualified", "Proposal", "Negotiation", "Won", "Lost"])


@row("B18", "a customer is removed that has open deals")
def deals_of_removed_customers(at: Place) -> None:
    at.all("customer add Fell", "deal add Weir --customer C1", "deal add Dam --customer C1")
    at.done("customer remove C1", "2 open deals")
    for command in ("deal list", "deal show D1", "board"):
        at.done(command, "removed")
    at.same("marked", at.deals("customer_removed"), [True, True])


@row("C10", "a franchise removes what is the whole company's")
def of_the_whole_company(at: Place) -> None:
    halves(at)
    at.all("--franchise none field add deal budget --type number")
    at.all("--franchise South deal edit D2 --custom budget=5")
    at.all("--franchise South deal move D2 proposal")
    for command in ("stage remove proposal --move-to lead", "field remove deal budget --yes"):
        at.refused(f"--franchise North {command}", "--franchise none|company")
    shown = at.json("--franchise South deal show D2")
    at.same("South's deal", (shown["stage"], shown["custom"]), ("proposal", {"budget": 5}))
    at.all("--franchise none stage remove proposal --move-to lead")


@row("C17", "of three deals two may not move")
def all_that_may_not_move(at: Place) -> None:
    at.all("deal add One", "deal add Two --amount 5", "deal add Three")
    at.all("stage edit proposal --required amount")
    command = "deal move D1 D2 D3 proposal"
    at.silent(command, at.refused(command, "D1", "D3"), "D2")
    at.same("stages", at.deals("stage"), ["lead"] * 3)


@row("C18", "a dry run asks for nothing")
def dry_runs(at: Place) -> None:
    at.all("field add deal b --type number", "deal add Weir --custom b=5")
    at.done("field remove deal b --dry-run", "1")
    at.same("custom values", at.deals("custom"), [{"b": 5}])


@row("C20", "a stage's required field is emptied in that stage")
def required_fields(at: Place) -> None:
    at.all("stage edit proposal --required amount", "deal add One", "deal add Weir --amount 5")
    at.all("deal move D2 proposal")
    at.refused("deal edit D2 --clear amount", "amount", "proposal")
    at.same("amounts", at.deals("amount"), [None, "5.00"])


@row("C22", "undo of a stage that is in use again")
def positions_of_stages(at: Place) -> None:
    at.all("deal add Weir", "stage add legal --after proposal")
    added = at.last_change()
    at.all("deal move D1 legal")
    at.run(f"undo {added}")
    positions = [stage["position"] for stage in at.json("stage list")]
    at.same("positions", sorted(set(positions)), positions)
    at.sound()


@row("C7", "who writes is not known", empty=True)
def who_writes(at: Place) -> None:
    at.all("init Co --user Ada", "user add Bob", "deal add Weir")
    at.same("actors", {change["actor"] for change in at.json("log")}, {"Ada"})
    elsewhere = {"CRMCTL_CONFIG": str(at.folder / "other.toml")}
    at.done("deal add Lock", "--as|user use", env=elsewhere)
    at.all("deal add Dam --as Bob")
    result = at.run("undo", env=elsewhere)
    at.tells("undo", result, "Bob")


@row("B20", "what is remembered belongs to one database")
def remembered_names(at: Place) -> None:
    at.all("demo --keep $OUT/demo.db", "--database $OUT/demo.db user use Priya")
    at.all("deal list", "deal add Weir", "board", "log", "--database $OUT/demo.db deal list")
    at.all("user add Bea", "user use Bea", "user edit Bea --name Bee --as Ada", "deal add Lock")
