"""Only what has an end is read: files, pipes and what is typed."""

import os

import pytest

from crmctl.cli import invocation
from tests.crm import Crm


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/urandom", "/dev/full"])
@pytest.mark.parametrize(
    "command",
    ["import deals {}", "import activities {} --dry-run", "customer merge --plan {}",
     "pipeline apply {}"],
)  # fmt: skip
def test_device_is_not_read(crm: Crm, path: str, command: str) -> None:
    result = crm(command.format(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"cannot read {path}: it is neither a file nor a pipe" in result.stderr


def test_nothing_at_all_is_empty(crm: Crm) -> None:
    result = crm(f"import deals {os.devnull}")
    assert result.exit_code == 2
    assert "is empty" in result.stderr


def test_plan_that_is_too_large_for_one_is_refused(
    crm: Crm, tmp_path: os.PathLike[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invocation, "LARGEST_TEXT", 1 << 20)
    plan = os.path.join(tmp_path, "plan.csv")
    with open(plan, "wb") as out:
        out.truncate((1 << 20) + 1)
    result = crm(f"customer merge --plan {plan}")
    assert result.exit_code == 2
    assert "is larger than 1 MB" in result.stderr
