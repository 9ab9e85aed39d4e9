"""The first company of a database: the company, its user and its default pipeline."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services import pipelines, tenants


def begin(
    session: CrmSession, company: Mapping[str, Any], user: Mapping[str, Any], template: str
) -> Company | None:
    """Create a company with its first user and a pipeline; None if there is a company already."""
    if session.exec(select(Company).limit(1)).first():
        return None
    return add_company(session, company, user, template)


def add_company(
    session: CrmSession, company: Mapping[str, Any], user: Mapping[str, Any], template: str
) -> Company:
    """Create a company with a user and a default pipeline made from `template`."""
    created = tenants.add_company(session, company)
    tenants.add_user(session, user)
    pipelines.add(session, {**pipelines.template(template), "key": "default", "label": "Sales"})
    return created
