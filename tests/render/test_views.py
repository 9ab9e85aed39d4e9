"""Records as programs read them: a stream of them is printed like a list."""

import json
from collections.abc import Iterator

import pytest

from crmctl.render.views import JsonRecord, RecordStream, View, json_pieces, to_csv, to_json

RECORDS: list[list[JsonRecord]] = [
    [],
    [{"line": 2, "reason": "no\u2028number"}],
    [{"line": 2, "nested": {"a": [1, "\n"]}}, {"line": 3, "nested": {}}],
]


@pytest.mark.parametrize("records", RECORDS)
def test_stream_in_a_document_is_what_a_list_would_be(records: list[JsonRecord]) -> None:
    streamed = {"file": "a.csv", "counts": {}, "rejects": RecordStream(lambda: iter(records))}
    text = to_json(streamed)
    assert text == to_json({"file": "a.csv", "counts": {}, "rejects": records})
    assert json.loads(text)["rejects"] == records


def test_stream_comes_a_record_at_a_time() -> None:
    made = []

    def records() -> Iterator[JsonRecord]:
        for line in range(3):
            made.append(line)
            yield {"line": line}

    pieces = json_pieces({"rejects": RecordStream(records)})
    next(pieces)
    assert made == []
    next(pieces)
    assert made == [0]


def test_stream_comes_in_place_of_rows() -> None:
    view = View(document={}, draw=str, stream=RecordStream(lambda: iter([{"line": 2}])))
    assert list(to_csv(view.records)) == ["line\r\n", "2\r\n"]
