"""What is shown and written: files, words, everything on a pipe."""

import stat

from tests.faults.place import Place
from tests.faults.rows import row


@row("B14", "texts that a spreadsheet has damaged")
def damaged_texts(at: Place) -> None:
    at.all("customer add Müller", "export customers $OUT/x.csv")
    at.all("export customers $OUT/y.csv --bom")
    exported = (at.folder / "x.csv").read_bytes()
    at.same("what --bom writes", (at.folder / "y.csv").read_bytes(), b"\xef\xbb\xbf" + exported)
    damaged = exported.decode("cp1252").encode()
    at.tells("import customers -", at.run("import customers - --dry-run", input=damaged), "UTF-8")
    at.refused("import customers - --strict", "MÃ¼ller|UTF-8", input=damaged)
    at.same("names", at.customers("name"), ["Müller"])


@row("B15", "files that are there already")
def files_that_are_there(at: Place) -> None:
    at.all("customer add 'Tern Foods'", "customer add 'Tern Foods'", "deal add Weir")
    file = at.file("kept", "edited by hand")
    for command in ("customer duplicates --plan", "board --html", "export deals"):
        at.refused(f"{command} $OUT/kept", "--force")
        at.same("the file", file.read_text("utf-8"), "edited by hand")
    at.all("customer duplicates --plan $OUT/kept --force")


@row("B19", "titles are sorted as people read")
def sorted_titles(at: Place) -> None:
    titles = ["apple", "ärger", "Banana", "ö", "Zebra"]
    at.all(*(f"deal add {title}" for title in reversed(titles)))
    listed = [deal["title"] for deal in at.json("deal list --sort title")]
    at.same("titles", listed, titles)


@row("B22", "a custom field is told by its name")
def names_of_custom_fields(at: Place) -> None:
    at.all("field add deal budget --type number", "deal add Weir")
    result = at.done("deal edit D1 --custom budget=5", "budget - -> 5")
    at.silent("deal edit D1 --custom budget=5", result, "custom ")


@row("B23", "the board on a phone, and as a drawing")
def boards_for_others(at: Place) -> None:
    at.all("deal add Weir --amount 5", "board --html $OUT/board.html", "board --svg $OUT/board.svg")
    page = (at.folder / "board.html").read_text("utf-8").lower()
    at.holds("no viewport", 'name="viewport"' in page)
    at.holds("one <pre>", page.count("<pre") != 1)
    for text in (page, (at.folder / "board.svg").read_text("utf-8").lower()):
        links = [part for part in text.split('"') if part.startswith("http")]
        at.same("hosts", [link for link in links if "w3.org" not in link], [])
        at.holds("a font of another host", "url(http" not in text.replace("'", "").replace('"', ""))


@row("B24", "an erasure on a pipe, without --yes")
def missing_yes(at: Place) -> None:
    at.all("customer add Ines")
    result = at.refused("customer erase C1", "--yes")
    at.same("lines", len(result.stderr.splitlines()), 1)
    at.silent("customer erase C1", result, "?")


@row("C11", "a board on a pipe")
def whole_boards(at: Place) -> None:
    at.load("deals", "Deal Name\n" + "".join(f"Deal {n}\n" for n in range(25)))
    at.same("cards", len(at.json("board")["stages"][0]["deals"]), 25)


@row("C14", "columns without a name")
def columns_without_names(at: Place) -> None:
    at.load("customers", "name,email,name,,\nInes Moor,ines@moor.example,,x,y\n")
    found = at.customers("name", "email")
    at.same("customers", found, [("Ines Moor", "ines@moor.example")])


@row("C15", "what records are made of")
def documented_records(at: Place) -> None:
    empty = at.done("deal list --output csv").stdout
    at.same("lines of an empty list", len(empty.splitlines()), 1)
    at.all("deal add Weir --amount 100")
    full = at.done("deal list --output csv").stdout
    at.same("its header", full.splitlines()[:1], empty.splitlines())
    listed = at.json("deal list")[0]
    card = at.json("board")["stages"][0]["deals"][0]
    shared = {name: card[name] for name in listed if name in card}
    at.same("words of a card", {name: listed[name] for name in shared}, shared)
    weighed = (float(listed["effective_probability"]), float(listed["weighted_amount"]))
    at.same("what a deal weighs", weighed, (0.1, 10.0))
    at.done("schema deal", "effective_probability", "weighted_amount")


@row("C23", "an undo is told in names and words")
def undo_in_words(at: Place) -> None:
    at.all("customer add Fell", "customer add Birk", "field add deal budget --type number")
    at.all("deal add Weir --customer C1 --custom budget=5")
    at.all("deal edit D1 --customer C2 --custom budget=7")
    at.silent("undo", at.done("undo", "Fell", "budget"), "customer_id", "custom budget=5")


@row("C13", "undo of an import that someone went on with")
def undo_by_field(at: Place) -> None:
    head = "Deal ID,Deal Name,Amount,Next Step\n"
    at.load("deals", f"{head}1,Weir,10,Old step\n")
    at.load("deals", f"{head}1,Weir,20,New step\n")
    imported = at.last_change()
    at.all("deal edit D1 --amount 30")
    at.tells("undo", at.run(f"undo {imported}"), "D1", "amount")
    at.same("deals", at.deals("amount", "next_step"), [("30.00", "Old step")])


@row("D9", "an output form that there is not")
def refused_before_the_commit(at: Place) -> None:
    at.all("customer add One", "customer add Two", "deal add Weir")
    before = len(at.json("log"))
    for command in (
        "deal add A", "deal edit D1 --amount 5", "deal move D1 proposal", "deal win D1",
        "deal remove D1", "customer add New", "customer merge C1 C2", "user add Bo",
        "stage add legal", "activity add note Hi --deal D1", "undo", "import deals -",
    ):  # fmt: skip
        at.refused(command, "yaml", env={"CRMCTL_OUTPUT": "yaml"}, input="Deal Name\nLock\n")
    at.same("changes", len(at.json("log")), before)


@row("D18", "modes of files, and what a killed export left")
def modes_and_leftovers(at: Place) -> None:
    at.all("deal add Weir", "export deals $OUT/deals.csv")
    (at.folder / "deals.csv").chmod(0o600)
    at.all("export deals $OUT/deals.csv --force")
    at.same("mode", stat.S_IMODE((at.folder / "deals.csv").stat().st_mode), 0o600)
    at.all("export all $OUT/backup")
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (at.folder / "backup").iterdir()}
    at.same("modes of an archive", modes, {0o600})
    left = at.file(".crmctl-999999.new", "half")
    at.all("export deals $OUT/more.csv")
    at.holds("what a killed export left is still there", not left.exists())
