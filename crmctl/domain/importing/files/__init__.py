"""Files: from bytes to a table of text, whatever wrote them."""
