"""Files to rows to a plan of what to create, update, leave and reject. Writes nothing."""
