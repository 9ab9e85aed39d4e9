"""crmctl field."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from crmctl.cli import invocation, output
from crmctl.cli.options import common
from crmctl.domain.kinds import Entity, FieldType

if TYPE_CHECKING:
    from crmctl.services.records.custom_fields import Removal

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


class RecordKind(StrEnum):
    """What can have custom fields, as the registry of records says, which is slow to load."""

    DEAL = "deal"
    CUSTOMER = "customer"


Of = Annotated[RecordKind, typer.Argument(metavar="deal|customer", help="what the field is of")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="what commands and files call it")]


@app.command()
def add(
    of: Of,
    key: Key,
    label: Annotated[
        str | None, typer.Option(metavar="TEXT", help="its name for people; the key if not given")
    ] = None,
    kind: Annotated[FieldType, typer.Option("--type", help="what it holds")] = FieldType.TEXT,
) -> None:
    """Declare a custom field."""
    from crmctl.render import custom_fields as render
    from crmctl.render.views import detail
    from crmctl.services.records import custom_fields

    with invocation.session(write=True) as session:
        field = custom_fields.add(session, Entity(of), key, label, kind)
    output.note(f"Added {field.key} ({field.type}) to {field.entity.plural}")
    output.emit_records(detail(render.record(field)))


@app.command("list")
def list_(
    of: Annotated[
        RecordKind | None, typer.Argument(metavar="[deal|customer]", help="all if not given")
    ] = None,
) -> None:
    """List custom fields."""
    from crmctl.render import custom_fields as render
    from crmctl.services.records import custom_fields

    with invocation.session() as session:
        found = [
            field
            for entity in ([of] if of else RecordKind)
            for field in custom_fields.known(session, Entity(entity)).values()
        ]
    output.emit(render.list_view(found))


@app.command()
def edit(
    of: Of, key: Key, label: Annotated[str, typer.Option(metavar="TEXT", help="its new name")]
) -> None:
    """Rename a custom field; key and type stay."""
    from crmctl.render import custom_fields as render
    from crmctl.render.views import detail
    from crmctl.services.records import custom_fields

    with invocation.session(write=True) as session:
        field = custom_fields.find(session, Entity(of), key)
        changed = custom_fields.edit(session, field, label)
    output.note(f"{field.key} is called {field.label}" + ("" if changed else " already"))
    output.emit_records(detail(render.record(field)))


@app.command()
def remove(of: Of, key: Key, yes: common.Yes = False, dry_run: common.DryRun = False) -> None:
    """Remove a custom field, and its values from those that hold one, which --yes answers for."""
    from crmctl.services.records import custom_fields

    with invocation.session() as session:
        field = custom_fields.find(session, Entity(of), key)
        removal = custom_fields.to_remove(session, field)
    if removal.count:
        action = f"Remove {field.key} from {field.entity.plural} with {_values(removal)}"
        invocation.confirm(action, yes=yes or dry_run)
    if not dry_run:
        with invocation.session(write=True) as session:
            field = custom_fields.find(session, Entity(of), key)
            removal = custom_fields.remove(session, field, empty=bool(yes or removal.count))
    removed = output.did("Remove", dry=dry_run)
    output.note(f"{removed} {field.key} from {field.entity.plural}, with {_values(removal)}")
    output.note_if_dry(dry_run)


def _values(removal: "Removal") -> str:
    """Return how many values a removal takes, and the first records that hold them."""
    from crmctl.services.records import references

    if not removal.count:
        return "no values"
    values = "1 value" if removal.count == 1 else f"{removal.count} values"
    return f"{values} ({references.listed(removal.refs, removal.count)})"
