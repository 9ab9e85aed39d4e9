"""Engines that all who use one database share, with the SQL that they compiled."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.pool import QueuePool

from crmctl.config import normal_url
from crmctl.storage import db

_connected: dict[str, Engine] = {}


def shared(url: str) -> Engine:
    """Return the engine for `url`. It has no pool, but for a database that is `connected`."""
    return _connected.get(url) or _unconnected(url)


#: What tests put another function in the place of.
_new = db.engine
_first: dict[str, Engine] = {}


def _made(url: str) -> Engine:
    """Return an engine for `url` with the SQL that the first one for such a database compiled.

    To compile it again for each database costs more than to run it there.
    """
    made = _new(url)
    first = _first.setdefault(made.dialect.name, made)
    # What a dialect knows of a server, it learns when it first connects.
    if first.dialect.server_version_info:
        made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    return made


#: Without a pool, all but the SQL is the own of who asks.
_unconnected = lru_cache(maxsize=8)(_made)


def connect(url: str) -> Engine:
    """Have the shared engine for the PostgreSQL database at `url` keep a connection open.

    To connect, and to have the server read again what tables there are, costs more than most
    transactions of a test do.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "NullPool", _OneConnection)
        made = _made(normal_url(url))
    for form in _forms(made):
        _connected[form] = made
    return made


def _forms(engine: Engine) -> set[str]:
    """Return how the URL of an engine is written, by settings and by the engine itself."""
    written = engine.url.render_as_string(hide_password=False)
    return {written, normal_url(written)}


class _OneConnection(QueuePool):
    """Keeps one connection; what more are needed at the same time are closed afterwards."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "pool_size": 1, "max_overflow": -1})


def disconnect(engine: Engine) -> None:
    """Close what `connect` has opened, and forget the engine."""
    for form in _forms(engine):
        del _connected[form]
    engine.dispose()


@contextmanager
def connection(engine: Engine) -> Iterator[psycopg.Connection]:
    """Yield a connection of an engine on PostgreSQL, each statement of which commits itself."""
    lent = engine.raw_connection()
    driver = lent.driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.autocommit = True
    try:
        yield driver
    finally:
        if not driver.closed:
            driver.autocommit = False
        lent.close()
