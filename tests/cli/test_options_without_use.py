"""An option that has no effect beside others is refused, or it is said; it is never dropped."""

import pytest

from tests.crm import Crm


@pytest.fixture
def company(crm: Crm) -> Crm:
    """A company with a deal and a change."""
    crm.now = "2026-03-02T09:00:00Z"
    return crm.begin("init Co --user Ada", "deal add Weir", "customer add Ann")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("board --as-recorded", "--as-recorded is about a time: say --as-of TIME"),
        ("forecast --as-recorded", "--as-recorded is about a time"),
        ("deal list --as-recorded", "--as-recorded is about a time"),
        ("board --force", "--force replaces a file: say --html FILE or --svg FILE"),
        ("board --html - --json", "--html and --svg are written instead of --output"),
        ("board --html - --width 50", "--width is for a drawing: a page and records have none"),
        ("board --json --width 50", "--width is for a drawing: a page and records have none"),
        ("export deals --force", "--force replaces a file: name one"),
        ("log CHANGE --since 3d", "--since is for a list of changes, and this is one change"),
        ("log CHANGE --actor Ada", "--actor is for a list of changes"),
        ("log CHANGE --limit 1", "--limit is for a list of changes"),
        ("demo --company Co", "demo makes a company and users of its own: leave --company out"),
        ("activity list --open --kind call", "--open lists tasks, and a call is none"),
        ("import --resume deals x.csv", "--resume goes on with what was cut off"),
        ("deal add x --customer ''", "--customer is empty: give it a value, or leave it out"),
        ("deal add x --owner '' --stage lead", "--owner is empty"),
        ("deal add x --stage ' '", "--stage is empty"),
        ("deal edit D1 --customer ''", "--customer is empty"),
        ("deal edit D1 --tag ''", "--tag is empty"),
        ("deal list --text ''", "--text is empty"),
        ("deal list --segment ''", "--segment is empty"),
        ("deal lose D1 --lost-reason ''", "--lost-reason is empty"),
        ("board --owner ''", "--owner is empty"),
        ("deal list --company ''", "--company is empty"),
        ("--as '' deal list", "--as is empty"),
        ("log ''", "REF is empty"),
    ],
)
def test_an_option_without_effect_is_refused(company: Crm, command: str, said: str) -> None:
    change = str(company("log --json").json()[0]["ref"])
    result = company(command.replace("CHANGE", change))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"crmctl: error: {said}" in result.stderr
    assert company("log --json").json()[0]["ref"] == change


def test_an_empty_text_still_empties_a_field(company: Crm) -> None:
    company("deal edit D1 --next-step Call")
    assert company("deal edit D1 --next-step ''").stderr == "D1 Weir: next step Call -> -\n"


def test_rules_that_nothing_breaks_need_no_passing(company: Crm) -> None:
    note = "crmctl: note: no rule stood in the way (--override)"
    assert note in company("deal move D1 qualified --override --reason x").stderr
    company("pipeline edit default --no-skip")
    assert note not in company("deal move D1 negotiation --override --reason x").stderr


def test_what_no_row_of_a_file_has_a_use_for_is_said(company: Crm) -> None:
    options = "--fill-empty --override --reason x --quote ~"
    plan = company(f"import deals - {options} --dry-run --json", input="title,stage\nDam,lead\n")
    unused = {found["option"]: found["text"] for found in plan.json()["findings"]}
    assert unused == unused | {
        "--fill-empty": "no row is of a record that is there",
        "--override": "no row breaks a rule of its pipeline",
        "--quote": "there is no ~ where the file begins",
    }
