"""Text from the database made safe to show, as the domain does it."""

from crmctl.domain.text import safe, safe_json

__all__ = ["safe", "safe_json"]
