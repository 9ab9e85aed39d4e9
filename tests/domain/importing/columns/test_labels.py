"""Columns as other systems and people call them are read, where their cells look like it."""

import csv
from collections.abc import Sequence

import pytest

from crmctl.domain.importing.columns.column_findings import column_findings
from crmctl.domain.importing.columns.column_mapping import How
from crmctl.domain.importing.columns.contents import Contents, first_rows
from crmctl.domain.importing.columns.mapping import map_columns
from crmctl.domain.importing.columns.record_numbers import numbered_field
from crmctl.domain.importing.files.tables import TableRow
from crmctl.domain.kinds import Entity

STAGES = ["lead", "Lead", "qualified", "proposal", "negotiation", "won", "lost"]
D, C, A = Entity.DEAL, Entity.CUSTOMER, Entity.ACTIVITY


def read(text: str) -> tuple[tuple[str, ...], Contents]:
    header, *rows = csv.reader(text.splitlines())
    found = [TableRow(line, tuple(row)) for line, row in enumerate(rows, 2)]
    return tuple(header), first_rows(found, stages=STAGES)


def fields(entity: Entity, text: str) -> list[str]:
    """Return the field of each column, `-` for one that is left out, `?` before a guess."""
    header, contents = read(text)
    columns = map_columns(header, entity, contents=contents)
    found = {
        column.name: ("?" if column.how == How.CELLS else "") + column.field
        for column in columns.mapped
    }
    return [found.get(name, "-") for name in header]


def asked(entity: Entity, text: str) -> list[str]:
    header, contents = read(text)
    columns = map_columns(header, entity, contents=contents)
    found = column_findings(columns, entity, header, contents)
    return [("!" if each.urgent else "") + each.text for each in found]


def test_a_column_is_taken_by_its_name_before_another_by_its_cells() -> None:
    text = "Deal Name,revenue_usd,deal_size_usd\nWeir,61423000,36316000\n"
    assert fields(D, text) == ["title", "-", "amount"]


def test_a_title_of_a_person_is_no_organisation() -> None:
    text = "Name,Organization 1 - Name,Organization 1 - Title\nBo Ash,,Head of Sales\n"
    assert fields(C, text) == ["name", "organisation", "-"]


def test_a_day_of_something_else_is_not_asked_about() -> None:
    assert asked(D, "title,stage,amount,date_sourced\nWeir,lead,5,2026-01-05\n") == []


