"""Texts are found in either case, whole and by a part, and as names are folded, on each engine."""

import pytest
from sqlmodel import col, select

from crmctl.domain.text import folded
from crmctl.models.deals import Deal
from crmctl.services.pipeline import deals
from crmctl.services.records import references
from crmctl.storage import dialects
from tests.services.company import Company

TITLES = (
    "Harbour lift", "HARBOUR LIFT", "Harbour  lift", " Harbour lift", "Harbour\u00a0lift",
    "Harbour\u200b lift", "Harbour\tlift", "Grüße", "GRÜSSE", "grüße aus Köln", "100% sure",
    "100 sure", "under_score", "underXscore", "a/b", "\uff28arbour lift",
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["harbour lift", "Harbour  Lift", "GRÜßE", "grü", "100% SURE", "0%", "under_", "A/B"],
)
def test_texts_are_found_as_python_finds_them(company: Company, text: str) -> None:
    with company.writes() as session:
        for title in TITLES:
            deals.create(session, {"title": title})
    column = col(Deal.title)
    with company.reads() as session:
        stored = session.exec(select(column)).all()
        for condition, expected in (
            (dialects.equals(session, column, text), [
                one for one in stored if one.lower() == text.lower()]),
            (dialects.equals_folded(session, column, text), [
                one for one in stored if folded(one) == folded(text)]),
            (dialects.contains(session, column, text), [
                one for one in stored if text.lower() in one.lower()]),
        ):  # fmt: skip
            assert sorted(session.exec(select(column).where(condition))) == sorted(expected)
        found = references.part_of(session, [column], text)
        assert set(session.exec(select(column).where(found))) >= {
            one for one in stored if text.lower() in one.lower()
        }


@pytest.mark.parametrize(
    ("stored", "typed"),
    [("ΟΔΟΣ", "οδος"), ("οδος", "ΟΔΟΣ"), ("İZMİR", "izmir"), ("izmir", "İzmir")],
)
def test_a_name_is_found_in_the_other_case_of_its_alphabet(
    company: Company, stored: str, typed: str
) -> None:
    with company.writes() as session:
        deals.create(session, {"title": stored})
    with company.reads() as session:
        assert references.find(session, Deal, typed).title == stored
