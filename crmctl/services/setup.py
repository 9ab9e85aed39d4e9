"""A company as it begins: with a user, counters and its default pipeline."""

from dataclasses import replace

from sqlmodel import select

from crmctl.models.base import Columns, new_id
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services.pipeline import pipeline_files, pipelines
from crmctl.services.tenancy import companies, users


def begin(session: CrmSession, company: Columns, user: Columns, template: str) -> Company | None:
    """Create and return a company with its first user and a pipeline; None if there is one."""
    companies.take_turns(session)
    if session.exec(select(Company).limit(1)).first():
        return None
    return add_company(session, company, user, template)


def add_company(session: CrmSession, company: Columns, user: Columns, template: str) -> Company:
    """Create and return a company with a user and a default pipeline made from `template`.

    `session` works for the company and as the user from then on.
    """
    process = pipeline_files.template(template)
    actor = new_id()
    session.change.actor_id, session.change.actor = actor, user["name"]
    session.franchise_id = None
    created = companies.add(session, company)
    users.add(session, {**user, "id": actor})
    head = {**process.head, "key": "default", "label": "Sales"}
    pipelines.add(session, replace(process, head=head))
    return created
