"""Imports of customers and deals: rows of a file are matched, judged by the rules and written."""

from crmctl.services.imports.run import Aborted, Order, run

__all__ = ["Aborted", "Order", "run"]