FILES = {
    "close": (
        D,
        "display_name,lead_name,status_label,status_type,value,confidence,user_name,date_won\n"
        "Weir,Fell,Proposal,active,10,50,Ada,\nLock,Fell,Won,won,10,100,Ada,2026-02-01",
        "title customer stage outcome amount probability owner closed_at",
    ),
    "copper": (
        D,
        "Name,Company,Owned By,Pipeline,Stage,Value,Close Date,Status,Priority,Win Probability\n"
        "Weir,Fell,Ada,Sales,Proposal,10,2026-12-31,Open,High,50\n"
        "Lock,Fell,Ada,Sales,Proposal,10,2026-12-31,Won,High,50",
        "title customer owner pipeline stage amount close_date outcome - probability",
    ),
    "monday": (
        D,
        "Name,Stage,Deal Value,Close Probability,Expected Close Date,Contacts\n"
        "Weir,Proposal,1000,40,2026-12-31,Jo Moor",
        "title stage amount probability expected_close customer",
    ),
    "capsule": (
        D,
        "Opportunity,Milestone,Value,Expected Close,Actual Close,Organisation\n"
        "Weir,Proposal,1000,2026-12-31,,Fell",
        "title stage amount expected_close closed_at customer",
    ),
    "insightly": (
        D,
        "OpportunityName,BidAmount,ForecastCloseDate,ActualCloseDate,OpportunityState,Stage,"
        "ResponsibleUser,LinkedOrganization\n"
        "Weir,10,2026-12-31,,Open,Proposal,Ada,Fell\nLock,10,2026-12-31,2026-03-01,Won,Lead,Ada,F",
        "title amount expected_close closed_at outcome stage owner customer",
    ),
    "dynamics": (
        D,
        "Topic,Potential Customer,Est. Close Date,Est. Revenue,Probability,Status,Created On\n"
        'Weir,Fell,12/31/2026,"$1,000.00",40,Open,1/5/2026\n'
        'Lock,Fell,12/31/2026,"$1,000.00",40,Won,1/5/2026',
        "title customer expected_close amount probability outcome created_at",
    ),
    "old zoho": (
        D,
        "Potential Name,Potential Owner,Created Time,Closing Date,Amount,Stage\n"
        "Weir,Ada,2026-01-05 10:00:00,2026-12-31,1000,Lead",
        "title owner created_at close_date amount stage",
    ),
    "a board of cards": (
        D,
        "Card Name,List Name,Due Date\nWeir,Proposal,2026-12-31\nLock,Won,2026-12-31",
        "title ?stage expected_close",
    ),
    "names of an api": (
        D,
        "deal_id,title,stage_id,expected_amount,manager_id\n1,Weir,PROPOSAL,1000,Ada\n2,L,WON,1,Ada",
        "external_id title stage amount owner",
    ),
    "ids of another system": (
        D,
        "deal_id,title,stage_id,amount,manager_id\n1,Weir,17,1000,0050000001\n",
        "external_id title - amount -",
    ),
    "german": (
        D,
        "Projekt,Kunde,Betrag (€),Währung,Phase,Wahrscheinlichkeit,Voraussichtlicher Abschluss,"
        "Verantwortlich,Erstellt am\nWehr,Fell,1.000,EUR,Proposal,40%,31.12.2026,Ada,01.02.2026",
        "title customer amount currency stage probability expected_close owner created_at",
    ),
    "french": (
        D,
        "Affaire,Société,Montant (k€),Étape,Date de clôture,Commercial,Statut\n"
        "Barrage,Fell,12,Proposal,31/12/2026,Ada,En cours\nQuai,F,1,Lead,31/12/2026,Ada,Gagné",
        "title customer amount stage close_date owner outcome",
    ),
    "spanish": (
        D,
        "Negocio,Empresa,Importe,Fase,Fecha de cierre,Responsable\n"
        "Presa,Fell,1000,Proposal,31/12/2026,Ada",
        "title customer amount stage close_date owner",
    ),
    "first and last": (C, "First,Last,Email\nIna,Moor,i@m.example", "first_name last_name email"),
    "german people": (
        C,
        "Vorname,Name,Firma,E-Mail,Telefon geschäftlich,Land\n"
        "Ina,Moor,Fell,i@m.example,+49 30 1234567,Peru",
        "first_name last_name organisation email phone country",
    ),
    "spanish people": (
        C,
        "Nombre,Apellidos,Empresa,Correo electrónico,Teléfono móvil\n"
        "Ina,Moor,Fell,i@m.example,+49 30 1234567",
        "first_name last_name organisation email phone",
    ),
    "a name that has the first name in it": (
        C, "First Name,Name\nIna,Ina Moor\nBo,Bo Ash", "first_name name",
    ),
    "which of several": (
        C,
        "First Name,Last Name,Primary Email,Work Phone,Phone (home)\n"
        "I,M,i@m.example,+49 30 123456,",
        "first_name last_name email phone -",
    ),
    "organisations alone": (C, "Unternehmen,Branche\nFell,Holz", "name segment"),
    "an event": (
        A,
        "EVENTID,Event Owner,Subject,Start DateTime,End DateTime,Created Time,Deal Name\n"
        "5,Ada,Demo,2026-12-01 10:00:00,2026-12-01 11:00:00,2026-11-01 09:00:00,Weir",
        "external_id owner subject at - created_at deal",
    ),
    "a task": (
        A,
        "Activity Date,Notes/Description,Call/Meeting Title/Subject,Task Status,Task Due Date\n"
        "2026-11-01,Bring the plans,Visit the weir,Not Started,2026-12-01",
        "- body subject done at",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_columns_are_read_as_others_call_them(name: str) -> None:
    entity, text, expected = FILES[name]
    assert fields(entity, text) == expected.split()


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        (D, "Title,Status\nWeir,signed\nLock,sent"),
        (D, "Title,Value\nWeir,5\n,\nLock,7"),
        (D, "Title,Price\nWeir,on request\nLock,to be agreed"),
        (D, "Title,Previous status\nWeir,Won\nLock,Lost"),
        (D, "Title,Weighted amount\nWeir,5"),
        (D, "Title,Annual revenue\nWeir,5"),
        (D, "Title,Type\nWeir,Lead"),
        (C, "Name,Fax\nIna,+49 30 123456"),
    ],
)
def test_a_column_is_read_only_for_what_its_cells_may_be(entity: Entity, text: str) -> None:
    expected = "amount" if "Title,Value" in text else "-"
    assert fields(entity, text)[1] == expected


