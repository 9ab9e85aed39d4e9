"""From a row of a file to checked values by field, with all that is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from crmctl.errors import CrmError
from crmctl.importing import values
from crmctl.importing.mapping import FIELDS, Column, Columns
from crmctl.importing.plan import Problem, Reject
from crmctl.importing.tables import Row
from crmctl.importing.values import Kind, Style
from crmctl.kinds import Entity, FieldType
from crmctl.models.inputs import CustomerUpdate, DealUpdate, ExternalKeyInput, Input, validated
from crmctl.models.keys import CustomField
from crmctl.services import fields, keys

MODELS: dict[Entity, type[Input]] = {Entity.CUSTOMER: CustomerUpdate, Entity.DEAL: DealUpdate}


@dataclass
class Item:
    """A row of the file on its way: `values` are those of its cells that are not empty, by field.

    `texts` are the cells as they were read, by field. External ids are pairs of source and id
    under `external_ids`, custom values a mapping under `custom`.
    """

    row: Row
    columns: Columns
    values: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, reason: str) -> None:
        """Keep the row out because of its field `name`; an empty name is the row itself.

        Of a row that is broken as a whole, nothing else is worth saying.
        """
        if self.row.trouble and self.problems:
            return
        column = self.columns.of(name) if name else ""
        self.problems.append(Problem(column, self.texts.get(name, ""), reason))

    def rejected(self) -> Reject:
        """Return the row as the plan keeps it."""
        return Reject(self.row.line, self.row.cells, tuple(self.problems))


class Reader:
    """Reads the rows of one file."""

    def __init__(
        self,
        columns: Columns,
        entity: Entity,
        custom: Mapping[str, CustomField],
        style: Style,
        source: str | None,
    ) -> None:
        self._columns = columns
        self._entity = entity
        self._custom = custom
        self._style = style
        self._source = source
        self._cells = [(column, self._reader(column)) for column in columns.mapped]
        self._checked = frozenset(MODELS[entity].model_fields)

    def _reader(self, column: Column) -> Callable[[str], Any]:
        if column.field.startswith("custom."):
            field = self._custom[column.field.removeprefix("custom.")]
            return lambda text: self._custom_value(field, text)
        kind = FIELDS[self._entity][column.field].kind
        if column.field == "external_id":
            return self._external_id
        if column.field == "external_ids":
            return lambda text: [keys.parse(part) for part in values.listed(text)]
        return lambda text: values.read(kind, text, self._style)

    def _custom_value(self, field: CustomField, text: str) -> Any:
        if field.type == FieldType.DATE:
            text = values.read(Kind.DAY, text, self._style).isoformat()
        return fields.value_of(field, text)

    def _external_id(self, text: str) -> list[tuple[str, str]]:
        if self._source is None:
            return [keys.parse(text)]
        checked = validated(ExternalKeyInput, {"source": self._source, "external_id": text})
        return [(checked["source"] or "", checked["external_id"])]

    def item(self, row: Row) -> Item:
        """Return `row` with its cells read and checked."""
        item = Item(row, self._columns)
        if row.trouble:
            item.refuse("", row.trouble)
            return item
        for column, read in self._cells:
            text = values.original(row.cells[column.position]).strip()
            if values.is_empty(text, self._style):
                continue
            item.texts[column.field] = text
            try:
                value = read(text)
            except CrmError as error:
                item.refuse(column.field, str(error))
                continue
            if value is not None:
                self._keep(item, column.field, value)
        if self._entity == Entity.CUSTOMER:
            _compose_name(item)
        self._check(item)
        return item

    def _keep(self, item: Item, name: str, value: Any) -> None:
        if name in ("external_id", "external_ids"):
            item.values["external_ids"] = [*item.values.get("external_ids", []), *value]
        elif name.startswith("custom."):
            item.values.setdefault("custom", {})[name.removeprefix("custom.")] = value
        else:
            item.values[name] = value

    def _check(self, item: Item) -> None:
        """Replace the values by what the model makes of them, and keep what it refuses."""
        given = {name: item.values[name] for name in self._checked & item.values.keys()}
        model = MODELS[self._entity]
        try:
            item.values.update(model.model_validate(given).model_dump(exclude_unset=True))
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                item.refuse(str(fault["loc"][0]), fault["msg"])


def _compose_name(item: Item) -> None:
    parts = [item.values.pop(name, "") for name in ("first_name", "last_name")]
    if "name" not in item.values and any(parts):
        item.values["name"] = " ".join(part for part in parts if part)
