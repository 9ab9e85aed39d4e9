"""The command line: lazy groups, shared options, and what every failure becomes."""

import errno
import os
import sys
from copy import copy
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from crmctl.cli import output
from crmctl.cli.invocation import Invocation
from crmctl.cli.options import globals
from crmctl.errors import CrmError, DatabaseError, UsageError, fault
from crmctl.workspace import retrying

#: Each command of the top level: the module that holds it, and its line of help.
COMMANDS = {
    "init": ("init", "Create the database, the first company, you, and a pipeline."),
    "demo": ("demo", "Show a made-up company at work, in a database of its own."),
    "board": ("board", "Show the deals of a pipeline as a Kanban board."),
    "forecast": ("forecast", "Show what is won and what is expected, by period."),
    "log": ("log", "Show what was changed, by whom and how."),
    "undo": ("undo", "Take a change back."),
    "deal": ("deal", "Deals: add, move, win, lose, list."),
    "customer": ("customer", "Customers: add, list, edit, erase."),
    "activity": ("activity", "Calls, e-mails, meetings, notes and tasks."),
    "pipeline": ("pipeline", "Pipelines: from a template or a file, and their rules."),
    "stage": ("stage", "Stages of a pipeline."),
    "import": ("import_", "Import customers, deals or activities."),
    "export": ("export", "Export customers, deals, history or activities."),
    "field": ("field", "Custom fields of customers and deals."),
    "company": ("company", "Companies in this database."),
    "franchise": ("franchise", "Franchises of a company."),
    "user": ("user", "Users: who owns deals and makes changes."),
    "schema": ("schema", "What the records of --json are made of."),
    "db": ("db", "The database: its schema and its health."),
}


class RootGroup(TyperGroup):
    """Lists every command from COMMANDS, and imports a command's module only to run it."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        globals.extend(self)
        for name, (_, summary) in COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary, rich_markup_mode=None))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begin with, loaded, and the rest of them."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in COMMANDS:
            commands = import_module(f"crmctl.cli.{COMMANDS[name][0]}").app
            command = _built(name, commands, _verb(commands, rest))
        return name, command, rest


@cache
def _built(name: str, commands: typer.Typer, verb: Any) -> Any:
    """Return the command `name` of a module; of a group, only `verb`, if there is one.

    Building the others too would take as long as a query.
    """
    if verb is None:
        command = typer.main.get_command(commands)
    else:
        narrowed = copy(commands)
        narrowed.registered_commands = [verb]
        command = typer.main.get_group(narrowed)
    command.name = name
    globals.share_options(command)
    return command


def _verb(commands: typer.Typer, rest: list[str]) -> Any:
    """Return the verb that `rest` begins with, or None if `commands` are no group that has it."""
    verbs = commands.registered_commands
    if len(verbs) == 1:
        return None
    return next((verb for verb in verbs if rest[:1] == [_verb_name(verb)]), None)


def _verb_name(verb: Any) -> str:
    name: str = verb.name or typer.main.get_command_name(verb.callback.__name__)
    return name


app = typer.Typer(
    cls=RootGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@cache
def _root() -> Any:
    """Return the command that `app` is, built once however often a command is run again."""
    return typer.main.get_command(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        output.write(f"crmctl {version('crmctl')}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A sales pipeline that lives in the shell."""


def main(arguments: list[str]) -> int:
    """Run the command that `arguments` name, and return its exit code."""
    output.prepare()
    if "_CRMCTL_COMPLETE" in os.environ:
        from crmctl.cli import completion

        completion.prepare()
    invocation = Invocation(arguments=list(arguments), say=output.warn)
    try:
        code = _run(invocation)
        for note in invocation.notes:
            output.warn(note)
        sys.stdout.flush()
    except OSError as error:
        return _cannot_write(error, invocation)
    finally:
        invocation.close()
    return code


def _run(invocation: Invocation) -> int:
    """Run the command, and again where the database wants it retried; return its exit code."""

    def attempt(number: int) -> int:
        if number > 1:
            invocation.restart()
        _require_text(invocation.arguments)
        return _invoke(invocation) or invocation.exit_code

    try:
        return retrying(attempt, lambda: invocation.repeatable)
    except CrmError as error:
        return _failed(error, invocation)


def _require_text(arguments: list[str]) -> None:
    """Raise UsageError for an argument that no database could store or look up."""
    for argument in arguments:
        if any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in argument):
            raise UsageError(f"not valid text: {argument!r}")


