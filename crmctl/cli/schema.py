"""crmctl schema."""

from typing import Annotated

import typer

from crmctl.cli import output

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def schema(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="such as deal; without, all kinds")
    ] = None,
) -> None:
    """Show what a record is made of that --json prints, as JSON Schema.

    Amounts and probabilities are strings of digits, times are ISO 8601 in UTC.
    """
    from crmctl.render import schemas, views

    if kind is None:
        output.write("".join(f"{each}\n" for each in schemas.kinds()))
    else:
        output.write(views.to_json(schemas.schema(kind)))
