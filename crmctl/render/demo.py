"""The demo: the board and the forecast of its company, one below the other."""

from typing import TYPE_CHECKING

from crmctl.render import board as boards
from crmctl.render import forecast as forecasts
from crmctl.render.views import View

if TYPE_CHECKING:
    from rich.console import RenderableType

    from crmctl.services.forecasting.forecast import Forecast
    from crmctl.services.queries.board import Board


def view(board: "Board", forecast: "Forecast", width: int) -> View:
    """Return the view of both, drawn `width` cells wide; as rows, it is the board's cards."""
    first, second = boards.view(board, width), forecasts.view(forecast, width)

    def draw() -> "RenderableType":
        from rich.console import Group

        return Group(first.draw(), "", second.draw())

    document = {"board": first.document, "forecast": second.document}
    return View(document=document, rows=first.rows, draw=draw, width=width)
