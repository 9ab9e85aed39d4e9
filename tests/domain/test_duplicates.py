"""Which customers are compared, how sure it is that they are one, and what groups they make."""

import random
from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from crmctl.domain.duplicates import blocks, contacts, groups, names, scores
from crmctl.domain.duplicates.contacts import Contact
from crmctl.domain.duplicates.scores import Score


def read(*given: dict[str, Any]) -> list[Contact]:
    return [contacts.read(number, **fields) for number, fields in enumerate(given, 1)]


def compare(one: dict[str, Any], other: dict[str, Any]) -> Score:
    both = read(one, other)
    return scores.compare(both[0], both[1], Counter(contact.ordered for contact in both))


def person(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


@pytest.mark.parametrize(
    ("text", "words", "form"),
    [
        ("ACME, Inc.", "acme", "inc"),
        ("Acme s.r.o.", "acme", "sro"),
        ("Acme s. r. o.", "acme", "sro"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne", "gmbh co kg"),
        ("Müller und Söhne GmbH und Co. KG", "muller sohne", "gmbh co kg"),
        ("Rock and Roll Ltd", "rock roll", "ltd"),
        ("A & B", "ab", ""),
        ("A and B", "ab", ""),
        ("And Co", "and", "co"),
        ("Bimbo S.A. de C.V.", "bimbo", "sa de cv"),
        ("Łódź Sp. z o.o.", "lodz", "sp z oo"),
        ("Straße AG", "strasse", "ag"),
        ("O'Neil Ltd", "oneil", "ltd"),
        ("J. R. Smith", "jr smith", ""),
        ("Banco de", "banco de", ""),
        ("Co", "co", ""),
        ("山田 太郎", "山田 太郎", ""),
        ("!!", "", ""),
    ],
)
def test_a_name_is_folded_and_loses_its_legal_form(text: str, words: str, form: str) -> None:
    assert names.read(text) == names.FoldedName(tuple(words.split()), form)


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        (
            person("Ann Lee", email="Ann@x.example"),
            person("Lee, Ann", email="ann@x.example"),
            ("same e-mail", "same name"),
        ),
        (
            person("Ann Lee", phone="+49 30 1234567"),
            person("ann  LEE", phone="030/1234567 x12"),
            ("same phone", "same name"),
        ),
        (
            person("Harbour Hotel Ltd", website="https://www.harbour.example/en"),
            person("Harbor Hotel", email="info@harbour.example"),
            ("same domain harbour.example", "names 96% alike"),
        ),
        (person("Acme Inc."), person("ACME Incorporated"), ("same name",)),
        (person("Acme GmbH"), person("Acme"), ("same name",)),
        (person("Müller & Söhne KG"), person("Mueller und Soehne"), ("same name",)),
        (person("Mu\u0308ller & Söhne"), person("Muller et Sohne"), ("same name",)),
        (
            person("ann@x.example", email="ann@x.example"),
            person("Ann Lee", email="ann@x.example"),
            ("same e-mail",),
        ),
    ],
)
def test_duplicates_are_likely_and_say_why(
    one: dict[str, Any], other: dict[str, Any], evidence: tuple[str, ...]
) -> None:
    score = compare(one, other)
    assert score.confidence >= 0.8
    assert score.evidence == evidence
    assert score.against == ()
    assert compare(other, one) == score


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        (
            person("Ann Lee", email="ann@acme.example"),
            person("Bob Ray", email="bob@acme.example"),
            ("different e-mails", "different names"),
        ),
        (
            person("Ann Lee", organisation="Acme", email="info@acme.example"),
            person("Acme", email="info@acme.example"),
            ("different names", "one is a person, the other a company"),
        ),
        (
            person("Ann Lee", email="a@gmail.com", phone="+49 30 1234567"),
            person("Ann Lee", email="b@gmail.com", phone="+49 30 7654321"),
            ("different e-mails", "different phones"),
        ),
        (person("Acme Inc"), person("Acme GmbH"), ("different legal forms",)),
        (
            person("Acme AB", country="SE"),
            person("Acme AB", country="FI"),
            ("different countries",),
        ),
        (
            person("Ann Lee", sources=frozenset({"crm"})),
            person("Ann Lee", sources=frozenset({"crm", "erp"})),
            ("different ids in crm",),
        ),
        (person("Ann"), person("ann"), ("a name of one word",)),
        (
            person("Ann Lee", phone="+49 30 1234567"),
            person("Bob Ray", phone="+49 30 1234567"),
            ("different names",),
        ),
        (person("Hotel Adlon 1", website="x.example"), person("Hotel Adlon 2"), ()),
        (
            person("Ann Lee", email="ann@gmail.com"),
            person("Bob Ray", email="bob@gmail.com"),
            ("different e-mails", "different names"),
        ),
        (
            person("Ann Lee", email="info@acme.example"),
            person("Bob Ray", email="info@acme.example"),
            ("different names",),
        ),
    ],
)
def test_others_are_unlikely_and_say_why(
    one: dict[str, Any], other: dict[str, Any], against: tuple[str, ...]
) -> None:
    score = compare(one, other)
    assert score.confidence < 0.8
    assert score.against == against


