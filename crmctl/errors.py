"""Everything crmctl can refuse or fail at, each with its exit code."""


class CrmError(Exception):
    """A failure told in one line that names the thing and the way out."""

    exit_code = 1


class Refused(CrmError):
    """A rule says no, or some rows were rejected."""

    exit_code = 1


class UsageError(CrmError):
    """The command line, a value or a file given on it is wrong."""

    exit_code = 2


class NotFound(CrmError):
    """Nothing, or more than one thing, answers to a reference."""

    exit_code = 3


class DatabaseError(CrmError):
    """The database cannot be reached, read or written, or its schema is not this program's."""

    exit_code = 4


class Retry(DatabaseError):
    """The database asked for the transaction to be run again."""


class Conflict(CrmError):
    """Someone else changed it meanwhile."""

    exit_code = 5
