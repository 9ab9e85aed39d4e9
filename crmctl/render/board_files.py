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

# Where Rich has a viewer fetch its font; without it, the viewer's own of equal width is taken.
_FONTS = re.compile(r"\s*@font-face\s*\{[^}]*\}|<!--.*?-->")


def to_html(view: "View", title: str) -> str:
    """Return the board of `view` as a page of HTML."""
    from crmctl.render.board_page import page

    return page(view.document, title)


def to_svg(view: "View", title: str, width: int) -> str:
    """Return the drawing of `view` as an SVG picture, which loads nothing from elsewhere."""
    picture = _NOT_XML.sub("\ufffd", _drawn(view, width).export_svg(title=safe(title)))
    style, end, drawing = picture.partition("</style>")
    return _FONTS.sub("", style) + end + drawing


def _drawn(view: "View", width: int) -> "Console":
    from rich.console import Console

    console = Console(
        file=io.StringIO(), record=True, width=width, no_color=False, markup=False,
        highlight=False, emoji=False, legacy_windows=False,
    )  # fmt: skip
    console.print(view.draw())
    return console