QUAY = {"organisation": "Quayside Ltd", "phone": "+49 30 123456"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            person("Ines Moss", email="ines@quay.example", **QUAY),
            person("Otto Lund", email="otto@quay.example", **QUAY),
        ),
        (
            person("Ines Moss", email="i.moss@quay.example", **QUAY),
            person("Otto Moss", email="o.moss@quay.example", **QUAY),
        ),
        (
            person("Maria Moss", email="maria@quay.example", **QUAY),
            person("Mario Moss", email="mario@quay.example", **QUAY),
        ),
        (
            person("Anna Berg", email="anna@quay.example", **QUAY),
            person("Anna Borg", email="aborg@quay.example", **QUAY),
        ),
        (
            person("Ines Moss", email="team@quay.example", website="quay.example", **QUAY),
            person("Otto Lund", email="team@quay.example", website="quay.example", **QUAY),
        ),
        (
            person("Ines Moss", email="moss@quay.example", **QUAY),
            person("Moss, Otto", email="moss@quay.example", **QUAY),
        ),
        (person("Ines Moss", phone="+49 30 123456"), person("Otto Moss", phone="+49 30 123456")),
        (person("North Hotel", website="x.example"), person("South Hotel", website="x.example")),
    ],
)
def test_colleagues_are_not_one_for_what_their_organisation_has(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert compare(one, other).confidence < 0.8
    assert groups.find(read(one, other), 0.8).groups == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("Ines Moss", email="i@quay.example"), person("I. Moss", email="I@quay.example")),
        (person("Robert Ray", email="r@ray.example"), person("Bob Ray", email="r@ray.example")),
        (person("Chris Ray", phone="+4930123456"), person("Christopher Ray", phone="030 123456")),
        (person("Ann Lee", email="ann@x.example"), person("Ann Smith", email="ann@x.example")),
        (person("Ines Moss", email="ines@quay.example", **QUAY),
         person("Ines Moss", email="moss@quay.example", **QUAY)),
        (person("Ines Moss", email="ines@quay.example", **QUAY), person("Inez Moss", **QUAY)),
        (person("Jon Smith", email="a@x.example", phone="+4930123456"),
         person("JohnSmith", phone="+4930123456")),
        (person("Ines Moss", organisation="Quay"), person("Moss, Ines", organisation="Quay")),
    ],
)  # fmt: skip
def test_one_person_is_one_however_the_name_is_written(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert compare(one, other).confidence >= 0.8
    assert compare(one, other) == compare(other, one)


@pytest.mark.parametrize(
    "forms",
    [
        ["Tarn Valley Foods Ltd"] * 3,
        ["Quillbrook Software GmbH"] * 8,
        ["Acme", "Acme Corp", "Acme Corporation"],
        ["Fell Dairy", "Fell Dairy Ltd", "Fell Dairy Limited", "FELL DAIRY LTD."],
        ["Brück", "Brück GmbH", "BRÜCK GmbH & Co. KG"],
    ],
)
def test_copies_of_a_name_do_not_make_it_common(forms: list[str]) -> None:
    found = groups.find(read(*map(person, forms)), 0.8).groups
    assert [(group.keep, len(group.merge)) for group in found] == [(1, len(forms) - 1)]
    same = {"phone": "+49 30 123456", "country": "DE"}
    found = groups.find(read(*(person(form, **same) for form in forms)), 0.8).groups
    assert [(group.keep, len(group.merge)) for group in found] == [(1, len(forms) - 1)]


def test_people_of_one_name_with_addresses_of_their_own_make_it_common() -> None:
    others = [person("Anna Smith", email=f"anna{n}@mail{n}.example") for n in range(5)]
    assert groups.find(read(*others, person("Anna Smith")), 0.8).groups == []


def test_a_free_mailbox_is_no_domain_and_a_code_no_country_name() -> None:
    free = compare(person("A", email="a@gmail.com"), person("B", email="b@gmail.com"))
    assert free.evidence == ()
    assert compare(person("Al By", country="DE"), person("Al By", country="Germany")).against == ()


def test_a_name_counts_the_less_the_more_have_it() -> None:
    one, other = read(person("Ann Lee"), person("Ann Lee"))
    counts = [Counter({"ann lee": count}) for count in (2, 8, 64)]
    sure = [scores.compare(one, other, bearers).confidence for bearers in counts]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > 0.8 > 0.2 > sure[2]


def test_nothing_is_certain_and_nothing_below_zero() -> None:
    alike = person("Ann Lee", email="a@x.example", phone="+49301234567", website="x.example")
    assert compare(alike, alike).confidence == 0.99
    assert compare(person("A B", country="DE"), person("C D", country="FR")).confidence == 0


def _made(count: int) -> list[Contact]:
    """Return customers of few names and addresses, so that many are alike."""
    chance = random.Random(5)
    given = []
    for _ in range(count):
        name = f"{chance.choice(('Harbour', 'Harbor', 'Karl', 'Jörg', 'Joerg'))} "
        name += chance.choice(("Hotel", "Hotels Ltd", "Novak", "Nowak", "Müller"))
        email = f"{chance.choice('abcdef')}@{chance.choice(('x.example', 'gmail.com'))}"
        phone = f"+49 30 12345{chance.randrange(60):02}"
        given.append(person(name, email=chance.choice((email, None)), phone=phone))
    return read(*given)


@pytest.mark.parametrize("least", [0.2, 0.5, 0.8, 0.95])
def test_blocks_find_what_comparing_every_two_would(least: float) -> None:
    made = _made(120)
    bearers = Counter(one.ordered for one in made)
    likely = {
        (one.number, other.number)
        for one, other in combinations(made, 2)
        if scores.compare(one, other, bearers).confidence >= least
    }
    built = blocks.build(made, bearers)
    looked_at = {
        (made[one].number, made[other].number)
        for one, other in blocks.pairs(made, built, bearers, least)
    }
    assert likely
    assert likely <= looked_at


@pytest.mark.parametrize(
    "both", [("Müller & Söhne KG", "Mueller und Soehne"), ("Öa", "Oea"), ("Böhm AG", "Bohm")]
)
def test_umlauts_are_compared_in_either_spelling(both: tuple[str, str]) -> None:
    made = read(*map(person, both))
    bearers = Counter(one.ordered for one in made)
    assert list(blocks.pairs(made, blocks.build(made, bearers), bearers, 0.8)) == [(0, 1)]


def test_every_two_are_looked_at_once_and_few_of_all() -> None:
    made = read(*(person(f"{a}{b} {c}{d}") for a, b, c, d in _letters(3000)))
    bearers = Counter(one.ordered for one in made)
    found = list(blocks.pairs(made, blocks.build(made, bearers), bearers, 0.8))
    assert len(found) == len(set(found))
    assert len(found) < len(made)


def _letters(count: int) -> list[tuple[str, ...]]:
    chance = random.Random(3)
    parts = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu"]
    return [tuple(chance.choices(parts, k=4)) for _ in range(count)]


def test_a_block_that_is_too_large_is_divided_and_loses_no_duplicates() -> None:
    size = blocks.LARGEST * 2
    same = [person("Ann Lee", email="ann@x.example") for _ in range(size)]
    found = groups.find(read(*same), 0.8)
    assert [(group.keep, len(group.merge)) for group in found.groups] == [(1, size - 1)]
    assert found.compared < size * 3

    others = [person(f"{a}{b} {c}{d}", email=f"x{n}@big.example")
              for n, (a, b, c, d) in enumerate(_letters(size))]  # fmt: skip
    twin = {"name": others[-1]["name"], "website": "big.example"}
    pairs = {number for group in groups.find(read(*others, twin), 0.8).groups
             for number in (group.keep, *group.merge)}  # fmt: skip
    assert {size, size + 1} <= pairs


def test_names_that_too_many_have_are_told_where_they_would_count() -> None:
    common = read(*(person("Ann Lee") for _ in range(blocks.LARGEST + 1)))
    assert groups.find(common, 0.8).groups == []
    assert groups.find(common, 0.8).crowded == {}
    assert groups.find(common, 0.1).crowded == {"ann lee": blocks.LARGEST + 1}


def test_a_group_keeps_the_oldest_and_no_chain_makes_strangers_one() -> None:
    ann, anna = {"email": "ann@x.example"}, {"phone": "+49 30 1234567"}
    found = groups.find(
        read(
            person("Ann Lee", **ann, country="DE"),
            person("Ann Lee", **anna, country="FR"),
            person("Ann Lee", **ann, **anna),
        ),
        0.8,
    ).groups
    assert [(group.keep, sorted(group.merge)) for group in found] == [(1, [3])]
    plain = groups.find(read(*(person("Ann Lee", **ann) for _ in range(3))), 0.8).groups
    assert [(group.keep, sorted(group.merge), group.confidence) for group in plain] == [
        (1, [2, 3], 0.99)
    ]


def test_the_answer_does_not_depend_on_the_order() -> None:
    made = _made(150)
    mixed = random.Random(1).sample(made, len(made))
    first, second = groups.find(made, 0.6), groups.find(sorted(mixed, key=lambda c: c.number), 0.6)
    assert first == second
    assert first.groups
