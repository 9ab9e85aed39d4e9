"""Lines that a report ends with: who made it, whose it is, and how much is in it."""

import re
from functools import cache

from crmctl.domain.importing.findings import Certainty, Finding

_TOTALS = (
    r"(?:grand|sub|overall|running|sum|report|page)?[ -]?totals?(?: (?:general|général|geral"
    r"|amount|value|sum|deals|rows|records|pipeline|generale|complessivo))?"
    r"|(?:gesamt|zwischen|end)?(?:summe|gesamt|ergebnis)|insgesamt|gesamtbetrag|gesamtwert"
    r"|sous[ -]total|somme|suma(?: total)?|subtotal|totale|totaal|subtotaal|summa|delsumma|sum"
    r"|razem|suma końcowa|celkem|součet|összesen|toplam|итого|всего|合計|总计|average|count"
)
#: How much there is, as `3 records`.
COUNT = (
    r"\(?\d[\d.,]* (?:records?|rows?|deals?|items?|results?|opportunit(?:y|ies)|contacts?"
    r"|customers?|accounts?|compan(?:y|ies)|einträge|datensätze)\)?"
)
# `Total`, `Grand totals (3 records):`, `Total: 3 deals`, `Total 2026`, `3 records`.
_TOTAL = rf"(?:(?:{_TOTALS})(?:\s*:?\s*(?:{COUNT}|\(\d+\)|\d{{4}}|[A-Z]{{3}}))?|{COUNT})\s*[:=.]?"
_FOOTER = (
    r"(?:printed|generated|exported|downloaded|created (?:by|on|at)|report(?:ed)? |as of |page \d"
    r"|source:|data source|copyright|©|\(c\) |confidential|filtered by|filters?:|end of (?:report|"
    r"file|list)|prepared (?:by|for)|run (?:on|at|by) |gedruckt|erstellt (?:am|von)|stand:|quelle:"
    r"|imprimé|généré|impreso|generado|stampato|-{3,}|={3,}|\* |vertrauliche? |informations?"
    r" confidentielle|información confidencial|informazioni riservate|informações confidenciais"
    r"|vertrouwelijke? |exportiert|exporté|exportado|esportato).*"
)
#: Lines of a file that are left out as what a report ends with.
LEFT_OUT = Finding(
    certainty=Certainty.DECIDED,
    text="lines left out as the footer of a report",
    one="line left out as the footer of a report",
    count=1,
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return `pattern` compiled when it is needed: most files have no line that is asked."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def is_total(text: str) -> bool:
    """Return whether `text` is what the sum of rows, or their number, is called."""
    return bool(_compiled(_TOTAL).fullmatch(text))


def is_footer(text: str) -> bool:
    """Return whether `text` is a line that reports end with, and no record."""
    return bool(_compiled(_FOOTER).fullmatch(text))
