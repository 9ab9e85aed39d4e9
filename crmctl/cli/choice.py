"""The company, franchise and user that a person chose, kept in the profile in config.toml."""

import os

from crmctl import config
from crmctl.cli import context, output


def work_for(*, company: str) -> None:
    """Let this invocation work for `company`, and not as the user chosen for another."""
    context.set_flag("company", company)


def remember(setting: str, value: str | None) -> None:
    """Keep the choice in the profile, and say so; None forgets it.

    Another company has other franchises and users, so a choice of it forgets those.
    """
    path = config.config_file(os.environ)
    profile = context.settings().profile
    others = {"franchise": None, "user": None} if setting == "company" else {}
    if config.read_profile(path, profile).get(setting) == value:
        others = {}
    config.write_profile(path, profile, {setting: value, **others})
    where = f"in {path}" if profile == "default" else f"in profile {profile} of {path}"
    output.note(f"{setting}: {value or 'none'} (remembered {where})")
    variable = f"CRMCTL_{setting.upper()}"
    if os.environ.get(variable):
        output.warn(f"{variable} is set, and goes before what is remembered")


def renamed(setting: str, before: str, after: str) -> None:
    """Follow a new name in the profile, if it is the old one that is remembered."""
    path = config.config_file(os.environ)
    profile = context.settings().profile
    if before != after and config.read_profile(path, profile).get(setting) == before:
        config.write_profile(path, profile, {setting: after})
