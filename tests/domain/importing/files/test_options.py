"""An option of reading that a file has no use for is refused in one line."""

from typing import Any

import pytest

from crmctl.errors import UsageError
from tests.domain.importing.files.workbooks import sheet, workbook
from tests.domain.importing.tables import read


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (b'{"a": "x"}\n', {"header": 0}, r"deals.csv is JSON, .* leave out --no-header"),
        (b'{"a": "x"}\n', {"header": 2}, "leave out --header"),
        (b'{"a": "x"}\n', {"quote": "'"}, "leave out --quote"),
        (b'{"a": "x"}\n', {"delimiter": ";"}, "leave out --delimiter"),
        (b'{"a": "x"}\n', {"sheet": "A"}, "leave out --sheet"),
        (b"a,b\n1,2\n", {"sheet": "A"}, "is CSV, which has no sheet: leave out --sheet"),
        (workbook(A=sheet([["a"], ["1"]])), {"quote": "'"}, "is a workbook, .* leave out --quote"),
        (workbook(A=sheet([["a"], ["1"]])), {"encoding": "cp1252"}, "leave out --encoding"),
    ],
)
def test_option_that_a_file_has_no_use_for_is_refused(
    content: bytes, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        read(content, **options)
