"""What was changed: the log, taking it back, and erasing for good."""
