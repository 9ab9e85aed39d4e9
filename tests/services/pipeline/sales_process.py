"""The default pipeline of a company, with deals in its stages."""

from dataclasses import replace
from typing import Any

from sqlmodel import select

from crmctl.models.deals import Deal
from crmctl.models.schema import TABLES
from crmctl.models.session import CrmSession
from crmctl.services import changes
from crmctl.services.history import undo
from crmctl.services.pipeline import deals, pipeline_files, rules
from crmctl.services.pipeline.pipeline_files import Definition
from tests.services.company import Company


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
