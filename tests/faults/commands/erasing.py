"""Erasing a person: all of that person's, nothing of others, and what stays is told."""

from tests.faults.place import Place, said
from tests.faults.rows import row


@row("C1", "a customer is erased whose name is a common word")
def common_words(at: Place) -> None:
    at.all("customer add Will", "customer add Europe", "customer add Other")
    titles = ["Annual plan, will renew in May", "Europe rollout"]
    at.all(*(f"deal add '{title}' --customer C3" for title in titles))
    at.done("customer erase C1 --dry-run", "D1")
    at.done("customer erase C2 --dry-run", "D2")
    at.all("customer erase C1 --yes", "customer erase C2 --yes")
    at.same("deals", at.deals("title"), titles)
    at.sound()


NOTES = (
    "Quackenbush, Zebulon", "ZEBULON QUACKENBUSH wants a call", "ring 030 9876543",
    "030/98 76 543", "+49 (0)30 9876543",
)  # fmt: skip


@row("C2", "traces of a person who was erased")
def traces(at: Place) -> None:
    content = "Name,Email,Phone\nZebulon Quackenbush,zeb@quackenbush.example,+49 30 9876543\n"
    at.file("zebulon-quackenbush.csv", content)
    at.all("import customers $OUT/zebulon-quackenbush.csv", "customer add Other")
    for note in NOTES:
        at.done(["activity", "add", "note", note, "--customer", "C2"])
    told = said(at.done("customer erase C1 --yes"))
    run = at.json("import list")[0]["ref"]
    for command in ("import list --json", f"import show {run} --json"):
        at.silent(command, at.done(command), "quackenbush")
    left = said(at.done("activity list --limit 0 --json"))
    for phone in ("9876543", "98 76 543"):
        at.holds(f"{phone} is left in notes", phone not in left)
    for name, ref in (("quackenbush, zebulon", "a1"), ("zebulon quackenbush", "a2")):
        at.holds(f"'{name}' is left in {ref}, unsaid: {told}", name not in left or ref in told)
    held = _held(at)
    at.holds("the address is left in the database", "zeb@quackenbush" not in held)
    if "quackenbush" not in left:
        at.holds("the name is left in the database", "quackenbush" not in held)


def _held(at: Place) -> str:
    """Return all that the database holds, in small letters: the files of SQLite, or the rows."""
    if at.sqlite:
        files = [one.read_bytes() for one in at.sqlite.parent.glob(f"{at.sqlite.name}*")]
        return b"".join(files).decode("latin-1").lower()
    tables = at.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return "".join(str(at.query(f"SELECT t::text FROM {name} t")) for (name,) in tables).lower()


@row("D19", "an erasure while somebody reads", engine="sqlite")
def while_read(at: Place) -> None:
    at.load("customers", "Name,Email\nZelda Quackmire,zelda@quackmire.example\n")
    with at.reader():
        at.done("customer erase C1 --yes", "in use|reader|read|open", "db check|again")
    at.done("db check")
    at.holds("traces stay in the file", "quackmire" not in _held(at))
