"""Words of a status can be mapped; a word that is not known refuses its row with the option."""

import pytest

from tests.cli.imported import deals, findings, reasons, take
from tests.crm import Crm

HEAD = "Deal - Title,Deal - Value,Deal - Status,Deal - Stage\n"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A company with the default pipeline."""
    return crm.begin("init Acme --user Ann", "user use Ann")


@pytest.mark.parametrize(
    ("won", "opened", "lost"),
    [("Signed", "Live", "Gone"), ("Auftrag", "Läuft", "Abgelehnt"), ("Ja", "Nu", "Bort")],
)
def test_words_of_a_status_are_mapped(crm: Crm, won: str, opened: str, lost: str) -> None:
    content = f"{HEAD}Weir,1,{won},Lead\nLock,2,{opened},Proposal\nDam,3,{lost},Lead\n"
    assert reasons(take(crm, "deals", content))[0] == (
        f"2 Deal - Status: not open, won or lost: '{won}'"
        f' (--status-map "{won}=STATUS", STATUS is open, won or lost)'
    )
    maps = f"--status-map {won}=won --status-map {opened}=open --status-map {lost}=lost"
    assert take(crm, "deals", content, maps).exit_code == 0
    assert [each["status"] for each in deals(crm)] == ["won", "open", "lost"]


def test_words_of_a_status_are_read_in_the_languages_of_headers(crm: Crm) -> None:
    words = """Gewonnen Offen Verloren|Gagné Ouvert Perdu|Ganada Abierta Perdida|Vinto Aperto Perso
        Ganho Aberto Perdido|Gewonnen Open Verloren|Vunnen Öppen Förlorad|Vundet Åben Tabt
        Vunnet Åpen Tapt|Voitettu Avoin Hävitty|Wygrana Otwarta Przegrana|Vyhráno Otevřeno Prohráno
        Megnyert Nyitott Elveszett|Kazan\u0131ld\u0131 Aç\u0131k Kaybedildi
        Выиграно Открыто Проиграно
        Κερδισμένη Ανοιχτή Χαμένη|受注 商談中 失注|赢单 进行中 输单
        Geschlossen/Gewonnen Pending Closed-Lost"""
    rows = [line.split() for part in words.split("|") for line in part.strip().split("\n")]
    content = HEAD + "".join(
        f"{number}{word},1,{word},Proposal\n" for number, row in enumerate(rows) for word in row
    )
    assert take(crm, "deals", content).exit_code == 0
    assert [each["status"] for each in deals(crm)] == ["won", "open", "lost"] * len(rows)


def test_words_for_won_and_lost_are_those_stages_where_nothing_else_is(crm: Crm) -> None:
    content = "Deal Name,Amount,Stage\nWeir,1,Wygrana\nDam,3,Perdu\nLock,2,Lead\n"
    assert take(crm, "deals", content).exit_code == 0
    assert [each["stage"] for each in deals(crm)] == ["won", "lost", "lead"]


def test_a_status_is_known_by_the_words_that_are_mapped(crm: Crm) -> None:
    content = "Deal Name,Amount,Status\nWeir,1,Auftrag\nDam,3,abgelehnt\nLock,2,offen\n"
    options = "--status-map Auftrag=won --status-map abgelehnt=lost"
    assert take(crm, "deals", content, options).exit_code == 0
    assert [each["status"] for each in deals(crm)] == ["won", "lost", "open"]


@pytest.mark.parametrize(
    ("word", "options"),
    [("Deleted", ""), ("Gelöscht", ""), ("Supprimée", ""), ("Test", "--status-map Test=")],
)
def test_deals_of_a_status_that_says_so_are_left_out(crm: Crm, word: str, options: str) -> None:
    content = f"{HEAD}Weir,1,Won,Lead\nLock,2,{word},Lead\n"
    result = take(crm, "deals", content, options)
    assert (result.exit_code, result.json()["skipped"]) == (0, 1)
    assert f"rows left out, as Deal - Status says {word}" in findings(result, "decided")
    take(crm, "deals", content, f"--status-map {word}=lost")
    assert [each["status"] for each in deals(crm)] == ["won", "lost"]


def test_a_map_of_stages_says_what_a_status_is(crm: Crm) -> None:
    content = f"{HEAD}Weir,1,Gewonnen,Lead\nLock,2,Offen,Proposal\n"
    options = "--stage-map Gewonnen=won --stage-map Offen=lead"
    assert take(crm, "deals", content, options).exit_code == 0
    assert [each["stage"] for each in deals(crm)] == ["won", "proposal"]


def test_usual_words_are_known(crm: Crm) -> None:
    content = "Deal Name,Amount,Stage,Deal Status\nWeir,1,Lead,active\nLock,2,Lead,Closed Won\n"
    assert take(crm, "deals", content).exit_code == 0
    assert [each["status"] for each in deals(crm)] == ["open", "won"]


def test_a_status_that_is_none_is_refused(crm: Crm) -> None:
    result = take(crm, "deals", f"{HEAD}Weir,1,Nu,Lead\n", "--status-map Nu=soon")
    assert result.exit_code == 2
    assert "--status-map Nu=soon: a deal is one of open, won, lost" in result.stderr
