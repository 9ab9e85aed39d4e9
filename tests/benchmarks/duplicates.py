"""Finding the duplicates of 100,000 customers, and merging 10,000 of them, on both engines.

The names are drawn as names are: a few are common and most are rare. One in ten customers is there
twice, written otherwise, with what duplicates in a CRM differ by.
"""

import random
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

from crmctl.domain.kinds import Entity
from crmctl.models.base import new_id
from crmctl.models.customers import Customer
from crmctl.models.session import ChangeSet
from crmctl.services import changes
from crmctl.services.records import duplicates, numbers
from crmctl.services.tenancy import access
from crmctl.storage import db
from tests.benchmarks.databases import NOW, on_both_engines, run

CUSTOMERS, TWINS = 100_000, 10_000
#: Seconds that finding them may take, the reading of the database included.
TARGET = 60.0
_STARTS = [*"bdfghjklmnprstvwz", "br", "kr", "st", "sch"]
_ENDS = ["", "", "l", "n", "r", "s", "ck", "nd"]
_TRADES = ["Hotel", "Logistics", "Software", "Bakery", "Foods", "Motors", "Energy", "Pharma"]
_FORMS = ["Inc", "Ltd", "GmbH", "s.r.o.", "a.s.", "S.A.", "LLC", "BV", "AB", "Oy", ""]
_FREE = ["gmail.com", "outlook.com", "seznam.cz", "web.de"]


def main() -> bool:
    """Measure both; return whether the target was met."""
    met = True
    with on_both_engines(1) as urls:
        for engine, (url,) in urls.items():
            _fill(url)
            met &= _measure(engine, url)
    return met


def _fill(url: str) -> None:
    chance = random.Random(7)
    people = [_customer(chance, place) for place in range(CUSTOMERS - TWINS)]
    people += [_twin(chance, one) for one in chance.sample(people, TWINS)]
    chance.shuffle(people)
    with db.session(db.engine(url), write=True) as session:
        session.change = ChangeSet(at=NOW, actor="nobody", command="benchmark")
        access.enter(session, None, None, None)
        first = numbers.take(session, Entity.CUSTOMER, len(people))
        rows = [{"id": new_id(), "number": n, **one} for n, one in enumerate(people, first)]
        changes.insert_values(session, Customer, changes.stamped(session, Customer, rows))


def _word(chance: random.Random, names: int) -> str:
    """Return one of `names` names, as unevenly as names are (Zipf's law)."""
    drawn = random.Random(int(names ** chance.random()))
    parts = ((_STARTS, "aeiou", _ENDS) for _ in range(drawn.randrange(2, 4)))
    return "".join(drawn.choice(letters) for part in parts for letters in part).capitalize()


def _customer(chance: random.Random, place: int) -> dict[str, Any]:
    company = f"{_word(chance, 30_000)} {chance.choice(_TRADES)} {chance.choice(_FORMS)}".strip()
    domain = "".join(company.lower().replace(".", "").split()[:2]) + ".example"
    phone = f"+4930{chance.randrange(10**7, 10**8)}"
    if place % 3 == 0:
        return {"name": company, "website": f"www.{domain}", "phone": phone}
    first, last = _word(chance, 3_000), _word(chance, 60_000)
    host = chance.choice(_FREE) if place % 3 == 1 else domain
    mine = {"email": f"{first}.{last}{place}@{host}".lower()} if chance.random() < 0.8 else {}
    work = {"organisation": company} if place % 3 == 2 else {}
    return {"name": f"{first} {last}", "phone": phone, **mine, **work}


def _twin(chance: random.Random, one: dict[str, Any]) -> dict[str, Any]:
    """Return the same customer as another colleague wrote it down."""
    name, cut = one["name"], chance.randrange(1, len(one["name"]))
    written = (name.upper(), name[:cut] + name[cut + 1 :], " ".join(reversed(name.split())))
    kept = [key for key in ("email", "phone", "website") if key in one and chance.random() < 0.8]
    return {"name": chance.choice(written), **{key: one[key] for key in kept}}


def _measure(engine: str, url: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.toml")
        found = _timed(lambda: run(url, f"customer duplicates --plan {plan}"))
        groups = plan.read_text(encoding="utf-8").count("[[merge]]")
        merged = _timed(lambda: run(url, f"customer merge --plan {plan}"))
        undone = _timed(lambda: run(url, "undo"))
    print(f"{engine}: {CUSTOMERS} customers, {groups} groups found in {found:.1f} s")
    print(f"{engine}: merged in {merged:.1f} s, undone in {undone:.1f} s")
    print(f"{engine}: {_peak(url):.0f} MB at most")
    return found < TARGET


def _timed(action: Any) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _peak(url: str) -> float:
    tracemalloc.start()
    with db.session(db.engine(url)) as session:
        session.change = ChangeSet(at=NOW, actor="nobody", command="benchmark")
        access.enter(session, None, None, None)
        duplicates.find(session, 0.8)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
