"""What must never be false of the order of stages and pipelines."""

from collections.abc import Iterator

from sqlalchemy import func, select

from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.services.integrity.violations import Violation, rows
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
