"""What an archive holds."""

from typing import TYPE_CHECKING

from crmctl.render.views import View, listing

if TYPE_CHECKING:
    from crmctl.domain.importing.files.archive import Manifest


def view(manifest: "Manifest") -> View:
    """Return the view of an archive: its tables, and how many rows each has."""
    records = [{"table": part.table, "rows": part.rows} for part in manifest.parts]
    return listing(records, ["table", "rows"])
