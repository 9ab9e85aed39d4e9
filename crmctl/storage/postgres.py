"""Engines on PostgreSQL: a server that is not there yet, and what every transaction begins with."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, Dialect, ExceptionContext
from sqlalchemy.pool import NullPool

from crmctl.errors import DatabaseError
from crmctl.models.base import from_json, to_json
from crmctl.storage import waits

#: How long a connection may take; a sleeping Neon database needs a few seconds.
CONNECT_SECONDS = 15
#: How long a statement waits for what others have locked, in seconds.
LOCK_SECONDS = 60
#: How long others are waited for who take turns, such as for an import, in seconds.
TURN_SECONDS = 900
#: The longest wait between two attempts to connect, in seconds.
_LONGEST_PAUSE = 1.0

# What is said where a server will take connections in a moment: one that starts, stops or has as
# many as it takes, Neon while it wakes a database up, and a pooler whose server does one of these.
_COMING = (
    "refused", "no such file or directory", "starting up", "shutting down", "recovery",
    "not yet accepting connections", "connect to compute node", "too many clients",
    "too many connections", "connection slots are reserved", "no more connections",
    "cannot connect to server", "closed the connection unexpectedly", "reset by peer",
)  # fmt: skip

# SQLSTATE codes of the last message of a server that ends a connection.
_ENDED = {"57P01", "57P02", "57P03", "57P04", "57P05", "08000", "08003", "08006"}

#: What reading and writing values depends on, and a server, a database or a role may have
#: otherwise; behind a pooler, what is set lasts for the transaction alone. Values that no command
#: depends on are left as their owner wants them, such as whether a transaction may write.
_SETTINGS = {
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "standard_conforming_strings": "on",
}


def engine(url: URL) -> Engine:
    """Return an engine for `url`. It connects when first used."""
    # We report a statement that the server refuses in a batch, once.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    options: dict[str, object] = {"prepare_threshold": None, "application_name": "crmctl"}
    if "connect_timeout" not in url.query:
        options["connect_timeout"] = CONNECT_SECONDS
    if "client_encoding" not in url.query:
        options["client_encoding"] = "UTF8"
    # Looking for hstore, which no table here has, would cost three answers of the server.
    made = create_engine(
        url,
        poolclass=NullPool,
        json_serializer=to_json,
        json_deserializer=from_json,
        use_native_hstore=False,
        connect_args=options,
    )
    event.listen(made, "do_connect", _connect)
    event.listen(made, "handle_error", _notice_end)
    waits.watch(made, LOCK_SECONDS, TURN_SECONDS)
    event.listen(made, "begin", _begin)
    return made


def _connect(dialect: Dialect, _record: object, args: list[Any], options: dict[str, Any]) -> Any:
    """Return a connection to a server that may be coming; raises DatabaseError if it is not."""
    deadline = time.monotonic() + connect_seconds(options)
    pause = 0.1
    while True:
        try:
            return dialect.connect(*args, **options)
        except dialect.loaded_dbapi.OperationalError as error:
            message = str(error).lower()
            if not any(words in message for words in _COMING):
                raise
            if time.monotonic() + pause > deadline:
                where = f"PostgreSQL {options.get('host', 'localhost')}/{options.get('dbname', '')}"
                raise DatabaseError(f"{where}: {str(error).strip().splitlines()[0]}") from error
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _notice_end(context: ExceptionContext) -> None:
    """Say that a connection is lost whose server has ended it, or that was only just made.

    The driver knows when it finds the connection closed: after a last message of the server it has
    not looked yet, and of one that SQLAlchemy looks around with, nothing but the error is left.
    """
    error = context.original_exception
    if not isinstance(error, context.dialect.loaded_dbapi.OperationalError):
        return
    state = getattr(error, "sqlstate", None)
    message = str(error).lower()
    # Where no connection came about, _connect has said so by another error.
    if state in _ENDED or (state is None and any(words in message for words in _COMING)):
        context.is_disconnect = True


def connect_seconds(options: Mapping[str, Any]) -> float:
    """Return how long a connection may take by the options of its URL."""
    try:
        return float(options["connect_timeout"])
    except (KeyError, ValueError):
        return CONNECT_SECONDS


def _begin(connection: Connection) -> None:
    settings = {**_SETTINGS, "lock_timeout": f"{LOCK_SECONDS}s"}
    calls = (f"set_config('{name}', '{value}', true)" for name, value in settings.items())
    connection.exec_driver_sql(f"SELECT {', '.join(calls)}")
