"""Columns of the numbers that people give customers and deals, in many languages."""

from collections.abc import Collection, Mapping
from functools import cache

from crmctl.domain.importing.columns.fields import Listed
from crmctl.domain.importing.units import folded, word_set
from crmctl.domain.kinds import Entity, ImportKind

#: What a number is called, short for it, and in one word with whom it is of.
_NUMBERS = word_set(
    "number no num nbr nr nummer numer numero numera nro numara numaras numarasi szam szama cislo"
    " kennung kennziffer codigo codice code kod kodu kode kodi tunnus azonosito id identifier"
    " identifiant reference ref referenz referencia riferimento номер код αριθμοσ κωδικοσ"
    " 番号 コート 编号 編號 号 번호"
)
_CUSTOMERS = word_set(
    "customer client cust account acct debitor debitoren debtor kund kunde kunden klant klanten"
    " cliente asiakas asiakkaan klient klienta zakaznik zakaznika zakaznicke ugyfel vevo musteri"
    " kontrahent kontrahenta abnehmer клиент клиента заказчика контрагента πελατη 顧客 得意先"
    " 取引先 客户 客戶 고객"
)
_DEALS = word_set(
    "deal card opportunity opportunite opportunita oportunidad oportunidade quote quotation offer"
    " order salesorder proposal estimate bid angebot angebots auftrag auftrags auftraegs bestell"
    " bestellung devis offre affaire commande presupuesto cotizacion oferta pedido orden negocio"
    " proposta orcamento encomenda offerta ordine preventivo trattativa offerte opdracht tilbud"
    " tilbuds ordre offert affar affars tarjous tarjouksen tilaus tilauksen oferty zamowienia"
    " zamowienie zlecenia nabidka nabidky zakazka zakazky objednavky ajanlat megrendeles rendeles"
    " arajanlat teklif siparis предложения заказа сделки договора προσφορασ παραγγελιασ 見積 見積書"
    " 案件 注文 商談 报价 报价单 報價 報價單 订单 訂單 商机 견적 주문"
)
#: What a record is called of which a system gives the id, and an id of another system.
_RECORDS = word_set(
    "record records external externals datensatz externe externer enregistrement externo externa"
    " registro registo esterno extern externt ekstern eksternt tietue tietueen ulkoinen post"
    " rekordu zewnetrzny zewnetrzne zaznamu externi rekord kulso kayit harici записи внешнии"
    " レコート 外部 记录 記錄 레코드 외부"
)
#: What an id is called: a number of a record may be another thing, as that of the post.
_IDS = word_set(
    "id identifier identifiant identificativo identificador identyfikator identifikator kennung"
    " tunnus tunniste azonosito kimligi идентификатор 标识 標識 識別子"
)
#: What stands between the two, where they are words of their own.
_BETWEEN = word_set("de des du del dela della dell di do da dos der van voor av of l la le el o os")
#: The fields of the numbers of customers and of deals, and of ids of records, by what is listed.
_FIELDS: Mapping[Listed, tuple[str, str, str]] = {
    Entity.CUSTOMER: ("external_id", "", "external_id"),
    Entity.DEAL: ("customer_external_id", "external_id", "external_id"),
    Entity.ACTIVITY: ("customer_external_id", "deal_external_id", "external_id"),
    ImportKind.HISTORY: ("", "deal_external_id", "deal_external_id"),
}


@cache
def numbered_field(name: str, entity: Listed) -> str:
    """Return the field of `entity` that a column of numbers is for by its `name`, if any.

    `Kundennummer` and `Código de cliente` are of customers, `Quote #` and `Angebotsnr.` of deals,
    `Datensatz-ID` and `ID esterno` of what is listed.
    """
    word = folded(name.replace("#", " no "))
    of_customers, of_deals, own = _FIELDS.get(entity, ("", "", ""))
    whose = _owners(word, _NUMBERS)
    if whose & _CUSTOMERS:
        return of_customers
    if whose & _DEALS:
        return of_deals
    return own if _owners(word, _IDS) & _RECORDS else ""


def _owners(word: str, numbers: Collection[str]) -> set[str]:
    """Return whose `numbers` a column may have that is called `word`: what else is in that."""
    found: set[str] = set()
    for each in numbers:
        if word.endswith(each):
            whose = word.removesuffix(each)
            found |= {whose, whose.removesuffix("s")}
    for each in (*numbers, "n"):
        if word.startswith(each):
            # The number of several is how many there are: these are words for one.
            whose = word.removeprefix(each)
            found |= {whose, *(whose.removeprefix(between) for between in _BETWEEN)}
    return found
