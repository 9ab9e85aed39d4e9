"""A pipe whose reader is gone before a command has written all."""

import errno
import sys

import pytest
import typer

from crmctl import cli
from crmctl.cli.invocation import Invocation


def test_a_pipe_that_closes_within_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer()

    @app.command()
    def write() -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    command = typer.main.get_command(app)
    monkeypatch.setattr(cli, "_root", lambda: command)
    # Typer replaces both before it ends.
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    with pytest.raises(BrokenPipeError):
        cli._invoke(Invocation(arguments=[]))
