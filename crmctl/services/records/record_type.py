"""What can be said of a table: what its rows are called, what hangs on them, what they hold."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import Column

from crmctl.domain.kinds import Entity, ImportKind, plural
from crmctl.models.base import Columns, Owned
from crmctl.storage.tables import table_of

if TYPE_CHECKING:
    from crmctl.models.inputs import Input

#: The column with what programs call a row of the company's own by.
KEY = "key"
#: Every row refers to change sets, which are no record.
_CHANGES = "changes"


class Impersonal(Enum):
    """Why a text column neither holds a person's data nor is free text that may name someone.

    Columns with the words of a closed set, and those that refer to another table, need no reason.
    """

    KEY = "what programs compare: a key, a code, a checksum"
    SETTING = "what the company calls, or says of, a thing of its own"
    GROUP = "what many records have in common"
    COLLEAGUE = "who works in the company, or a job of its own that writes"
    COPY = "what other columns held, which is cleaned as they are"


# Every command loads this module, and every method that is made costs it time.
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ImportedRows:
    """What the rows of a file of such records are, and how they are read and recognised.

    `input` names the model in models/inputs that checks them. A row can be known by each of `keys`,
    the surest first, of which the first that it has a value for is taken; `--key` can name
    `more_keys` as well, alone or several together. The columns `decided` are checked like the
    others, and stored only as the rules of the pipeline say.
    """

    kind: ImportKind
    input: str
    keys: tuple[str, ...] = ()
    more_keys: tuple[str, ...] = ()
    decided: frozenset[str] = frozenset()

    @cached_property
    def input_model(self) -> "type[Input]":
        """The model that checks the fields of a row."""
        found: type[Input] = getattr(import_module("crmctl.models.inputs"), self.input)
        return found

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """The fields that a file gives as they are stored."""
        return tuple(name for name in self.input_model.model_fields if name not in self.decided)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class RecordType:
    """A table: a kind of record, a part of one (`part_of`), or neither (`bookkeeping`).

    What it is called: `noun`, and `title`, a pattern of what log and undo call a row, where that is
    not its number and name. `prefix` is the letter of its numbers; without one it has none.
    `entity` is set for what carries external ids. `reference_columns` are those by which people
    refer to it, its name first.

    What hangs on it: `part_of` are the columns with the id of the row that it is a part of, of
    which one is set. `derived` are columns that follow from others, `together` columns that make
    sense only together, called by the first, `taken_over` those that a kept record takes over from
    one that is merged into it.

    What it tells of a person: `personal` are the columns that hold someone's data, with what is
    left in them after an erasure, and `naming` those of them whose content names the person
    wherever it stands. `free_texts` are texts that may name someone, with the characters there is
    room for, None without a limit. Every other text column is in `impersonal`, with the reason.
    """

    table: str
    path: str
    noun: str
    title: str = ""
    bookkeeping: bool = False
    entity: Entity | None = None
    prefix: str = ""
    reference_columns: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    derived: frozenset[str] = frozenset()
    together: tuple[tuple[str, ...], ...] = ()
    taken_over: tuple[str, ...] = ()
    imported: ImportedRows | None = None
    personal: Mapping[str, object] = field(default_factory=dict)
    naming: tuple[str, ...] = ()
    free_texts: Mapping[str, int | None] = field(default_factory=dict)
    impersonal: Mapping[str, Impersonal] = field(default_factory=dict)

    @cached_property
    def model(self) -> type[Owned]:
        """The model, loaded when it is first asked for: a command pays for what it touches."""
        module, _, name = self.path.partition(":")
        found: type[Owned] = getattr(import_module(f"crmctl.models.{module}"), name)
        return found

    @cached_property
    def own_names(self) -> tuple[str, ...]:
        """The columns with what a company calls a thing, or someone, of its own."""
        reasons = (Impersonal.SETTING, Impersonal.COLLEAGUE)
        found = {name for name, reason in self.impersonal.items() if reason in reasons}
        if self.bookkeeping or not found:
            return ()
        return tuple(name for name in self.impersonal if name in found or name == KEY)

    @property
    def plural(self) -> str:
        """What several rows are called."""
        return plural(self.noun)

    @property
    def name_column(self) -> str:
        """The column with what a row is called."""
        return self.reference_columns[0]

    @property
    def key_column(self) -> str:
        """The column of the external ids of such records that refers to one."""
        return f"{self.entity}_id"

    def has(self, column: str) -> bool:
        """Return whether rows have `column`, such as `custom`, `tags` or `owner_id`."""
        return column in self.model.model_fields

    def column(self, name: str) -> Column[object]:
        """Return the column `name`, for conditions."""
        return table_of(self.model).c[name]

    @cached_property
    def relations(self) -> Mapping[str, str]:
        """The columns with the id of another record, and the table of that."""
        found = {}
        for link in table_of(self.model).foreign_key_constraints:
            own = [one for one in link.elements if one.parent.name != "company_id"]
            table, _, target = own[0].target_fullname.partition(".") if own else ("", "", "")
            if len(own) == 1 and target == "id" and table != _CHANGES:
                found[own[0].parent.name] = table
        return found

    def label(self, column: str) -> str:
        """Return what log and dry runs call `column`."""
        if column == "deleted_at":
            return "removed_at"
        return column.removesuffix("_id") if column in self.relations else column

    def ref(self, number: object) -> str:
        """Return what people call the row with `number` by: `C17`, `D42`, `A8`."""
        return f"{self.prefix}{number}"

    def name_of(self, values: Columns) -> str:
        """Return what people call the row that has `values`: `D42 Title`, `user Ann`."""
        if self.prefix:
            called = values.get(self.name_column) or ""
            return f"{self.ref(values.get('number', '?'))} {called}".strip()
        if self.title:
            return self.title.format_map(defaultdict(lambda: "?", values))
        return f"{self.table} {values.get('position', '')}".strip()
