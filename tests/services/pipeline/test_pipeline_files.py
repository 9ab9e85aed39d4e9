"""Pipelines as text: the templates, what a file may say, and that it says all."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmctl.domain.kinds import Entity, FieldType, ForecastCategory, Status
from crmctl.domain.text import is_unseen
from crmctl.errors import NotFound, UsageError
from crmctl.services.pipeline import pipeline_files, pipelines
from crmctl.services.pipeline.pipeline_files import Definition
from crmctl.services.records import custom_fields
from tests.services.company import Company
from tests.services.pipeline.sales_process import default, definition

TEMPLATES = ("agency", "b2b", "fundraising", "real-estate", "recruiting", "saas")


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
        ('key = "x"\n' + OPEN + "rotting_days = true", "f: stage a: rotting days: must be a num"),
        ('key = "x"\n' + OPEN + "wip_limit = true", "f: stage a: wip limit: must be a number"),
        ("a." * 50_000 + "b = 1", "f is not valid TOML: it is nested too deep"),
        ('x = {"a" . ' + "a." * 50_000 + "b = 1}", "f is not valid TOML: it is nested too deep"),
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
_words = _labels.map(str.strip).filter(lambda text: not is_unseen(text))
_keys = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)
_required = st.lists(st.sampled_from(["amount", "owner", "tags", "custom.budget"]), unique=True)
_numbers = st.none() | st.integers(1, 10_000)


@st.composite
def _stage(draw: st.DrawFn, key: str, kind: Status) -> dict[str, Any]:
    chance = st.none() | st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-4))
    return {
        "key": key,
        "label": f"{key}: {draw(_words)}"[:100].strip(),
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
