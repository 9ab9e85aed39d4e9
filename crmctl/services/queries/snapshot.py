"""The data as it was: the present, with the changes that came later taken back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlmodel import col

from crmctl.domain import times
from crmctl.errors import NotFound, UsageError
from crmctl.models.base import Columns, Owned, Values
from crmctl.models.changes import Change, ChangeRow
from crmctl.models.deals import Deal, StageEntry
from crmctl.models.pipelines import Pipeline, Stage
from crmctl.models.session import CrmSession
from crmctl.models.tenants import Company, Franchise, User
from crmctl.services import changes
from crmctl.services.pipeline import rules
from crmctl.services.queries.backfilling import backfilled, entered, same_entry
from crmctl.services.queries.closing_days import entered_by
from crmctl.services.queries.row_past import LaterEntry, in_order, row_before
from crmctl.services.records.references import ambiguous, find_named
from crmctl.storage import dialects
from crmctl.storage.lookups import batches, rows_by
from crmctl.storage.scope import in_company, same_company
from crmctl.storage.tables import Query, QueryColumn, key_columns, table_of

Model = TypeVar("Model", bound=Owned)


class Snapshot:
    """What a company's tables held at the time `at`; they are the tables of now if that is now.

    What did not change since is read from the tables by queries that `untouched` narrows, and
    what did is in `touched`: so the past costs what changed since, not what there is.

    Where deals were is what their history says, which may have been recorded later: deals that were
    recorded later but had begun by then are in `backfilled`. What they refer to and was recorded
    later as well is taken as it first was. With `recorded`, all is as it was shown then.
    """

    def __init__(
        self,
        session: CrmSession,
        now: datetime,
        as_of: datetime | None = None,
        *,
        recorded: bool = False,
    ) -> None:
        if as_of and as_of > now:
            raise UsageError(f"--as-of: {_said(session, as_of)} has not come yet")
        self.session = session
        self.at = as_of or now
        self.past = as_of is not None and as_of < now
        self._recorded = recorded
        self._rewritten: list[Values] = []
        self._now: dict[type[Owned], dict[str, Values]] = {}
        self._then: dict[type[Owned], dict[str, Values | None]] = {}
        self._touched: dict[type[Owned], dict[str, Values | None]] = {}

    @property
    def _when(self) -> str:
        return _said(self.session, self.at)

    @cached_property
    def company(self) -> Company:
        """The company; raises NotFound where there was none yet."""
        for row in self.rows(Company):
            return row
        raise NotFound(f"there was no such company yet at {self._when}")

    @cached_property
    def processes(self) -> dict[str, rules.SalesProcess]:
        """Every pipeline with its stages, by key; raises NotFound where there was none yet."""
        found = rules.arranged(self.rows(Pipeline), self.rows(Stage))
        if not found and self.past:
            raise NotFound(f"there was no pipeline yet at {self._when}")
        return found

    def rows(self, model: type[Model]) -> list[Model]:
        """Return every row of a table that is small."""
        table = table_of(model)
        mine = select(table).where(in_company(self.session, table))
        present = [dict(row._mapping) for row in self.session.execute(mine)]
        if not self.past:
            return [model(**values) for values in present]
        by_key = {_key(model, values): values for values in present}
        then = {**by_key, **self._taken_back(model, by_key)}
        later = self._referred(model, then)
        known = {**self._known(then), **later}
        return [model(**values) for values in known.values() if values]

    def _referred(self, model: type[Owned], then: Mapping[str, Values | None]) -> dict[str, Values]:
        """Return those of `then` that were recorded later and that backfilled deals refer to."""
        later = {
            key: values
            for key, values in then.items()
            if values and values["created_in"] in self._later
        }
        if not later or self._recorded:
            return {}
        self.touched(Deal)
        deals = [*self._backfilled, *self._rewritten]
        if not deals:
            return {}
        named = _names_of(model, deals)
        if model is Stage:
            # Of a pipeline that was recorded later, all stages are shown, as those of any other.
            keys = {deal["pipeline"] for deal in deals}
            there = {row.key for row in self.rows(Pipeline) if row.created_in not in self._later}
            named |= {key for key in later if later[key]["pipeline"] in keys - there}
        return {key: values for key, values in later.items() if key in named}

    @cached_property
    def backfilled(self) -> list[Values]:
        """The deals that were recorded later, where their history says that they were.

        Their stage, and when they entered it or were closed, is what it says; their amount as
        well where it says one; everything else is what was first recorded of them.
        """
        return [deal for deal in self._backfilled if self.has_stage(deal)]

    def has_stage(self, deal: Columns) -> bool:
        """Return whether the stage of `deal` was there."""
        process = self.processes.get(deal["pipeline"])
        return process is not None and process.stage(deal["stage"]) is not None

    @cached_property
    def _backfilled(self) -> list[Values]:
        if not self.past or self._recorded:
            return []
        first = self._first_recorded()
        found = []
        for batch in batches(sorted(first)):
            found += [
                backfilled(first[entry["deal_id"]], entry) for entry in self._last_entries(batch)
            ]
        return found

    def _first_recorded(self) -> dict[UUID, Values]:
        """Return the deals that were recorded later and had begun by then, by id.

        They are as they were first recorded, but for how many entries they have by now, and when
        they are closed.
        """
        then = self._rows_then(Deal)
        table, entry = table_of(Deal), table_of(StageEntry)
        # Not joined: SQLite would begin with the history, all of it.
        begun = exists().where(
            same_company(entry, table),
            entry.c.deal_id == table.c.id,
            entry.c.position == 1,
            self._entered(),
        )
        mine = select(table).where(in_company(self.session, table), begun)
        found: dict[UUID, Values] = {}
        # Named one by one: of all that came later, PostgreSQL expects as many deals as an import
        # brought, and reads the whole table for them.
        for row in rows_by(self.session, mine, table.c.created_in, sorted(self._later)):
            now = dict(row._mapping)
            first = then.get(_key(Deal, now), now)
            if first:
                found[now["id"]] = {**first, **_ends(now)}
        return found

    def _entered(self) -> ColumnElement[bool]:
        """Return the condition that a stage was entered by then."""
        return entered_by(self.at, times.zone(self.session.timezone))

    def _by_history(self, rows: dict[str, Values | None]) -> dict[str, Values | None]:
        """Return `rows` of deals with the stage that each was in by what its history says now."""
        last: dict[UUID, Values] = {}
        for batch in batches(sorted(values["id"] for values in rows.values() if values)):
            last |= {entry["deal_id"]: entry for entry in self._last_entries(batch)}
        found = dict(rows)
        for key, values in rows.items():
            now = self._now[Deal].get(key)
            # Of what is gone for good, there is no history.
            if values is None or now is None:
                continue
            entry = last.get(values["id"])
            if entry is None:
                found[key] = None
            elif not same_entry(values, entry):
                found[key] = entered({**values, **_ends(now)}, entry)
                self._rewritten.append(found[key] or {})
        return found

    def _last_entries(self, ids: Sequence[UUID]) -> Iterator[Values]:
        """Yield the last stage that each of these deals had entered by then."""
        table = table_of(StageEntry)
        mine = (
            in_company(self.session, table),
            table.c.deal_id.in_(ids),
            self._entered(),
        )
        last: dict[UUID, Values] = {}
        for row in self.session.execute(select(table).where(*mine).order_by(table.c.position)):
            last[row.deal_id] = dict(row._mapping)
        yield from last.values()

    def untouched(self, model: type[Owned]) -> list[ColumnElement[bool]]:
        """Return conditions that choose the rows of `model` that are as they were."""
        if not self.past:
            return []
        table = table_of(model)
        return [
            table.c.created_in.not_in(self._later_changes()),
            table.c.id.not_in(self.keys(model)),
        ]

    def keys(self, model: type[Owned]) -> Query:
        """Return a query for the ids of the rows of `model` that were changed since."""
        key = col(ChangeRow.row_key)
        ids = dialects.id_of_text(self.session, key)
        return self._entries_of(model, ids)

    def touched(self, model: type[Owned]) -> dict[str, Values | None]:
        """Return the rows of `model` that were changed since, by key; None for what was not there.

        Rows that were only created since are not among them.
        """
        if not self.past:
            return {}
        if model not in self._touched:
            known = self._known(self._rows_then(model))
            moved = model is Deal and not self._recorded
            self._touched[model] = self._by_history(known) if moved else known
        return self._touched[model]

    def _rows_then(self, model: type[Owned]) -> dict[str, Values | None]:
        """Return the rows of `model` that were changed since, by key, as they were or began."""
        if model not in self._then:
            table = table_of(model)
            chosen = select(table).where(
                in_company(self.session, table), table.c.id.in_(self.keys(model))
            )
            present = [dict(row._mapping) for row in self.session.execute(chosen)]
            self._now[model] = {_key(model, values): values for values in present}
            self._then[model] = self._taken_back(model, self._now[model])
        return self._then[model]

    def fields(
        self, model: type[Owned], ids: Iterable[UUID | None], names: Sequence[str]
    ) -> dict[UUID, Values]:
        """Return the fields `names` of the rows of `model` with these `ids`, by id."""
        wanted = sorted({id for id in ids if id})
        table = table_of(model)
        columns = [table.c[name] for name in names]
        found: dict[UUID, Values] = {}
        for batch in batches(wanted):
            chosen = select(table.c.id, *columns).where(
                in_company(self.session, table),
                table.c.id.in_(batch),
            )
            for id, *values in self.session.execute(chosen):
                found[id] = dict(zip(names, values, strict=True))
        touched = self.touched(model)
        for id in wanted:
            if values_then := touched.get(str(id)):
                found[id] = {name: values_then[name] for name in names}
        return found

    def find_user(self, text: str) -> User:
        """Return the user who was called `text`, as find_named does for the present."""
        if not self.past:
            return find_named(self.session, User, text)
        words = text.strip().lower()
        users = sorted(self.rows(User), key=lambda user: (user.name, user.id))
        called = [(user, {user.name.lower(), (user.email or "").lower()}) for user in users]
        for found in (
            [user for user, names in called if words in names],
            [user for user, names in called if any(words in name for name in names)],
        ):
            if len(found) == 1 and words:
                return found[0]
            if found and words:
                raise NotFound(*ambiguous(text, [user.name for user in found]))
        raise NotFound(f"no user answered to {text!r} at {self._when}")

    def _later_changes(self) -> Select[UUID]:
        return select(col(Change.id)).where(
            in_company(self.session, Change), col(Change.at) > self.at
        )

    @cached_property
    def _later(self) -> frozenset[UUID]:
        return frozenset(self.session.execute(self._later_changes()).scalars())

    def _known(self, rows: Mapping[str, Values | None]) -> dict[str, Values | None]:
        """Return `rows` with None for those that were created later."""
        return {
            key: None if values is None or values["created_in"] in self._later else values
            for key, values in rows.items()
        }

    def _entries_of(self, model: type[Owned], *columns: QueryColumn) -> Query:
        """Return a query for what change sets that came later recorded of rows of `model`."""
        return (
            select(*columns)
            .join(
                Change,
                (same_company(Change, ChangeRow)) & (col(Change.id) == col(ChangeRow.change_id)),
            )
            .where(
                in_company(self.session, ChangeRow),
                col(ChangeRow.table_name) == table_of(model).name,
                in_company(self.session, Change),
                col(Change.at) > self.at,
            )
        )

    def _entries(self, model: type[Owned]) -> dict[str, list[LaterEntry]]:
        """Return what was recorded of each row of `model` since, by its key, in order."""
        columns = (
            col(ChangeRow.row_key),
            col(ChangeRow.change_id),
            col(ChangeRow.before),
            col(ChangeRow.after).is_(None).label("gone"),
        )
        order = (col(Change.at), col(Change.id), col(ChangeRow.position))
        found: dict[str, list[LaterEntry]] = {}
        query = self._entries_of(model, *columns).order_by(*order)
        for key, change_id, before, gone in self.session.execute(query):
            found.setdefault(key, []).append(LaterEntry(change_id, before, gone))
        return {key: in_order(entries) for key, entries in found.items()}

    def _taken_back(
        self, model: type[Owned], present: Mapping[str, Values]
    ) -> dict[str, Values | None]:
        """Return the changed rows of `model` as they were, made from what they are at `present`."""
        return {
            key: row_before(model, entries, present.get(key))
            for key, entries in self._entries(model).items()
        }


def _said(session: CrmSession, at: datetime) -> str:
    return times.said(at, times.zone(session.timezone))


def _ends(deal: Columns) -> Values:
    """Return what the end of the history of `deal` is: its entries, and when it was closed."""
    return {name: deal[name] for name in ("entries", "closed_at", "closed_on")}


def _names_of(model: type[Owned], deals: Sequence[Values]) -> set[str]:
    """Return the keys of the rows of `model` that `deals` refer to."""
    columns = _REFERENCES.get(model)
    if columns is None:
        return set()
    return {changes.joined_key(deal[name] for name in columns) for deal in deals}


#: The settings that deals refer to, and by which columns.
_REFERENCES: dict[type[Owned], tuple[str, ...]] = {
    Company: (),
    Pipeline: ("pipeline",),
    Stage: ("pipeline", "stage"),
    User: ("owner_id",),
    Franchise: ("franchise_id",),
}


def _key(model: type[Owned], values: Columns) -> str:
    """Return what change_rows calls the row that has `values`."""
    return changes.joined_key(values[name] for name in key_columns(model))
