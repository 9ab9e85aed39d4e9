"""crmctl schema."""

from typing import Annotated

import typer

from crmctl.cli import output

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def schema(
    kind: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KIND", help="such as deal, or a command, such as db check; without, all kinds"
        ),
    ] = None,
) -> None:
    """Show what --json prints, a record or each one of a list, as JSON Schema.

    Amounts and probabilities are strings of digits, times are ISO 8601 in UTC.
    """
    from crmctl.render import json_schema, views

    if kind:
        output.write(views.to_json(json_schema.schema(" ".join(kind))))
    else:
        output.write("".join(f"{each}\n" for each in json_schema.kinds()))
