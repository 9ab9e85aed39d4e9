"""History that is imported: what is written, taken back, and told of the past."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crmctl.domain.importing.files.sources import read_table
from crmctl.domain.importing.files.tables import Options
from crmctl.domain.importing.plan import ImportPlan
from crmctl.domain.kinds import Entity
from crmctl.models.changes import Change
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.session import CrmSession
from crmctl.services import imports
from crmctl.services.history import undo
from crmctl.services.pipeline import deals, moves, stage_history
from crmctl.services.queries.board import board
from crmctl.services.queries.snapshot import Snapshot
from tests.services.company import Company

DEALS = "id,title,stage,amount\na1,Alpha,proposal,100\n"
HISTORY = "deal_id,stage,entered_at\na1,lead,2025-01-01\na1,proposal,2025-06-01\n"
SPRING = datetime(2025, 3, 1, tzinfo=UTC)


def take(session: CrmSession, folder: Path, text: str, *, history: bool = False) -> ImportPlan:
    """Import `text` in `session` and return the plan."""
    file = folder / "file.csv"
    file.write_text(text)
    order = imports.ImportOptions(entity=Entity.DEAL, source="old", history=history)
    with file.open("rb") as stream, read_table(stream, "file.csv", Options()) as table:
        return imports.run(session, table, order)


def shown(company: Company, at: datetime) -> dict[str, str]:
    """Return the stage of each deal on the board at a time."""
    with company.reads() as session:
        columns = board(Snapshot(session, company.now, at)).columns
        return {card.title: column.stage.key for column in columns for card in column.cards}


def take_back(company: Company, ref: str) -> list[str]:
    """Undo a change set and return why some of it stays."""
    with company.writes("crmctl undo") as session:
        plan = undo.plan(session, undo.find_change(session, ref))
        undo.carry_out(session, plan)
        return [str(effect.kept_because) for effect in plan.kept()]


def test_deals_and_their_history_in_one_change_go_together(
    company: Company, tmp_path: Path
) -> None:
    with company.writes() as session:
        take(session, tmp_path, DEALS)
        plan = take(session, tmp_path, HISTORY, history=True)
        assert (plan.created, plan.updated) == (1, 1)
    assert shown(company, SPRING) == {"Alpha": "lead"}
    assert take_back(company, session.change.ref) == []
    with company.reads() as session:
        assert session.exec(select(Deal)).all() == []
        assert session.exec(select(StageEntry)).all() == []


def test_a_later_move_keeps_the_import_from_being_undone(company: Company, tmp_path: Path) -> None:
    with company.writes() as session:
        take(session, tmp_path, DEALS)
    with company.writes() as session:
        take(session, tmp_path, HISTORY, history=True)
    imported = session.change.ref
    with company.writes() as session:
        moves.move(session, [session.exec(select(Deal)).one()], "won")
    moved = session.change.ref
    (kept,) = set(take_back(company, imported))
    assert kept.startswith(f"stage changed since by Uma in {moved[:8]}")
    assert shown(company, SPRING) == {"Alpha": "lead"}
    assert take_back(company, moved) == []


def test_times_in_stages_are_those_of_the_file(company: Company, tmp_path: Path) -> None:
    with company.writes() as session:
        take(session, tmp_path, DEALS)
    created = session.change
    with company.writes() as session:
        take(session, tmp_path, HISTORY, history=True)
    with company.reads() as session:
        deal = session.exec(select(Deal)).one()
        first, last = stage_history.stays(session, deal, now=company.now)
        assert (first.entry.stage, first.stayed, first.actor) == ("lead", timedelta(151), None)
        assert (last.entry.stage, last.left_at, last.change) == ("proposal", None, created.ref)
        assert deal.history_from == deal.created_at == datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("day", ["2024-12-31", "2025-01-01"])
def test_history_begins_with_the_first_stage(company: Company, tmp_path: Path, day: str) -> None:
    with company.writes() as session:
        take(session, tmp_path, DEALS)
    # A deal that was added by hand is there since when that was said to be.
    with company.writes() as session:
        deals.create(session, {"title": "Beta"}, at=datetime(2024, 1, 1, tzinfo=UTC))
        take(session, tmp_path, HISTORY.replace("2025-01-01", day), history=True)
    at = datetime.fromisoformat(f"{day}T12:00:00Z")
    assert shown(company, at) == {"Alpha": "lead", "Beta": "lead"}


def test_a_dry_run_writes_nothing(company: Company, tmp_path: Path) -> None:
    with company.writes() as session:
        take(session, tmp_path, DEALS)
    file = tmp_path / "file.csv"
    file.write_text(HISTORY)
    with company.reads() as session:
        count = len(session.exec(select(Change)).all())
        order = imports.ImportOptions(entity=Entity.DEAL, source="old", history=True, dry_run=True)
        with file.open("rb") as stream, read_table(stream, "file.csv", Options()) as table:
            plan = imports.run(session, table, order)
        assert (plan.created, plan.updated, plan.deals) == (1, 1, 1)
        assert len(session.exec(select(StageEntry)).all()) == 1
        assert len(session.exec(select(Change)).all()) == count
