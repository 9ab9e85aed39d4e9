"""Locks beside a SQLite file: one process has it, and it ends with that process."""

import subprocess
import sys
from pathlib import Path

from crmctl.storage import process_locks

HOLD = """
import os, sys
from pathlib import Path
from crmctl.storage import process_locks
with process_locks.alone(Path(sys.argv[1]), "import", "aa") as mine:
    print(mine, flush=True)
    sys.stdin.readline()
    os._exit(9)
"""


def test_a_lock_is_had_once_and_leaves_nothing(tmp_path: Path) -> None:
    database = tmp_path / "crm.db"
    with process_locks.alone(database, "import", "aa") as first:
        with process_locks.alone(database, "import", "aa") as second:
            assert (first, second) == (True, False)
        with process_locks.alone(database, "import", "bb") as another:
            assert another
    assert list(tmp_path.iterdir()) == []


def test_a_lock_dies_with_its_process_and_the_next_one_sweeps(tmp_path: Path) -> None:
    database, pipe = tmp_path / "crm.db", subprocess.PIPE
    command = [sys.executable, "-c", HOLD, str(database)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "True\n"
        with process_locks.alone(database, "import", "aa") as mine:
            assert not mine
        process.communicate("\n")
    assert [file.name for file in tmp_path.iterdir()] == ["crm.db-import-aa"]
    with process_locks.alone(database, "import", "bb") as mine:
        assert mine
    assert list(tmp_path.iterdir()) == []
