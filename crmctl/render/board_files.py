"""Drawings as files: HTML and SVG."""

import io
import re
from typing import TYPE_CHECKING

from crmctl.domain.text import safe

if TYPE_CHECKING:
    from rich.console import Console

    from crmctl.render.views import View

# Characters that no XML document may hold (XML 1.0, section 2.2), however they are written.
_NOT_XML = re.compile("[\ufffe\uffff]")


def to_html(view: "View", title: str, width: int) -> str:
    """Return the drawing of `view` as a page of HTML."""
    from html import escape

    page = _drawn(view, width).export_html(inline_styles=True)
    return page.replace("<head>", f"<head>\n<title>{escape(safe(title))}</title>", 1)


def to_svg(view: "View", title: str, width: int) -> str:
    """Return the drawing of `view` as an SVG picture."""
    return _NOT_XML.sub("\ufffd", _drawn(view, width).export_svg(title=safe(title)))


def _drawn(view: "View", width: int) -> "Console":
    from rich.console import Console

    console = Console(
        file=io.StringIO(), record=True, width=width, no_color=False, markup=False,
        highlight=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    console.print(view.draw())
    return console
