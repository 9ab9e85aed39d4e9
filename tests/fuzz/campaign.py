"""A company into which damaged files are imported, and what must hold after each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, select

from crmctl.domain.importing.findings import Certainty
from crmctl.models.schema import metadata
from crmctl.services.integrity import check
from crmctl.storage import db
from tests.crm import Crm, Result
from tests.fuzz.damage import damaged

NOW = "2026-06-15T09:00:00Z"
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
#: More of a file than this tells no more, and takes longer.
_MOST = 6000
#: Tables that remember what was undone, so that no undo takes them back.
_MEMORY = {"changes", "change_rows", "counters", "imports"}
_WHATS = ("customers", "deals", "activities", "history")
_SHARED = (
    "--dry-run", "--on-error abort", "--dates dmy", "--dates mdy", "--empty NA", "--source hubspot",
    "--source other", "--create-missing users", "--encoding utf-8", "--encoding cp1252",
    "--delimiter ,", "--delimiter ;", "--header 1", "--header 3",
    "--preset none", "--preset hubspot", "--preset salesforce",
)  # fmt: skip
_RECORDS = (
    "--key external_id", "--create-only", "--update-only", "--fill-empty", "--batch 3",
    "--save-mapping kept", "--create-missing customers,users",
)  # fmt: skip
#: How lines below an error begin that say how the file was read.
_FOUND = tuple(f"  {certainty}: " for certainty in Certainty)
_OPTIONS = {
    "customers": (
        *_SHARED, *_RECORDS, "--custom", "--country DE", "--decimal ,", "--decimal .",
        "--key name", "--key email", "--key domain", "--key number", "--key name,email",
    ),
    "deals": (
        *_SHARED, *_RECORDS, "--custom", "--country DE", "--decimal ,", "--decimal .",
        "--key title", "--key title,customer", "--key number", "--lost-reason none",
        "--stage-map 'Contract Sent=proposal'", "--override --reason fuzz",
    ),
    "activities": (*_SHARED, *_RECORDS, "--kind note", "--kind-map Deal=call", "--key subject"),
    "history": (*_SHARED, "--decimal ,", "--stage-map 'Contract Sent=proposal'"),
}  # fmt: skip
_RECORDED = """\
id,title,stage,amount,customer
901,Harbour Lights - rooms,proposal,12000,Harbour Lights Hotel
902,Kettle & Crow - tasting bar,lead,8450.5,"Kettle & Crow, Ltd."
903,Blue Gate - renewal,won,5200,Blue Gate Cinema
"""
_ACTIVITIES = """\
id,kind,subject,at,minutes,deal,customer
1,call,About the rooms,2026-06-01 10:00,15,Harbour Lights - rooms,
2,note,"Likes
blue",2026-06-02,,,Blue Gate Cinema
"""


@dataclass(frozen=True)
class Case:
    """A damaged file, and the command that imports it from stdin."""

    number: int
    name: str
    command: str
    data: bytes


class Campaign:
    """Imports damaged files one after the other into a company, each taken back by undo.

    The number of a case says all about it for one `seed` and the same files.
    """

    def __init__(self, url: str, engine: Engine, seed: int, folder: Path | None) -> None:
        self._crm = Crm(url, NOW)
        self._engine = engine
        self._seed = seed
        self._prepare()
        self._files = {**self._exports(), **dict(_samples(EXAMPLES))}
        if folder is not None:
            self._files |= dict(_samples(folder))
        self._before = self._contents()

    def _prepare(self) -> None:
        self._done("init Acme --currency EUR --user Ann --email ann@acme.example")
        self._done("field add deal size --type number")
        self._done("import deals - --source hubspot --create-missing customers", _RECORDED)
        self._done("import activities - --source hubspot", _ACTIVITIES)

    def _done(self, command: str, content: str = "") -> str:
        result = self._crm(command, input=content)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def _exports(self) -> dict[str, bytes]:
        """Return what the company exports of everything, in every form."""
        return {
            f"{what}.{form}": self._done(f"export {what} --format {form}").encode()
            for what in _WHATS
            for form in ("csv", "jsonl")
        }

    def case(self, number: int) -> Case:
        """Return the case of that number."""
        random = Random(f"{self._seed} {number}")
        name = random.choice(sorted(self._files))
        named = [what for what in _WHATS if what in name]
        what = random.choice(named if named and random.random() < 0.7 else _WHATS)
        options = random.sample(_OPTIONS[what], random.randint(0, 3))
        data = self._files[name]
        if random.random() < 0.5:
            first, _, rest = data.partition(b"\n")
            start = rest.find(b"\n", random.randrange(len(rest) or 1)) + 1
            data = first + b"\n" + rest[start:]
        command = " ".join(("import", what, "-", *options))
        return Case(number, name, command, damaged(random, data[:_MOST]))

    def run(self, case: Case) -> None:
        """Import the file of `case`; raises AssertionError where that breaks a promise."""
        try:
            result = self._crm(case.command, input=case.data, env={"CRMCTL_DEBUG": "1"})
        except Exception as error:
            raise AssertionError(self._told(case)) from error
        assert result.exit_code in (0, 1, 2, 3), self._told(case, result)
        assert "unexpected" not in result.stderr, self._told(case, result)
        after = self._contents()
        if result.exit_code in (2, 3):
            assert _one_line(result), self._told(case, result)
            assert after == self._before, self._told(case, result)
            return
        with db.session(self._engine) as session:
            assert check.run(session) == [], self._told(case, result)
        if after != self._before:
            assert self._crm("undo").exit_code == 0, self._told(case, result)
            assert self._contents() == self._before, self._told(case, result)

    def _contents(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Return every row of every table, but for the records of what was done."""
        kept = [table for table in metadata.sorted_tables if table.name not in _MEMORY]
        with self._engine.connect() as connection:
            return {
                t.name: sorted(map(tuple, connection.execute(select(t))), key=repr) for t in kept
            }

    def _told(self, case: Case, result: Result | None = None) -> str:
        seen = f"exit {result.exit_code}: {result.stderr[-500:]}" if result else "an exception"
        rerun = f"--seed {self._seed} --case {case.number}"
        return f"{case.name}: {case.command}: {seen} (python -m tests.fuzz {rerun})"


def _samples(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the CSV files below `folder`, gzipped ones too, by their place in it."""
    for file in sorted([*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]):
        yield str(file.relative_to(folder)), file.read_bytes()


def _one_line(result: Result) -> bool:
    """Return whether a command said in one line why it did nothing, and printed nothing.

    How the file was read may stand below that line.
    """
    first, *rest = result.stderr.splitlines() or [""]
    told = first.startswith("crmctl: error: ") and all(line.startswith(_FOUND) for line in rest)
    return told and not result.stdout
