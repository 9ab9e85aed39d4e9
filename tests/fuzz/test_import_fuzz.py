"""No damage to a file brings about a traceback or half an import."""

from sqlalchemy import Engine

from tests.conftest import SHARED_DATA
from tests.fuzz.campaign import Campaign

#: Most damage is found before there is any SQL; python -m tests.fuzz goes on for longer.
CASES = {"sqlite": 30, "postgresql": 12}
SEED = 2


def test_damaged_files(database_url: str, engine: Engine) -> None:
    folder = SHARED_DATA if SHARED_DATA.is_dir() else None
    campaign = Campaign(database_url, engine, SEED, folder)
    for number in range(CASES[engine.dialect.name]):
        campaign.run(campaign.case(number))
