"""Pipelines and stages: made, edited, exported, applied and removed."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from crmctl.domain.kinds import Entity, FieldType, ForecastCategory, Status
from crmctl.errors import NotFound, Refused, UsageError
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.pipeline import deals, moves, pipeline_files, pipelines, rules, stages
from crmctl.services.pipeline.pipeline_files import Definition
from crmctl.services.records import custom_fields, editing
from crmctl.services.records.references import find
from tests.services.company import Company

TEMPLATES = ("agency", "b2b", "fundraising", "real-estate", "recruiting", "saas")

B2B = pipeline_files.template("b2b")


def default(session: CrmSession) -> rules.SalesProcess:
    return rules.sales_processes(session)["default"]


def definition(company: Company) -> Definition:
    with company.reads() as session:
        return pipeline_files.of(default(session))


def with_stages(known: Definition, *found: dict[str, Any], **moves: str) -> Definition:
    return replace(known, stages=found, moves=moves)


def make_deals(company: Company, *places: str) -> None:
    with company.writes() as session:
        for place in places:
            deals.create(session, {"title": place}, stage=place)


def in_stages(company: Company) -> list[str]:
    """Return where the deals are, by number, hidden ones included."""
    with company.reads() as session:
        return list(session.exec(select(Deal.stage).order_by(Deal.number)).all())  # type: ignore[arg-type]


def everything(company: Company) -> dict[str, Any]:
    """Return all rows but the log and what says when and by what a row was changed."""
    with company.reads() as session:
        return {
            model.__tablename__: sorted(  # type: ignore[misc]
                sorted((k, repr(v)) for k, v in changes.values_of(row).items()
                       if k not in changes.BOOKKEEPING)
                for row in session.exec(select(model))
            )
            for model in TABLES if model.__tablename__ not in ("changes", "change_rows", "counters")
        }  # fmt: skip


def take_back(company: Company) -> None:
    """Undo the last change; nothing may be in the way."""
    with company.writes() as session:
        change = undo.last_change(session, lock=True)
        assert change
        plan = undo.plan(session, change, lock=True)
        assert not plan.kept()
        undo.carry_out(session, plan)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_what_export_writes_of_it(company: Company, name: str) -> None:
    from importlib import resources

    with company.writes() as session:
        process = pipelines.add(session, pipeline_files.template(name))
    text = resources.files("crmctl").joinpath("templates", f"{name}.toml").read_text("utf-8")
    comment, _, rest = text.partition("\n")
    assert comment.startswith("# ")
    assert pipeline_files.write(pipeline_files.of(process)) == rest


def test_these_templates_there_are() -> None:
    assert tuple(pipeline_files.templates()) == TEMPLATES
    for template in pipeline_files.templates().values():
        kinds = [stage["kind"] for stage in template.stages]
        assert kinds[-2:] == [Status.WON, Status.LOST]
        chances = [stage["probability"] for stage in template.stages[:-1]]
        assert chances == sorted(chances)
    with pytest.raises(NotFound, match=r"no template is called 'x' \(there is agency, b2b"):
        pipeline_files.template("x")


def test_what_a_file_does_not_say_is_the_usual() -> None:
    made = pipeline_files.read(
        'key = "x-y"\n[[stages]]\nkey = "first_step"\n[[stages]]\nkey = "in"\nkind = "won"', "f"
    )
    assert made.head == {"key": "x-y", "label": "X y", **pipeline_files.RULES}
    first, won = made.stages
    assert first["label"] == "First step"
    assert (first["probability"], first["forecast_category"]) == (None, ForecastCategory.PIPELINE)
    assert (won["probability"], won["forecast_category"]) == (1, ForecastCategory.COMMIT)
    assert (won["required_fields"], won["can_create"]) == ([], True)


OPEN = '[[stages]]\nkey = "a"\n'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("key = ", "f is not valid TOML"),
        (OPEN, "f: a pipeline needs a key"),
        ('key = "x"', "f: a pipeline needs an open stage"),
        ('key = "X"\n' + OPEN, "f: key: not a key: 'X'"),
        ("key = 5\n" + OPEN, "f: key: must be text"),
        ('key = "x"\nlable = "X"\n' + OPEN, r"unknown key 'lable' \(did you mean label\?\)"),
        ('key = "x"\nallow_skip = "maybe"\n' + OPEN, "f: allow skip: "),
        ('key = "x"\nstages = "a"', "f: stages are tables"),
        ('key = "x"\nstages = ["a"]', "f: stages are tables"),
        ('key = "x"\n' + OPEN + OPEN, "f: there are two stages a"),
        ('key = "x"\n[[stages]]\nlabel = "A"', "f: stage number 1: a stage needs a key"),
        ('key = "x"\n' + OPEN + "rotten = 5", "f: unknown key 'rotten' in stage a"),
        ('key = "x"\n' + OPEN + "rotting_days = 0", "f: stage a: rotting days: "),
        ('key = "x"\n' + OPEN + "wip_limit = -1", "f: stage a: wip limit: "),
        ('key = "x"\n' + OPEN + 'probability = "200%"', "f: stage a: a probability is between"),
        ('key = "x"\n' + OPEN + "probability = true", "f: stage a: not a probability: 'True'"),
        ('key = "x"\n' + OPEN + "probability = nan", "f: stage a: not a probability: 'nan'"),
        ('key = "x"\n' + OPEN + 'kind = "closed"', "f: stage a: kind: "),
        ('key = "x"\n' + OPEN + 'forecast_category = "maybe"', "f: stage a: forecast category: "),
        ('key = "x"\n' + OPEN + 'label = ""', "f: stage a: label: must not be empty"),
        ('key = "x"\n' + OPEN + f'label = "{"x" * 101}"', "is 101 characters long, at most 100"),
        ('key = "x"\n' + OPEN + 'required_fields = ["colour"]', "no field of a deal is called"),
        ('key = "x"\n' + OPEN + 'required_fields = ["lost_reason"]', "only a lost stage can"),
        ('key = "x"\n' + OPEN + 'required_fields = "amount"', "f: stage a: required fields: "),
        ('key = "x"\n' + OPEN + '[[stages]]\nkey = "w"\nkind = "won"\nprobability = "90%"',
         "f: stage w: the probability of a won stage is 100%, always"),
        ('key = "x"\n' + OPEN + '[moves]\na = "a"', "f: moves: a is still a stage"),
        ('key = "x"\n' + OPEN + '[moves]\nb = "c"', "f: moves: 'c' is no stage"),
        ('key = "x"\n' + OPEN + "[moves]\nb = 5", "f: moves are lines such as"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_in_one_line(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as refused:
        pipeline_files.read(text, "f")
    assert "\n" not in str(refused.value)


# Whatever a pipeline can be, its file says all of it.
_labels = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100)
_words = _labels.map(str.strip).filter(bool)
_keys = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)
_required = st.lists(st.sampled_from(["amount", "owner", "tags", "custom.budget"]), unique=True)
_numbers = st.none() | st.integers(1, 10_000)


@st.composite
def _stage(draw: st.DrawFn, key: str, kind: Status) -> dict[str, Any]:
    chance = st.none() | st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-4))
    return {
        "key": key,
        "label": draw(_words),
        "kind": kind,
        "probability": pipeline_files.CERTAIN.get(kind, draw(chance)),
        "forecast_category": draw(st.sampled_from(ForecastCategory)),
        "rotting_days": draw(_numbers),
        "wip_limit": draw(_numbers),
        "required_fields": draw(_required),
        "can_create": draw(st.booleans()),
    }


@st.composite
def _definitions(draw: st.DrawFn, key: st.SearchStrategy[str] = _keys) -> Definition:
    known = ["lead", "proposal", "won", "lost"]
    keys = draw(st.lists(st.sampled_from(known) | _keys, min_size=1, max_size=6, unique=True))
    kinds = [Status.OPEN, *draw(st.lists(st.sampled_from(Status), min_size=5, max_size=5))]
    head = {"key": draw(key), "label": draw(_words)} | {
        rule: draw(st.booleans()) for rule in pipeline_files.RULES
    }
    found = [draw(_stage(name, kind)) for name, kind in zip(keys, kinds, strict=False)]
    return Definition(head, tuple(draw(st.permutations(found))))


@given(_definitions())
def test_what_is_written_reads_the_same(known: Definition) -> None:
    assert pipeline_files.read(pipeline_files.write(known), "f") == known


@given(st.lists(_definitions(st.just("default")), min_size=1, max_size=3))
@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_applying_makes_it_so_and_applying_again_does_nothing(
    company: Company, known: list[Definition]
) -> None:
    with company.writes() as session:
        if not custom_fields.known(session, Entity.DEAL):
            custom_fields.add(session, Entity.DEAL, "budget", None, FieldType.NUMBER)
    for one in known:
        with company.writes() as session:
            pipelines.apply(session, one)
        made = definition(company)
        assert made == one
        exported = pipeline_files.read(pipeline_files.write(made), "f")
        with company.reads() as session:
            assert pipelines.plan(session, exported).differences == []
        with company.writes() as session:
            assert pipelines.apply(session, exported).differences == []
            assert not session.change.written
        with company.reads() as session:
            positions = [stage.position for stage in default(session).stages]
        assert positions == list(range(1, len(one.stages) + 1))


def test_a_plan_names_each_difference_and_writes_nothing(company: Company) -> None:
    make_deals(company, "lead", "lead", "proposal")
    before = everything(company)
    lead, qualified, _, negotiation, won, lost = definition(company).stages
    demo = pipeline_files.complete({"key": "demo", "probability": "30%"})
    known = with_stages(
        definition(company), {**lead, "label": "First"}, demo, negotiation,
        {**qualified, "probability": Decimal("0.3")}, won, lost, proposal="demo",
    )  # fmt: skip
    known = replace(known, head={**known.head, "allow_skip": False})
    with company.reads() as session:
        plan = pipelines.plan(session, known)
    found = [(d.what, d.stage, d.field, d.before, d.after, d.deals) for d in plan.differences]
    assert found == [
        ("changed", None, "allow_skip", True, False, 0),
        ("changed", "lead", "label", "Lead", "First", 2),
        ("added", "demo", None, None, "Demo", 0),
        ("changed", "qualified", "probability", Decimal("0.2"), Decimal("0.3"), 0),
        ("moved", "negotiation", "position", 4, 3, 0),
        ("removed", "proposal", None, "Proposal", "deals to demo", 1),
    ]
    assert (plan.refused, plan.destinations, plan.deals) == ([], {"proposal": "demo"}, 1)
    assert everything(company) == before
    with company.writes() as session:
        assert pipelines.apply(session, known).differences == plan.differences
    assert definition(company).stages == known.stages
    assert in_stages(company) == ["lead", "lead", "demo"]
    take_back(company)
    assert everything(company) == before


def test_a_stage_that_holds_deals_does_not_go_without_a_word(company: Company) -> None:
    make_deals(company, "proposal", "proposal", "won")
    with company.writes() as session:
        editing.remove(session, [find(session, Deal, "2")])
    before = everything(company)
    lead, qualified, _, negotiation, won, lost = definition(company).stages
    known = with_stages(definition(company), lead, qualified, negotiation, won, lost)
    with company.reads() as session:
        plan = pipelines.plan(session, known)
    assert plan.refused == [
        "stage proposal holds 2 deals (1 of them removed): say where they go with "
        '--move-to STAGE, or with proposal = "STAGE" under [moves]'
    ]
    with pytest.raises(Refused, match="holds 2 deals"), company.writes() as session:
        pipelines.apply(session, known)
    with pytest.raises(UsageError, match="--move-to: 'x' is no stage of the new default"):  # noqa: SIM117
        with company.writes() as session:
            pipelines.apply(session, known, "x")
    assert everything(company) == before
    with company.writes() as session:
        pipelines.apply(session, known, "Negotiation")
    assert in_stages(company) == ["negotiation", "negotiation", "won"]
    take_back(company)
    assert everything(company) == before


def set_rules(company: Company, stage: str, required: Sequence[str] = (), **rule: bool) -> None:
    with company.writes() as session:
        pipelines.edit(session, None, rule)
        changes.edit(session, [default(session).find(stage)], {"required_fields": [*required]})


def go(
    company: Company, way: str, to: str, *, dry: bool = False, reason: str | None = None, **how: Any
) -> None:
    """Have the deals of lead go to `to` by removing lead, or its pipeline, or by a definition."""
    options = moves.MoveOptions(**how)
    with company.writes() as session:
        session.change.dry, session.change.reason = dry, reason
        process = default(session)
        if way == "stage":
            stages.remove(session, process, process.find("lead"), process.find(to), options)
        elif way == "pipeline":
            pipelines.remove(session, "saas", f"default/{to}", options)
        else:
            known = pipeline_files.of(process)
            definition = replace(known, stages=known.stages[1:], moves={"lead": to})
            plan = (pipelines.plan if dry else pipelines.apply)(session, definition, None, options)
            if plan.refused:
                raise Refused("\n".join(plan.refused))


WAYS = ["stage", "pipeline", "definition"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, company: Company) -> str:
    """How deals leave a stage that goes; D1 to D3 are in it, D2 has an amount, D3 is hidden."""
    way = str(request.param)
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        pipeline = "saas" if way == "pipeline" else "default"
        for amount in (None, Decimal(5), None):
            values = {"title": "Deal", "amount": amount}
            deals.create(session, values, pipeline=pipeline, stage="lead")
        editing.remove(session, [find(session, Deal, "3")])
    return way


@pytest.mark.parametrize("dry", [False, True])
def test_what_a_stage_requires_holds_for_deals_of_one_that_goes(
    company: Company, way: str, dry: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmctl.services.pipeline.stage_exits.BATCH", 2)
    set_rules(company, "negotiation", ["amount"])
    before = everything(company)
    why = r"^D1, D3: negotiation needs amount \(or --override --reason TEXT\)$"
    with pytest.raises(Refused, match=why):
        go(company, way, "negotiation", dry=dry)
    assert everything(company) == before


def test_deals_of_a_stage_that_goes_are_lost_for_a_reason(company: Company, way: str) -> None:
    set_rules(company, "lost", lost_reason_required=True)
    with pytest.raises(Refused, match=r"D1, D2, D3: a lost deal needs a reason \(--lost-reason"):
        go(company, way, "lost")
    with pytest.raises(Refused, match="deals that are lost, and qualified is not"):
        go(company, way, "qualified", lost_reason="old")
    go(company, way, "lost", lost_reason="too old")
    with company.reads() as session:
        found = session.exec(select(Deal)).all()
        assert {(deal.status, deal.lost_reason) for deal in found} == {(Status.LOST, "too old")}


def test_deals_of_a_stage_that_goes_skip_none(company: Company, way: str) -> None:
    set_rules(company, "won", allow_skip=False)
    skipped = "lead, qualified" if way == "pipeline" else "qualified"
    why = f"D1, D2, D3: pipeline default allows no skipping of {skipped}"
    with pytest.raises(Refused, match=why):
        go(company, way, "proposal")
    go(company, way, "lead" if way == "pipeline" else "qualified")


def test_an_override_lets_deals_of_a_stage_that_goes_pass_and_is_logged(
    company: Company, way: str
) -> None:
    set_rules(company, "negotiation", ["amount"])
    with pytest.raises(UsageError, match="--override needs --reason TEXT"):
        go(company, way, "negotiation", override=True)
    go(company, way, "negotiation", override=True, reason="the boss said so")
    with company.reads() as session:
        logged = session.exec(select(Change).where(Change.reason == "the boss said so")).one()
        assert logged.overrides == "D1: negotiation needs amount\nD3: negotiation needs amount"
        assert {deal.stage for deal in session.exec(select(Deal))} == {"negotiation"}


def test_a_move_that_no_rule_forbids_is_no_override(company: Company) -> None:
    make_deals(company, "lead", "lead")
    go(company, "stage", "lost")
    with company.reads() as session:
        logged = session.exec(select(Change).where(Change.reason == "stage lead was removed")).one()
        assert logged.overrides is None
        entries = session.exec(select(StageEntry).where(StageEntry.position == 2)).all()
        assert {(e.from_stage, e.stage, e.reason) for e in entries} == {
            ("lead", "lost", "stage lead was removed")
        }


def test_a_definition_is_judged_by_the_rules_that_it_makes(company: Company) -> None:
    make_deals(company, "qualified")
    lead, _, proposal, *rest = definition(company).stages
    strict = {**definition(company).head, "allow_skip": False, "allow_back": False}
    offer = {**proposal, "key": "offer", "required_fields": ["amount"]}

    def refused(found: list[dict[str, Any]], to: str) -> list[str]:
        known = with_stages(definition(company), *found, qualified=to)
        with company.reads() as session:
            return pipelines.plan(session, replace(known, head=strict)).refused

    # In the place of the stage that goes, and in front of those that remain behind it.
    assert refused([lead, offer, proposal, *rest], "offer") == [
        "D1: offer needs amount (or --override --reason TEXT)"
    ]
    assert refused([lead, proposal, *rest], "proposal") == []
    assert "no skipping of proposal" in refused([lead, proposal, *rest], "negotiation")[0]
    assert "no way back from qualified to lead" in refused([lead, proposal, *rest], "lead")[0]
    assert refused([proposal, lead, *rest], "lead") != []
    assert refused([proposal, *rest], "proposal") == []


def test_a_deal_stays_won_when_it_was(company: Company) -> None:
    make_deals(company, "won")
    with company.writes() as session:
        won = find(session, Deal, "1").closed_at
        process = default(session)
        stages.add(session, process, pipeline_files.complete({"key": "paid", "kind": "won"}), 6)
        process = default(session)
        stages.remove(session, process, process.find("won"), process.find("paid"))
    with company.reads() as session:
        found = find(session, Deal, "1")
        assert (found.stage, found.status, found.closed_at) == ("paid", Status.WON, won)


def test_a_stage_that_holds_deals_stays_of_its_kind(company: Company) -> None:
    make_deals(company, "proposal")
    why = "stage proposal holds 1 deal, which would become won by this: add another stage"
    with company.writes() as session:
        process = default(session)
        with pytest.raises(Refused, match=why):
            stages.edit(session, process, process.find("proposal"), {"kind": Status.WON})
    lead, qualified, proposal, *rest = definition(company).stages
    closed = {**proposal, "kind": Status.WON, "probability": Decimal(1)}
    known = with_stages(definition(company), lead, qualified, closed, *rest)
    with pytest.raises(Refused, match=why), company.writes() as session:
        pipelines.apply(session, known)


def test_an_empty_stage_becomes_another_kind_with_what_is_usual_for_it(company: Company) -> None:
    with company.writes() as session:
        process = default(session)
        proposal = process.find("proposal")
        assert stages.edit(session, process, proposal, {"kind": Status.WON})
        assert proposal.probability == 1
        assert proposal.forecast_category == ForecastCategory.COMMIT
        assert stages.edit(session, process, proposal, {"kind": Status.OPEN})
        assert proposal.probability is None
        with pytest.raises(UsageError, match="a won stage is 100%"):
            stages.edit(session, process, process.find("won"), {"probability": Decimal("0.5")})


def test_an_open_stage_remains(company: Company) -> None:
    with company.writes() as session:
        for key in ("lead", "qualified", "proposal"):
            process = default(session)
            assert stages.remove(session, process, process.find(key)) == 0
        process = default(session)
        last = process.find("negotiation")
        with pytest.raises(UsageError, match="a pipeline needs an open stage"):
            stages.remove(session, process, last)
        with pytest.raises(UsageError, match="a pipeline needs an open stage"):
            stages.edit(session, process, last, {"kind": Status.LOST})
        assert [stage.position for stage in process.stages] == [1, 2, 3]


def test_a_custom_field_is_required_only_where_it_is_declared(company: Company) -> None:
    values = pipeline_files.complete({"key": "legal", "required_fields": ["custom.budget"]})
    with pytest.raises(NotFound, match="no custom field of deals is called 'budget'"):  # noqa: SIM117
        with company.writes() as session:
            stages.add(session, default(session), values, 0)
    with company.writes() as session:
        custom_fields.add(session, Entity.DEAL, "budget", None, FieldType.NUMBER)
        stages.add(session, default(session), values, 0)
        assert default(session).stages[0].required_fields == ["custom.budget"]


def test_a_pipeline_goes_with_its_deals_moved(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
    make_deals(company, "lead", "won", "negotiation")
    with company.writes() as session:
        editing.remove(session, [find(session, Deal, "3")])
    before = everything(company)
    with (
        pytest.raises(Refused, match=r"pipeline default holds 3 deals \(1 of them removed\)"),
        company.writes() as session,
    ):
        pipelines.remove(session, "default")
    with pytest.raises(NotFound, match="is no stage of pipeline saas"):  # noqa: SIM117
        with company.writes() as session:
            pipelines.remove(session, "default", "negotiation")
    assert everything(company) == before
    with company.writes() as session:
        assert pipelines.remove(session, "default", "saas/demo")[1] == 3
    assert in_stages(company) == ["demo", "demo", "demo"]
    with pytest.raises(Refused, match="saas is the only pipeline"), company.writes() as session:
        pipelines.remove(session, "saas")
    take_back(company)
    assert everything(company) == before


def test_keys_and_names_of_pipelines_are_their_own(company: Company) -> None:
    with company.writes() as session:
        with pytest.raises(Refused, match="there is a pipeline default already"):
            pipelines.add(session, replace(B2B, head={**B2B.head, "key": "default"}))
        with pytest.raises(Refused, match="pipeline default is called 'SALES' already"):
            pipelines.add(session, replace(B2B, head={**B2B.head, "label": "SALES"}))
        with pytest.raises(Refused, match="pipeline default is called 'default' already"):
            pipelines.add(session, replace(B2B, head={**B2B.head, "label": "default"}))
        pipelines.add(session, B2B)
        with pytest.raises(Refused, match="pipeline b2b is called 'b2b sales' already"):
            pipelines.edit(session, "default", {"label": "b2b sales"})


def test_the_pipeline_that_is_meant_where_none_is_named_can_be_changed(company: Company) -> None:
    with company.writes() as session:
        b2b = pipelines.add(session, B2B).pipeline
        assert list(rules.sales_processes(session)) == ["default", "b2b"]
        assert pipelines.put_first(session, b2b)
        assert list(rules.sales_processes(session)) == ["b2b", "default"]
        assert not pipelines.put_first(session, b2b)


@pytest.mark.parametrize(
    ("text", "place"),
    [("demo", "saas/demo"), ("default/lead", "default/lead"), ("SaaS/Lead", "saas/lead"),
     ("nego", "default/negotiation")],
)  # fmt: skip
def test_a_stage_is_found_over_all_pipelines(company: Company, text: str, place: str) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        stage = stages.locate(rules.sales_processes(session), text).stage
    assert f"{stage.pipeline}/{stage.key}" == place


def test_a_stage_of_several_pipelines_is_not_guessed(company: Company) -> None:
    with company.writes() as session:
        pipelines.add(session, pipeline_files.template("saas"))
        known = rules.sales_processes(session)
        with pytest.raises(NotFound, match="'lead' could be any of default/lead, saas/lead"):
            stages.locate(known, "lead")
        with pytest.raises(NotFound, match="no pipeline has a stage 'xyz'"):
            stages.locate(known, "xyz")
        assert stages.locate(known, "lead", known["saas"]).stage.pipeline == "saas"
