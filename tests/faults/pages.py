"""The pages of faults: which rows they have, and which modules here run them."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

#: The letters of the pages' rows, in order; those of the page of imports have numbers alone there.
_LETTERS = "IBCD"
_ROW = re.compile(r"^\| *([BCD]\d+) *\|", re.MULTILINE)
_INPUT = re.compile(r"\b(\d\d)-[\w-]+\.(?:csv|json|xlsx)\b")
_WITHOUT_FILE = re.compile(r"^(\d+), no file:", re.MULTILINE)


def load() -> None:
    """Import the modules that list rows."""
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.ispkg:
            package = import_module(f"tests.faults.{module.name}")
            for inner in iter_modules(package.__path__):
                import_module(f"{package.__name__}.{inner.name}")


def order(id: str) -> tuple[int, int]:
    """Return where a row stands in the pages."""
    return _LETTERS.index(id[0]), int(id[1:])


def ids(folder: Path) -> set[str]:
    """Return the ids of all rows of the pages in `folder`."""
    commands = (folder / "README.md").read_text(encoding="utf-8")
    imports = _imports(folder)
    numbers = [found[1] for found in _INPUT.finditer(imports)] + _WITHOUT_FILE.findall(imports)
    return {*_ROW.findall(commands), *(f"I{int(number)}" for number in numbers)}


def inputs(folder: Path) -> set[str]:
    """Return the names of all input files that the page of imports has."""
    return {found[0] for found in _INPUT.finditer(_imports(folder))}


def _imports(folder: Path) -> str:
    return (folder / "import" / "README.md").read_text(encoding="utf-8")
