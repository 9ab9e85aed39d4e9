"""Lookups: whom and what the rows of a file refer to."""
