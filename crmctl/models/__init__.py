"""The tables, a module a noun. Nothing is imported here: a command loads what it touches."""
