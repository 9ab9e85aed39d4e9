"""What is not certain about the columns of a file."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from crmctl.domain import booleans
from crmctl.domain.importing.cells import closing_flags
from crmctl.domain.importing.cells.status_words import is_closing
from crmctl.domain.importing.columns.column_mapping import ColumnMapping, How
from crmctl.domain.importing.columns.contents import Contents, is_date, is_truth
from crmctl.domain.importing.columns.fields import FIELDS, Listed
from crmctl.domain.importing.columns.guesses import guesses
from crmctl.domain.importing.columns.labels import ACTIVES, PEOPLE, more_names
from crmctl.domain.importing.columns.mapping import NOTHING_SEEN, likely
from crmctl.domain.importing.findings import Certainty, Finding, mapping_option
from crmctl.domain.importing.units import bare_name, folded, normal, unit_of, word_set, words_of
from crmctl.domain.kinds import Entity

#: What a board is made of, and a file of deals may lack.
NO_STAGE = Finding(
    certainty=Certainty.ASSUMED,
    text="deals begin in the first stage: no column says theirs",
    one="deal begins in the first stage: no column says its own",
    option="--map COLUMN=stage",
    urgent=True,
    of_created=True,
)
NO_AMOUNT = Finding(
    certainty=Certainty.UNKNOWN,
    text="deals have no amount: no column says theirs",
    one="deal has no amount: no column says its own",
    option="--map COLUMN=amount",
    urgent=True,
    of_created=True,
)
_BOARD = {"stage": NO_STAGE, "amount": NO_AMOUNT}
#: The fields that say whom a deal or an activity is about.
_CUSTOMERS = word_set("customer contact customer_external_id customer_email customer_domain")
#: Records within others that are no customers.
_OTHERS = word_set(
    "creator user owner stage pipeline team source reason currency status type label tag product"
    " project deal lead campaign"
)
#: What columns are called of those who look after a card of a board.
_MEMBERS = word_set("members member assignees people teammembers mitglieder membres miembros")
#: What says how often an amount is paid, and what a column of that is called.
_AGAIN = word_set(
    "monthly annual annually yearly quarterly weekly month year quarter week permonth peryear"
    " recurring monatlich jahrlich quartalsweise mensuel annuel mensual anual mensile annuale"
)
_PERIODS = word_set(
    "period interval frequency billing recurrence cycle recurring periode intervall turnus rhythmus"
    " frequence frecuencia frequenza"
)
_WHY = {How.CLOSE: "", How.CELLS: ", by its cells"}


def column_findings(
    columns: ColumnMapping,
    entity: Listed,
    header: Sequence[str] = (),
    contents: Contents = NOTHING_SEEN,
) -> Iterator[Finding]:
    """Yield what is not certain about `columns`, or not known.

    That is what new deals lack; which columns are read by a name that is nearly a field's, or by
    their cells; and which may be one, for their name or for how the file begins.
    """
    if entity == Entity.DEAL:
        yield from (finding for field, finding in _BOARD.items() if lacks(columns, field))
    yield from _read_by_likeness(columns)
    yield from _repeated(columns, header, contents)
    for name in columns.of_stages:
        yield Finding(
            certainty=Certainty.DECIDED,
            text=f"{name} is left to the stages, as each has one",
            option=f"{mapping_option('--map', name, 'probability')} reads it",
        )
    for position in unread_people(columns, header, contents) if entity == Entity.CUSTOMER else ():
        yield people_left_out(header[position])
    free = [header.index(name) for name in columns.unmapped if name in header]
    for position in free:
        name = header[position]
        if _may_say_archived(name, contents, position, columns.fields):
            yield _archived(name)
        if "owner" not in columns.fields and _has_owner_ids(name, contents.texts(position)):
            yield _owner_ids(name)
        if entity == Entity.DEAL and _says_both(name, contents.texts(position)):
            yield _whether_or_when(name)
    if entity == Entity.DEAL:
        yield from _of_deals(columns, header, free, contents)
    for name, field in _candidates(columns, entity, header, free, contents).items():
        yield Finding(
            certainty=Certainty.UNKNOWN,
            text=f"is {name} the {_words(field.name)}?",
            option=mapping_option("--map", name, field.name),
            urgent=field.urgent,
        )


def _has_owner_ids(name: str, texts: Sequence[str]) -> bool:
    """Return whether a column has what a system calls its users by, and nobody else does."""
    word = folded(name)
    owner = word.endswith(("ownerid", "userid")) or word in more_names(Entity.DEAL)["owner"]
    return owner and bool(texts) and all(any(map(str.isdigit, text)) for text in texts)


def _owner_ids(name: str) -> Finding:
    return Finding(
        certainty=Certainty.UNKNOWN,
        text=f"{name} has ids of owners, who are left out: their names are not in the file",
        option=f"{mapping_option('--map', name, '')} if that is right",
    )


def _of_deals(
    columns: ColumnMapping, header: Sequence[str], free: Sequence[int], contents: Contents
) -> Iterator[Finding]:
    """Yield what is not known of columns of deals: halves of names, and what amounts are for."""
    if columns.fields.isdisjoint(_CUSTOMERS) and (halves := _halves(header, free, contents)):
        yield Finding(
            certainty=Certainty.UNKNOWN,
            text=f"are {' and '.join(halves)} the customer? One column has to have the whole name",
            option=mapping_option("--map", halves[-1], "customer"),
        )
    for name in (header[each] for each in free if _says_how_often(header[each], contents, each)):
        if "amount" in columns.fields:
            yield Finding(
                certainty=Certainty.UNKNOWN,
                text=f"are amounts paid again, as {name} says? They are read as they stand",
                option=f"{mapping_option('--map', name, '')} if that is right",
            )


def _halves(header: Sequence[str], free: Sequence[int], contents: Contents) -> list[str]:
    """Return the columns that have the first and the last names of people, if both are there."""
    names, people = more_names(Entity.CUSTOMER), [at for at in free if contents.are_names(at)]
    found = [
        next((header[at] for at in people if _is_half(header[at], names[half], half)), "")
        for half in ("first_name", "last_name")
    ]
    return found if all(found) else []


def _is_half(name: str, words: Sequence[str], half: str) -> bool:
    return folded(name) in {normal(half), *words}


def _says_how_often(name: str, contents: Contents, position: int) -> bool:
    """Return whether a column says that what is paid for some deals is paid again."""
    texts = {folded(text) for text in contents.texts(position)}
    return not _PERIODS.isdisjoint(words_of(name)) and not _AGAIN.isdisjoint(texts)


def unit_findings(columns: ColumnMapping, currency: str) -> Iterator[Finding]:
    """Yield what headers say of amounts: another currency than `currency`, or how large a 1 is."""
    for column in columns.mapped if "currency" not in columns.fields else ():
        unit = unit_of(column.name)
        if column.field != "amount" or column.how == How.ELSE:
            continue
        if unit.currency not in (None, currency):
            yield Finding(
                certainty=Certainty.DECIDED,
                text=f"amounts are in {unit.currency}, as {column.name} says;"
                f" deals without one are in {currency}",
            )
        if unit.factor != 1:
            yield Finding(
                certainty=Certainty.DECIDED,
                text=f"an amount of 1 is {unit.factor:,}, as {column.name} says",
            )


def _archived(name: str) -> Finding:
    return Finding(
        certainty=Certainty.UNKNOWN,
        text=f"are rows archived that {name} says no of?",
        option=mapping_option("--map", name, "active"),
    )


def _whether_or_when(name: str) -> Finding:
    return Finding(
        certainty=Certainty.UNKNOWN,
        text=f"does {name} say whether deals are closed, or when they were?"
        " It has yes or no in some rows and days in others",
        option=mapping_option("--map", name, "closed_at"),
        urgent=True,
    )


def _read_by_likeness(columns: ColumnMapping) -> Iterator[Finding]:
    """Yield which columns are read by a name that is nearly a field's, or by their cells."""
    for column in columns.mapped:
        if column.how in _WHY:
            yield Finding(
                certainty=Certainty.ASSUMED,
                text=f"{column.name} is read as the {_words(column.field)}{_WHY[column.how]}",
                option=f"{mapping_option('--map', column.name, '')} leaves it out",
            )


