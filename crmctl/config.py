"""Settings: from flags, then the environment, then the profile in config.toml."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from crmctl.errors import UsageError

_TEXT_SETTINGS = ("database_url", "company", "franchise", "user")


@dataclass(frozen=True)
class Settings:
    """What one invocation works with.

    `company`, `franchise` and `user` are references as typed, or None where nothing says.
    """

    database_url: str
    company: str | None = None
    franchise: str | None = None
    user: str | None = None
    profile: str = "default"


def load(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
    """Return the settings that `flags`, `environ` and config.toml give, in that order.

    Both `flags` and the profile use the names of the fields of Settings.
    """
    profile = flags.get("profile") or environ.get("CRMCTL_PROFILE") or "default"
    saved = read_profile(config_file(environ), profile)
    named = profile != "default"
    values = {
        name: flags.get(name) or environ.get(f"CRMCTL_{name.upper()}") or saved.get(name)
        for name in _TEXT_SETTINGS
    }
    # A profile asked for by name must not lose to a DATABASE_URL that some other program left.
    fallback = None if named and saved.get("database_url") else environ.get("DATABASE_URL")
    url = values.pop("database_url") or fallback or f"sqlite:///{default_database(environ)}"
    return Settings(database_url=normal_url(url), profile=profile, **values)


def normal_url(url: str) -> str:
    """Return `url` in SQLAlchemy's form: a bare path is a SQLite file, and psycopg 3 the driver."""
    if "://" not in url:
        return f"sqlite:///{Path(url).expanduser().absolute()}"
    scheme, rest = url.split("://", 1)
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme in ("sqlite", "sqlite+pysqlite"):
        path = rest.removeprefix("/")
        return f"sqlite:///{Path(path).expanduser().absolute()}"
    raise UsageError(f"not a database crmctl knows: {scheme}:// (use sqlite:/// or postgresql://)")


def config_file(environ: Mapping[str, str]) -> Path:
    """Return where config.toml is: CRMCTL_CONFIG, or the platform's config folder."""
    if given := environ.get("CRMCTL_CONFIG"):
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_config_dir("crmctl", appauthor=False)) / "config.toml"


def default_database(environ: Mapping[str, str]) -> Path:
    """Return the SQLite file used where nothing names a database."""
    import platformdirs

    return Path(platformdirs.user_data_dir("crmctl", appauthor=False)) / "crm.db"


def read_profile(path: Path, profile: str) -> dict[str, str]:
    """Return what config.toml says for `profile`, checked; nothing where there is no file."""
    values = _profiles(path).get(profile, {})
    if not isinstance(values, dict):
        raise UsageError(f"{path}: [profiles.{profile}] must be a table")
    known = {field.name for field in fields(Settings)} - {"profile"}
    for name, value in values.items():
        if name not in known or not isinstance(value, str):
            raise UsageError(f"{path}: profile {profile!r} has a setting crmctl cannot use: {name}")
    return values


def write_profile(path: Path, profile: str, values: Mapping[str, str | None]) -> None:
    """Save `values` into `profile`; None removes one. The file is replaced whole or not at all."""
    import tomli_w

    profiles = _profiles(path)
    merged = {**profiles.get(profile, {}), **values}
    profiles[profile] = {name: value for name, value in merged.items() if value is not None}
    draft = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A database URL can hold a password, so nobody else may read the file.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            tomli_w.dump({"profiles": profiles}, file)
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _profiles(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    profiles = content.get("profiles", {})
    if not isinstance(profiles, dict):
        raise UsageError(f"{path}: profiles must be tables, such as [profiles.default]")
    return profiles
