"""Which code page a text that says nothing about it is written in, by its letters."""
