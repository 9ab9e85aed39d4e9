# ruff: noqa: RUF001 - letters of other scripts, and quotes, are what this is about.
"""Encodings: letters decide where they leave one reading, else there is a note or a question."""

import io
import re
import time

import pytest

from crmctl.domain.importing.files.encodings import FoundEncoding, find_encoding
from crmctl.domain.importing.findings import Certainty
from crmctl.errors import UsageError
from tests.domain.importing.tables import cells, read
from tests.encodings.files import EncodedFile, files
from tests.encodings.held_out import HELD_OUT
from tests.encodings.held_out.western import WESTERN
from tests.encodings.languages import LANGUAGES
from tests.encodings.outcomes import Outcome, outcome

RIGHT = (Outcome.DECIDED, Outcome.ASSUMED)


def found(content: bytes, given: str | None = None) -> FoundEncoding:
    return find_encoding(io.BytesIO(content), "file.csv", given)


def certainty(content: bytes) -> Certainty:
    [finding] = found(content).findings
    return finding.certainty


def refused(content: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        found(content)
    return str(caught.value)


def _tried(chosen: list[EncodedFile]) -> dict[str, Outcome]:
    return {str(file): outcome(file) for file in chosen}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.name)
def test_file_in_the_usual_page_of_its_language_is_read(language) -> None:  # type: ignore[no-untyped-def]
    tried = _tried(list(files(language, language.usual, 5)))
    assert {name: each for name, each in tried.items() if each not in RIGHT} == {}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda each: each.name)
def test_file_in_another_page_is_never_read_wrongly_in_silence(language) -> None:  # type: ignore[no-untyped-def]
    tried = _tried([file for page in language.others for file in files(language, page, 2)])
    assert Outcome.WRONG_IN_SILENCE not in tried.values(), tried
    # Hardly any is asked about, or every file would be.
    assert 2 * sum(each in RIGHT for each in tried.values()) > len(tried), tried


#: Those of the Baltic, and Chinese, are asked about or taken for others in a file of one word.
SURE = (*WESTERN, *(each for each in HELD_OUT if each.name in
        {"polish", "czech", "hungarian", "turkish", "russian", "greek", "japanese"}))  # fmt: skip


@pytest.mark.parametrize("language", HELD_OUT, ids=lambda each: each.name)
def test_words_that_the_model_does_not_know_are_read(language) -> None:  # type: ignore[no-untyped-def]
    tried = _tried(list(files(language, language.usual, 3)))
    assert {name: each for name, each in tried.items() if each not in RIGHT} == {}
    if language in SURE:
        tried = _tried(list(files(language, language.usual, 3, sparse=True)))
        assert {name: each for name, each in tried.items() if each not in RIGHT} == {}


@pytest.mark.parametrize(
    ("row", "page"),
    [
        # One letter of 0xF1, 0xE8, 0xF8 or 0xFE: what is beside it in ASCII shows the language.
        ("Peña,a@mail.es", "cp1252"), ("Nień,a@mail.pl", "cp1250"),
        ("Mosè,+39 06 1234567", "cp1252"), ("Josuč,+420 601 123 456", "cp1250"),
        ("Bømlo,NOK", "cp1252"), ("Břmlo,CZK", "cp1250"), ("Kuş,TRY", "cp1254"),
        ("Šuran,Croatia", "cp1250"),
    ],
)  # fmt: skip
def test_what_is_ascii_shows_the_language(row: str, page: str) -> None:
    text = f"Name,Other\n{row}\n"
    assert text.encode(page).decode(found(text.encode(page)).name) == text


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        ("cp1252", "Jörg Möller,Köln\nBegoña Peña,Logroño\nÅsa Öberg,Malmö\nZoé Lefèvre,Sète\n"),
        ("cp1252", "Nicolò,Cantù\nSimão,Évora\nSøren,Køge\nGötz,Fürth\nPäivi,Oulu\n"),
        ("cp1250", "Jörg Möller,Köln\nPaweł Świątek,Łódź\nGyőző,Pécs\nŽižka,Děčín\n"),
        ("cp1254", "Jörg Möller,Köln\nÇağla Işık,Muğla\nGülşen Doğan,Iğdır\n"),
    ],
)
def test_a_file_may_have_several_languages(page: str, rows: str) -> None:
    text = f"Name,City\n{rows}"
    assert text.encode(page).decode(found(text.encode(page)).name) == text


