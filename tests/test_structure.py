"""The house rules that a program can check: sizes, names, and what belongs in one place."""

import ast
import builtins
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path

import pytest

from crmctl.services.records import types
from tests.conftest import ROOT

LONGEST = 400
#: Lines of services on which a type is anything at all; nothing else is true there.
UNTYPED = 100
#: How many fields of a dataclass may be given by position.
BY_POSITION = 3
#: Those that are made of the rows of a query as they come: by name, each of hundreds of thousands
#: would take a third longer.
FROM_ROWS = {"NamedActivity", "NamedCustomer", "NamedDeal"}

PACKAGE = sorted((ROOT / "crmctl").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SERVICES = [path for path in PACKAGE if path.is_relative_to(ROOT / "crmctl" / "services")]
STORAGE, MODELS = ROOT / "crmctl" / "storage", ROOT / "crmctl" / "models"

#: What an alias of a type is made with. What is `Annotated` is no type of its own: it is an option
#: of a command, or a field of an input, and is called as that.
MAKERS = {
    "Callable", "Iterable", "Iterator", "Literal", "Mapping", "Sequence", "dict",
    "frozenset", "list", "set", "tuple", "type",
}  # fmt: skip
#: What makes a name that stands for types.
VARIABLES = {"NewType", "ParamSpec", "TypeVar", "TypeVarTuple"}


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, line: int) -> str:
    """Return a line of a file as editors find it."""
    return f"{path.relative_to(ROOT)}:{line}"


def none_of(found: Iterable[str]) -> None:
    """Assert that nothing was found, and name all that was."""
    lines = sorted(found)
    assert not lines, "\n".join(lines)


def types_of(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the classes, aliases of types and type variables of a module, with their lines."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            yield node.name, node.lineno
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and is_type(node.value):
            yield from ((target.id, node.lineno) for target in node.targets
                        if isinstance(target, ast.Name))  # fmt: skip
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            declared = last_name(node.annotation) == "TypeAlias"
            if declared and node.value is not None:
                yield node.target.id, node.lineno


def is_type(value: ast.expr) -> bool:
    """Return whether an expression is an alias of a type, or stands for several.

    As `dict[str, int]`, `int | Decimal` or `TypeVar("Item")`.
    """
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        return all(is_type(side) or is_class(side) for side in (value.left, value.right))
    if isinstance(value, ast.Call):
        return last_name(value.func) in VARIABLES
    return isinstance(value, ast.Subscript) and last_name(value.value) in MAKERS


def is_class(value: ast.expr) -> bool:
    """Return whether an expression names a class, by how classes are written; None is one here."""
    name = last_name(value) or ""
    camel = name[:1].isupper() and not name.isupper()
    return camel or name in dir(builtins) or (isinstance(value, ast.Constant) and not value.value)


def last_name(value: ast.expr) -> str | None:
    """Return `c` of `a.b.c`."""
    if isinstance(value, ast.Attribute):
        return value.attr
    return value.id if isinstance(value, ast.Name) else None


@pytest.mark.parametrize("folder", ["crmctl", "tests"])
def test_no_file_is_too_long_to_be_read(folder: str) -> None:
    paths = PACKAGE if folder == "crmctl" else TESTS
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    none_of(place(path, count) for path, count in lines.items() if count > LONGEST)


def test_every_module_says_what_it_is() -> None:
    assert [
        str(path.relative_to(ROOT)) for path in PACKAGE if not ast.get_docstring(tree(path))
    ] == []


def test_a_type_has_a_name_of_its_own() -> None:
    defined = defaultdict(list)
    for path in PACKAGE:
        for name, line in types_of(path):
            defined[name].append(place(path, line))
    none_of(f"{name}: {', '.join(where)}" for name, where in defined.items() if len(where) > 1)


def test_services_say_what_they_take_and_return() -> None:
    lines = set()
    for path in SERVICES:
        source = io.StringIO(path.read_text(encoding="utf-8"))
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.NAME and token.string == "Any":
                lines.add(place(path, token.start[0]))
    assert len(lines) < UNTYPED


def by_position(node: ast.ClassDef) -> int:
    """Return how many fields of a dataclass are given by position; 0 where it is none."""
    makers = [ast.unparse(one) for one in node.decorator_list]
    if not any("dataclass" in one and "kw_only=True" not in one for one in makers):
        return 0
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    named = takewhile(lambda one: last_name(one.annotation) != "KW_ONLY", fields)
    return sum(
        "init=False" not in ast.unparse(one) and "ClassVar" not in ast.unparse(one) for one in named
    )


def test_many_fields_are_given_by_name() -> None:
    none_of(
        f"{place(path, node.lineno)} {node.name}"
        for path in PACKAGE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and node.name not in FROM_ROWS
        and by_position(node) > BY_POSITION
    )


def test_rows_are_no_namespaces() -> None:
    used = [
        place(path, node.lineno)
        for path in PACKAGE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name | ast.Attribute) and last_name(node) == "SimpleNamespace"
    ]
    none_of(used)


def is_company(value: ast.expr) -> bool:
    """Return whether this is a column with a company: `col(Deal.company_id)`, `t.c.company_id`.

    That of a company is its own key.
    """
    if isinstance(value, ast.Call):
        return any(map(is_company, value.args))
    if not isinstance(value, ast.Attribute) or value.attr != "company_id":
        return False
    owner = last_name(value.value) or ""
    return owner == "c" or (owner[:1].isupper() and owner != "Company")


def test_which_rows_are_of_a_company_is_said_once() -> None:
    said = [
        place(path, node.lineno)
        for path in SERVICES + sorted(STORAGE.rglob("*.py"))
        if path != STORAGE / "scope.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Compare) and any(map(is_company, [node.left, *node.comparators]))
    ]
    none_of(said)


def test_what_a_record_is_called_by_follows_from_the_registry() -> None:
    prefixed = re.compile(rf"(?:^|[^a-zA-Z])[{''.join(one.prefix for one in types.NUMBERED)}]$")
    none_of(
        place(path, text.lineno)
        for path in PACKAGE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.JoinedStr)
        for text, following in pairwise(node.values)
        if isinstance(following, ast.FormattedValue)
        and isinstance(text, ast.Constant)
        and prefixed.search(str(text.value))
    )


def test_what_differs_between_the_engines_is_said_in_storage() -> None:
    asked = [
        place(path, node.lineno)
        for path in PACKAGE
        if not (path.is_relative_to(STORAGE) or path.is_relative_to(MODELS))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "name"
        and last_name(node.value) == "dialect"
    ]
    none_of(asked)
