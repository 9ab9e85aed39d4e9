"""What a run keeps of the options of its import, and reads back."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from crmctl.domain.kinds import ActivityKind, DateOrder, DecimalMark, Entity, ImportKind, Preset
from crmctl.errors import Refused, UsageError
from crmctl.services.imports.options import ImportRequest, WriteScope, decode_request


def test_every_option_is_kept() -> None:
    request = ImportRequest(
        entity=Entity.ACTIVITY, columns=["a=title"], key="email", source="hubspot",
        create_missing=frozenset({"users", "customers"}), stages=["Won=won"], statuses={"y": "won"},
        currencies={"$": "CAD"}, kinds={"x": "call"},
        kind=ActivityKind.CALL, pipeline="sales", dates=DateOrder.DMY, decimals=DecimalMark.COMMA,
        country="DE", empty=frozenset({"NA"}), clear=frozenset({"-"}), abort=True, strict=True,
        override=True,
        lost_reason="price", preset=Preset.HUBSPOT, mapping="one", save_mapping="two", custom=True,
        scope=WriteScope(create=False, fill=True), dry_run=True, history=True, file="/a/b.csv",
        encoding="cp1252", delimiter=";", quote="'", header=3, no_header=True, sheet="Deals",
        rejects="/a/c.csv", batch=5, reason="because",
    )  # fmt: skip
    kept = request.encode()
    assert list(kept) == [each.name for each in fields(ImportRequest)]
    assert decode_request(json.loads(json.dumps(kept))) == request


def test_what_is_usual_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    request = ImportRequest(entity=Entity.DEAL, file="deals.csv", columns=[], rejects="bad.csv")
    assert request.encode() == {
        "entity": "deal", "file": str(tmp_path / "deals.csv"), "rejects": str(tmp_path / "bad.csv"),
    }  # fmt: skip
    assert request.import_kind == ImportKind.DEALS
    assert ImportRequest(entity=Entity.DEAL, file="-", history=True).import_kind == "history"


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ({"file": "/a\0b"}, "file: '/a\\x00b'"),
        ({"file": "/a", "header": True}, "header: not a whole number: True"),
        ({"file": "/a", "empty": ["NA", 1]}, "empty.1: must be text"),
        ({"file": "/a", "kinds": {"x": 1}}, "kinds.x: must be text"),
        ({"file": "/a", "preset": "oracle"}, "preset: must be "),
    ],
)
def test_what_is_no_option_is_refused(kept: dict[str, object], why: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_request({"entity": "deal", **kept})
    assert why in refused.value.message


def test_what_does_not_go_together_is_refused() -> None:
    for options in ({"rejects": "./a.csv"}, {"batch": 2, "abort": True}):
        with pytest.raises(UsageError):
            ImportRequest(entity=Entity.DEAL, file="a.csv", **options).check()
