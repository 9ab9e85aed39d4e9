"""Addresses in one normal form, by which they are found."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmctl.domain import contacts


@pytest.mark.parametrize(
    ("text", "website"),
    [
        ("HTTPS://WWW.Acme.Example/", "https://www.acme.example"),
        ("Acme.Example", "acme.example"),
        ("http://Acme.example:80/De?A=B", "http://acme.example:80/De?A=B"),
        ("//acme.example/", "//acme.example/"),
        ("Acme", "Acme"),
        ("n/a", "n/a"),
        ("See Acme.Example", "See Acme.Example"),
        ("Bücher.Example", "Bücher.Example"),
    ],
)
def test_websites(text: str, website: str) -> None:
    assert contacts.website(text) == website
    assert contacts.website(website) == website


@given(st.text("abÄİ.:/@?# WH", max_size=20))
def test_a_website_keeps_its_host(text: str) -> None:
    website = contacts.website(text)
    assert contacts.website(website) == website
    assert contacts.host_of(website) == contacts.host_of(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+4930123456", "+4930123456"),
        ("+4930123456", "+49 (0)30 123-456"),
        ("+4930123456", "0049 30 / 12 34 56"),
        ("+12125550123 x7", "+1 (212) 555-0123 ext. 7"),
        ("+12125550123 x7", "+1 212 555 0123"),
    ],
)
def test_a_number_is_found_however_it_is_written(number: str, text: str) -> None:
    spellings = contacts.phone_spellings(number)
    assert spellings
    assert re.fullmatch(spellings, text)


@pytest.mark.parametrize("text", ["030 123456", "call me", "+49 30 123456", ""])
def test_what_is_not_in_e164_has_no_other_spellings(text: str) -> None:
    assert contacts.phone_spellings(text) is None
