"""Everything that is there, written out."""
