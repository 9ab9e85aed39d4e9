"""crmctl customer erase: other spellings of the person, and the files that it came in by."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from crmctl.models.schema import metadata
from crmctl.storage import db
from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("on_each_engine")
STRUCK = [
    "Quackenbush, Zebulon", "QUACKENBUSH, ZEBULON", "ZEBULON QUACKENBUSH wants a call",
    "Zebulon  Quackenbush", "see zebulon_quackenbush.pdf", "ring 0151 23456789",
    "0151/2345-6789", "+49 (0)151 2345.6789", "(0151) 23 45 67 89", "0049 151 23456789",
    "ZEBULON@Quackenbush.Example", "\uff3aebulon Quacken\ufe0fbush",
]  # fmt: skip
POSSIBLE = ["Mr Quackenbush", "zebulonquackenbush", "quackenbush, zebulon"]


@pytest.fixture
def quackenbush(crm: Crm, tmp_path: Path) -> Crm:
    """A person who came in by a file of that name, and what is said of it elsewhere."""
    crm.now = "2026-03-01T09:00:00Z"
    crm.begin("init Co --user Ada", "customer add Other")
    folder = tmp_path / "from Zebulon"
    folder.mkdir()
    file = folder / "zebulon-quackenbush.csv"
    row = "Zebulon Quackenbush,zebulon@quackenbush.example,+49 151 2345 6789"
    file.write_text(f"Name,Email,Phone\n{row}\n", encoding="utf-8")
    assert crm(["import", "customers", str(file)]).exit_code == 0
    return crm


def _content(engine: Engine) -> str:
    """Return all that the files of a database hold, or a dump of it would, in small letters."""
    if path := db.sqlite_file(str(engine.url)):
        files = path.parent.glob(f"{path.name}*")
        return b"".join(file.read_bytes() for file in files).decode("utf-8", "replace").lower()
    with engine.connect() as connection:
        rows = [
            connection.scalars(text(f"SELECT t::text FROM {table} t")).all()
            for table in metadata.tables
        ]
    return str(rows).lower()


def test_all_spellings_go_and_what_may_be_one_is_told(quackenbush: Crm, engine: Engine) -> None:
    crm = quackenbush
    rows = [f'{key},note,"{said}",C1' for key, said in enumerate(STRUCK + POSSIBLE)]
    about = "\n".join(["id,kind,subject,customer", *rows, ""])
    assert crm("import activities -", input=about).exit_code == 0
    planned = crm("customer erase C2 --dry-run").stderr.splitlines()
    head = "Kept, because it may mean something else (--everywhere takes it out too):"
    told = [line for line in planned if line.startswith("  A") or line == head]
    at = told.index(head)
    listed = [f"  A{number} subject: {said}" for number, said in enumerate(STRUCK + POSSIBLE, 1)]
    assert sorted(told[:at]) == sorted(listed[: len(STRUCK)])
    assert sorted(told[at + 1 :]) == sorted(listed[len(STRUCK) :])
    erased = crm("customer erase C2 --yes")
    assert erased.exit_code == 0
    (kept,) = [line for line in erased.stderr.splitlines() if "may mean something else" in line]
    assert {word.strip(",") for word in kept.split()} >= {"A13", "A14", "A15"}
    content = _content(engine)
    for said in (*STRUCK, "23456789", "from zebulon", "quackenbush.csv"):
        left = content.replace("quackenbush, zebulon", "")
        assert said.lower() not in left, said
    run = crm("import list --json").json()[-1]
    assert run["file"].endswith("/from [erased]/[erased].csv")
    assert "uackenbush" not in crm(f"import show {run['ref']}").stdout
    assert crm("db check").exit_code == 0


def test_what_may_be_a_name_goes_if_asked(quackenbush: Crm, engine: Engine) -> None:
    crm = quackenbush
    for said in POSSIBLE:
        crm(["activity", "add", "note", said, "--customer", "C1"])
    assert crm("customer erase C2 --everywhere --yes").exit_code == 0
    content = _content(engine)
    assert "quackenbush" not in content
    assert "zebulon" not in content


def test_a_word_that_others_are_called_by_too_means_none_of_them(crm: Crm) -> None:
    names = [f"customer add '{word} Foods'" for word in ("Tarn", "Fell", "Beck", "Gill", "Moor")]
    crm.begin("init Co --user Ada", *names, "deal add 'Foods for Tarn' --customer C2",
              "deal add 'Foods for all' --customer C2")  # fmt: skip
    planned = crm("customer erase C1 --dry-run").stderr
    assert "D1 title: Foods for Tarn" in planned
    assert "D2" not in planned
