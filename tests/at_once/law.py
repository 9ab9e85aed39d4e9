"""The law of eight at once: what was told is stored, once, and nothing else is."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.at_once.checker import Row, Stored, amount, as_json, find_faults, row_edits
from tests.at_once.workload import EIGHT, Command, Workload, address
from tests.crm import Crm
from tests.processes.programs import Forks, ended

_EDITED = re.compile(r"^(D\d+) .*: amount (\S+) -> (\S+)$", re.MULTILINE)
_MOVED = re.compile(r"^(D\d+) .*: .+ -> .+$", re.MULTILINE)
#: What an import says that wrote some of its rows.
_PARTLY = ("imported as change", "stopped after line", "was saved", "note: kept")
#: What a command says that had nothing to do.
_NOTHING = ("nothing", "already", "is in ", "is not removed", "no change left")


@dataclass(frozen=True)
class Answer:
    """How a command ended, as it told who gave it."""

    command: Command
    code: int
    stdout: str
    stderr: str


def run(workload: Workload, url: str, forks: Forks, seed: int) -> list[Answer]:
    """Have eight processes do what the workload says, and return what each was told."""
    crm = Crm(url)
    for words in workload.before:
        done = crm(words)
        assert done.exit_code == 0, (words, done)
    started = [
        forks.start(
            f"{seed}-{worker}",
            input="".join(f"{json.dumps(each.words)}\n" for each in commands),
            way="journal",
        )
        for worker, commands in enumerate(workload.lists)
    ]
    assert len(started) == EIGHT
    answers = []
    for process, commands in zip(started, workload.lists, strict=True):
        end = ended(process)
        assert end.code == 0, end.stderr
        lines = map(json.loads, end.stdout.splitlines())
        answers += [Answer(each, *line) for each, line in zip(commands, lines, strict=True)]
    return answers


def check(url: str, workload: Workload, answers: list[Answer]) -> list[str]:
    """Return what is against the law."""
    stored = Stored(url)
    try:
        return [*find_faults(stored), *_Told(stored, workload).faults(answers)]
    finally:
        stored.close()


class _Told:
    """What the eight were told, beside what is stored."""

    def __init__(self, stored: Stored, workload: Workload) -> None:
        self._stored = stored
        self._workload = workload
        self._changes: dict[str, list[Row]] = defaultdict(list)
        for change in stored.rows("SELECT id, ref, reason, command FROM changes"):
            self._changes[str(change["reason"])].append(change)
        self._deals = {row["id"]: row for row in stored.rows("SELECT * FROM deals")}

    def faults(self, answers: list[Answer]) -> Iterator[str]:
        """Yield where what was told is not what is stored."""
        for answer in answers:
            yield from self._faults(answer)
        yield from self._sums()
        yield from self._traces(answers)

    def _faults(self, answer: Answer) -> Iterator[str]:
        command = answer.command
        name = f"{' '.join(command.words)}: {answer.code} {answer.stderr.strip()[-300:]}"
        # Who waits too long for others, on a machine that has much to do, is told to try again.
        failed = answer.code not in (0, 1, 2, 3, 5) and "try again" not in answer.stderr
        if failed or "unexpected" in answer.stderr:
            yield f"it failed: {name}"
        if "erase" in command.words:
            return
        written = self._changes[command.reason]
        if len(written) > 1:
            yield f"stored {len(written)} times: {name}"
        partly = command.kind == "deal move" or any(words in answer.stderr for words in _PARTLY)
        if written and answer.code and not partly:
            yield f"failed, and is stored: {name}"
        if not written and not answer.code and _says_that_it_wrote(answer):
            yield f"told, and not stored: {name}"
        if written:
            yield from self._effects(answer, written[0])

    def _effects(self, answer: Answer, change: Row) -> Iterator[str]:
        """Yield where a change is not what its command told."""
        edits = {
            self._ref(row["row_key"]): (as_json(row["before"]), as_json(row["after"]))
            for row in self._rows_of(change)
        }
        if answer.command.kind == "deal edit":
            for ref, before, after in _EDITED.findall(answer.stderr):
                told = [None if text == "-" else Decimal(text) for text in (before, after)]
                stored = [_decimal(each.get("amount")) for each in edits.get(ref, ({}, {}))]
                if ref in edits and told != stored:
                    yield f"{ref} told {told}, stored {stored}: {answer.stderr}"
        if answer.command.kind == "deal move":
            moved = sorted(_MOVED.findall(answer.stderr))
            if moved != sorted(ref for ref in edits if ref) and None not in edits:
                yield f"told moves of {moved}, stored of {sorted(map(str, edits))}"

    def _rows_of(self, change: Row) -> list[Row]:
        found = self._stored.rows("SELECT * FROM change_rows WHERE table_name = 'deals'")
        return [row for row in found if row["change_id"] == change["id"]]

    def _ref(self, row_key: str) -> str | None:
        deal = self._deals.get(row_key)
        return f"D{deal['number']}" if deal else None

    def _sums(self) -> Iterator[str]:
        """Yield the stages whose amounts are not the sum of what was told of each deal."""
        told: Counter[str] = Counter()
        last = {row["deal_id"]: row["stage"] for row in self._stored.rows(
            "SELECT deal_id, stage FROM deal_stage_history ORDER BY position")}  # fmt: skip
        edits = row_edits(self._stored, "deals")
        for deal_id, deal in self._deals.items():
            first = self._told_at_first(deal)
            if first is None:
                first = amount(deal["amount"]) - _moved(edits[deal_id])
            told[last[deal_id]] += first + _moved(edits[deal_id])  # type: ignore[assignment]
        query = "SELECT stage, sum(amount) AS amount FROM deals GROUP BY stage"
        for row in self._stored.rows(query):
            if amount(row["amount"]) != told[row["stage"]]:
                yield f"{row['stage']}: {row['amount']} stored, {told[row['stage']]} told"

    def _told_at_first(self, deal: Row) -> Decimal | None:
        """Return with which amount `deal add` added a deal."""
        reason = str(deal["title"]).removeprefix("Deal ")
        command = self._workload.commands.get(reason)
        if command is None or command.kind != "deal add":
            return None
        return Decimal(command.words[command.words.index("--amount") + 1])

    def _traces(self, answers: list[Answer]) -> Iterator[str]:
        """Yield the tables where somebody stands who was erased."""
        erased = [
            answer.command.words[2]
            for answer in answers
            if "erase" in answer.command.words and not answer.code
        ]
        for table, text in self._stored.texts():
            lowered = text.lower()
            for name in erased:
                if name.lower() in lowered or address(name) in lowered:
                    yield f"{name} was erased, and stands in {table}: {text[:400]}"


def _says_that_it_wrote(answer: Answer) -> bool:
    return not any(words in answer.stderr for words in _NOTHING)


def _moved(edits: list[tuple[Row, Row]]) -> Decimal:
    """Return by how much edits changed an amount, all in all."""
    total = Decimal(0)
    for before, after in edits:
        if before and after and "amount" in after:
            total += amount(after["amount"]) - amount(before["amount"])
    return total


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
