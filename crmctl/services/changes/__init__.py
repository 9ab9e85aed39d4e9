"""The one write path: what is written, how a change set records it, and what is locked for it."""

from crmctl.services.changes.encoding import (
    decode,
    encode,
    encode_all,
    held,
    joined_key,
    parse_key,
    row_key,
    values_of,
)
from crmctl.services.changes.locks import lock, lock_as_read
from crmctl.services.changes.recording import (
    BOOKKEEPING,
    amend,
    begin,
    create,
    edit,
    edit_each,
    insert_rows,
    insert_values,
    link,
    matching,
    record,
    remove,
    restore,
    settle,
    stamped,
    write_each,
)

__all__ = [
    "BOOKKEEPING", "amend", "begin", "create", "decode", "edit", "edit_each", "encode",
    "encode_all", "held", "insert_rows", "insert_values", "joined_key", "link", "lock",
    "lock_as_read", "matching", "parse_key", "record", "remove", "restore", "row_key", "settle",
    "stamped", "values_of", "write_each",
]  # fmt: skip
