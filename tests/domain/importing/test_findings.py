"""What is said of one row and of several, in words that fit."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import crmctl
from crmctl.domain.importing.findings import Certainty, Finding

#: How a text begins that says something of several.
SEVERAL = re.compile(r"(?:merged )?(?:[a-z]+s|entries) ")


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "deals begin"), (1, "1 deal begins"), (2, "2 deals begin"), (1200, "1,200 deals begin")],
)
def test_a_text_that_begins_with_what_is_counted_fits_the_count(count: int, told: str) -> None:
    finding = Finding(
        certainty=Certainty.DECIDED, text="deals begin", one="deal begins", count=count
    )
    assert str(finding) == f"decided: {told}"


@pytest.mark.parametrize(("count", "told"), [(0, ""), (1, "1 row: "), (2, "2 rows: ")])
def test_any_other_text_is_about_rows(count: int, told: str) -> None:
    finding = Finding(
        certainty=Certainty.ASSUMED, text="closed now", option="--map X=Y", count=count
    )
    assert str(finding) == f"assumed: {told}closed now (--map X=Y)"


def made() -> Iterator[tuple[str, dict[str, ast.expr]]]:
    """Yield where findings are made, with what they are given by name."""
    for path in Path(crmctl.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                yield f"{path}:{node.lineno}", {str(each.arg): each.value for each in node.keywords}


def beginning(text: ast.expr) -> str:
    first = text.values[0] if isinstance(text, ast.JoinedStr) else text
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_what_is_said_of_several_is_said_of_one_as_well() -> None:
    calls = list(made())
    assert len(calls) > 20
    wrong = [
        place
        for place, given in calls
        if SEVERAL.match(beginning(given["text"])) and "count" in given and "one" not in given
    ]
    assert not wrong
