"""crmctl stage, and the rules of a pipeline as the commands for deals meet them."""

import pytest

from crmctl.services.pipeline import stages as stage_rules
from tests.crm import Crm


@pytest.fixture
def acme(crm: Crm) -> Crm:
    """Runs commands in a company with its default pipeline."""
    return crm.begin("init Acme --user Uma")


@pytest.fixture
def two(acme: Crm) -> Crm:
    """Runs commands in a company with two pipelines."""
    assert acme("pipeline add saas --template saas").exit_code == 0
    return acme


def stages(crm: Crm, pipeline: str = "default") -> dict[str, dict[str, object]]:
    return {row["key"]: row for row in crm(f"stage list --pipeline {pipeline} --json").json()}


def test_a_stage_is_added_behind_the_open_ones(acme: Crm) -> None:
    added = acme(
        "stage add legal --probability 80% --forecast-category commit --rotting-days 10 "
        "--wip-limit 3 --required amount --required expected-close --no-create --json"
    )
    assert (added.exit_code, added.stderr) == (0, "Added stage default/legal at position 5\n")
    assert added.json() == stages(acme)["legal"] == {
        "pipeline": "default", "key": "legal", "label": "Legal", "position": 5, "kind": "open",
        "probability": "0.80", "forecast_category": "commit", "rotting_days": 10, "wip_limit": 3,
        "required_fields": ["amount", "expected_close"], "can_create": False, "open_deals": 0,
    }  # fmt: skip
    assert acme("stage add paid --kind won --label 'Paid up'").exit_code == 0
    assert list(stages(acme)) == [
        "lead", "qualified", "proposal", "negotiation", "legal", "won", "lost", "paid",
    ]  # fmt: skip
    paid = stages(acme)["paid"]
    assert (paid["label"], paid["probability"]) == ("Paid up", "1.00")


@pytest.mark.parametrize(
    ("place", "order"),
    [
        ("--before lead", ["new", "lead", "qualified"]),
        ("--after lead", ["lead", "new", "qualified"]),
        ("--before Qualified", ["lead", "new", "qualified"]),
    ],
)
def test_a_stage_is_put_where_it_is_wanted(acme: Crm, place: str, order: list[str]) -> None:
    assert acme(f"stage add new {place}").exit_code == 0
    assert list(stages(acme))[:3] == order
    assert [row["position"] for row in stages(acme).values()] == list(range(1, 8))
    assert acme("stage move new --after lost").stderr == "Stage default/new is at position 7\n"
    moved = acme(f"stage move new {place}")
    assert (moved.exit_code, moved.stdout) == (0, "")
    assert list(stages(acme))[:3] == order
    again = acme(f"stage move new {place}")
    assert (again.exit_code, again.stderr.endswith(" already\n")) == (0, True)


def test_the_help_names_what_can_be_cleared(crm: Crm) -> None:
    shown = " ".join(crm("stage edit --help").stdout.split())
    *fields, last = stage_rules.clearable()
    assert f"empty it: {', '.join(fields)} or {last}; repeat it" in shown


def test_a_stage_is_edited_and_its_fields_cleared(acme: Crm) -> None:
    acme("deal add Deal --stage proposal --amount 5")
    edited = acme("stage edit Proposal --label Offer --probability 55% --required amount --json")
    assert (edited.exit_code, edited.stderr) == (0, "Changed stage default/proposal\n")
    assert (edited.json()["probability"], edited.json()["open_deals"]) == ("0.55", 1)
    again = acme("stage edit proposal --label Offer")
    assert (again.exit_code, again.stderr) == (0, "Nothing to change in stage default/proposal\n")
    assert acme("stage edit offer --clear probability --clear required --clear rotting-days"
                " --no-create").exit_code == 0  # fmt: skip
    offer = stages(acme)["proposal"]
    assert (offer["probability"], offer["required_fields"], offer["rotting_days"]) == (
        None, [], None,
    )  # fmt: skip
    assert (offer["label"], offer["can_create"]) == ("Offer", False)


