"""Companies, franchises and users, for programs and for people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from crmctl.domain import times
from crmctl.render.views import JsonRecord, View, listing

if TYPE_CHECKING:
    from crmctl.models.tenants import Company, Franchise, User


def company(row: "Company", current: UUID | None = None) -> JsonRecord:
    """Return a company; `current` is the one that commands work for."""
    return {
        "id": str(row.company_id),
        "name": row.name,
        "currency": row.currency,
        "timezone": row.timezone,
        "fiscal_month": row.fiscal_month,
        "current": row.company_id == current,
        "created_at": times.iso(row.created_at),
    }


def companies_view(records: Sequence[JsonRecord]) -> View:
    """Return the view of companies."""
    return listing(records, ("name", "currency", "timezone", "fiscal_month", "current"))


def franchise(row: "Franchise", current: UUID | None = None) -> JsonRecord:
    """Return a franchise; `current` is the one that commands work for."""
    return {
        "id": str(row.id),
        "name": row.name,
        "current": row.id == current,
        "created_at": times.iso(row.created_at),
    }


def franchises_view(records: Sequence[JsonRecord]) -> View:
    """Return the view of franchises."""
    return listing(
        records, ("name", "current"), empty="no franchise (crmctl franchise add)", kind="franchise"
    )


def user(row: "User", franchises: Mapping[UUID, str], current: UUID | None = None) -> JsonRecord:
    """Return a user; `franchises` are the names by id, `current` who commands are run as."""
    return {
        "id": str(row.id),
        "name": row.name,
        "email": row.email,
        "franchise": franchises.get(row.franchise_id) if row.franchise_id else None,
        "active": row.active,
        "current": row.id == current,
        "created_at": times.iso(row.created_at),
    }


def users_view(records: Sequence[JsonRecord]) -> View:
    """Return the view of users."""
    return listing(records, ("name", "email", "franchise", "active", "current"))
