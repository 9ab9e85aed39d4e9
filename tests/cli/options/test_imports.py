"""From the options of crmctl import to what is asked for."""

import shlex

import pytest
from typer.testing import CliRunner

from crmctl.cli import import_
from crmctl.domain.kinds import ActivityKind, DateOrder, DecimalMark, Entity, Preset
from crmctl.models.base import Values
from crmctl.services.imports import ImportRequest
from crmctl.services.imports.options import WriteScope

FILE_OPTIONS = (
    "--encoding cp1252 --delimiter ; --header 3 --sheet One --empty NA --empty - --dates dmy"
    " --create-missing Users,customers --source hubspot --preset none --map Name=name --map Notes="
    " --rejects bad.csv --on-error abort --dry-run --reason because"
)
FILE_REQUEST: Values = {
    "encoding": "cp1252", "delimiter": ";", "header": 3, "sheet": "One",
    "empty": frozenset({"NA", "-"}), "dates": DateOrder.DMY, "source": "hubspot",
    "create_missing": frozenset({"users", "customers"}), "preset": Preset.NONE,
    "columns": ["Name=name", "Notes="], "rejects": "bad.csv", "abort": True, "dry_run": True,
    "reason": "because",
}  # fmt: skip
RECORD_OPTIONS = "--mapping usual --save-mapping next --key name --batch 50"
RECORD_REQUEST: Values = {"mapping": "usual", "save_mapping": "next", "key": "name", "batch": 50}
STAGE_OPTIONS = "--stage-map Closed=won --pipeline b2b --decimal ,"
STAGE_REQUEST: Values = {"stages": ["Closed=won"], "pipeline": "b2b", "decimals": DecimalMark.COMMA}


def requested(monkeypatch: pytest.MonkeyPatch, line: str) -> ImportRequest:
    """Return what `crmctl import` with these words would carry out."""
    requests: list[ImportRequest] = []
    monkeypatch.setattr(import_, "carry_out", requests.append)
    result = CliRunner().invoke(import_.app, shlex.split(line))
    assert result.exit_code == 0, result.output
    return requests[0]


@pytest.mark.parametrize("command", ["customers", "deals", "activities", "history"])
def test_what_is_not_given_is_as_usual(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    entity = {"customers": Entity.CUSTOMER, "activities": Entity.ACTIVITY}.get(command, Entity.DEAL)
    assert requested(monkeypatch, f"{command} a.csv") == ImportRequest(
        entity=entity, file="a.csv", history=command == "history"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"customers a.csv --custom --country DE --decimal , --fill-empty {RECORD_OPTIONS}",
            {"entity": Entity.CUSTOMER, "custom": True, "country": "DE", **RECORD_REQUEST,
             "decimals": DecimalMark.COMMA, "scope": WriteScope(fill=True)},
        ),
        (
            f"deals a.csv {STAGE_OPTIONS} --lost-reason price --override --update-only"
            f" --country DE --custom {RECORD_OPTIONS}",
            {"entity": Entity.DEAL, **STAGE_REQUEST, "lost_reason": "price", "override": True,
             "country": "DE", "custom": True, "scope": WriteScope(create=False), **RECORD_REQUEST},
        ),
        (
            f"activities a.csv --kind call --kind-map Visit=meeting --create-only {RECORD_OPTIONS}",
            {"entity": Entity.ACTIVITY, "kind": ActivityKind.CALL, "kinds": {"Visit": "meeting"},
             "scope": WriteScope(update=False), **RECORD_REQUEST},
        ),
        (
            f"history a.csv {STAGE_OPTIONS}",
            {"entity": Entity.DEAL, "history": True, **STAGE_REQUEST},
        ),
    ],
)  # fmt: skip
def test_every_option_is_part_of_the_request(
    monkeypatch: pytest.MonkeyPatch, line: str, expected: Values
) -> None:
    found = requested(monkeypatch, f"{line} {FILE_OPTIONS}")
    assert found == ImportRequest(file="a.csv", **FILE_REQUEST, **expected)