def _invoke(invocation: Invocation) -> int:
    """Run the command once; return its exit code, with what Click itself refuses told in a line."""
    try:
        code = _root().main(
            invocation.arguments, prog_name="crmctl", standalone_mode=False, obj=invocation
        )
    except SystemExit as stop:
        # Typer ends by itself where a command writes to a pipe that was closed.
        if isinstance(stop.__context__, BrokenPipeError):
            raise stop.__context__ from None
        return stop.code if isinstance(stop.code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except (CrmError, OSError):
        raise
    except Exception as error:
        if not hasattr(error, "format_message"):
            return _unexpected(error, invocation)
        return _misused(error, invocation.arguments)
    if code == 130:
        output.fail(f"interrupted; {_left(invocation)}")
    return code if isinstance(code, int) else 0


def _left(invocation: Invocation) -> str:
    """Return what became of a change whose command did not come to its end."""
    if invocation.change:
        return f"the change was saved (crmctl log {invocation.change} shows it)"
    if invocation.saved:
        return "crmctl import --resume goes on"
    return "what was not finished was not done"


def _misused(error: Any, arguments: list[str]) -> int:
    where = error.ctx.command_path if getattr(error, "ctx", None) else "crmctl"
    if type(error).__name__ == "NoArgsIsHelpError":
        # Its context is gone, and with it the way of output.write.
        sys.stdout.write(error.format_message() + "\n")
        return 0
    if hasattr(error.__cause__, "errors"):
        error.message = fault(error.__cause__.errors()[0])
    # Click lists choices in lines of their own.
    message = " ".join(error.format_message().split())
    if type(error).__name__ == "MissingParameter":
        words = error.ctx.command.collect_usage_pieces(error.ctx)
        usage = " ".join(word for word in words if word != "[OPTIONS]")
        message = f"{message.removesuffix('.')}: {where} {usage}"
    elif found := _meant(where, message, arguments):
        message = f"{message.partition('. Did')[0].removesuffix('.')}: try {found}"
    output.fail(f"{message} (see {where} --help)")
    return int(error.exit_code)


def _meant(group: str, message: str, arguments: list[str]) -> str | None:
    """Return the command that is meant by what is none, as far as Click's `message` is of that."""
    word = message.removeprefix("No such command '").partition("'")[0]
    if not message.startswith("No such command") or word not in arguments:
        return None
    from crmctl.cli.first_tries import suggestion

    rest = arguments[arguments.index(word) + 1 :]
    return suggestion(group, word, rest, _verbs_of)


def _verbs_of(noun: str) -> set[str]:
    commands = import_module(f"crmctl.cli.{COMMANDS[noun][0]}").app
    return {_verb_name(verb) for verb in commands.registered_commands}


def _unexpected(error: Exception, invocation: Invocation) -> int:
    """Tell of a fault of crmctl itself in one line; CRMCTL_DEBUG=1 shows the whole of it."""
    if os.environ.get("CRMCTL_DEBUG"):
        raise error
    if damage := invocation.damage():
        raise DatabaseError(f"{damage} (crmctl db check)") from error
    first = (str(error).splitlines() or [""])[0]
    output.fail(f"unexpected {type(error).__name__}: {first} (CRMCTL_DEBUG=1 shows where)")
    return 1


def _failed(error: CrmError, invocation: Invocation) -> int:
    # SQLite looks into JSON itself, and does not say of which row it is.
    if "malformed JSON" in error.message and (damage := invocation.damage()):
        error = DatabaseError(f"{damage} (crmctl db check)")
    output.fail(error.message, *error.details)
    if invocation.saved and not invocation.change:
        output.warn(f"the rows before that are imported; {_left(invocation)} with the rest")
    return error.exit_code


def _cannot_write(error: OSError, invocation: Invocation) -> int:
    """Tell why stdout took no more, and keep the interpreter from trying again at its end."""
    output.discard(sys.stdout)
    saved = f"; {_left(invocation)}" if invocation.change else ""
    if error.errno == errno.EPIPE:
        output.warn(f"the reader closed the pipe; the rest was not printed{saved}")
        return invocation.exit_code
    why = "stdout is closed" if error.errno == errno.EBADF else error.strerror
    output.fail(f"cannot write the output: {why}{saved}")
    return 1
