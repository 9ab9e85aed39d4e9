"""Values in, values out: no database, no clock, no framework, and nothing of crmctl but errors."""
