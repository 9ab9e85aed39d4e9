"""On SQLite, what was erased is not left in free pages of the file either."""

from pathlib import Path

from tests.crm import Crm


def test_the_file_holds_nothing_of_the_person(sqlite_url: str) -> None:
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    crm = Crm(sqlite_url, "2026-03-01T09:00:00Z")
    crm("init Acme")
    crm("customer add 'Ann Müller' --email ann@x.example")
    crm("customer edit 1 --email ann@y.example")
    assert _traces(folder)
    assert crm("customer erase 1 --yes").exit_code == 0
    assert _traces(folder) == []


def _traces(folder: Path) -> list[str]:
    content = b"".join(file.read_bytes() for file in sorted(folder.glob("crm.db*")))
    return [trace for trace in ("Müller", ".example", "Ann ") if trace.encode() in content]
