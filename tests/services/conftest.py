"""What the tests of services may use."""

import pytest
from sqlalchemy import Engine

from tests.services.company import Company, make


@pytest.fixture
def company(engine: Engine) -> Company:
    """A new company, on one engine and then on the other."""
    return make(engine)