@pytest.mark.parametrize(
    ("entity", "text", "told"),
    [
        (D, "Title,Amount\nWeir,5", ["!deals begin in the first stage: no column says theirs"]),
        (D, "Title,Stage\nWeir,Lead", ["!deals have no amount: no column says theirs"]),
        (
            D,
            "Title,Amount,Phase of it\nWeir,5,Lead\nLock,5,Won",
            ["Phase of it is read as the stage, by its cells"],
        ),
        (
            D,
            "Title,Stage,Net price,Gross price\nWeir,Lead,5,6",
            [
                "!deals have no amount: no column says theirs",
                "!is Net price the amount?",
                "!is Gross price the amount?",
            ],
        ),
        (
            D,
            'Title,Stage,Foo\nWeir,Lead,"$1,200"',
            ["!deals have no amount: no column says theirs", "!is Foo the amount?"],
        ),
        (
            D,
            'Title,Stage,ARR\nWeir,Lead,"$8.5k"\nLock,Lead,TBD',
            ["!deals have no amount: no column says theirs", "!is ARR the amount?"],
        ),
        (
            D,
            "Title,Stage,MRR,Staff\nWeir,Lead,900,5",
            ["!deals have no amount: no column says theirs", "!is MRR the amount?"],
        ),
        (
            D,
            "Title,Stage,Amount,OwnerId\nWeir,Lead,5,005bm000001",
            ["OwnerId has ids of owners, who are left out: their names are not in the file"],
        ),
        (D, "Title,Stage,Amount,Foo\nWeir,Lead,5,2026-12-31", ["is Foo the expected close?"]),
        (D, "Title,Stage,Amount,Mail\nWeir,Lead,5,a@b.example", ["is Mail the customer email?"]),
        (C, "Name,Contact\nIna,a@b.example", ["is Contact the email?"]),
        (D, "Title,Stage,Amount\nWeir,Lead,5", []),
        (D, "Title,Amount,Status\nWeir,5,Won\nLock,5,Open", []),
    ],
)
def test_what_is_guessed_or_left_out_is_told(
    entity: Entity, text: str, told: Sequence[str]
) -> None:
    assert asked(entity, text) == told


def test_of_columns_for_one_field_an_empty_one_is_not_read() -> None:
    text = "First Name,Last Name,Company,Account\nIna,Moor,Fell,\nBo,Ash,Birk,"
    assert fields(C, text) == ["first_name", "last_name", "organisation", "-"]


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("customer_external_id", "Kunden-Nr.|Customer #|Client code|Account No|N° client"
         "|Número de cliente|Codice cliente|Código do cliente|Klantnummer|Kundnummer|Kundenr"
         "|Asiakasnumero|Numer klienta|Číslo zákazníka|Ügyfélszám|Müşteri No|Номер клиента"
         "|Αριθμός πελάτη|顧客番号|客户编号"),
        ("external_id", "Angebotsnr.|Quote #|Auftragsnummer|Order No.|Numéro de devis|Nº pedido"
         "|Numero offerta|Nº do pedido|Offertenummer|Tilbudsnummer|Offertnummer|Tilausnumero"
         "|Datensatz-ID|ID record|ID esterno|ID de l'enregistrement|ID de registro|ID do registo"
         "|Externe ID|Eksternt ID|Post-ID|Tietueen tunnus|ID záznamu|Külső azonosító|Harici ID"
         "|Внешний идентификатор|Identyfikator rekordu|レコードID|记录 ID|外部ID"
         "|Nr zamówienia|Číslo nabídky|Ajánlatszám|Teklif no|Номер заказа|見積番号|订单编号"),
        ("", "Client|Kunde|Order|Angebot|Number of clients|Numero clienti|Kundenauftragsnummer|Nr"
         "|Rechnungsnummer|Order value|Codeclub|Postnr|Postnummer|Steuer-ID|Datensatztyp"),
    ],
)  # fmt: skip
def test_numbers_of_records_by_their_names(field: str, names: str) -> None:
    assert {numbered_field(name, Entity.DEAL) for name in names.split("|")} == {field}


