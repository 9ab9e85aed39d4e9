"""A customer that is removed leaves its deals: that is said, and shown where they are."""

from tests.crm import Crm


def test_removal_says_how_many_open_deals_stay(crm: Crm) -> None:
    crm.begin(
        "init Acme --user Uma", "customer add Fell", "customer add Birk", "customer add Tarn",
        "deal add Weir --customer C1", "deal add Dam --customer C1",
        "deal add Old --customer C1", "deal win D3",
        "deal add Gone --customer C1", "deal remove D4", "deal add Lock --customer C2",
    )  # fmt: skip
    told = [
        "C1 Fell has 2 open deals that stay (crmctl deal list --customer C1)",
        "C2 Birk has 1 open deal that stays (crmctl deal list --customer C2)",
    ]
    for option in (" --dry-run", ""):
        lines = crm(f"customer remove C1 C2 C3{option}").stderr.splitlines()
        assert [line for line in lines if "open deal" in line] == told
    assert "open deal" not in crm("customer remove C1").stderr
    listed = crm("deal list --customer C1").stdout
    assert listed.count("Fell (removed)") == 2
    assert "C1 Fell (removed)" in crm("deal show D1").stdout
    assert crm("board").stdout.count(" removed ") == 4
    for record in (crm("deal list --json").json()[0], crm("deal show D1 --json").json(),
                   crm("board --json").json()["stages"][0]["deals"][0]):  # fmt: skip
        assert (record["customer"], record["customer_removed"]) == ("Fell", True)
    crm("customer restore C1")
    assert "removed" not in crm("deal list --customer C1").stdout
    assert crm("deal show D1 --json").json()["customer_removed"] is False
