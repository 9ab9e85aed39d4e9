"""crmctl import: what tells rows apart, and what an import may add and change."""

import pytest
from sqlalchemy import Engine, text

from crmctl.storage import db
from tests.cli.imported import counts, customers, deals, findings, reasons, take
from tests.crm import Crm


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline, on a fixed day."""
    crm.now = "2026-03-10T12:00:00Z"
    return crm.begin("init Acme --user Ann")


@pytest.mark.usefixtures("on_each_engine")
def test_keys(crm: Crm) -> None:
    take(crm, "customers", "name,email,phone\nAnn,ann@x.example,1\nBo,BO@x.example,2\n")
    for header, key in (
        ("email,phone\nann@X.example,7\n", ""),
        ("number,phone\nC1,8\n", "--key number"),
        ("name,phone\nANN,9\n", "--key name"),
        ("phone,segment\n9,big\n", "--key phone"),
    ):
        result = take(crm, "customers", header, key)
        assert counts(result) == (0, 1, 0, 0), result.stdout
    assert [(row["phone"], row["segment"]) for row in customers(crm)] == [("9", "big"), ("2", None)]
    assert crm("import customers - --key email", input="name\nAnn\n").stderr == (
        "crmctl: error: --key email: no column of stdin is email (--map COLUMN=email)\n"
    )
    result = take(crm, "customers", "name,email\nCy,\n", "--key email")
    assert reasons(result) == ["2 email: is empty, and rows are told apart by it (--key email)"]
    result = take(crm, "customers", "number,name\nC7,Cy\n", "--key number")
    assert reasons(result) == ["2 number: there is no customer C7"]


@pytest.mark.usefixtures("on_each_engine")
def test_key_can_be_a_custom_field(crm: Crm) -> None:
    assert crm("field add deal code").exit_code == 0
    take(crm, "deals", "title,code\nA,x1\nB,x2\n", "--key custom.code")
    result = take(crm, "deals", "title,code\nC,X1\n", "--key custom.code")
    assert counts(result) == (0, 1, 0, 0)
    assert [row["title"] for row in deals(crm)] == ["C", "B"]


def test_external_ids_have_a_source(crm: Crm) -> None:
    take(crm, "deals", "id,title\n1,A\n", "--source hubspot")
    assert counts(take(crm, "deals", "id,title\n1,A\n", "--source pipedrive")) == (1, 0, 0, 0)
    assert counts(take(crm, "deals", "id,title\nhubspot:1,A\n")) == (0, 0, 1, 0)
    assert [row["external_ids"] for row in deals(crm)] == [["hubspot:1"], ["pipedrive:1"]]


@pytest.mark.usefixtures("on_each_engine")
def test_external_id_is_added_to_a_record_found_otherwise(crm: Crm) -> None:
    take(crm, "customers", "name\nAcme\nOther\n")
    result = take(crm, "customers", "name,id\nAcme,7\n", "--key name")
    assert counts(result) == (0, 1, 0, 0)
    assert counts(take(crm, "customers", "name,id\nAcme,7\n", "--key name")) == (0, 0, 1, 0)
    result = take(crm, "customers", "name,id\nAcme,7\nNew,8\nNewer,8\n", "--key name --dry-run")
    assert reasons(result) == ["4 id: line 3 has the same external id"]
    result = take(crm, "customers", "name,id\nOther,7\n", "--key name")
    assert reasons(result) == ["2 id: 7 belongs to another customer already"]


def test_more_than_one_match_is_rejected_with_candidates(crm: Crm) -> None:
    take(crm, "customers", "id,name\n1,Acme\n2,ACME\n")
    result = take(crm, "customers", "name,phone\nacme,1\n")
    assert reasons(result) == ["2 name: could be any of C1 Acme, C2 ACME"]
    result = take(crm, "deals", "title,customer\nA,acme\n")
    assert reasons(result) == ["2 customer: could be any of C1 Acme, C2 ACME"]
    assert counts(take(crm, "deals", "title,customer\nA,C2\nB,2\n")) == (2, 0, 0, 0)
    assert [row["customer_ref"] for row in deals(crm)] == ["C2", "C2"]


def test_deals_of_one_title_are_told_apart_by_their_customers(crm: Crm) -> None:
    content = "title,customer,amount\nNew Deal,A,1\nNew Deal,B,2\nNew Deal,A,3\n"
    result = take(crm, "deals", content, "--create-missing customers")
    assert reasons(result) == ["4 title: line 2 is about the same deal"]
    result = take(crm, "deals", content.replace(",2", ",5"))
    assert counts(result) == (0, 1, 1, 1)
    assert [row["amount"] for row in deals(crm)] == ["1.00", "5.00"]


def test_a_row_without_an_id_may_be_about_one_that_has_one(crm: Crm) -> None:
    content = "id,title,amount\n1,A,1\n,A,2\n"
    assert reasons(take(crm, "deals", content)) == ["3 title: line 2 is about the same deal"]
    assert counts(take(crm, "deals", "id,title,amount\n1,A,1\n2,A,2\n")) == (1, 0, 1, 0)
    assert [(row["title"], row["amount"]) for row in deals(crm)] == [("A", "1.00"), ("A", "2.00")]


@pytest.mark.usefixtures("on_each_engine")
def test_keys_of_several_fields(crm: Crm) -> None:
    take(crm, "customers", "name,country\nAcme,DE\nAcme,FR\n", "--key name,country")
    result = take(
        crm, "customers", "name,country,phone\nACME,fr,7\nAcme,IT,8\n", "--key name,country"
    )
    assert counts(result) == (1, 1, 0, 0)
    assert [(row["country"], row["phone"]) for row in customers(crm)] == [
        ("DE", None), ("fr", "7"), ("IT", "8"),
    ]  # fmt: skip
    content = "name,country\nAcme,\nBo,DE\nBo,DE\n"
    result = take(crm, "customers", content, "--key name,country --dry-run")
    assert reasons(result) == [
        "2 country: is empty, and rows are told apart by it (--key name,country)",
        "4 name: line 3 is about the same customer",
    ]


@pytest.mark.usefixtures("on_each_engine")
def test_deals_known_by_their_title_and_customer(crm: Crm) -> None:
    content = "title,customer,amount\nRenewal,Acme,1\nRenewal,Bolt,2\nOther,Acme,3\n"
    options = "--key title,customer --create-missing customers"
    assert counts(take(crm, "deals", content, options)) == (3, 0, 0, 0)
    assert counts(take(crm, "deals", content, options)) == (0, 0, 3, 0)
    result = take(crm, "deals", "title,customer,amount\nRENEWAL,bolt,9\nNew,,1\n", options)
    assert counts(result) == (0, 1, 0, 1)
    assert reasons(result) == [
        "3 customer: is empty, and rows are told apart by it (--key title,customer)"
    ]
    assert [row["amount"] for row in deals(crm)] == ["1.00", "9.00", "3.00"]


@pytest.mark.usefixtures("on_each_engine")
@pytest.mark.parametrize(
    ("key", "column", "value"),
    [("email", "customer_email", "BO@y.example"), ("domain", "customer_domain", "www.y.example")],
)
def test_deals_known_by_their_customer(crm: Crm, key: str, column: str, value: str) -> None:
    take(crm, "customers", "name,email\nAnn,ann@x.example\nBo,bo@y.example\n")
    take(crm, "deals", "title,customer\nFor Ann,Ann\nFor Bo,Bo\n")
    content = f"{column},amount\n{value},5\n"
    assert counts(take(crm, "deals", content, f"--key {key}")) == (0, 1, 0, 0)
    assert [row["amount"] for row in deals(crm)] == [None, "5.00"]
    take(crm, "deals", "title,customer\nAlso for Bo,Bo\n")
    result = take(crm, "deals", content, f"--key {key}")
    assert reasons(result) == ["2 customer: could be any of D2 For Bo, D3 Also for Bo"]
    assert crm(f"import deals - --key {key}", input="title\nA\n").stderr == (
        f"crmctl: error: --key {key}: no column of stdin is {column} (--map COLUMN={column})\n"
    )


@pytest.mark.usefixtures("on_each_engine")
def test_customers_known_by_their_domain(crm: Crm) -> None:
    take(
        crm,
        "customers",
        "name,website,email\nAcme,https://www.Acme.example/de,\nBolt,,info@bolt.example\n"
        "Cy,,cy@gmail.com\n",
    )
    content = "website,email,phone\nacme.example,,1\nhttp://bolt.example,,2\n,,3\n,c@gmail.com,4\n"
    result = take(crm, "customers", content, "--key domain")
    assert counts(result) == (0, 2, 0, 2)
    by_it = "and rows are told apart by it (--key domain)"
    assert reasons(result) == [
        f"4 domain: is empty, {by_it}", f"5 domain: is that of a mail service, {by_it}",
    ]  # fmt: skip
    assert [row["phone"] for row in customers(crm)] == ["1", "2", None]
    # A bare domain that a customer was found by takes nothing from its website.
    sites = ["https://www.acme.example/de", "http://bolt.example", None]
    assert [row["website"] for row in customers(crm)] == sites
    take(crm, "customers", "name,email\nDot,dot@bolt.example\n")
    result = take(crm, "customers", "domain,phone\nBOLT.example,4\n", "--key domain")
    assert reasons(result) == ["2 domain: could be any of C2 Bolt, C4 Dot"]


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("https://acme.example/de", "ACME.example.", "https://acme.example/de"),
        ("https://acme.example/de", "www.acme.example", "https://acme.example/de"),
        ("https://acme.example/de", "acme.example/", "https://acme.example/de"),
        ("https://acme.example/de", "acme.example/en", "acme.example/en"),
        ("gmail.com", "acme.example", "acme.example"),
        ("", "acme.example", "acme.example"),
    ],
)
def test_the_domain_that_a_customer_is_known_by_is_no_new_website(
    crm: Crm, before: str, said: str, after: str
) -> None:
    take(crm, "customers", f"name,email,website\nAcme,a@acme.example,{before}\n")
    take(crm, "customers", f"website\n{said}\n", "--key domain")
    assert [row["website"] for row in customers(crm)] == [after]


def test_a_customer_is_named_by_its_domain(crm: Crm) -> None:
    take(crm, "customers", "name,website\nAcme,https://acme.example\n")
    content = "title,company domain\nA,www.acme.example\nB,bolt.example\nC,Bolt.example/x\n"
    result = take(crm, "deals", content, "--create-missing customers")
    assert (counts(result), result.json()["created_missing"]) == ((3, 0, 0, 0), {"customers": 1})
    assert [row["customer_ref"] for row in deals(crm)] == ["C1", "C2", "C2"]
    assert [(row["name"], row["website"]) for row in customers(crm)][1] == (
        "bolt.example", "bolt.example",
    )  # fmt: skip
    assert counts(take(crm, "deals", content, "--create-missing customers")) == (0, 0, 3, 0)
    content = "title,customer\nD,acme.example\nE,https://www.acme.example/about?us=1\n"
    assert counts(take(crm, "deals", content)) == (2, 0, 0, 0)
    assert [row["customer_ref"] for row in deals(crm)][-2:] == ["C1", "C1"]


def test_rows_of_one_title_with_and_without_a_customer(crm: Crm) -> None:
    content = "title,customer,amount\nA,Acme,1\nA,,2\n"
    assert counts(take(crm, "deals", content, "--create-missing customers")) == (2, 0, 0, 0)
    assert counts(take(crm, "deals", content)) == (0, 0, 2, 0)
    assert [(row["customer"], row["amount"]) for row in deals(crm)] == [
        ("Acme", "1.00"), (None, "2.00"),
    ]  # fmt: skip


def test_keys_that_do_not_go_together(crm: Crm) -> None:
    for key, told in (
        ("external_id,title", "external_id names one deal, and stands alone"),
        ("title,", "'' is not one of"),
        ("title,nope", "'nope' is not one of"),
        ("title,amount", "no column of stdin is amount (--map COLUMN=amount)"),
    ):
        result = crm(["import", "deals", "-", "--key", key], input="id,title\n1,A\n")
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"--key {key}: {told}" in result.stderr


def test_only_new_ones_are_added(crm: Crm) -> None:
    take(crm, "deals", "id,title,amount\n1,A,1\n")
    content = "id,title,amount\n1,A,7\n2,B,2\n2,B,3\n"
    result = take(crm, "deals", content, "--create-only")
    assert (counts(result), result.json()["skipped"]) == ((1, 0, 0, 1), 1)
    assert reasons(result) == ["4 id: line 3 is about the same deal"]
    assert [row["amount"] for row in deals(crm)] == ["1.00", "2.00"]
    result = take(crm, "deals", content, "--create-only")
    assert (counts(result), result.json()["skipped"]) == ((0, 0, 0, 1), 2)


def test_only_known_ones_are_changed(crm: Crm) -> None:
    take(crm, "customers", "email,phone\na@x.example,1\n")
    content = "email,phone,owner\na@x.example,7,\nb@x.example,2,Nobody\n"
    result = take(crm, "customers", content, "--update-only")
    assert (result.exit_code, counts(result), result.json()["skipped"]) == (0, (0, 1, 0, 0), 1)
    assert [row["phone"] for row in customers(crm)] == ["7"]
    shown = crm("import customers - --update-only", input=content).stdout
    assert "unchanged 1\nskipped   1\nrejected  0\n" in shown
    assert [run["skipped"] for run in crm("import list --json").json()] == [1, 1, 0]


def test_rows_out_of_scope_are_told_with_why(crm: Crm) -> None:
    new, there = "id,title\n1,A\n2,B\n", "id,title\n1,Z\n"
    told = crm("import deals - --update-only", input=new)
    assert (told.exit_code, deals(crm)) == (0, [])
    assert told.stderr == "nothing to do: 2 rows skipped: they are new (--update-only)\n"
    planned = crm("import deals - --update-only --dry-run", input=new)
    assert "2 rows skipped: they are new (--update-only)\n" in planned.stdout
    take(crm, "deals", new)
    told = crm("import deals - --create-only", input=there)
    why = "1 row skipped: what it is about is there (--create-only)"
    assert told.stderr == f"nothing to do: {why}\n"
    assert take(crm, "deals", there, "--create-only --strict").exit_code == 0


@pytest.mark.parametrize("what", ["deals", "customers", "history"])
def test_a_file_without_rows_says_so(crm: Crm, what: str) -> None:
    head = "deal,stage,entered_at\n" if what == "history" else "id,name,title\n"
    told = crm(f"import {what} -", input=head)
    assert (told.exit_code, told.stderr) == (0, "nothing to do: stdin has no rows\n")
    assert "stdin has no rows\n" in crm(f"import {what} - --dry-run", input=head).stderr


@pytest.mark.parametrize(
    ("what", "head", "field"),
    [("deals", "Auftrag", "title"), ("deals", "Opp", "title"), ("customers", "Wer", "name")],
)
def test_the_column_of_names_can_be_named(crm: Crm, what: str, head: str, field: str) -> None:
    content = f"{head},Source\nWeir,fair\n"
    told = crm(f"import {what} -", input=content)
    assert f"with --map COLUMN={field}" in told.stderr
    assert counts(take(crm, what, content, f"--map {head}={field}")) == (1, 0, 0, 0)


def test_only_what_is_empty_is_filled(crm: Crm) -> None:
    assert crm("field add deal size --type number").exit_code == 0
    assert crm("field add deal colour").exit_code == 0
    take(crm, "deals", "id,title,stage,next step,tags,size\n1,A,lead,call,x,4\n2,B,lost,,,\n")
    content = (
        "id,title,stage,next step,tags,size,colour,amount,currency,close date,lost reason\n"
        "1,Z,won,write,y,5,red,100,EUR,2026-02-01,price\n"
        "2,Z,lead,write,y,5,red,100,EUR,2026-02-01,price\n3,New,lead,,,,,,,,\n"
    )
    assert counts(take(crm, "deals", content, "--fill-empty")) == (1, 2, 0, 0)
    first, second, third = deals(crm)
    assert first | {
        "title": "A", "stage": "lead", "next_step": "call", "tags": ["x"], "amount": "100.00",
        "currency": "EUR", "custom": {"size": 4, "colour": "red"}, "closed_at": None,
        "expected_close": None, "lost_reason": None,
    } == first  # fmt: skip
    assert second | {"title": "B", "stage": "lost", "next_step": "write", "tags": ["y"]} == second
    assert third["title"] == "New"
    assert counts(take(crm, "deals", content, "--fill-empty")) == (0, 0, 3, 0)
    assert crm("db check").exit_code == 0


def test_filling_leaves_customers_and_activities_that_are_there_alone(crm: Crm) -> None:
    take(crm, "customers", "name,phone,country\nAcme,1,\n")
    result = take(crm, "customers", "name,phone,country\nAcme,2,DE\n", "--fill-empty")
    assert result.json()["updated_fields"] == {"country": 1}
    take(crm, "activities", "id,kind,subject,customer,body\n1,call,Hi,Acme,\n")
    result = take(
        crm,
        "activities",
        "id,kind,subject,customer,body\n1,note,Ho,Acme,Long\n2,note,New,Acme,\n",
        "--fill-empty --update-only",
    )
    assert result.json()["updated_fields"] == {"body": 1}
    assert result.json()["skipped"] == 1


@pytest.mark.usefixtures("on_each_engine")
def test_a_merged_customer_is_in_the_file_twice(crm: Crm) -> None:
    content = "id,name,phone\n1,Acme,1\n2,Acme Inc,2\n"
    take(crm, "customers", content, "--source crm")
    assert crm("customer merge C1 C2").exit_code == 0
    result = take(crm, "customers", content, "--source crm")
    assert (result.exit_code, counts(result), result.json()["skipped"]) == (0, (0, 0, 1, 0), 1)
    assert findings(result) == {
        "skipped for being about a customer that was merged into another": 1
    }
    content += "2,Acme,3\n"
    result = take(crm, "customers", content, "--source crm")
    assert reasons(result) == ["4 id: line 3 is about the same customer"]


def test_options_that_leave_nothing_to_do(crm: Crm) -> None:
    for options in ("--create-only --update-only", "--create-only --fill-empty"):
        result = crm(f"import deals - {options}", input="id,title\n1,A\n")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("crmctl: error: --create-only")


@pytest.mark.usefixtures("on_each_engine")
def test_activities_known_by_what_they_are_about(crm: Crm) -> None:
    take(crm, "customers", "name\nAcme\nBolt\n")
    content = "kind,subject,customer,minutes\ncall,Hi,Acme,1\ncall,Hi,Bolt,2\n"
    assert counts(take(crm, "activities", content, "--key subject,customer")) == (2, 0, 0, 0)
    content = content.replace(",2", ",9")
    assert counts(take(crm, "activities", content, "--key subject,customer")) == (0, 1, 1, 0)


@pytest.mark.usefixtures("on_each_engine")
def test_activities_known_by_their_time(crm: Crm) -> None:
    take(crm, "customers", "name\nAcme\n")
    content = (
        "kind,at,customer,minutes\ncall,2026-01-05 10:00+02:00,Acme,1\ncall,2026-01-06,Acme,2\n"
    )
    assert counts(take(crm, "activities", content, "--key customer,at")) == (2, 0, 0, 0)
    content = content.replace(",2\n", ",9\n").replace("10:00+02:00", "08:00Z")
    for key in ("customer,at", "at"):
        assert counts(take(crm, "activities", content, f"--key {key} --dry-run")) == (0, 1, 1, 0)


def test_activities_about_nobody_are_told_once(crm: Crm) -> None:
    result = take(crm, "activities", "id,kind,deal,customer\n1,call,Nil,Nobody\n")
    assert reasons(result) == [
        "2 deal: no deal answers to 'Nil'",
        "2 customer: no customer answers to 'Nobody' (--create-missing customers adds them)",
    ]


def test_activities_without_a_date_are_told(crm: Crm) -> None:
    take(crm, "customers", "name\nAcme\n")
    content = (
        "id,kind,customer,at,created_at\n1,call,Acme,,\n2,call,Acme,,2026-01-02\n"
        "3,call,Acme,2026-01-03,\n4,wave,Acme,,\n"
    )
    result = take(crm, "activities", content)
    assert counts(result) == (3, 0, 0, 1)
    assert findings(result) == {
        "with no date: that of this import is taken": 1,
        "with no date: that of their creation is taken": 1,
        "rows name kinds of activities that are not there: wave (1)": 1,
    }


def test_addresses_stored_by_other_rules_are_found(crm: Crm, engine: Engine) -> None:
    for name, option in (("Ann", "--phone '+4930123456'"), ("Bo", "--website x.example")):
        assert crm(f"customer add {name} {option}").exit_code == 0
    with db.session(engine, write=True) as session:
        session.execute(text("UPDATE customers SET phone = '+49 30 123456' WHERE number = 1"))
        session.execute(text("UPDATE customers SET website = 'X.example/' WHERE number = 2"))
    for key, content in (("phone", "phone,segment\n0049 30 123456,SMB\n"),
                         ("website", "website,segment\nX.EXAMPLE,SMB\n")):  # fmt: skip
        assert counts(take(crm, "customers", content, f"--key {key}")) == (0, 1, 0, 0)
    assert [row["segment"] for row in customers(crm)] == ["SMB", "SMB"]
