"""How the columns of a file were understood: each with its field, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from crmctl.errors import UsageError

#: The fields of the person at the customer, who is the customer where no company is named.
CONTACTS = ("contact", "contact_email")


class How(StrEnum):
    """Why a column is read for a field, the surest first."""

    TYPED = "typed"
    SAVED = "saved"
    PRESET = "preset"
    NAME = "name"
    CLOSE = "close"
    CELLS = "cells"
    ELSE = "else"
    CUSTOM = "custom"


@dataclass(frozen=True, kw_only=True)
class MappedColumn:
    """A column of the file, the field that its cells are read for, and why.

    Of several columns for one field, each row has the first one by `rank` that is filled.
    """

    position: int
    name: str
    field: str
    how: How = How.NAME
    rank: int = 0


@dataclass(frozen=True, kw_only=True)
class ColumnMapping:
    """How the columns of a file were understood.

    `unmapped` are the names of those that are not read, `left_out` of those that are not to be,
    and `lacking` are columns of a saved mapping that the file has not. `of_stages` are those of
    `unmapped` that say of each deal what its stage says already.
    """

    mapped: tuple[MappedColumn, ...]
    unmapped: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    of_stages: tuple[str, ...] = ()

    def of(self, field: str) -> str:
        """Return the name of the column that `field` is read from, or the field's own name."""
        names = {column.rank: column.name for column in self.mapped if column.field == field}
        return names[min(names)] if names else field

    @property
    def spare(self) -> tuple[str, ...]:
        """The names of columns that are read where another one for their field is empty."""
        return tuple(column.name for column in self.mapped if column.how == How.ELSE)

    @property
    def of_contacts(self) -> tuple[str, ...]:
        """The names of columns of contacts of deals that no custom field is read from as well."""
        kept = {each.position for each in self.mapped if each.field.startswith("custom.")}
        return tuple(
            each.name
            for each in self.mapped
            if each.field in CONTACTS and each.position not in kept
        )

    @cached_property
    def fields(self) -> frozenset[str]:
        """The fields that some column is mapped to; they are asked for with every new deal."""
        return frozenset(column.field for column in self.mapped)

    def with_custom(self, fields: Mapping[str, str], header: Sequence[str]) -> "ColumnMapping":
        """Return these columns with those of `fields`, custom fields by column, mapped too."""
        more = (
            MappedColumn(
                position=header.index(name), name=name, field=f"custom.{key}", how=How.CUSTOM
            )
            for name, key in fields.items()
        )
        rest = tuple(name for name in self.unmapped if name not in fields)
        return replace(self, mapped=ordered([*self.mapped, *more]), unmapped=rest)


def ordered(columns: Iterable[MappedColumn]) -> tuple[MappedColumn, ...]:
    """Return `columns` as they stand in the file."""
    return tuple(sorted(columns, key=lambda column: (column.position, column.field)))


def refuse_twice(columns: Iterable[MappedColumn]) -> None:
    """Raise UsageError if two of `columns` are for one field."""
    first: dict[str, MappedColumn] = {}
    for column in columns:
        other = first.setdefault(column.field, column)
        if other.position != column.position:
            names = f"{other.name!r} and {column.name!r}"
            raise UsageError(f"two columns are mapped to {column.field}: {names}")
