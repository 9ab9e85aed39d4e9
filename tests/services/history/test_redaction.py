"""Names are taken out of texts whole, in any case, and nothing else is."""

import pytest

from crmctl.services.history.redaction import (
    likeness,
    pattern,
    redacted,
    redacted_command,
    without_arguments,
    words,
)


@pytest.mark.parametrize(
    ("names", "value", "left"),
    [
        ({"Ann"}, "Ann asked ANN", "[erased] asked [erased]"),
        ({"Ann"}, "Anna plans", "Anna plans"),
        ({"Ann", "Ann Müller"}, "call Ann Müller", "call [erased]"),
        ({"a@x.example"}, "mail a@x.example.", "mail [erased]."),
        ({"+49 123"}, "call +49 123!", "call [erased]!"),
        ({"a.b"}, "acb", "acb"),
        ({"Ann Müller"}, "Müller, Ann and MÜLLER, ANN", "[erased] and [erased]"),
        (
            {"Ann Müller"},
            "ann_müller.pdf, Ann-Müller, ann.müller",
            "[erased].pdf, [erased], [erased]",
        ),
        ({"Ann Müller"}, "ANN\u00a0 Mu\u0308ller", "[erased]"),
        ({"Ann Müller"}, "Ann Müllers", "Ann Müllers"),
        ({"Müller, Ann"}, "Ann Müller, Müller, Ann", "[erased], [erased]"),
        ({"Anna de la Cruz"}, "de la Cruz, Anna", "[erased]"),
        ({"Anna de la Cruz"}, "De la Cruz, Anna", "[erased]"),
        ({"Will May"}, "in may, will renew", "in may, will renew"),
        ({"Ann Müller"}, "call \uff21nn Mu\u0308l\u200bler!", "call [erased]!"),
        ({"Ann Müller"}, "\u200bA\ufeffnn Müller™, ﬁx", "\u200b[erased]™, ﬁx"),
        ({"\uff21nn Mü\u200bller"}, "Ann Müller", "[erased]"),
        (set(), "anything", "anything"),
        ({"", " "}, "any thing", "any thing"),
        ({"Ann"}, ["Ann", {"who": "ann", "age": 5}], ["[erased]", {"who": "[erased]", "age": 5}]),
        ({"Ann"}, None, None),
        ({"5"}, 5, 5),
    ],
)
def test_names_are_replaced(names: set[str], value: object, left: object) -> None:
    assert redacted(pattern(names), value) == left


def test_a_text_that_would_grow_too_long_is_replaced_whole() -> None:
    names = pattern({"Ann"})
    assert redacted(names, "Ann Ann", room=17) == "[erased] [erased]"
    assert redacted(names, "Ann Ann", room=16) == "[erased]"
    assert redacted(names, "x" * 20, room=10) == "x" * 20


@pytest.mark.parametrize(
    ("command", "left"),
    [
        ("crmctl deal add 'Ann Müller' --amount 5", "crmctl deal add '[erased]' --amount 5"),
        ("crmctl deal add \"O'Hara's\"", "crmctl deal add '[erased]'\"'\"'s'"),
        ("crmctl deal move 1 won", "crmctl deal move 1 won"),
        ("crmctl 'deal", "crmctl '[erased]"),
    ],
)
def test_a_command_keeps_its_verb(command: str, left: str) -> None:
    assert redacted_command(pattern({"Ann Müller", "deal", "O'Hara"}), command) == left


def test_a_command_about_a_customer_loses_its_arguments() -> None:
    assert without_arguments("crmctl --json customer add Ann -y") == "crmctl customer add [erased]"
    assert without_arguments("crmctl customer edit C1 --email x") == "crmctl customer edit [erased]"
    assert without_arguments("crmctl deal add 'customer'") is None


def test_short_words_tell_of_nobody() -> None:
    assert words("Ann de la Cruz-Ortiz, 2nd") == {"Ann", "Cruz", "Ortiz", "2nd"}


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("Ann", "%ann%"), ("Ann Müller", "%ann%m%ller%"), ("a%b_c", "%a%b%c%"), ("李伟", "%")],
)
def test_a_pattern_for_sql_asks_for_letters_that_every_engine_knows(
    name: str, pattern: str
) -> None:
    assert likeness(name) == pattern
