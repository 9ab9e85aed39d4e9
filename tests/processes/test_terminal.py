"""What a person at a terminal is shown while a command runs."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.crm import Crm


def on_terminal(
    url: str, arguments: Sequence[str], *, typed: bytes | None = None, code: int = 0
) -> str:
    """Return what `crmctl ARGUMENTS` writes to a terminal that is stdout and stderr.

    With `typed`, it is stdin as well. The command has to end with `code`.
    """
    ours, theirs = os.openpty()
    environment = {**os.environ, "CRMCTL_DATABASE_URL": url, "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmctl", *arguments],
        stdin=subprocess.DEVNULL if typed is None else theirs, stdout=theirs, stderr=theirs,
        env=environment, cwd=os.getcwd(),
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, typed or b"")
    written = bytearray()
    try:
        while chunk := os.read(ours, 4096):
            written += chunk
    except OSError:
        pass  # The other end is closed.
    finally:
        os.close(ours)
    assert process.wait() == code, written
    return written.decode().replace("\r\n", "\n")


def test_the_mapping_is_shown_before_the_import_and_once(sqlite_url: str, tmp_path: Path) -> None:
    crm = Crm(sqlite_url)
    assert crm("init").exit_code == 0
    file = tmp_path / "deals.csv"
    file.write_text("Title,Ammount,Stage,Notes\nA,5,lead,x\n")
    written = on_terminal(sqlite_url, ["import", "deals", str(file)])
    # Where a line is broken depends on how long the path is.
    shown = " ".join(written.split())
    before, _, after = shown.partition(" imported as change ")
    assert before == (
        f"{file}, known by title assumed: Ammount is read as the amount"
        ' (--map "Ammount=" leaves it out) Title -> title Ammount -> amount a guess'
        " Stage -> stage not imported: Notes"
    )
    assert "\n  Title   -> title\n  Ammount -> amount" in written
    counts = "created 1 updated 0 unchanged 0 rejected 0"
    assert after.endswith(f" {file}: 1 row, known by title {counts}")


def test_who_else_is_rewritten_is_shown_before_erasing(sqlite_url: str) -> None:
    crm = Crm(sqlite_url).begin(
        "init Acme",
        "customer add 'Zelda Quackmire'",
        "customer add Other",
        "deal add 'Demo for Zelda Quackmire' --customer C2",
    )
    shown = on_terminal(sqlite_url, ["customer", "erase", "C1"], typed=b"n\n", code=1)
    before, asked, _ = shown.partition("Erase Zelda Quackmire (C1) for good?")
    assert asked
    assert "D1 title: Demo for Zelda Quackmire\n" in before
    assert crm("deal show D1 --json").json()["title"] == "Demo for Zelda Quackmire"
