"""Rows of the page of faults about commands and data: B, C and D."""
