"""What becomes of a file whose encoding is looked for."""

import io
from enum import StrEnum

from crmctl.domain.importing.files.encodings import find_encoding
from crmctl.domain.importing.findings import Certainty
from crmctl.errors import UsageError
from tests.encodings.files import EncodedFile


class Outcome(StrEnum):
    """Whether a file is read rightly, and what is said about it."""

    DECIDED = "decided"
    ASSUMED = "assumed"
    ASKED = "asked"
    WRONG_WITH_A_NOTE = "wrong, with a note"
    WRONG_IN_SILENCE = "wrong in silence"


def outcome(file: EncodedFile) -> Outcome:
    """Return what becomes of `file`."""
    try:
        found = find_encoding(io.BytesIO(file.content), "customers.csv")
    except UsageError:
        return Outcome.ASKED
    noted = any(each.certainty == Certainty.ASSUMED for each in found.findings)
    if file.content.decode(found.name, "replace") == file.text:
        return Outcome.ASSUMED if noted else Outcome.DECIDED
    return Outcome.WRONG_WITH_A_NOTE if noted else Outcome.WRONG_IN_SILENCE
