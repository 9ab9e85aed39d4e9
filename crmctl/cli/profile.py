"""The company, franchise and user that a person chose, kept in the profile in config.toml."""

import os

from crmctl import config
from crmctl.cli import invocation, output
from crmctl.errors import UsageError


def remember(setting: str, value: str | None, company: str | None = None) -> None:
    """Keep the choice in the profile, for the database at hand, and say so; None forgets it.

    With a franchise or user goes the `company` that has it, and with all of them the database, if
    it was named on the command line. A choice of another company forgets the franchise and user.
    """
    chosen = invocation.settings()
    path = config.config_file(os.environ)
    values = {setting: value, "company": company or value}
    url = chosen.database_url
    if config.read_profile(path, chosen.profile, url).get("company") != values["company"]:
        values = {"franchise": None, "user": None, **values}
    if invocation.has_flag("database_url"):
        values["database_url"] = url
    config.write_profile(path, chosen.profile, values, url)
    where = f"{path}" if chosen.profile == config.DEFAULT_PROFILE else f"{path}, {chosen.profile}"
    output.note(f"{setting}: {value or 'none'} (remembered in {where})")
    variable = f"CRMCTL_{setting.upper()}"
    if os.environ.get(variable):
        output.warn(f"{variable} is set, and goes before what is remembered")


def remember_maker(user: str, company: str) -> None:
    """Keep who made the database at hand, and say so; it is made by now, so a failure is a note.

    Another database stays the usual one.
    """
    path, chosen = config.config_file(os.environ), invocation.settings()
    values = {"company": company, "franchise": None, "user": user}
    try:
        config.write_profile(path, chosen.profile, values, chosen.database_url)
    except UsageError as error:
        output.warn(f"{error.message}: --as {user} says who you are, once there are other users")
        return
    output.note(f"user: {user} (remembered in {path})")


def renamed(setting: str, before: str, after: str) -> None:
    """Follow a new name in the profile, if it is the old one that is remembered.

    The new name is committed by now, so that a failure is a note.
    """
    path = config.config_file(os.environ)
    chosen = invocation.settings()
    profile, url = chosen.profile, chosen.database_url
    try:
        if before != after and config.read_profile(path, profile, url).get(setting) == before:
            own = config.read_profile(path, profile, url)
            kept = {name: own.get(name) for name in config.REMEMBERED}
            config.write_profile(path, profile, {**kept, setting: after}, url)
    except UsageError as error:
        output.warn(f"{error.message}: {before!r} is still what is remembered as {setting}")
