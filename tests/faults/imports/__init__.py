"""Rows of the page of faults about imports: I1 to I26."""
