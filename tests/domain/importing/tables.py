"""What tests of files share: reading one as a table, and what its cells may hold."""

import io
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.importing.files.tables import Options, Table

# Cells that csv.reader itself gives back: no NUL, and nothing that UTF-8 cannot say.
CELL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)


def read(content: str | bytes, delimiter: str | None = None, **options: Any) -> Table:
    raw = content.encode() if isinstance(content, str) else content
    chosen = Options(delimiter=delimiter, **options)
    with read_table(io.BytesIO(raw), "deals.csv", chosen) as table:
        rows = list(table.rows())
        assert list(table.rows()) == rows
        return replace(table, rows=lambda: iter(rows))


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows()]