def _repeated(
    columns: ColumnMapping, header: Sequence[str], contents: Contents
) -> Iterator[Finding]:
    """Yield which columns are read that the header has again, with cells of their own."""
    for column in columns.mapped:
        again = f"{column.name} (2)"
        if again in columns.unmapped and again in header and contents.texts(header.index(again)):
            yield Finding(
                certainty=Certainty.ASSUMED,
                text=f"{column.name} stands in the header more than once: the first is read",
                option=mapping_option("--map", again, column.field),
            )


class _Candidate(NamedTuple):
    """The field that a column may be, and whether a board is made of it."""

    name: str
    urgent: bool


def _candidates(
    columns: ColumnMapping,
    entity: Listed,
    header: Sequence[str],
    free: Sequence[int],
    contents: Contents,
) -> dict[str, _Candidate]:
    """Return what the columns that no field is read from may be, by the names of the columns.

    Their names come before their cells, at the positions that are `free`.
    """
    found = {
        name: _Candidate(field, urgent=False)
        for name, field in likely(columns.unmapped, entity, columns.fields).items()
    }
    if entity in (Entity.DEAL, Entity.ACTIVITY) and columns.fields.isdisjoint(_CUSTOMERS):
        for position in free:
            if _names_related(header[position]) and contents.are_names(position):
                found.setdefault(header[position], _Candidate("customer", urgent=False))
    if entity == Entity.DEAL and columns.fields.isdisjoint({"owner", "owner_email"}):
        for position in free:
            if folded(header[position]) in _MEMBERS and contents.are_names(position):
                found.setdefault(header[position], _Candidate("owner", urgent=False))
    for position, field in _called_so(columns, entity, header, free, contents):
        found.setdefault(header[position], _Candidate(field, field in _BOARD))
    for guess in guesses(header, free, columns.fields, entity, contents):
        for position in guess.positions:
            closes = guess.field == "expected_close" and _has_closed(columns, position, contents)
            field = "close_date" if closes else guess.field
            found.setdefault(header[position], _Candidate(field, field in _BOARD))
    return found


