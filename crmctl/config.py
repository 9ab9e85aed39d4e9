"""Settings: from flags, then the environment, then the profile in config.toml."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crmctl.domain.toml import parse_toml
from crmctl.errors import UsageError

DEFAULT_PROFILE = "default"
#: The settings that commands remember, of each database.
REMEMBERED = ("company", "franchise", "user")
_DATABASES = "databases"
#: The options of a URL that say which server is meant.
_SERVER = ("host", "hostaddr", "port", "service")
#: The largest config.toml that is read: a device may have no end.
_LARGEST = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What one invocation works with.

    `company`, `franchise` and `user` are references as typed, or None where nothing says. Those in
    `remembered` were typed earlier, and may not be there any more.
    """

    database_url: str = field(repr=False)
    company: str | None = None
    franchise: str | None = None
    user: str | None = None
    profile: str = DEFAULT_PROFILE
    remembered: frozenset[str] = frozenset()


def load(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Return the settings that `flags`, `environ` and config.toml give, in that order.

    Both `flags` and the profile use the names of the fields of Settings. What was remembered is of
    one database. What the profile says besides of a company belongs to its database, and what it
    says of a franchise and a user to its company: where another is asked for, it does not hold.
    """
    path = config_file(environ)
    profile = flags.get("profile") or environ.get("CRMCTL_PROFILE") or DEFAULT_PROFILE
    saved = read_profile(path, profile)
    # With its database beside it, it is about to be made.
    if not saved and not flags.get("database_url") and profile != DEFAULT_PROFILE:
        raise UsageError(
            f"no profile is called {profile!r} in {path} "
            f"(crmctl company use COMPANY --profile {profile} --database URL makes it)"
        )
    usual = _usual_url(saved, environ)
    url = flags.get("database_url") or usual
    asked = {name: flags.get(name) or environ.get(f"CRMCTL_{name.upper()}") for name in REMEMBERED}
    own = read_profile(path, profile, url)
    known = database_key(url) in _profiles(path).get(profile, {}).get(_DATABASES, {})
    if not known and normal_url(url) != normal_url(usual):
        own = {}
    if _differs(asked["company"], own.get("company")):
        own = {}
    return Settings(
        database_url=normal_url(url),
        profile=profile,
        remembered=frozenset(name for name in REMEMBERED if not asked[name] and own.get(name)),
        **{name: asked[name] or own.get(name) for name in REMEMBERED},
    )


def _usual_url(saved: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Return the database where no flag names one. DATABASE_URL is other programs' too: last."""
    return (
        environ.get("CRMCTL_DATABASE_URL")
        or saved.get("database_url")
        or environ.get("DATABASE_URL")
        or f"sqlite:///{default_database(environ)}"
    )


def _differs(asked: str | None, saved: str | None) -> bool:
    return bool(asked and saved and asked.strip().lower() != saved.lower())


def normal_url(url: str) -> str:
    """Return `url` in SQLAlchemy's form: a bare path is a SQLite file, and psycopg 3 the driver.

    Messages never repeat it: it may hold a password.
    """
    scheme, divided, rest = url.strip().partition("://")
    if not divided:
        return f"sqlite:///{_file(url.strip())}"
    kind = scheme.lower()
    if kind in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if kind in ("sqlite", "sqlite+pysqlite"):
        return f"sqlite:///{_file(rest.removeprefix('/'))}"
    raise UsageError(f"not a database crmctl knows: {scheme}:// (use sqlite:/// or postgresql://)")


def _file(text: str) -> Path:
    """Return the full path of a SQLite file; a database URL gone wrong is none."""
    if re.match(r"[a-zA-Z+]{2,}:", text) or re.search(r"\b(host|dbname|password)\s*=", text):
        raise UsageError("not a database URL (write it like postgresql://USER@HOST/NAME)")
    if text in ("", ":memory:"):
        raise UsageError("a database in memory would be gone at once: name a file")
    if "?" in text:
        raise UsageError("the name of a database file cannot hold a question mark")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise UsageError(f"no such home folder: {text}") from error


def config_file(environ: Mapping[str, str]) -> Path:
    """Return where config.toml is: CRMCTL_CONFIG, or the platform's config folder."""
    if given := environ.get("CRMCTL_CONFIG"):
        try:
            return Path(given).expanduser()
        except RuntimeError:
            raise UsageError(f"CRMCTL_CONFIG: no such home folder: {given}") from None
    import platformdirs

    return Path(platformdirs.user_config_dir("crmctl", appauthor=False)) / "config.toml"


def default_database(environ: Mapping[str, str]) -> Path:
    """Return the SQLite file used where nothing names a database."""
    import platformdirs

    return Path(platformdirs.user_data_dir("crmctl", appauthor=False)) / "crm.db"


def read_profile(path: Path, profile: str, database_url: str | None = None) -> dict[str, str]:
    """Return what config.toml says for `profile`, checked; nothing where there is no file.

    Of a database, what was remembered of it goes before what the profile says for all.
    """
    values = _profiles(path).get(profile, {})
    databases = values.get(_DATABASES, {}) if isinstance(values, dict) else {}
    if not isinstance(values, dict) or not isinstance(databases, dict):
        raise UsageError(f"{path}: [profiles.{profile}] must be a table")
    values = {name: value for name, value in values.items() if name != _DATABASES}
    if database_url and (own := databases.get(database_key(database_url))) is not None:
        if not isinstance(own, dict):
            raise UsageError(f"{path}: [profiles.{profile}.{_DATABASES}] must hold tables")
        values = {name: text for name, text in values.items() if name not in REMEMBERED} | own
    known = {"database_url", *REMEMBERED}
    for name, value in values.items():
        if name not in known or not isinstance(value, str):
            raise UsageError(f"{path}: profile {profile!r} has a setting crmctl cannot use: {name}")
    return values


def write_profile(
    path: Path,
    profile: str,
    values: Mapping[str, str | None],
    database_url: str | None = None,
) -> None:
    """Save `values` into `profile`; None removes one. The file is replaced whole or not at all.

    What is remembered is that of a database, where one is named.
    """
    import tempfile

    # A link to a file kept elsewhere stays a link, and a device, such as /dev/null, a device.
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise UsageError(f"cannot write {path}: it is no file that settings can be kept in")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(target.parent):
            content = _content(path)
            profiles = content.setdefault("profiles", {})
            profiles[profile] = _saved(profiles.get(profile, {}), values, database_url)
            text = _rewritten(target, content)
            # Nobody else may read the draft: a database URL can hold a password.
            descriptor, draft = tempfile.mkstemp(prefix=target.name, dir=target.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            Path(draft).replace(target)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _rewritten(path: Path, content: dict[str, Any]) -> str:
    """Return the file at `path` with `content` in it, and the comments that people wrote."""
    import tomli_w

    if not path.exists():
        return tomli_w.dumps(content)
    import tomlkit

    with suppress(ValueError, RecursionError):
        kept = tomlkit.parse(path.read_bytes())
        _replace_members(kept, content)
        text = tomlkit.dumps(kept)
        # What is written must be read as it was meant, however the tables are laid out.
        if tomllib.loads(text) == content:
            return text
    return tomli_w.dumps(content)


def _replace_members(table: MutableMapping[str, Any], content: Mapping[str, Any]) -> None:
    """Give `table` the members of `content`, and touch none that it has already."""
    for name in [name for name in table if name not in content]:
        del table[name]
    for name, value in content.items():
        held = table.get(name)
        if isinstance(held, MutableMapping) and isinstance(value, Mapping):
            _replace_members(held, value)
        elif held != value:
            table[name] = value


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Have no other process change settings in `folder` meanwhile, where the system can."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        # Some network drives have no locks.
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _saved(
    before: dict[str, Any], values: Mapping[str, str | None], database_url: str | None
) -> dict[str, Any]:
    """Return a profile with `values`, those that are remembered of a database under its name."""
    own = {name: value for name, value in values.items() if database_url and name in REMEMBERED}
    saved = _merged(before, {n: v for n, v in values.items() if n not in own})
    if database_url:
        databases = saved.setdefault(_DATABASES, {})
        key = database_key(database_url)
        databases[key] = _merged(databases.get(key, {}), own)
    return saved


def _merged(before: Mapping[str, Any], values: Mapping[str, str | None]) -> dict[str, Any]:
    merged = {**before, **values}
    return {name: value for name, value in merged.items() if value is not None}


def database_key(url: str) -> str:
    """Return what a database is remembered by: its file, or host and name, without a password."""
    scheme, _, rest = normal_url(url).partition("://")
    place, _, options = rest.rpartition("@")[2].partition("?")
    # A server that is reached by its socket is named after the question mark.
    named = "&".join(each for each in options.split("&") if each.partition("=")[0] in _SERVER)
    return f"{scheme.partition('+')[0]}://{place}{'?' if named else ''}{named}"


def _profiles(path: Path) -> dict[str, Any]:
    profiles: dict[str, Any] = _content(path).get("profiles", {})
    return profiles


def _content(path: Path) -> dict[str, Any]:
    """Return the whole of config.toml, empty where there is none."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise UsageError(f"{path} is larger than {_LARGEST >> 20} MB: it is no config.toml")
        content = parse_toml(text.decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    if not isinstance(content.get("profiles", {}), dict):
        raise UsageError(f"{path}: profiles must be tables, such as [profiles.default]")
    return content
