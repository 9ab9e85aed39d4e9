"""Eight who work on one database at once, and a check of what they leave that is not crmctl's."""
