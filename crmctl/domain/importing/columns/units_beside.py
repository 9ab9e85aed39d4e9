"""A column that says in what the amounts beside it are, as `amount_unit`."""

from collections.abc import Sequence

from crmctl.domain.importing.columns.column_mapping import ColumnMapping
from crmctl.domain.importing.columns.contents import Contents
from crmctl.domain.importing.findings import mapping_option
from crmctl.domain.importing.units import read_unit, word_set, words_of
from crmctl.errors import UsageError

_UNIT_WORDS = word_set(
    "unit units scale multiplier denomination magnitude denominated einheit einheiten unite unites"
    " unidad unidades unita unidade eenheid enhet jednostka"
)


def refuse_units_beside(header: Sequence[str], columns: ColumnMapping, contents: Contents) -> None:
    """Raise UsageError where a column that is not read says how large a 1 is in the amounts."""
    amounts = [column.name for column in columns.mapped if column.field == "amount"]
    for name in columns.unmapped if amounts else ():
        if name not in header or _UNIT_WORDS.isdisjoint(words_of(name)):
            continue
        units = {text: read_unit(text) for text in contents.texts(header.index(name))}
        said = [text for text, unit in units.items() if unit and unit.is_scaled]
        if said and all(units.values()):
            raise UsageError(
                f"{name} says that amounts are in {' or '.join(said[:3])}: write that into the name"
                f" of their column, as {amounts[0]} ({said[0]})"
                f" ({mapping_option('--map', name, '')} reads them as they stand)"
            )