def _has_closed(columns: ColumnMapping, position: int, contents: Contents) -> bool:
    """Return whether closed deals have something in a column, which then is the closing date."""
    said = [column.position for column in columns.mapped if column.field in ("stage", "outcome")]
    yes = [column.position for column in columns.mapped if column.field in closing_flags.FLAGS]
    return any(
        contents.cell(row, position)
        and (
            any(is_closing(contents.cell(row, each)) for each in said)
            or any(booleans.WORDS.get(contents.cell(row, each).lower()) for each in yes)
        )
        for row in contents.rows
    )


def _called_so(
    columns: ColumnMapping,
    entity: Listed,
    header: Sequence[str],
    free: Sequence[int],
    contents: Contents,
) -> Iterator[tuple[int, str]]:
    """Yield the columns that are called as a field is, and have cells that are none of it."""
    missing = [field for field in _BOARD if entity == Entity.DEAL and lacks(columns, field)]
    for field in missing:
        words = {*map(normal, (field, *FIELDS[entity][field].names.split()))}
        words.update(more_names(entity)[field])
        for position in free:
            called = {folded(header[position]), folded(bare_name(header[position]))}
            if called & words and contents.texts(position):
                yield position, field


def _names_related(name: str) -> bool:
    """Return whether a column is the name of a record within another that may be a customer."""
    record, _, field = name.rpartition(".")
    return field in ("name", "title", "label") and not _OTHERS & {*words_of(record)}


def unread_people(
    columns: ColumnMapping, header: Sequence[str], contents: Contents
) -> tuple[int, ...]:
    """Return where a list of customers names people at companies, and is not read for them."""
    names = (name for name in columns.unmapped if folded(name) in PEOPLE and name in header)
    return tuple(at for at in map(header.index, names) if contents.are_names(at))


@cache
def people_left_out(column: str) -> Finding:
    """Return that those whom `column` names are not read: customers are called otherwise."""
    return Finding(
        certainty=Certainty.UNKNOWN,
        text=f"contact persons are left out: is {column} the name?",
        one=f"contact person is left out: is {column} the name?",
        option=f"{mapping_option('--map', column, 'name')}; --custom keeps them",
        of_created=True,
    )


def _says_both(name: str, texts: Sequence[str]) -> bool:
    """Return whether a column that says that deals are closed has days in it as well."""
    if folded(name) not in _closings():
        return False
    others = [text for text in texts if not is_truth(text)]
    return 0 < len(others) < len(texts) and all(map(is_date, others))


@cache
def _closings() -> frozenset[str]:
    """Return what columns are called that say whether, or when, deals were closed."""
    names = more_names(Entity.DEAL)
    return frozenset(word for each in ("closed_at", *closing_flags.FLAGS) for word in names[each])


def _may_say_archived(name: str, contents: Contents, position: int, taken: frozenset[str]) -> bool:
    """Return whether a column may say what is archived, and not that a deal is open."""
    if folded(name) not in ACTIVES or taken & {"stage", "outcome"}:
        return False
    texts = contents.texts(position)
    return all(map(is_truth, texts)) and not all(booleans.WORDS[text.lower()] for text in texts)


def lacks(columns: ColumnMapping, field: str) -> bool:
    """Return whether no column says the `field` of deals; a status says half of a stage."""
    said = {"stage", "outcome", *closing_flags.FLAGS} if field == "stage" else {field}
    return columns.fields.isdisjoint(said)


def _words(field: str) -> str:
    return field.replace("_", " ")
