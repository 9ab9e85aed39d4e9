"""What must never be false in a database, and whether it is."""
