"""What must never be false of the stages and pipelines of a company, and of its time zone."""

from collections.abc import Iterator

from sqlalchemy import func, select

from crmctl.domain import times
from crmctl.domain.kinds import Entity
from crmctl.errors import UsageError
from crmctl.models.custom_fields import CustomField
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company
from crmctl.services.integrity.violations import Violation, rows
from crmctl.services.pipeline.rules import CUSTOM, REQUIRABLE
from crmctl.storage.tables import table_of

_PIPELINES = table_of(Pipeline)
_STAGES = table_of(Stage)


def positions(session: CrmSession) -> Iterator[Violation]:
    """Yield the positions that two stages of a pipeline have, or two pipelines."""
    stages, pipelines = _STAGES.c, _PIPELINES.c
    of_stages = (
        select(stages.company_id, stages.pipeline, stages.position, func.count())
        .group_by(stages.company_id, stages.pipeline, stages.position)
        .having(func.count() > 1)
    )
    for company, pipeline, position, count in rows(session, of_stages):
        detail = f"{count} stages are at position {position}"
        yield Violation(company, f"pipeline {pipeline}", detail)
    of_pipelines = (
        select(pipelines.company_id, pipelines.position, func.count())
        .group_by(pipelines.company_id, pipelines.position)
        .having(func.count() > 1)
    )
    for company, position, count in rows(session, of_pipelines):
        yield Violation(company, "pipelines", f"{count} are at position {position}")


def required_fields(session: CrmSession) -> Iterator[Violation]:
    """Yield the fields that a stage requires and no deal can have."""
    stages, fields = _STAGES.c, table_of(CustomField).c
    query = select(fields.company_id, fields.key).where(fields.entity == Entity.DEAL)
    known = {(company, f"{CUSTOM}{key}") for company, key in session.execute(query)}
    for company, pipeline, stage, names in session.execute(
        select(stages.company_id, stages.pipeline, stages.key, stages.required_fields)
    ):
        for name in names:
            if name not in REQUIRABLE and (company, name) not in known:
                detail = f"requires {name}, which is no field of deals"
                yield Violation(company, f"stage {pipeline}/{stage}", detail)


def time_zones(session: CrmSession) -> Iterator[Violation]:
    """Yield the companies in a time zone that is none."""
    companies = table_of(Company).c
    query = select(companies.company_id, companies.name, companies.timezone)
    for company, name, zone in session.execute(query):
        try:
            times.zone(zone)
        except UsageError as error:
            yield Violation(company, f"company {name}", str(error))
