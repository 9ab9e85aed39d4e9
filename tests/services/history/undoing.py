"""Deals and their fields, changed in change sets that are taken back."""

from sqlmodel import col, select

from crmctl.domain.kinds import Entity, FieldType
from crmctl.models.changes import Change
from crmctl.models.deals import Deal
from crmctl.models.session import CrmSession
from crmctl.services.history import undo
from crmctl.services.history.undo_plan import UndoPlan
from crmctl.services.integrity import check
from crmctl.services.pipeline import deals, moves
from crmctl.services.records import custom_fields, editing
from crmctl.services.records.editing import Edit
from tests.services.company import Company


def add_deals(company: Company, *titles: str) -> str:
    """Create deals in one change set, and return its reference."""
    with company.writes("crmctl deal add") as session:
        for title in titles:
            deals.create(session, {"title": title})
    return session.change.ref


def add_fields(company: Company, *keys: str) -> str:
    """Declare custom fields of deals in one change set, and return its reference."""
    with company.writes("crmctl field add") as session:
        for key in keys:
            custom_fields.add(session, Entity.DEAL, key, None, FieldType.NUMBER)
    return session.change.ref


def move(company: Company, stage: str, *numbers: int) -> str:
    """Move deals in one change set, and return its reference."""
    with company.writes(f"crmctl deal move {stage}") as session:
        chosen = [deal(session, number) for number in numbers]
        reason = "price" if stage == "lost" else None
        moves.move(session, chosen, stage, moves.MoveOptions(lost_reason=reason))
    return session.change.ref


def edit(company: Company, number: int, **values: object) -> str:
    """Edit a deal, and return the reference of the change set."""
    with company.writes("crmctl deal edit") as session:
        editing.apply(session, [deal(session, number)], Edit(values))
    return session.change.ref


def deal(session: CrmSession, number: int) -> Deal:
    """Return the deal with this number."""
    mine = select(Deal).where(col(Deal.company_id) == session.company_id)
    return session.exec(mine.where(col(Deal.number) == number)).one()


def take_back(company: Company, ref: str) -> UndoPlan:
    """Undo a change set, look for anything that this broke, and return what was done."""
    plan = undo_change(company, ref)
    with company.reads() as session:
        assert check.run(session) == []
    return plan


def undo_change(company: Company, ref: str) -> UndoPlan:
    """Undo a change set, and return what was done."""
    with company.writes("crmctl undo") as session:
        plan = undo.plan(session, undo.find_change(session, ref, lock=True), lock=True)
        undo.carry_out(session, plan)
    return plan


def last_undo(company: Company) -> str:
    """Return the reference of the newest change set that took another back."""
    with company.reads() as session:
        query = select(Change).where(col(Change.undoes).is_not(None))
        found = session.exec(query.order_by(col(Change.at).desc())).first()
        assert found
        return found.ref


def kept(plan: UndoPlan) -> dict[str, str]:
    """Return the records that a plan keeps, with the reasons."""
    return {e.name: e.kept_because for e in plan.kept() if e.kept_because}
