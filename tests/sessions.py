"""Console sessions in Markdown: read, run in this process and compared with what they show.

A session is a block fenced as ```console. Its lines that begin with `$ ` are typed, and the lines
below each are what both streams then show. In them, `...` stands for whatever is there: for lines
if it is alone on its line, for the rest of the words otherwise. All sessions of a document work on
one database, each command a minute after the one before.

    python -m tests.sessions README.md    writes anew what the commands of the sessions print
"""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
START = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
_BLOCK = re.compile(
    r"^```(?P<kind>\w+)(?P<mark>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
#: What a change is called is drawn by lot.
_REFERENCE = re.compile(r"\b[0-9a-f]{8}([0-9a-f]{4})?\b")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words after it, its text, and where that text is."""

    kind: str
    mark: str
    body: str
    span: tuple[int, int]


@dataclass
class Command:
    """What is typed, and what is then shown."""

    typed: str
    shown: list[str] = field(default_factory=list)


def blocks(markdown: str) -> list[Block]:
    """Return the fenced blocks of a document."""
    return [
        Block(found["kind"], found["mark"].strip(), found["body"], found.span("body"))
        for found in _BLOCK.finditer(markdown)
    ]


def commands(body: str) -> list[Command]:
    """Return the commands of a session; one that ends in a backslash goes on in the next line."""
    found: list[Command] = []
    for line in body.splitlines():
        if found and found[-1].typed.endswith("\\") and not found[-1].shown:
            found[-1].typed += f"\n{line}"
        elif line.startswith("$ "):
            found.append(Command(line[2:]))
        else:
            found[-1].shown.append(line)
    return found


class Shell:
    """Runs what is typed: crmctl in this process, and what it is piped from or to by the system."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = settings or {}
        self.clock = START

    def run(self, typed: str) -> str:
        """Return what a terminal shows of a command and of what it is piped to."""
        output = ""
        for stage in typed.replace("\\\n", "").split(" | "):
            program, *arguments = shlex.split(stage, comments=True)
            if program == "crmctl":
                output = self._crmctl(arguments, output)
            else:
                done = subprocess.run(
                    [program, *arguments], input=output, capture_output=True, text=True,
                    cwd=self.folder,
                )  # fmt: skip
                output = done.stdout + done.stderr
        self.clock += timedelta(minutes=1)
        return output

    def _crmctl(self, arguments: list[str], typed: str) -> str:
        from crmctl.cli import main

        screen = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        stdin = io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            for name, value in {**self.settings, "CRMCTL_NOW": self.clock.isoformat()}.items():
                patch.setenv(name, value)
            for name, stream in (("stdin", stdin), ("stdout", screen), ("stderr", screen)):
                patch.setattr(sys, name, stream)
            main(arguments)
        screen.seek(0)
        return screen.read().replace("\r\n", "\n")


def lines(text: str) -> list[str]:
    """Return `text` as lines without the blanks at their ends, and without those at its own."""
    return [line.rstrip() for line in text.strip("\n").split("\n")] if text.strip() else []


def agree(shown: list[str], got: list[str]) -> bool:
    """Return whether `got` is what a document shows."""
    return bool(re.fullmatch("".join(_patterns(shown)), "".join(f"{_hidden(x)}\n" for x in got)))


def _hidden(line: str) -> str:
    return _REFERENCE.sub("REF", line)


def _patterns(shown: list[str]) -> Iterator[str]:
    for line in shown:
        if line == "...":
            yield r"(?:[^\n]*\n)*?"
        else:
            yield r"[^\n]*?".join(re.escape(part) for part in _hidden(line).split("...")) + "\n"


def renewed(markdown: str, shells: dict[str, Shell]) -> str:
    """Return `markdown` with what its sessions print now, where that is not what they show."""
    parts, end = [], 0
    for block in blocks(markdown):
        if block.kind != "console" or block.mark not in shells:
            continue
        text = []
        for command in commands(block.body):
            got = lines(shells[block.mark].run(command.typed))
            shown = command.shown if agree(lines("\n".join(command.shown)), got) else got
            text += [f"$ {command.typed}", *shown]
        parts += [markdown[end : block.span[0]], "\n".join(text) + "\n"]
        end = block.span[1]
    return "".join([*parts, markdown[end:]])


def shells(home: Path, data: Path) -> dict[str, Shell]:
    """Return what runs the sessions, by the words after ```console: those of the README's sample
    files, and those on the `maven` files where they are in the folder `data`."""
    shutil.copytree(ROOT / "tests/examples", home / "tests/examples")
    found = {"": Shell(home)}
    maven = data / "maven-crm-sales"
    if maven.is_dir():
        own = {"CRMCTL_DATABASE_URL": "maven.db", "CRMCTL_CONFIG": "maven.toml"}
        found["maven"] = Shell(maven, {name: str(home / file) for name, file in own.items()})
    return found


def main(path: Path) -> None:
    """Renew the sessions of the document at `path`, outside of the user's own settings."""
    from tests.conftest import SHARED_DATA

    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith(("CRMCTL_", "XDG_"))]:
            del os.environ[name]
        os.environ |= {"HOME": folder, "USER": "ada", "COLUMNS": "100", "NO_COLOR": "1"}
        text = path.read_text(encoding="utf-8")
        path.write_text(renewed(text, shells(Path(folder), SHARED_DATA)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
