"""Columns of the numbers that people give customers and deals, in many languages."""

import re
from collections.abc import Mapping
from functools import cache

from crmctl.domain.importing.columns.fields import Listed
from crmctl.domain.importing.units import folded
from crmctl.domain.kinds import Entity, ImportKind

#: What a number is called, short for it, and in one word with whom it is of.
_NUMBER = (
    "number no num nbr nr nummer numer numero numera nro numaras?i? szama? cislo kennung kennziffer"
    " codigo codice code kodu? kod kode kodi tunnus azonosito id identifier identifiant"
    " reference ref referenz referencia riferimento номер код id αριθμος κωδικος"
    " 番号 コート コード no 编号 編號 号 번호"
)
_CUSTOMER = (
    "customers? clients? cust accounts? acct debitor(?:en)? debtor kund(?:en?s?)? klant(?:en)?"
    " clientes? asiakas asiakkaan klienta? zakaznika? zakaznicke ugyfel vevo musteri kontrahenta?"
    " abnehmer клиента? заказчика контрагента πελατη 顧客 得意先 取引先 客户 客戶 고객"
)
_DEAL = (
    "deals? opportunity opportunit[ae]? oportunidad(?:e)? quotes? quotations? offers? orders?"
    " salesorders? proposals? estimates? bids? angebots? angebote offerten? auftrags? auftraege"
    " bestell(?:ung)? devis offre affaire commande presupuesto cotizacion oferta pedido orden"
    " negocio proposta orcamento encomenda offerta ordine preventivo trattativa offertes? orders?"
    " opdracht tilbuds? ordre ordrer offerts? affars? tarjouks?(?:en)? tarjous tilauks?(?:en)?"
    " tilaus oferty zamowieni[ae] zlecenia nabidk[ay] nabidky zakazk[ay] objednavky ajanlat"
    " megrendeles rendeles arajanlat teklif siparis предложения заказа сделки договора προσφορας"
    " παραγγελιας 見積 見積書 案件 注文 商談 报价单? 報價單? 订单 訂單 商机 견적 주문"
)
#: What stands between the two, where they are words of their own.
_BETWEEN = "(?:de|des|du|del|della|dell|di|do|da|dos|der|van|voor|av|for|の)?(?:l|la|le|el|o|os)?"
#: The fields of the numbers of customers and of deals, by what is listed.
_FIELDS: Mapping[Listed, tuple[str, str]] = {
    Entity.CUSTOMER: ("external_id", ""),
    Entity.DEAL: ("customer_external_id", "external_id"),
    Entity.ACTIVITY: ("customer_external_id", "deal_external_id"),
    ImportKind.HISTORY: ("", "deal_external_id"),
}


@cache
def numbered_field(name: str, entity: Listed) -> str:
    """Return the field of `entity` that a column of numbers is for by its `name`, if any.

    `Kundennummer` and `Código de cliente` are of customers, `Quote #` and `Angebotsnr.` of deals.
    """
    word = folded(name.replace("#", " no "))
    of_customers, of_deals = _FIELDS.get(entity, ("", ""))
    if _of(_CUSTOMER).fullmatch(word):
        return of_customers
    return of_deals if _of(_DEAL).fullmatch(word) else ""


@cache
def _of(whose: str) -> re.Pattern[str]:
    """Return what the numbers of those are called who are called as one of the words `whose`."""
    owners, numbers = ("|".join(_comparable(text).split()) for text in (whose, _NUMBER))
    # The number of several is how many there are.
    one = owners.replace("s?", "")
    return re.compile(f"(?:{owners})(?:{numbers})|(?:n|{numbers}){_BETWEEN}(?:{one})")


def _comparable(text: str) -> str:
    """Return words as names of columns are compared: some letters lose their marks."""
    return " ".join(
        re.sub(r"[^\W\d_]+", lambda word: folded(word[0]), each) for each in text.split()
    )
