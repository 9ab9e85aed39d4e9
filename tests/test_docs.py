"""The README and CONTRIBUTING are true: their commands exist, and print what they show."""

import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from crmctl import errors
from crmctl.cli import COMMANDS
from tests import sessions
from tests.conftest import ROOT, SHARED_DATA

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

SET_UP = [
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/crmctl demo",
    "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]'"
    " && .venv/bin/python tests/check.py",
]


def every_command() -> Iterator[tuple[str, Any]]:
    """Yield each command with its words: `deal move`."""
    for name, (module, _) in COMMANDS.items():
        command = typer.main.get_command(import_module(f"crmctl.cli.{module}").app)
        verbs = getattr(command, "commands", None)
        if verbs is None:
            yield name, command
        for verb, inner in (verbs or {}).items():
            yield f"{name} {verb}", inner


COMMAND_WORDS = dict(every_command())


def mentioned(markdown: str) -> set[str]:
    """Return the commands that a document names: `crmctl deal move`, and those in lists of verbs.

    Such are `crmctl stage add | edit` and: `crmctl user` and `crmctl company` have `add | edit`.
    """
    found = set(re.findall(r"crmctl ([a-z]+(?: [a-z]+)?)", markdown))
    found |= {words.split()[0] for words in found}
    nouns: list[str] = []
    text = re.sub(r"^ *```.*?^ *```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    for piece in re.findall(r"`([^`]+)`", text):
        noun = re.match(r"crmctl ([a-z]+)", piece)
        verbs = re.findall(r"[a-z]+", piece.removeprefix("crmctl ")) if " | " in piece else []
        if noun and verbs:
            found |= {f"{noun[1]} {verb}" for verb in verbs[1:]}
        elif noun:
            nouns.append(noun[1])
        elif verbs:
            found |= {f"{name} {verb}" for name in nouns for verb in verbs}
            nouns = []
    return found


def test_the_two_set_up_lines_are_the_only_ones() -> None:
    section = README.split("## Set-up\n")[1].split("\n## ")[0]
    (block,) = sessions.blocks(section)
    assert block.body.splitlines() == SET_UP
    assert SET_UP[1] in CONTRIBUTING


def test_ci_runs_the_second_one() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    last = script.split("\n\n")[-1].replace('"', "").replace("$folder/venv", ".venv")
    assert last.splitlines() == SET_UP[1].split(" && ")


@pytest.mark.parametrize("words", COMMAND_WORDS)
def test_every_command_has_help_and_is_documented(words: str) -> None:
    assert COMMAND_WORDS[words].help, f"crmctl {words} has no docstring"
    assert words in mentioned(README) | mentioned(CONTRIBUTING), (
        f"name crmctl {words} in the README"
    )


def test_every_command_that_is_documented_exists() -> None:
    groups = set(COMMANDS) | set(COMMAND_WORDS)
    for block in sessions.blocks(README + CONTRIBUTING):
        if block.kind not in ("console", "sh", "crontab"):
            continue
        typed = (
            "\n".join(command.typed for command in sessions.commands(block.body))
            if block.kind == "console"
            else block.body
        )
        for words in re.findall(r"\bcrmctl ([a-z]+(?: [a-z]+)?)", typed):
            assert words in groups or words.split()[0] in COMMAND_WORDS, words


def options(command: Any) -> set[str]:
    """Return the options of a command, the shared ones included."""
    from crmctl.cli.options import globals

    globals.share_options(command)
    return {
        name for parameter in command.params for name in parameter.opts + parameter.secondary_opts
    }


def test_options_in_examples_exist() -> None:
    examples = [
        typed
        for block in sessions.blocks(README)
        if block.kind in ("sh", "crontab")
        for typed in re.findall(r"(?:^|[|] |  )crmctl ([^|>\n]+)", block.body, re.MULTILINE)
    ]
    assert examples
    for typed in examples:
        words = shlex.split(typed)
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMAND_WORDS else words[0]
        used = {word for word in words if word.startswith("--")}
        assert used <= options(COMMAND_WORDS[name]), typed


def test_every_exit_code_is_documented() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.CrmError)}
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert documented == codes | {0, 130}


def differences(shell: sessions.Shell, mark: str) -> str:
    """Return what the sessions of the README print other than they show."""
    wrong = []
    for block in sessions.blocks(README):
        if (block.kind, block.mark) != ("console", mark):
            continue
        for command in sessions.commands(block.body):
            got = sessions.lines(shell.run(command.typed))
            if not sessions.agree(sessions.lines("\n".join(command.shown)), got):
                wrong.append("\n".join([f"$ {command.typed}", *got]))
    return "\n".join(wrong)


@pytest.fixture
def shells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, sessions.Shell]:
    """What runs the sessions, as wide as the README shows them."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return sessions.shells(tmp_path, SHARED_DATA)


def test_the_sessions_print_what_the_readme_shows(shells: dict[str, sessions.Shell]) -> None:
    assert differences(shells[""], "") == ""


def test_the_maven_files_import_as_the_readme_shows(shells: dict[str, sessions.Shell]) -> None:
    if "maven" not in shells:
        pytest.skip("no sample files: name their folder in CRMCTL_SHARED_DATA")
    assert differences(shells["maven"], "maven") == ""


@pytest.mark.parametrize(
    ("shown", "got", "same"),
    [
        ("a\n...\nd", "a\nb\nc\nd", True),
        ("a\n...\nd", "a\nd", True),
        ("a ... d", "a b c d", True),
        ("a ... d", "a b c e", False),
        ("a\nb", "a", False),
        ("done 26f18a66 now", "done 88afe3bb now", True),
        ("done 26f18a66 now", "done ffcadfbc now", True),
        ("done 26f18a66 now", "done 26 now", False),
        ("2026-06-15", "2026-06-16", False),
    ],
)
def test_what_agrees(shown: str, got: str, same: bool) -> None:
    assert sessions.agree(sessions.lines(shown), sessions.lines(got)) is same
