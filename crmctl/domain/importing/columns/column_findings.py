"""What is not certain about the columns of a file."""

from collections.abc import Iterator

from crmctl.domain.importing.columns.fields import Listed
from crmctl.domain.importing.columns.mapping import ColumnMapping, How, likely
from crmctl.domain.importing.findings import Certainty, Finding


def column_findings(columns: ColumnMapping, entity: Listed) -> Iterator[Finding]:
    """Yield which columns are read by a name that is nearly a field's, and which may be one."""
    for column in columns.mapped:
        if column.how == How.CLOSE:
            yield Finding(
                certainty=Certainty.ASSUMED,
                text=f"{column.name} is read as the {column.field.replace('_', ' ')}",
                option=f'--map "{column.name}=" leaves it out',
            )
    for name, field in likely(columns.unmapped, entity, columns.fields).items():
        yield Finding(
            certainty=Certainty.UNKNOWN,
            text=f"is {name} the {field.replace('_', ' ')}?",
            option=f'--map "{name}={field}"',
        )
