"""What each of eight does: seeded lists of commands on the same deals, customers and stages."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

EIGHT = 8
STAGES = ("lead", "qualified", "proposal", "negotiation", "won", "lost", "extra1", "extra2")
#: Stands in a command for any of the newest changes of anybody.
ANY = "{any}"
_PEOPLE = 20
_DEALS = 24
_SYLLABLES = ("va", "xo", "pi", "mar", "ul", "ta", "zeb", "qui", "lon", "dre", "fos", "gam")


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command of one of the eight, whose `reason` no other has."""

    reason: str
    words: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The noun and the verb, or `undo`."""
        return " ".join(self.words[:2]) if self.words[0] != "undo" else "undo"


class Workload:
    """The commands of all eight, the same for the same seed."""

    def __init__(self, seed: int, folder: Path, length: int) -> None:
        self._random = random.Random(seed)
        self._folder = folder
        self._names: list[str] = []
        self._files = 0
        self.before = [*self._beginning()]
        self.lists = [[*self._list(worker, length)] for worker in range(EIGHT)]

    @property
    def commands(self) -> dict[str, Command]:
        """The commands of all, by their reasons."""
        return {each.reason: each for commands in self.lists for each in commands}

    def _beginning(self) -> Iterator[tuple[str, ...]]:
        yield "init", "Acme", "--user", "Uma"
        yield from (("user", "add", f"W{worker}") for worker in range(EIGHT))
        yield "stage", "add", "extra1"
        people = self._folder / "people.csv"
        names = [self._new_name() for _ in range(_PEOPLE)]
        people.write_text("name,email\n" + "".join(f"{n},{address(n)}\n" for n in names))
        yield "import", "customers", str(people)
        deals = self._folder / "deals.csv"
        rows = (f"Weir {n},{n},{names[n % _PEOPLE]}\n" for n in range(1, _DEALS + 1))
        deals.write_text("title,amount,customer\n" + "".join(rows))
        yield "import", "deals", str(deals)

    def _new_name(self) -> str:
        while True:
            words = ("".join(self._random.choices(_SYLLABLES, k=3)).title() for _ in range(2))
            name = " ".join(words)
            if name not in self._names:
                self._names.append(name)
                return name

    def _list(self, worker: int, length: int) -> Iterator[Command]:
        makers, weights = zip(*self._makers().items(), strict=True)
        for number in range(length):
            reason = f"w{worker}-{number}"
            (make,) = self._random.choices(makers, weights)
            words = make(reason)
            shared = ("--as", f"W{worker}")
            # An erasure has no reason: it is known by whom it erases.
            told = () if "erase" in words else ("--reason", reason)
            yield Command(reason=reason, words=(*words, *told, *shared))

    def _makers(self) -> dict[Callable[[str], tuple[str, ...]], int]:
        return {
            self._deal_add: 4, self._deal_edit: 5, self._deal_customer: 2, self._deal_move: 5,
            self._deal_remove: 1, self._customer_add: 2, self._customer_edit: 3,
            self._activity_add: 1, self._merge: 3, self._erase: 2, self._stage_add: 1,
            self._stage_remove: 2, self._import_deals: 3, self._import_customers: 1,
            self._undo: 3, self._undo_any: 4,
        }  # fmt: skip

    def _deal(self) -> str:
        return f"D{self._random.randint(1, _DEALS + 8)}"

    def _customer(self) -> str:
        if self._random.random() < 0.3:
            return self._random.choice(self._names)
        return f"C{self._random.randint(1, _PEOPLE + 4)}"

    def _amount(self) -> str:
        return str(self._random.randint(1, 9999))

    def _deal_add(self, reason: str) -> tuple[str, ...]:
        words = ("deal", "add", f"Deal {reason}", "--amount", self._amount())
        return (*words, "--customer", self._customer(), "--stage", self._stage())

    def _stage(self) -> str:
        # In extra2 nothing is, unless it is added.
        return self._random.choice(STAGES)

    def _deal_edit(self, reason: str) -> tuple[str, ...]:
        return "deal", "edit", self._deal(), "--amount", self._amount()

    def _deal_customer(self, reason: str) -> tuple[str, ...]:
        return "deal", "edit", self._deal(), "--customer", self._customer()

    def _deal_move(self, reason: str) -> tuple[str, ...]:
        deals = {self._deal() for _ in range(self._random.choice((1, 1, 3)))}
        return "deal", "move", *sorted(deals), self._stage(), "--keep-going"

    def _deal_remove(self, reason: str) -> tuple[str, ...]:
        return "deal", self._random.choice(("remove", "restore")), self._deal()

    def _customer_add(self, reason: str) -> tuple[str, ...]:
        name = self._new_name()
        return "customer", "add", name, "--email", address(name)

    def _customer_edit(self, reason: str) -> tuple[str, ...]:
        phone = f"+4420794{self._random.randint(10000, 99999)}"
        return "customer", "edit", self._customer(), "--phone", phone

    def _activity_add(self, reason: str) -> tuple[str, ...]:
        return "activity", "add", "note", f"Note {reason}", "--customer", self._customer()

    def _merge(self, reason: str) -> tuple[str, ...]:
        return "customer", "merge", self._customer(), self._customer()

    def _erase(self, reason: str) -> tuple[str, ...]:
        return "customer", "erase", self._random.choice(self._names), "--yes"

    def _stage_add(self, reason: str) -> tuple[str, ...]:
        return "stage", "add", self._random.choice(("extra1", "extra2"))

    def _stage_remove(self, reason: str) -> tuple[str, ...]:
        gone = self._random.choice(("extra1", "extra2", "negotiation"))
        return "stage", "remove", gone, "--move-to", self._random.choice(("lead", "qualified"))

    def _import_deals(self, reason: str) -> tuple[str, ...]:
        stages = ("lead", "qualified", "proposal", "won")
        rows = (
            f"{n},Import {n},{self._amount()},{self._random.choice(stages)},Fell {n % 7}\n"
            for n in sorted(self._random.sample(range(1, 31), 12))
        )
        file = self._file("external_id,title,amount,stage,customer\n" + "".join(rows))
        steps = self._random.choice(((), ("--batch", "3")))
        return ("import", "deals", file, "--create-missing", "customers", *steps)

    def _import_customers(self, reason: str) -> tuple[str, ...]:
        people = sorted(self._random.sample(range(7), 4))
        if self._random.random() < 0.5:
            return (
                "import",
                "customers",
                self._file("name\n" + "".join(f"Fell {n}\n" for n in people)),
            )
        rows = (f"Moor {n},moor{n}@moor.example,+4420794{n:05}\n" for n in people)
        steps = self._random.choice(((), ("--batch", "2")))
        return "import", "customers", self._file("name,email,phone\n" + "".join(rows)), *steps

    def _file(self, text: str) -> str:
        self._files += 1
        file = self._folder / f"rows{self._files}.csv"
        file.write_text(text)
        return str(file)

    def _undo(self, reason: str) -> tuple[str, ...]:
        return ("undo",)

    def _undo_any(self, reason: str) -> tuple[str, ...]:
        return "undo", ANY


def address(name: str) -> str:
    """Return the e-mail address of the person of that name."""
    return f"{name.lower().replace(' ', '.')}@example.com"
