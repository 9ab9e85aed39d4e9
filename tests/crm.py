"""Runs commands in this process, as a script would see them: no terminal on either side."""

import io
import json
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from crmctl.storage import db
from tests import engines, snapshots


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The parsed standard output of a command that was run with `--json`."""
        return json.loads(self.stdout)


@dataclass
class Crm:
    """Runs `crmctl` on one database; `now` is the clock of every call that names no other."""

    database_url: str
    now: str | None = None

    def __call__(
        self,
        arguments: str | Sequence[str],
        *,
        input: str | bytes = "",
        now: str | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command, written as in a shell or as a list, and return its code and output."""
        from crmctl.cli import main

        args = shlex.split(arguments) if isinstance(arguments, str) else list(arguments)
        stdout, stderr = _stream(), _stream()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (self._environment(now) | dict(env or {})).items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", _stream(input))
            patch.setattr(sys, "stdout", stdout)
            patch.setattr(sys, "stderr", stderr)
            patch.setattr(db, "engine", engines.shared)
            exit_code = main(args)
        return Result(exit_code, _written(stdout), _written(stderr))

    def begin(self, *commands: str | tuple[str, str]) -> "Crm":
        """Run what a new database begins with, each command with what is piped into it, if any.

        All must succeed. Where others began with the same, what they made is copied, and so the
        commands remember nothing in the configuration.
        """
        snapshots.once(self.database_url, (self.now, commands), lambda: self._run_all(commands))
        return self

    def _run_all(self, commands: Sequence[str | tuple[str, str]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for command in commands:
                words, typed = (command, "") if isinstance(command, str) else command
                done = self(words, input=typed, env={"CRMCTL_CONFIG": f"{folder}/config.toml"})
                assert done.exit_code == 0, (words, done)

    def _environment(self, now: str | None) -> dict[str, str]:
        clock = now or self.now
        return {"CRMCTL_DATABASE_URL": self.database_url} | ({"CRMCTL_NOW": clock} if clock else {})


def _stream(content: str | bytes = "") -> io.TextIOWrapper:
    """A text stream with a `buffer`, as the real ones have, that keeps line ends as they are."""
    raw = content.encode() if isinstance(content, str) else content
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="", write_through=True)


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