def test_a_stage_that_holds_deals_says_where_they_go(acme: Crm) -> None:
    for _ in range(2):
        acme("deal add Deal --stage proposal")
    acme("deal remove 2")
    refused = acme("stage remove proposal")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "crmctl: error: stage proposal holds 2 deals (1 of them removed): "
        "--move-to STAGE says where they go\n"
    )
    refused = acme("stage remove proposal --move-to proposal")
    assert (refused.exit_code, "--move-to another one" in refused.stderr) == (2, True)
    removed = acme("stage remove proposal --move-to lead")
    assert (removed.exit_code, removed.stdout) == (0, "")
    assert removed.stderr == "Removed stage default/proposal, moving 2 deals: D1, D2\n"
    assert acme("deal restore 2").exit_code == 0
    shown = [deal["stage"] for deal in acme("deal list --json").json()]
    assert shown == ["lead", "lead"]
    assert acme("stage remove qualified").stderr == "Removed stage default/qualified\n"


def test_a_stage_that_holds_deals_stays_of_its_kind(acme: Crm) -> None:
    acme("deal add Deal --stage proposal")
    refused = acme("stage edit proposal --kind won")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "crmctl: error: stage proposal holds 1 deal, which would become won by this: "
        "add another stage and move them there\n"
    )
    assert acme("stage edit qualified --kind lost").exit_code == 0
    assert stages(acme)["qualified"]["probability"] == "0.00"


def test_with_several_pipelines_the_one_is_named_or_clear(two: Crm) -> None:
    assert two("stage edit trial --label Test").stderr == "Changed stage saas/trial\n"
    refused = two("stage edit lead --label First")
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert refused.stderr == "crmctl: error: 'lead' could be any of default/lead, saas/lead\n"
    assert two("stage edit saas/lead --label First").exit_code == 0
    assert two("stage edit lead --pipeline default --label Erste").exit_code == 0
    assert stages(two)["lead"]["label"] == "Erste"
    assert stages(two, "saas")["lead"]["label"] == "First"
    refused = two("stage add new")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == ("crmctl: error: --pipeline says which one (there is default, saas)\n")
    assert two("stage add new --pipeline SaaS").exit_code == 0
    two("deal add Deal --pipeline saas")
    assert two("stage remove saas/lead --move-to default/lead").exit_code == 0
    assert two("deal show 1 --json").json()["pipeline"] == "default"
    everywhere = two("stage list --output csv").stdout.splitlines()
    assert len(everywhere) == 1 + 6 + 8


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        ("add lead", 1, "pipeline default has a stage lead already"),
        ("add 'Not a key'", 2, "key: not a key: 'Not a key'"),
        ("add new --probability 101%", 2, "a probability is between 0% and 100%: 101%"),
        ("add new --probability lots", 2, "not a probability: 'lots'"),
        ("add new --rotting-days 0", 2, "rotting days: must be at least 1"),
        ("add new --kind closed", 2, "'--kind': 'closed' is not one of 'open', 'won', 'lost' (see"),
        ("add new --forecast-category x", 2, "Invalid value for '--forecast-category'"),
        ("add new --required colour", 2, "no field of a deal is called 'colour' (title, amount,"),
        ("add new --required custom.x", 3, "no custom field of deals is called 'x'"),
        ("add new --required lost_reason", 2, "only a lost stage can require lost_reason"),
        ("add new --before lead --after lead", 2, "--before or --after, not both"),
        ("add new --before nope", 3, "'nope' is no stage of pipeline default"),
        ("edit lead", 2, "nothing to change was given"),
        ("edit nope --label X", 3, "'nope' is no stage of pipeline default (it has lead,"),
        ("edit lead --clear label", 2, "--clear label: only probability, rotting_days, wip_limit,"),
        ("edit lead --clear wip-limit --wip-limit 5", 2, "wip-limit is both set and cleared"),
        ("edit won --probability 50%", 2, "the probability of a won stage is 100%, always"),
        ("edit won --clear probability", 2, "the probability of a won stage is 100%, always"),
        ("edit lead --label ''", 2, "label: must not be empty"),
        ("move lead", 2, "--before STAGE or --after STAGE says where to"),
        ("remove nope", 3, "'nope' is no stage of pipeline default"),
        ("list --pipeline nope", 3, "no pipeline is called 'nope'"),
    ],
)
def test_what_is_wrong_is_refused(acme: Crm, arguments: str, code: int, why: str) -> None:
    before = stages(acme)
    refused = acme(f"stage {arguments}")
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert why in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert stages(acme) == before


