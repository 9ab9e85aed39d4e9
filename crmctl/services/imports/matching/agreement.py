"""Whether a row of a file and a record that it may be about say the same of someone."""

from crmctl.domain.contacts import host_of
from crmctl.services.imports.matching.match_keys import comparable
from crmctl.services.imports.matching.stored_rows import RecordRow
from crmctl.services.imports.parsed_row import ParsedRow


def agrees(row: ParsedRow, record: RecordRow, name: str) -> bool:
    """Return whether `row` and `record` have an address or a name in common.

    `name` is the field with what records are called. One of which the row says neither agrees; of a
    company, which may have no e-mail address, the website tells.
    """
    said = [field for field in ("email", name) if row.values.get(field)]
    if any(comparable(row.values[each]) == comparable(getattr(record, each)) for each in said):
        return True
    return not said or ("email" not in said and _same_website(row, record))


def _same_website(row: ParsedRow, record: RecordRow) -> bool:
    if getattr(record, "email", None) or not row.values.get("website"):
        return False
    return host_of(row.values["website"]) == host_of(getattr(record, "website", None) or "")
