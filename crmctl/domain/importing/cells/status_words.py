"""Words for won, lost and open: those that are read, and those that are known to be some."""

from collections.abc import Iterator
from functools import lru_cache

from crmctl.domain.importing.units import folded, word_set, words_of
from crmctl.domain.kinds import Status


def _words(text: str) -> Iterator[str]:
    return (folded(word) for word in text.split(","))


#: What deals, or sales, are that were won or lost, in each language in all its forms. Columns of
#: yes and no are called so as well.
_WON = (
    "won, win, gewonnen, gagné, gagnée, gagnés, gagnées, ganado, ganada, ganados, ganadas, ganho,"
    " ganha, ganhos, ganhas, vinto, vinta, vinti, vinte, vunnen, vunnet, vundet, voitettu,"
    " wygrana, wygrany, wygrane, wygrano, vyhráno, vyhraný, vyhraná, vyhrané, vyhraté, vyhratý,"
    " megnyert, nyert, megnyerve, kazanildi, kazanilan, kazanilmis, câștigat, câștigată,"
    " выиграно, выиграна, выигран, выиграли, виграно, виграна, κερδισμένη, κερδισμένο, κερδήθηκε,"
    " võidetud, uzvarēts, laimėta, спечелена, 受注, 成約, 赢单, 贏單, 已赢单, 赢得, 성사, 수주"
)
_LOST = (
    "lost, loss, verloren, perdu, perdue, perdus, perdues, perdido, perdida, perdidos, perdidas,"
    " perso, persa, persi, perse, tapt, tabt, förlorad, förlorat, förlorade, hävitty, menetetty,"
    " przegrana, przegrany, przegrane, przegrano, utracona, utracony, utracone, stracona,"
    " stracone, prohráno, prohraný, prohraná, prohrané, prehraté, prehratý, elveszett,"
    " elvesztett, elveszítve, kaybedildi, kaybedilen, kaybedilmiş, pierdut, pierdută, проиграно,"
    " проиграна, проигран, проиграли, потеряно, потеряна, програно, програна, χαμένη, χαμένο,"
    " χάθηκε, kaotatud, zaudēts, pralaimėta, загубена, 失注, 输单, 輸單, 已输单, 丢单, 실주"
)
_OPEN = (
    "open, active, in progress, ongoing, pending, offen, laufend, in Bearbeitung, aktiv, ouvert,"
    " ouverte, ouverts, ouvertes, en cours, actif, active, abierto, abierta, abiertos, abiertas,"
    " en curso, activo, activa, aberto, aberta, abertos, abertas, em aberto, em andamento, ativo,"
    " ativa, aperto, aperta, aperti, aperte, in corso, attivo, attiva, lopend, actief, öppen,"
    " öppet, öppna, pågående, åben, åbent, åbne, åpen, åpent, åpne, avoin, avoinna, otwarta,"
    " otwarty, otwarte, w toku, otevřeno, otevřený, otevřená, otevřené, otvorené, otvorený,"
    " nyitott, folyamatban, acik, devam ediyor, deschis, deschisă, открыто, открыта, открыт,"
    " открытая, в работе, активна, відкрито, відкрита, ανοιχτή, ανοιχτό, σε εξέλιξη, avatud,"
    " atvērts, atvira, отворена, 進行中, 商談中, 进行中, 跟进中, 진행중, 진행 중"
)
# A column of such words is one of statuses; what each of them means is asked for.
_ASKED = word_set("abandoned cancelled canceled outsold suspended onhold new")
#: What is said of deals that are not there any more.
_REMOVED = frozenset(
    _words(
        "deleted, trashed, gelöscht, supprimé, supprimée, eliminado, eliminada, borrado, borrada,"
        " excluído, excluída, eliminato, eliminata, verwijderd, raderad, borttagen, slettet,"
        " poistettu, usunięty, usunięta, usunięte, smazáno, smazaný, törölt, törölve, silindi,"
        " удалено, удалена, διαγραμμένη, διαγραμμένο, 削除済み, 削除済, 已删除, 삭제됨"
    )
)
_CLOSING_ASKED = word_set("abandoned cancelled canceled outsold")
#: What stands beside such a word and says no more: `Closed Won`, `Geschlossen/Gewonnen`.
_BESIDE = word_set(
    "closed close deal deals and is geschlossen abgeschlossen und ist ferme fermee cloture cloturee"
    " et affaire cerrado cerrada cierre y negocio fechado fechada fechamento e chiuso chiusa"
    " trattativa gesloten afgesloten en stangd och avsluttet lukket og zamkniete zamknieta"
    " zamkniety i szansa uzavreno uzavreny lezart lezarva kapali закрыто закрыта сделка и"
)


#: What columns of yes and no are called, which say whether a deal is won, or lost.
WON_NAMES, LOST_NAMES = tuple(_words(_WON)), tuple(_words(_LOST))
#: What each word means, in small letters without accents.
_MEANINGS = {
    word: status
    for status, words in (
        (Status.OPEN, tuple(_words(_OPEN))),
        (Status.WON, WON_NAMES),
        (Status.LOST, LOST_NAMES),
    )
    for word in words
}


@lru_cache(4096)
def meaning(text: str, *, alone: bool = False) -> Status | None:
    """Return what `text` says of a deal, in whatever language; None where it is not known.

    With `alone`, the word has to be all of the text.
    """
    found = _MEANINGS.get(folded(text))
    if found or alone:
        return found
    said = {_MEANINGS.get(word) for word in words_of(text) if word not in _BESIDE}
    only = said.pop() if len(said) == 1 else None
    return only if only != Status.OPEN else None


def closing(text: str, *, alone: bool = False) -> Status | None:
    """Return whether `text` says won or lost; None where it says anything else."""
    found = meaning(text, alone=alone)
    return found if found != Status.OPEN else None


def is_closing(text: str) -> bool:
    """Return whether `text` says that a deal is closed in some way, also one that is asked for."""
    return bool(closing(text)) or folded(text) in _CLOSING_ASKED


def is_status(text: str) -> bool:
    """Return whether `text` is a word for won, lost or open, also one that is asked for."""
    return bool(meaning(text)) or folded(text) in _ASKED or is_removed(text)


def is_removed(text: str) -> bool:
    """Return whether `text` says of a deal that it is deleted."""
    return folded(text) in _REMOVED