@pytest.mark.parametrize(
    "header",
    [
        "Nazwa szansy,Klient,Wartość,Waluta,Etap,Data zamknięcia,Właściciel",
        "Deal - Titel,Deal - Organisation,Deal - Wert,Währung,Deal - Phase,Abschlussdatum,Besitzer",
        "Abschluss-Name,Konto-Name,Betrag,Währung,Phase,Abschlusstermin,Zuständiger Mitarbeiter",
        "Nom de la transaction,Compte,Montant HT,Devise,Étape de la transaction,"
        "Date de fermeture,Propriétaire de la transaction",
        "Nombre del negocio,Cuenta,Ingreso esperado,Moneda,Etapa del negocio,"
        "Fecha de cierre,Comercial",
        "Nome trattativa,Azienda,Ricavo previsto,Valuta,Fase trattativa,"
        "Data di chiusura,Addetto vendite",
        "Nome do negócio,Empresa,Valor do negócio,Moeda,Estágio,Data de fechamento,Vendedor",
        "Dealnaam,Klant,Verwachte omzet,Valuta,Dealfase,Afsluitdatum,Dealeigenaar",
        "Affärsnamn,Kund,Belopp,Valuta,Fas,Stängningsdatum,Säljare",
        "Aftalenavn,Kunde,Beløb,Valuta,Salgsfase,Lukkedato,Sælger",
        "Avtalenavn,Kunde,Beløp,Valuta,Trinn,Avslutningsdato,Selger",
        "Kaupan nimi,Asiakas,Arvo,Valuutta,Vaihe,Sulkemispäivä,Omistaja",
        "Název příležitosti,Zákazník,Částka,Měna,Fáze,Datum uzavření,Vlastník",
        "Üzlet neve,Ügyfél,Összeg,Pénznem,Szakasz,Zárás dátuma,Értékesítő",
        "Firsat Adi,Müşteri,Tutar,Para birimi,Aşama,Kapaniş tarihi,Sorumlu",
        "Название сделки,Клиент,Сумма,Валюта,Этап,Дата закрытия,Ответственный",
        "Τίτλος,Πελάτης,Ποσό,Νόμισμα,Στάδιο,Ημερομηνία κλεισίματος,Υπεύθυνος",
        "Titlu,Client,Valoare,Moneda,Stadiu,Data închiderii,Proprietar",
        "取引名,顧客名,金額,通貨,ステージ,クローズ日,所有者",
        "商机名称,客户名称,金额,币种,阶段,关闭日期,负责人",
    ],
)
def test_deals_are_read_by_their_columns_in_the_languages_of_systems(header: str) -> None:
    text = f"{header}\nWeir,Acme,100,EUR,Lead,2026-12-31,Ann\nDam,Acme,50,EUR,Won,2026-11-01,Bo\n"
    wanted = ["title", "customer", "amount", "currency", "stage", "close_date", "owner"]
    assert fields(D, text) == wanted


@pytest.mark.parametrize(
    ("entity", "header"),
    [
        (D, "Deal-Name,Zuständiger Mitarbeiter,Erstellungsdatum"),
        (D, "Opportunità,Addetto vendite,Creato il"), (D, "Deal - Titel,Besitzer,Deal erstellt"),
        (C, "Name,Zuständiger Mitarbeiter,Erstellt am"), (C, "Nome,Assegnato a,Data di creazione"),
        (C, "Nom,Responsable,Créé le"), (C, "Nombre,Asignado a,Creado el"),
        (C, "公司,负责人,创建时间"),
    ],
)  # fmt: skip
def test_who_owns_a_record_and_when_it_was_created(entity: Entity, header: str) -> None:
    text = f"{header}\nWeir,Ann Roe,2026-10-01 08:30:00\nDam,Bo Fell,2026-11-01 09:00:00\n"
    assert fields(entity, text)[1:] == ["owner", "created_at"]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (
            "title,org_id.name,org_id.value,person_id.name,person_id.value,user_id.name,user_id.email",
            "title customer customer_external_id contact contact_external_id owner owner_email",
        ),
        ("name,organization.name,owner.name,owner.email", "title customer owner owner_email"),
        ("name,customer.name,customer.id", "title customer customer_external_id"),
        ("name,company.name,company.id,owner.name", "title customer customer_external_id owner"),
        ("name,account.name,account_id.name", "title customer customer"),
        ("title,deal.organisation.name,stage.name", "title customer stage"),
    ],
)
def test_records_within_others_are_read_by_what_they_are_called(header: str, wanted: str) -> None:
    cells = {"name": "Acme", "value": "7", "id": "7", "email": "a@x.example", "title": "Weir"}
    row = [
        "Lead" if "stage" in each else cells[each.rpartition(".")[2]] for each in header.split(",")
    ]
    assert fields(D, f"{header}\n{','.join(row)}\n") == wanted.split()


def test_a_record_within_that_may_be_the_customer_is_asked_about() -> None:
    text = "title,stage,amount,buyer.name,creator.name\nWeir,lead,5,Acme,Ann\n"
    assert asked(D, text) == ["is buyer.name the customer?"]
