"""Addresses in one normal form, by which they are found."""

import re
import time

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


@pytest.mark.parametrize(
    "domain", ["münchen.example", "xn--mnchen-3ya.example", "XN--MNCHEN-3YA.Example"]
)
def test_a_domain_is_one_in_both_of_its_forms(domain: str) -> None:
    assert contacts.email(f"Ann@{domain}") == "ann@münchen.example"
    assert contacts.host_of(f"https://www.{domain}/de") == "münchen.example"


def test_a_domain_that_cannot_be_decoded_is_kept() -> None:
    assert contacts.host_of("xn--a.example") == "xn--a.example"


@given(st.text("abÄİ.:/@?# WH", max_size=20))
def test_a_website_keeps_its_host(text: str) -> None:
    website = contacts.website(text)
    assert contacts.website(website) == website
    assert contacts.host_of(website) == contacts.host_of(text)


@pytest.mark.parametrize("gaps", ["( ) " * 8000, "(0)" * 16000, "(" * 20000, "0 " * 20000])
def test_no_text_takes_long_to_look_for_a_number_in(gaps: str) -> None:
    spellings = contacts.phone_spellings("+4915123456789 x7")
    assert spellings
    began = time.process_time()
    assert not re.search(spellings, gaps)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+4930123456", "+4930123456"),
        ("+4930123456", "+49 (0)30 123-456"),
        ("+4930123456", "0049 30 / 12 34 56"),
        ("+12125550123 x7", "+1 (212) 555-0123 ext. 7"),
        ("+12125550123 x7", "+1 212 555 0123"),
        ("+4915123456789", "0151 23456789"),
        ("+4915123456789", "(0151) 2345-6789"),
        ("+4915123456789", "0151/23 45 67 89"),
        ("+4915123456789", "0151.2345.6789"),
        ("+4915123456789", "49 151 23456789"),
        ("+4915123456789", "151 23456789"),
        ("+33612345678", "06 12 34 56 78"),
        ("+12025550112", "(202) 555–0112"),
        ("+12025550112", "1-202-555-0112"),
        ("+390612345678", "06 1234 5678"),
        ("+3545551234", "555 1234"),
        ("0151 23456789", "+49 (0)151 2345 6789"),
        ("(030) 98 76 54 3", "030/9876543"),
    ],
)
def test_a_number_is_found_however_it_is_written(number: str, text: str) -> None:
    spellings = contacts.phone_spellings(number)
    assert spellings
    assert re.fullmatch(spellings, text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+4915123456789", "151234567890"),
        ("+4915123456789", "0151 2345678"),
        ("+493012345", "12345"),
        ("+3545551234", "5551235"),
    ],
)
def test_another_number_is_not_a_spelling(number: str, text: str) -> None:
    spellings = contacts.phone_spellings(number)
    assert spellings
    assert not re.fullmatch(spellings, text)


@pytest.mark.parametrize("text", ["030 1234", "2026-01-02", "1000", "call me", "+49 30 123", ""])
def test_what_is_no_phone_number_has_no_other_spellings(text: str) -> None:
    assert contacts.phone_spellings(text) is None
