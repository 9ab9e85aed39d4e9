"""crmctl customer add, list, show, edit, remove and restore."""

import pytest

from tests.crm import Crm

pytestmark = pytest.mark.usefixtures("company")
NOW = "2026-03-01T09:00:00Z"


FILTERS = {
    "": "C1 C2 C3",
    "--segment smb": "C1 C3",
    "--country de": "C2",
    "--lifecycle lead": "C3",
    "--owner uma": "C2",
    "--owner none": "C1 C3",
    "--text bolt": "C2",
    "--text X.EXAMPLE": "C1",
    "--tag vip": "C1",
    "--custom tier=gold": "C2",
    "--sort -name": "C3 C2 C1",
    "--sort email": "C1 C2 C3",
    "--sort -score": "C2 C1 C3",
    "--limit 1 --after C1": "C2",
}


@pytest.fixture
def company(crm: Crm) -> None:
    """A company with one user."""
    crm.now = NOW
    crm.begin("init Acme --currency EUR --user Uma")


def test_a_customer_is_added_with_all_its_fields(crm: Crm) -> None:
    crm("field add customer vip --type boolean")
    result = crm(
        "customer add 'Ann Müller' --organisation 'Müller GmbH' --email Ann@X.example"
        " --phone '+49 30 1234' --website x.example --country DE --segment SMB --score 7"
        " --owner uma --source fair --lifecycle lead --tag new --external-id hubspot:3"
        " --custom vip=yes --json"
    )
    assert (result.exit_code, result.stderr) == (0, "Added C1 Ann Müller\n")
    record = result.json()
    assert record.pop("id")
    assert record == {
        "ref": "C1",
        "name": "Ann Müller",
        "organisation": "Müller GmbH",
        "email": "ann@x.example",
        "phone": "+49301234",
        "website": "x.example",
        "country": "DE",
        "segment": "SMB",
        "lead_score": 7,
        "owner": "Uma",
        "source": "fair",
        "lifecycle": "lead",
        "tags": ["new"],
        "external_ids": ["hubspot:3"],
        "custom": {"vip": True},
        "franchise": None,
        "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T09:00:00Z",
        "removed_at": None,
    }


@pytest.mark.usefixtures("on_each_engine")
def test_a_second_customer_with_an_address_is_told_of(crm: Crm) -> None:
    crm("customer add Ann --email ann@x.example")
    result = crm("customer add Anna --email ANN@x.example")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == ("Added C2 Anna\ncrmctl: note: C1 Ann has the same e-mail address\n")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("customer add ''", 2, "name: must not be empty"),
        (["customer", "add", "x" * 201], 2, "name: is 201 characters long, at most 200 are kept"),
        ("customer add x --email nobody", 2, "not an e-mail address: 'nobody'"),
        (["customer", "add", "x", "--phone", "1" * 51], 2, "phone: is 51 characters long"),
        ("customer add x --score many", 2, "lead score: not a whole number: 'many'"),
        ("customer add x --phone '+1 5'", 2, "phone: not a phone number: '+1 5'"),
        ("customer add x --email bob@exa_mple.com", 2, "email: not an e-mail address: 'bob@exa_"),
        ("customer add x --score 10000000", 2, "lead score: "),
        ("customer add x --custom vip=1", 3, "crmctl field add customer KEY"),
        ("customer add x --owner bob", 3, "no user answers to 'bob'"),
        ("customer add x --external-id :", 2, "external id: must not be empty"),
    ],
)
def test_what_cannot_be_is_refused_and_adds_nothing(
    crm: Crm, arguments: str, code: int, said: str
) -> None:
    result = crm(arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert crm("customer list --json").json() == []


def test_names_of_any_language_and_length_are_kept(crm: Crm) -> None:
    for name in ("x" * 200, "山田 太郎 👩‍💻", "\u202eevil", "[bold]Ann[/bold]", "a\x1b[31mb"):
        assert crm(["customer", "add", name]).exit_code == 0
        assert crm(["customer", "show", name, "--json"]).json()["name"] == name
    shown = crm("customer list").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]Ann[/bold]" in shown


