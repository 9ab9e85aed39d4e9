"""The options that every command takes: `crmctl --json deal list` is `crmctl deal list --json`."""

from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from crmctl.cli import invocation
from crmctl.cli.completion import complete_company, complete_franchise, complete_user
from crmctl.domain.kinds import OutputFormat
from crmctl.errors import UsageError


def share_options(command: Any) -> None:
    """Give the shared options to `command`, or, if it is a group, to each command in it."""
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            share_options(inner)
        return
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            _tidy(parameter)
        if not (parameter.required or _takes_empty(command.name, parameter)):
            _refuse_empty(parameter)
    extend(command)


#: Options of which an empty text empties a field, where that is set.
_FIELDS = frozenset(
    ("--title", "--name", "--organisation", "--email", "--phone", "--website", "--country",
     "--segment", "--source", "--lifecycle", "--next-step", "--body", "--subject", "--label")
)  # fmt: skip
#: Options of which an empty text is a text, or that say themselves what is wrong with it.
_TEXTS = frozenset(
    ("--empty", "--clear-with", "--delimiter", "--quote", "--map", "--custom", "--clear", "--user")
)


def _takes_empty(command: str, parameter: Any) -> bool:
    """Return whether an empty text says something by `parameter`."""
    names = {*parameter.opts}
    if command == "init":
        return True
    return bool(names & _TEXTS or (command in ("add", "edit") and names & _FIELDS))


def _refuse_empty(parameter: Any) -> None:
    """Have `parameter` refuse an empty text, which would be passed over: a variable not set."""
    inner = parameter.callback

    def checked(ctx: Any, param: Any, value: Any) -> Any:
        texts = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(text, str) and not text.strip() for text in texts):
            name = param.opts[0] if param.opts[0].startswith("-") else param.metavar
            raise UsageError(f"{name} is empty: give it a value, or leave it out")
        return inner(ctx, param, value) if inner else value

    parameter.callback = checked


def _tidy(argument: Any) -> None:
    """Let help call `argument` by its name alone, as in `DEAL... STAGE`, as it does options."""
    name = argument.display_name_raw.strip("[]")
    usage = name if argument.required else f"[{name}]"
    argument.metavar = name
    argument.display_type_rich = lambda ctx: ""
    argument._usage_display_name = lambda: usage + ("..." if argument.nargs != 1 else "")


def extend(command: Any) -> None:
    """Give `command` itself the shared options that it does not have."""
    own = {name for parameter in command.params for name in parameter.opts}
    command.params.extend(
        shared for shared in _shared_options() if not own.intersection(shared.opts)
    )


@cache
def _shared_options() -> list[Any]:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command()(_command_with_shared_options)
    options = [
        option for option in typer.main.get_command(app).params if "--help" not in option.opts
    ]
    for option in options:
        _refuse_empty(option)
    for option in options:
        # A command may have an argument of this name, such as `company show COMPANY`.
        option.name = f"shared_{option.name}"
    return options


def _flag(name: str) -> Any:
    def keep(value: str | None) -> None:
        invocation.set_flag(name, value)

    return keep


def _keep_json(value: bool) -> None:
    if value:
        invocation.set_output(OutputFormat.JSON)


#: Shared options are kept by their callbacks; the body of a command never sees them.
_KEPT: dict[str, Any] = {"expose_value": False}


def _command_with_shared_options(
    form: Annotated[
        OutputFormat | None,
        typer.Option(
            "--output", "-o", help="how to print", callback=invocation.set_output, **_KEPT
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="the same as --output json", callback=_keep_json, **_KEPT),
    ] = False,
    company: Annotated[
        str | None,
        typer.Option(
            metavar="COMPANY",
            help="work for this company",
            callback=_flag("company"),
            autocompletion=complete_company,
            **_KEPT,
        ),
    ] = None,
    franchise: Annotated[
        str | None,
        typer.Option(
            metavar="FRANCHISE",
            help="work for this franchise",
            callback=_flag("franchise"),
            autocompletion=complete_franchise,
            **_KEPT,
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="USER",
            help="work as this user",
            callback=_flag("user"),
            autocompletion=complete_user,
            **_KEPT,
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="a SQLite file or a PostgreSQL URL",
            callback=_flag("database_url"),
            **_KEPT,
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="settings to use from config.toml",
            callback=_flag("profile"),
            **_KEPT,
        ),
    ] = None,
) -> None:
    """Declare the options that every command takes."""
