"""Passwords are masked, and nothing else is touched."""

import pytest

from crmctl.domain.secrets import has_mask, without_secrets, without_secrets_in


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://u:geheim@db.example/sales", "postgresql://u:***@db.example/sales"),
        ("POSTGRES://u:geheim@h", "POSTGRES://u:***@h"),
        ("postgresql+psycopg://u:ge/he?im#@h/db", "postgresql+psycopg://u:***@h/db"),
        ("postgresql://u:geheim@geheim@h/db", "postgresql://u:***@h/db"),
        ("postgresql://:geheim@h/db", "postgresql://:***@h/db"),
        ("postgresql://h/db?a=b&password=geheim", "postgresql://h/db?a=b&password=***"),
        ("'postgresql://h/db?password=geheim'", "'postgresql://h/db?password=***'"),
        ("--database=postgresql://u:geheim@h/db", "--database=postgresql://u:***@h/db"),
        ("https://u:geheim@x.example/a, bob@x.example", "https://u:***@x.example/a, bob@x.example"),
        ("https://x.example/?access_token=geheim#top", "https://x.example/?access_token=***#top"),
        ("host=h user=u password=geheim dbname=x", "host=h user=u password=*** dbname=x"),
        ("dbname = x password = 'ge he\\'im' user=u", "dbname = x password = ***"),
        ("a redis://:geheim@h b ftp://u:geheim@h", "a redis://:***@h b ftp://u:***@h"),
    ],
)  # fmt: skip
def test_a_password_is_masked(text: str, masked: str) -> None:
    assert without_secrets(text) == masked
    assert without_secrets(masked) == masked
    assert has_mask(masked)


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example:8080/a", "https://ann@x.example", "mail bob@x.example", "hubspot:123",
        "postgresql://ann@h/db?sslmode=require", "crmctl deal edit D1 --custom password=blue",
        "call at 10:30 @home", "https://x.example/a:b@c", "https://x.example/?page=2",
        "customer add 'Password Ltd' --website https://password.example",
    ],
)  # fmt: skip
def test_what_is_no_password_stays(text: str) -> None:
    assert without_secrets(text) == text
    assert not has_mask(text)


def test_every_text_in_a_value_is_masked() -> None:
    url = "postgresql://u:geheim@h/db"
    found = without_secrets_in({"a": [url, 5, None], "b": {url: True}})
    assert "geheim" not in str(found)
    assert found == {
        "a": ["postgresql://u:***@h/db", 5, None],
        "b": {"postgresql://u:***@h/db": True},
    }
    assert has_mask(found)
    assert not has_mask({"a": [5, None, "x"]})
