"""Matching: which record of the database each row of a file is about."""
