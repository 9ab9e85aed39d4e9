"""The way of a deal through the stages, put together from what a file and the database say."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crmctl.domain.importing.cells.values import When
from crmctl.domain.importing.timeline import FileEntry, Merged, merge, path, stage_columns
from crmctl.domain.kinds import Status

ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Entry:
    """A recorded stage."""

    stage: str
    entered_at: datetime
    pipeline: str = "default"
    entered_on: date | None = None

    @property
    def status(self) -> Status:
        """What a stage of that name means."""
        return status(self.stage)


def status(stage: str) -> Status:
    """Return what a stage called so means."""
    return Status(stage) if stage in tuple(Status) else Status.OPEN


def day(number: int) -> datetime:
    """Return the beginning of a day in January."""
    return datetime(2026, 1, number, tzinfo=UTC)


def stated(text: str) -> list[FileEntry]:
    """Return what lines such as `lead 3` tell: a stage and the day on which it was entered."""
    lines = (line.split() for line in text.split(","))
    return [
        FileEntry(
            line=number,
            when=When(day(int(at)), day(int(at)).date()),
            pipeline="default",
            stage=stage,
            status=status(stage),
        )
        for number, (stage, at) in enumerate(lines, 2)
    ]


def recorded(text: str) -> list[Entry]:
    """Return recorded stages, each entered at nine o'clock."""
    lines = (line.split() for line in text.split(","))
    return [Entry(stage, day(int(at)).replace(hour=9)) for stage, at in lines]


COLUMNS = {
    'Date entered "Closed won (Sales Pipeline)"': ("Closed won (Sales Pipeline)", "Closed won"),
    'Date entered "Demo"': ("Demo", None),
    "Date Entered 'Demo (Q1) (Sales)'": ("Demo (Q1) (Sales)", "Demo (Q1)"),
    "hs_date_entered_closedwon": ("closedwon", None),
    "hs_v2_date_entered_1234567": ("1234567", None),
}
NO_COLUMNS = [
    'Date exited "Demo"', "hs_v2_date_exited_1", "Date entered current stage", "Date entered",
    "hs_v2_date_entered_current_stage", "Close Date",
]  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_stages(name: str) -> None:
    (found,) = stage_columns(["id", name])
    assert (found.position, found.name) == (1, name)
    assert (found.stage, found.inner) == COLUMNS[name]


def test_other_columns() -> None:
    assert stage_columns(NO_COLUMNS) == []


def test_a_path_is_in_order_and_repeats_nothing() -> None:
    found = path(stated("won 9,lead 1,lead 1,demo 3,lead 3,lead 4,won 9"))
    assert [each.stage for each in found] == ["lead", "demo", "lead", "won"]


#: What a file says, what is recorded, how many entries come before, and the line of the first.
MERGES = {
    "all that came before": ("lead 1,demo 3,won 5", "won 20", 2, 4),
    "a time alone": ("won 5", "won 20", 0, 2),
    "the same": ("lead 1,won 5", "lead 1,won 5", 0, 2),
    "the same and less": ("won 5", "lead 1,won 5", 0, None),
    "before what was moved by hand": ("lead 1,demo 3", "demo 6,won 8", 1, 3),
    "with what was moved by hand": ("lead 1,demo 3,won 8", "demo 6,won 8", 1, 3),
    "all but the end that closed it": ("lead 1,demo 3", "won 5", 2, None),
    "a stage twice": ("lead 1,demo 3,lead 5", "lead 20", 2, 4),
    "a stage twice, all known": ("lead 1,demo 3,lead 5", "lead 1,demo 3,lead 5", 0, 2),
}  # fmt: skip
CONTRADICTIONS = {
    "another end": ("lead 1,lost 3", "won 5"),
    "an end behind": ("lead 1,demo 7", "won 5"),
    "another end before what is recorded": ("lead 1,demo 3", "lead 4"),
    "another time later": ("lead 1,won 6", "lead 1,won 5"),
    "something between": ("lead 1,demo 3,won 5", "lead 1,won 5"),
    "later than what followed": ("lead 7", "lead 1,won 5"),
    "less than is recorded in between": ("lead 1,won 5", "lead 3,demo 4,won 5"),
    "another order": ("demo 1,lead 3,won 5", "lead 1,demo 3,won 5"),
}


@pytest.mark.parametrize("name", MERGES)
def test_merging(name: str) -> None:
    said, known, before, first = MERGES[name]
    way = stated(said)
    merged = merge(way, recorded(known), ZONE)
    assert merged is not None
    assert list(merged.before) == way[:before]
    assert (merged.first.line if merged.first else None) == first


#: What a file says, what is recorded, of how many entries somebody said when, how many of the
#: file's come before and after, and how many of the recorded ones give way.
GOING_ON = {
    "behind the only one": ("lead 1,demo 3", "lead 1", 1, 0, 1, 0),
    "behind all that is recorded": ("lead 1,won 5,lead 7", "lead 1,won 5", 2, 0, 1, 0),
    "from the last that is recorded on": ("won 5,lead 7", "lead 1,won 5", 2, 0, 1, 0),
    "with none that is recorded": ("demo 7,lead 9", "lead 1,won 5", 2, 0, 2, 0),
    "on both sides": ("demo 1,lead 3,won 5,lead 7", "lead 3,won 5", 2, 1, 1, 0),
    "before a time that nobody said": ("lead 1,demo 3", "lead 20", 0, 0, 1, 0),
    "in place of a last one": ("lead 1,demo 3,won 5", "lead 1,won 20", 1, 0, 2, 1),
    "in place of several": ("lead 1,demo 3,won 5", "lead 1,demo 20,won 22", 1, 0, 2, 2),
    "in place of none, for it is said": ("lead 1,won 20", "lead 1,won 20", 1, 0, 0, 0),
    "not as far as the last one": ("lead 1,demo 3", "lead 1,won 20", 1, 0, 1, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", GOING_ON)
def test_history_goes_on(name: str) -> None:
    said, known, timed, before, after, replaced = GOING_ON[name]
    way = stated(said)
    merged = merge(way, recorded(known), ZONE, timed=timed)
    assert merged is not None
    assert list(merged.before) == way[:before]
    assert list(merged.after) == way[len(way) - after :]
    assert merged.replaced == replaced


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions(name: str) -> None:
    said, known = CONTRADICTIONS[name]
    assert merge(stated(said), recorded(known), ZONE) is None


def test_nothing_is_lost_by_merging_twice() -> None:
    way = stated("lead 1,demo 3,won 5")
    first = merge(way, recorded("won 20"), ZONE)
    assert isinstance(first, Merged)
    known = [Entry(each.stage, each.when.at) for each in way]
    again = merge(way, known, ZONE)
    assert again is not None
    assert (list(again.before), again.first) == ([], way[0])
