"""Columns: which field of a record each of them is read for."""
