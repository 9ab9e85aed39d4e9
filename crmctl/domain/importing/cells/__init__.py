"""Cells: from text to values of a kind, and how the cells of a column are written."""
