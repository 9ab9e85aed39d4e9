"""No damage to a file brings about a traceback or half an import."""

from sqlalchemy import Engine

from tests.conftest import SHARED_DATA
from tests.fuzz.campaign import Campaign

#: About ten seconds on either engine; python -m tests.fuzz goes on for longer.
CASES = 30
SEED = 2


def test_damaged_files(database_url: str, engine: Engine) -> None:
    folder = SHARED_DATA if SHARED_DATA.is_dir() else None
    campaign = Campaign(database_url, engine, SEED, folder)
    for number in range(CASES):
        campaign.run(campaign.case(number))