@pytest.mark.parametrize(
    ("command", "record", "told"),
    [
        (
            "stage remove saas/trial --move-to default/won",
            {"key": "trial", "deals_moved": 3},
            "stage saas/trial, moving 3 deals: D2, D3, D4",
        ),
        (
            "pipeline remove saas --yes --move-to default/lost",
            {"key": "saas", "deals_moved": 4},
            "pipeline saas, moving 4 deals: D1, D2, D3 and 1 more",
        ),
    ],
)
def test_a_dry_run_tells_what_a_removal_does_and_writes_nothing(
    two: Crm, monkeypatch: pytest.MonkeyPatch, command: str, record: dict[str, object], told: str
) -> None:
    monkeypatch.setattr("crmctl.services.pipeline.stage_exits.BATCH", 2)
    monkeypatch.setattr("crmctl.services.pipeline.stages.NAMED", 3)
    monkeypatch.setattr("crmctl.services.records.references.NAMED", 3)
    two.now = "2026-03-01T09:00:00Z"
    two("deal add Deal --pipeline saas")
    for _ in range(3):
        two("deal add Deal --stage trial --pipeline saas")
    two("deal remove 3")

    def held() -> list[str]:
        listed = ("deal list --status all", "deal list --removed", "deal history 2", "stage list",
                  "pipeline list", "log")  # fmt: skip
        return [two(f"{what} --json").stdout for what in listed]

    before = held()
    dry = two(f"{command} --dry-run --json")
    assert dry.exit_code == 0
    assert dry.json()[0].items() >= record.items()
    assert held() == before
    real = two(f"{command} --json")
    assert (real.exit_code, real.stdout) == (0, dry.stdout)
    assert real.stderr == f"Removed {told}\n"
    assert dry.stderr == f"Would remove {told}\ndry run: nothing was written\n"
    assert held() != before


def test_a_dry_run_asks_nothing_and_is_refused_where_the_run_would_be(two: Crm) -> None:
    two("deal add Deal --stage trial --pipeline saas")
    for command in ("stage remove saas/trial", "pipeline remove saas"):
        refused = two(f"{command} --dry-run")
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "says where they go" in refused.stderr


def test_the_last_open_stage_stays(acme: Crm) -> None:
    for key in ("lead", "qualified", "proposal"):
        assert acme(f"stage remove {key}").exit_code == 0
    for command in ("remove negotiation", "edit negotiation --kind won"):
        refused = acme(f"stage {command}")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == "crmctl: error: a pipeline needs an open stage\n"


def test_each_change_can_be_undone(acme: Crm) -> None:
    acme("deal add Deal --stage proposal")
    for command in (
        "stage add new --before lead",
        "stage edit proposal --label Offer --required amount",
        "stage move lost --before lead",
        "stage remove proposal --move-to lost",
    ):
        before = acme("pipeline show --json").json()
        assert acme(command).exit_code == 0
        assert acme("pipeline show --json").json() != before
        assert acme("undo").exit_code == 0
        assert acme("pipeline show --json").json() == before
    assert len(acme("deal history 1 --json").json()) == 1


