"""What may not be called alike, without regard to case: no index of the database knows of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crmctl.domain.text import folded
from crmctl.models.base import Owned
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.tenants import Franchise, User


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """By which columns rows of `model` are called, within a company or what `within` names.

    Rows that have a value in `unless` are told apart by that.
    """

    model: type[Owned]
    called: tuple[str, ...]
    within: str | None = None
    unless: str | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that decide what a row is called, and beside which others."""
        return [*self.called, *filter(None, (self.within, self.unless))]

    def names(
        self, value: Callable[[str], object], columns: Iterable[str] = ()
    ) -> set[tuple[object, str]]:
        """Return what the row is called that has the `value` of each column, as it is compared.

        Of those, only the ones in `columns`, if some are given.
        """
        if self.unless and value(self.unless) is not None:
            return set()
        place = value(self.within) if self.within else None
        return {(place, folded(str(value(column)))) for column in columns or self.called}


#: The rules, which the commands that name something apply themselves, for better messages.
RULES = {
    rule.model: rule
    for rule in (
        NameRule(model=User, called=("name",), unless="email"),
        NameRule(model=Franchise, called=("name",)),
        NameRule(model=Pipeline, called=("key", "label")),
        NameRule(model=Stage, called=("key", "label"), within="pipeline"),
    )
}
