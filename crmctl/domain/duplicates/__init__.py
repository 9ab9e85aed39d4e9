"""Customers that may be the same: which ones are compared, and how sure it is. No database."""
