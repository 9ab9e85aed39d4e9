"""Words for won, lost and open: those that are read, and those that are known to be some."""

from crmctl.domain.kinds import Status

_READ = {
    Status.WON: "won closedwon wonclosed win",
    Status.LOST: "lost closedlost lostclosed loss",
    Status.OPEN: "open active inprogress ongoing",
}
#: What is read as a status, in small letters and digits.
WORDS = {word: status for status, words in _READ.items() for word in words.split()}
# A column of such words is one of statuses; what each of them means is asked for.
_CLOSING_ELSEWHERE = (
    "gewonnen verloren gagne gagnee perdu perdue ganado ganada perdido perdida ganho ganha vinto"
    " vinta perso persa vunnen vunnet vundet tapt tabt forlorad wygrana wygrany przegrana przegrany"
    " vyhrano prohrano kazanildi kaybedildi abandoned cancelled canceled outsold"
)
_OPEN_ELSEWHERE = (
    "offen laufend inbearbeitung ouvert ouverte encours abierto abierta encurso aberto aberta"
    " emandamento aperto aperta incorso open lopend oppen pagaende aaben aben apen otwarta otwarty"
    " suspended onhold pending new"
)
#: Words for won or lost, in whatever language.
CLOSING = frozenset(word for word, status in WORDS.items() if status != Status.OPEN) | frozenset(
    _CLOSING_ELSEWHERE.split()
)
#: Words for won, lost or open, in whatever language.
STATUSES = CLOSING | frozenset(WORDS) | frozenset(_OPEN_ELSEWHERE.split())