def test_show_includes_the_deals(crm: Crm) -> None:
    crm("customer add Ann --email ann@x.example")
    crm("deal add 'Acme rollout' --customer ann@x.example --amount 100")
    crm("deal add Renewal --customer C1 --stage won")
    crm("deal add Other")
    record = crm("customer show ann --json").json()
    assert [deal["ref"] for deal in record["deals"]] == ["D1", "D2"]
    result = crm("customer show 1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "ann@x.example" in result.stdout
    assert "Acme rollout" in result.stdout
    assert "Renewal" in result.stdout
    assert "Other" not in result.stdout


@pytest.mark.usefixtures("on_each_engine")
def test_customers_are_filtered_sorted_and_paged(crm: Crm) -> None:
    crm("field add customer tier")
    crm("customer add Ann --segment SMB --email ann@x.example --tag vip")
    crm(
        "customer add Bob --country DE --owner uma --organisation Bolt --custom tier=Gold --score 3"
    )
    crm("customer add Cid --segment smb --lifecycle lead")
    found = {}
    for arguments in FILTERS:
        rows = crm(f"customer list {arguments} --json").json()
        found[arguments] = " ".join(row["ref"] for row in rows)
    assert found == FILTERS


def test_a_cut_list_is_told_of(crm: Crm) -> None:
    for name in "abc":
        crm(f"customer add {name}")
    result = crm("customer list --limit 2")
    assert result.stderr == "printed 2 of 3 customers; go on with --after C2\n"


def test_edit_changes_clears_and_says_so(crm: Crm) -> None:
    crm("customer add Ann --email ann@x.example --phone 12 --tag new")
    result = crm("customer edit ann --email a@y.example --clear phone --untag new --owner uma")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        "C1 Ann: email ann@x.example -> a@y.example, phone 12 -> -, owner - -> Uma, tags new -> -\n"
    )
    assert crm("customer edit 1 --email A@Y.example").stderr == "C1 Ann: nothing to change\n"
    assert crm("customer edit 1 --clear name").exit_code == 2


def test_many_are_edited_at_once_and_first_tried_dry(crm: Crm) -> None:
    crm("customer add Ann")
    crm("customer add Bob")
    dry = crm("customer edit 1 2 --segment SMB --dry-run")
    assert {row["segment"] for row in crm("customer list --json").json()} == {None}
    real = crm("customer edit 1 2 --segment SMB")
    assert real.stderr == "C1 Ann: segment - -> SMB\nC2 Bob: segment - -> SMB\nedited 2\n"
    assert dry.stderr == (
        "Would edit C1 Ann: segment - -> SMB\nWould edit C2 Bob: segment - -> SMB\n"
        "would edit 2\ndry run: nothing was written\n"
    )


@pytest.mark.usefixtures("on_each_engine")
def test_a_removed_customer_is_hidden_and_its_deals_still_name_it(crm: Crm) -> None:
    crm("customer add Ann --email ann@x.example")
    crm("deal add a --customer ann")
    result = crm("customer remove ann")
    stays = "C1 Ann has 1 open deal that stays (crmctl deal list --customer C1)\n"
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"Removed C1 Ann\n{stays}"
    assert crm("customer list --json").json() == []
    assert [row["ref"] for row in crm("customer list --removed --json").json()] == ["C1"]
    assert crm("deal show 1 --json").json()["customer"] == "Ann"
    assert [deal["ref"] for deal in crm("customer show C1 --json").json()["deals"]] == ["D1"]
    assert crm("deal add b --customer ann").exit_code == 3
    assert crm("customer restore ann@x.example").stderr == "Restored C1 Ann\n"
    assert crm("deal add b --customer ann").exit_code == 0