@pytest.mark.parametrize("text", ["Name\n毛\n", "Name,Code\n印,7\n"])
def test_utf_8_by_chance_is_noted(text: str) -> None:
    [finding] = found(text.encode("gb18030")).findings
    assert finding.certainty == Certainty.ASSUMED
    assert re.search(r"read as utf-8: ., which in \S+ would be .", str(finding))
    # In the old pages of DOS, this is a name.
    [finding] = found("Name\nÍñigo\n".encode("cp850")).findings
    assert finding.certainty == Certainty.ASSUMED


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp1250", "Firma\nSPÓŁKA"), ("cp1250", "Name,Note\nA,BIURO PODRÓŻY"),
        ("cp1252", "Name\nJOSÉ’S BAR"), ("mac_iceland", "Name\nGunnþórunn"),
        ("utf-8", "Cергей"), ("utf-8", "kΩ"), ("utf-8", "IТ"), ("utf-8", "Əliyev"),
    ],
)  # fmt: skip
def test_letters_that_belong_together_are_no_utf_8_by_chance(page: str, text: str) -> None:
    assert text.encode(page).decode(found(text.encode(page)).name) == text


@pytest.mark.parametrize("text", ["Name\nà\n", "Имя\nда\n", "Name,Å\nÖ,1\n", "Temp\n5 °\n"])
def test_a_letter_by_itself_is_no_chance(text: str) -> None:
    assert found(text.encode()).findings == ()


WORDS = {
    "cp1252": [
        "Begoña Peña,Logroño", "Iñaki,Bilbao", "Götz Krüger,Köln", "Zoé,Sète", "João,Évora",
        "Åsa,Malmö", "Søren,Ærø", "BEGOÑA MUÑOZ,CORUÑA", "Jörg Weiß,Gießen", "Päivi,Hämeenlinna",
        "Dörte Köhler,Straße 9 €\nHélène Brûlé,déjà payé", "Smith’s “Best” Co – 500 £,5 °C",
        "Ana,qualità\nNoè,perché no", "Café Zoë,Renée’s", "L’été,à bientôt…", "Núria,Col·legi",
        "Þórður,Siglufjörður",
    ],
    "cp1250": [
        "Świętosława Łąk,Śrem", "Zoltán Hegedűs,Kőszeg", "Ondřej Žižka,Žďár", "Đurđa Šarić,Čazma",
        "Ľubomír Šťastný,Košice", "ŻANETA ŹREBAK,ŁÓDŹ",
    ],
    "cp1254": ["Gülşen Doğan,Iğdır", "Çağrı Taş,Muğla", "Işıl Er,Bolu", "OĞUZ KILIÇ,İZMİR"],
    "cp1251": ["Юрий Щукин,Тверь", "Анна,Уфа", "Оксана Їжак,Київ", "Георги Ъгъл,София"],
    "cp1253": ["Χρήστος Ψαράς,Βόλος", "Άννα,Έδεσσα"],
    "cp1255": ["דוד לוי,חיפה"],
    "cp1256": ["محمد علي,القاهرة"],
    "cp874": ["สมชาย ใจดี,กรุงเทพ"],
    "cp1257": ["Žydrūnas Šaulys,Šiauliai\nRūta Ąžuolė,Panevėžys"],
    "iso8859-2": ["Łucja Świątek,Łódź", "Šťastný Žižka,Šumperk"],
    "iso8859-5": ["Юрий Щукин,Тверь\nОльга,Казань"],
    "koi8-r": ["Юрий Щукин,Тверь", "Ольга Жукова,Казань"],
    "cp866": ["Юрий Щукин,Тверь\nОльга,Казань"],
    "cp850": ["Götz Krüger,Köln\nJörg Weiß,Gießen", "Søren Ærø,Århus\nJørgen,Køge"],
    "cp852": ["Świętosława Łąk,Śrem\nPaweł,Łódź"],
    "mac-roman": ["Götz Krüger,Köln\nJörg Weiß,Gießen", "Begoña Peña,Logroño\nMaría,Cádiz"],
    "cp932": ["田中 花子,東京商会", "ﾔﾏﾀﾞ 太郎,横浜\nさくら,大阪"],
    "euc_jp": ["田中 花子,東京商会\nさくら,大阪"],
    "gb18030": ["王伟,北京", "李娜,上海\n张敏,深圳"],
    "cp950": ["陳大文,台北\n林志玲,高雄"],
    "cp949": ["김철수,서울"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("page", "rows"), [(page, rows) for page, each in WORDS.items() for rows in each]
)
def test_a_row_or_two_are_read_as_they_were_written(page: str, rows: str) -> None:
    text = f"Name,City\n{rows}\n"
    name = found(text.encode(page)).name
    assert text.encode(page).decode(name) == text


@pytest.mark.parametrize(
    ("content", "readings"),
    [
        # One letter of 0xF1: Spanish and Polish have one there.
        ("Name,City\nPeña,Lima\n".encode("cp1252"), "1 line read as cp1252: Peña.*cp1250.*Peńa"),
        ("Name\nLuis\nPeña\nMuñiz\n".encode("cp1252"), "2 lines read as cp1252"),
    ],
)
def test_what_letters_leave_open_is_noted_with_the_option(content: bytes, readings: str) -> None:
    [finding] = found(content).findings
    assert finding.certainty == Certainty.ASSUMED
    assert re.search(readings, str(finding))
    assert "--encoding" in finding.option
    assert found(content, "cp1252").findings == ()


@pytest.mark.parametrize("text", ["Name\nForl\x93\n", "Name\nBod\x9b\n", "Name\n\xc5\n"])
def test_what_reads_as_well_in_two_pages_is_asked_for(text: str) -> None:
    told = refused(text.encode("latin-1"))
    assert re.fullmatch(r"file.csv may be in \S+ \(.+\) or in \S+ \(.+\): --encoding .*", told)


def test_letters_decide_and_are_named() -> None:
    content = "Name,City\nBegoña Muñoz,Logroño\nÓscar Ibáñez,Cádiz\n".encode("cp1252")
    [finding] = found(content).findings
    assert str(finding) == "decided: written in cp1252, as Begoña shows"


@pytest.mark.parametrize("text", ["Name\nBegoña\n", "Name\nŽofie\n", "Name\n花子\n", "Name\nAnn\n"])
def test_utf_8_needs_no_note(text: str) -> None:
    assert found(text.encode()) == FoundEncoding(name="utf-8")
    assert found(text.encode("utf-8-sig")) == FoundEncoding(name="utf-8-sig")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text",
    ["Имя,Город\nАнна,Москва\n", "氏名,会社\n田中 花子,東京商会\n", "שם,עיר\nדוד,חיפה\n",
     "Name\nMüller – 5 €\n", "名前\nさくら\n", "이름,도시\n김철수,서울\n", "Name\nJörg\nŁódź\n"],
)  # fmt: skip
def test_wide_characters_need_no_mark(encoding: str, text: str) -> None:
    assert found(text.encode(encoding)).name == encoding


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso2022_jp", "氏名,会社\n田中 花子,東京商会\n"),
        ("iso2022_jp_ext", "名前\nｻｸﾗ\n"),
        ("iso2022_kr", "이름\n김철수\n"),
    ],
)
def test_escapes_of_iso_2022_say_the_encoding(encoding: str, text: str) -> None:
    content = text.encode(encoding)
    assert found(content).name == encoding
    assert certainty(content) == Certainty.DECIDED


