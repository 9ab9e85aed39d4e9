"""What the tests of services may use."""

import pytest
from sqlalchemy import Engine

from tests.services.company import Company, make
from tests.snapshots import once


@pytest.fixture
def company(engine: Engine) -> Company:
    """A new company, on one engine and then on the other."""
    url = engine.url.render_as_string(hide_password=False)
    once(url, make, lambda: make(engine))
    return Company(engine)
