"""Imports of files that were damaged at random."""
