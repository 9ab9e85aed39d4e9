"""What a change set did to one row, and what becomes of the row when that is taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crmctl.models.base import Columns, Owned, Values
from crmctl.services import changes
from crmctl.services.records import types


@dataclass(kw_only=True, slots=True)
class RowEffect:
    """What a change set did to one row, all its writes taken together.

    `before` is None where the row was not there, `after` where it was gone; they hold the whole
    row if it came or went, else the fields that changed. A created row's `after` only says which
    change set it carried. `row` is what is there now. `stored` is the row that went as the change
    set holds it, if there is no more to say of it. `gone` is the row as it went since. `values` are
    what taking it back sets, and `kept_because` says why it is not taken back.
    """

    model: type[Owned]
    key: str
    before: Values | None
    after: Values | None
    row: Values | None = None
    stored: Columns | None = None
    gone: Columns = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    kept_because: str | None = None

    @property
    def verb(self) -> str:
        """What taking it back does: `remove`, `restore` or `change` the row."""
        if self.before is None:
            return "remove"
        return "restore" if self.after is None else "change"

    @property
    def is_as_left(self) -> bool:
        """Whether nothing has written the row since."""
        left = (self.after or {}).get("changed_in")
        return left is None or (self.row or {}).get("changed_in", left) == left

    def go_on(self, before: Values | None, after: Values | None) -> None:
        """Take a later write of the same change set into account: what it found, and what it left.

        Of a row that was created and removed again, there is nothing to tell; see ChangedRows.
        """
        self.stored = None
        if self.row is not None and self.before is None:
            # The row of today was created by this change set. A row that was there before it and
            # had the same key can only have been removed by it.
            if before is not None and after is None:
                self.before = before
            return
        if self.before is not None and self.after is not None:
            self.before = {**(before or {}), **self.before}
        self.after = None if after is None else {**(self.after or {}), **after}

    def get(self, name: str) -> object:
        """Return what is known of one column, as it is or was."""
        if self.row is not None:
            return self.row.get(name)
        return (self.before or {}).get(name, (self.after or {}).get(name))

    def then(self, name: str) -> object:
        """Return what one column is after taking it back."""
        return self.values[name] if name in self.values else self.get(name)

    def leaves(self, names: Iterable[str]) -> bool:
        """Return whether no row will have what this one now has in the columns `names`."""
        if self.verb == "remove":
            return True
        return self.verb == "change" and any(
            name in self.values and self.values[name] != self.get(name) for name in names
        )

    @property
    def name(self) -> str:
        """What people call the row."""
        return types.of(self.model).name_of(self.known)

    @property
    def known(self) -> Values:
        """All that is known of the row, as it is or was."""
        return {**self.gone, **(self.after or {}), **(self.before or {}), **(self.row or {})}

    @property
    def siblings(self) -> tuple[type[Owned], object]:
        """The list in which the row has a position: its table, and of a stage the pipeline."""
        values = self.row or changes.parse_key(self.model, self.key)
        return self.model, values.get("pipeline")
