"""Files of rejects: the columns of another file, and after them what was wrong with each row."""

from collections.abc import Sequence

#: What comes after the columns of the file in a file of its rejects.
REJECT_COLUMNS = ("line", "column", "reason")
_OWN = len(REJECT_COLUMNS)


def of_rejects(header: Sequence[str]) -> bool:
    """Return whether `header` is that of a file of rejects."""
    return tuple(header[-_OWN:]) == REJECT_COLUMNS


def original_header(header: Sequence[str]) -> tuple[str, ...]:
    """Return `header` as that of the file whose rejects they are; any other as it is."""
    return tuple(header[:-_OWN] if of_rejects(header) else header)


def original_cells(cells: Sequence[str], header: Sequence[str]) -> tuple[str, ...]:
    """Return the `cells` of a row below `header` that belong to the `original_header`."""
    if not of_rejects(header):
        return tuple(cells)
    # The text of a broken row comes after all columns, else what is told comes last.
    is_text = not any(cells[: len(header)])
    return tuple(cells[_OWN:] if is_text else cells[:-_OWN])