IN_USE_AGAIN = {
    # what an undo takes back, what is done after it, and the order of the open stages in the end
    ("stage add legal --after proposal", "deal add Weir --stage legal"): [
        "lead", "qualified", "proposal", "legal", "negotiation",
    ],
    ("stage add legal --before lead", "deal add Weir --stage legal"): [
        "legal", "lead", "qualified", "proposal", "negotiation",
    ],
    ("stage remove proposal", "stage add legal --after qualified"): [
        "lead", "qualified", "proposal", "legal", "negotiation",
    ],
    ("stage move lead --after proposal", "stage edit lead --label First"): [
        "lead", "qualified", "proposal", "negotiation",
    ],
    ("pipeline add other --template b2b", "pipeline add third --template b2b"): [
        "lead", "qualified", "proposal", "negotiation",
    ],
    ("pipeline remove saas", "pipeline add third --template b2b"): [
        "lead", "qualified", "proposal", "negotiation",
    ],
}  # fmt: skip


@pytest.mark.parametrize("commands", IN_USE_AGAIN)
def test_undo_leaves_stages_in_order(acme: Crm, commands: tuple[str, str]) -> None:
    first, then = commands
    if "pipeline" in first:
        acme("pipeline add saas --template saas")
    first += " --yes" if "pipeline remove" in first else ""
    done = acme(first)
    assert done.exit_code == 0, done.stderr
    undone = acme("log --json --limit 1").json()[0]["ref"]
    assert acme(then).exit_code == 0
    acme(f"undo {undone}")
    open_stages = [key for key, row in stages(acme).items() if row["kind"] == "open"]
    assert open_stages == IN_USE_AGAIN[commands]
    numbers = [row["position"] for row in stages(acme).values()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert acme("db check --json").json() == []


RULES = [
    # how the pipeline is set up, what is tried, and what the rule says
    ("stage edit proposal --no-create", "deal add New --stage proposal", "no deal starts in"),
    ("stage edit proposal --required amount", "deal add New --stage proposal", "needs amount"),
    ("stage edit proposal --required owner", "deal move 1 proposal", "proposal needs owner"),
    ("stage edit won --required customer", "deal win 2", "won needs customer"),
    ("pipeline edit default --no-skip", "deal move 1 proposal", "no skipping of qualified"),
    ("pipeline edit default --no-skip", "deal win 1", "no skipping of qualified, proposal"),
    ("pipeline edit default --no-back", "deal move 2 lead", "no way back from negotiation to lead"),
    ("pipeline edit default --no-back", "deal reopen 3 --to lead", "no way back from negotiation"),
    ("pipeline edit default --lost-reason", "deal lose 1", "a lost deal needs a reason"),
    ("pipeline edit default --lost-reason", "deal move 1 lost", "a lost deal needs a reason"),
    ("stage edit lead --required amount", "stage remove negotiation --move-to lead", "D2: lead"),
    ("pipeline edit default --lost-reason", "stage remove lead --move-to lost", "D1: a lost deal"),
    ("pipeline edit default --no-back", "stage remove negotiation --move-to lead", "no way back"),
]  # fmt: skip


@pytest.mark.parametrize(("setup", "command", "why"), RULES)
def test_a_rule_holds_unless_it_is_overridden_with_a_reason(
    acme: Crm, setup: str, command: str, why: str
) -> None:
    acme("deal add First")
    acme("deal add Second --stage negotiation")
    acme("deal add Third --stage negotiation")
    acme("deal win 3")
    assert acme(setup).exit_code == 0
    before = acme("deal list --json --status all").stdout
    refused = acme(command)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert why in refused.stderr
    assert refused.stderr.endswith("(or --override --reason TEXT)\n")
    refused = acme(f"{command} --override")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == "crmctl: error: --override needs --reason TEXT\n"
    assert acme("deal list --json --status all").stdout == before
    passed = acme(f"{command} --override --reason 'the boss said so'")
    assert passed.exit_code == 0
    assert acme("deal list --json --status all").stdout != before
    logged = acme("log --json").json()[0]
    assert why in logged["overrides"]
    assert logged["reason"] == "the boss said so"