def test_escapes_that_cannot_be_read_are_no_text() -> None:
    assert "line 2 has escapes of ISO 2022" in refused(b"Name\n\x1b$)A\x0e1122\x0f\n")
    # Colours of a terminal are none of these.
    assert found(b"Name\n\x1b[31mred\x1b[0m\n").name == "utf-8"


def test_a_byte_far_down_in_a_file_is_not_missed() -> None:
    rows = "Begoña Muñoz,Logroño\n" * 20_000
    content = f"Name,City\n{rows}".encode("cp1252")
    assert found(content).name == "cp1252"
    assert "nearly all text in cp1252" in refused(content + b"\x81,Lima\n")
    # What comes there may tell pages apart as well.
    assert found(content + "Fête,5 €\n".encode("cp1252")).name == "cp1252"


@pytest.mark.parametrize(("text", "page"), [("Begoña Muñoz", "cp1252"), ("Юрий Щукин", "cp1251")])
def test_a_large_file_is_not_read_in_whole_words(text: str, page: str) -> None:
    content = f"Name,City\n{f'{text},5{chr(10)}' * 400_000}".encode(page)
    began = time.perf_counter()
    assert found(content).name == page
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize(
    "text",
    ["Name,City\n\ufeffCrane,Lima\n", '\ufeffName,City\n\ufeff"Crane","Lima"\n',
     "Name,City\nCrane,\u200bLima", "Name,City\nCra\ufeffne\u2060,Lima\n",
     '{"Name": "\ufeffCrane", "City": "Lima"}\n'],
)  # fmt: skip
def test_mark_inside_a_file_is_left_out_and_noted(encoding: str, text: str) -> None:
    table = read(text.removeprefix("\ufeff").encode(encoding))
    assert (table.header, cells(table)) == (("Name", "City"), [("Crane", "Lima")])
    [finding] = table.form.findings
    assert finding.certainty == Certainty.DECIDED
    told = r"decided: (2 characters that are|1 character that is) not seen, .*"
    assert re.fullmatch(told, str(finding))


def test_files_that_were_joined_are_read_as_one() -> None:
    part = '\ufeff"Deal Name",Amount\n"Weir, old",5\n'
    table = read(part + part.replace("Weir", "Lock"))
    assert [row[0] for row in cells(table)] == ["Weir, old", "Deal Name", "Lock, old"]


def test_mark_that_a_json_line_writes_as_an_escape_is_left_out() -> None:
    assert cells(read(b'{"Name": "\\ufeffCrane"}\n')) == [("Crane",)]
