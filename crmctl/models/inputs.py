"""What people may set in a record, validated field by field.

Apart from the tables, so that a command that sets nothing does not load the validators.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError
from sqlmodel import Field, SQLModel

from crmctl.domain import amounts, contacts, money, numbers, probabilities, times
from crmctl.domain.kinds import FieldType, ForecastCategory, Status
from crmctl.domain.spreadsheets import refuse_error, refuse_rounded
from crmctl.domain.text import is_unseen
from crmctl.errors import CrmError, UsageError, fault

_SURROGATE = re.compile("[\ud800-\udfff]")


def _text(limit: int, *, required: bool = False) -> AfterValidator:
    """Return a validator of text: trimmed, storable, at most `limit` characters, never cut."""

    def check(value: str | None) -> str | None:
        if value is None:
            return None
        trimmed = value.strip()
        if "\x00" in trimmed:
            raise PydanticCustomError("text", "must not hold a NUL character")
        plain = trimmed.isascii()
        if not plain and _SURROGATE.search(trimmed):
            raise PydanticCustomError("text", "is not valid Unicode")
        if len(trimmed) > limit:
            raise PydanticCustomError(
                "text",
                "is {got} characters long, at most {limit} are kept",
                {"got": len(trimmed), "limit": limit},
            )
        if required and (not trimmed or (not plain and is_unseen(trimmed))):
            raise PydanticCustomError("text", "must not be empty")
        return (_no_error(trimmed) if trimmed[:1] == "#" else trimmed) or None

    return AfterValidator(check)


def _no_error(text: str) -> str:
    """Return `text`, which is none that a spreadsheet shows in place of a value."""
    try:
        return refuse_error(text)
    except UsageError as error:
        raise PydanticCustomError("text", "{why}", {"why": str(error)}) from None


def _own(check: Any) -> AfterValidator:
    """Return `check`, which raises CrmError, as a validator of pydantic."""

    def checked(value: Any) -> Any:
        try:
            return None if value is None else check(value)
        except CrmError as error:
            raise PydanticCustomError("value", "{why}", {"why": str(error)}) from error

    return AfterValidator(checked)


def _read(reader: Callable[[str], Any]) -> BeforeValidator:
    """Return `reader` of texts, which raises CrmError, as a validator of pydantic."""

    def read(value: Any) -> Any:
        try:
            return reader(value) if isinstance(value, str) else value
        except CrmError as error:
            raise PydanticCustomError("value", "{why}", {"why": str(error)}) from error

    return BeforeValidator(read)


def _stored_email(value: str) -> str:
    """Return an address in lower case, by what was asked of one when it was stored."""
    if not re.fullmatch(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+", value):
        raise UsageError(f"not an e-mail address: {value!r}")
    return value.lower()


def _no_truth(value: Any) -> Any:
    """Return a number as it is: `true` is none, though Python takes it for 1."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "must be a number")
    return value


def _key(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", value):
        raise UsageError(f"not a key: {value!r} (small letters, digits, - and _; up to 40)")
    return value


def _zone(value: str) -> str:
    return times.zone(value).key


Name = Annotated[str, _text(200, required=True)]
Text50 = Annotated[str | None, _text(50)]
Text100 = Annotated[str | None, _text(100)]
Text200 = Annotated[str | None, _text(200)]
Text500 = Annotated[str | None, _text(500)]
Label = Annotated[str, _text(100, required=True)]
Key = Annotated[str, _own(_key)]
Email = Annotated[str | None, _text(320), _own(contacts.email)]
Phone = Annotated[str | None, _text(50), _own(contacts.phone)]
Website = Annotated[str | None, _text(300), _own(contacts.website)]
Currency = Annotated[str, _own(amounts.currency)]
Amount = Annotated[Decimal, _own(money.check_amount)]
Number = Annotated[int, BeforeValidator(_no_truth)]
Chance = Annotated[Decimal, _read(probabilities.read), _own(money.check_probability)]
Tag = Annotated[str, _text(50, required=True)]


class Input(SQLModel):
    """A set of fields to write: only those that were given are."""

    model_config = {"extra": "forbid", "defer_build": True}


class CompanyUpdate(Input):
    """What can be set in a company."""

    name: Name | None = None
    currency: Currency | None = None
    timezone: Annotated[str, _own(_zone)] | None = None
    fiscal_month: int | None = Field(default=None, ge=1, le=12)


class FranchiseUpdate(Input):
    """What can be set in a franchise."""

    name: Name | None = None


class UserUpdate(Input):
    """What can be set in a user."""

    name: Name | None = None
    email: Email = None
    active: bool | None = None


class CustomerUpdate(Input):
    """What can be set in a customer, but for relations, which services resolve."""

    name: Name | None = None
    organisation: Text200 = None
    email: Email = None
    phone: Phone = None
    website: Website = None
    country: Text100 = None
    segment: Text100 = None
    lead_score: Annotated[int | None, _read(numbers.whole), Field(ge=-1_000_000, le=1_000_000)] = (
        None
    )
    source: Text100 = None
    lifecycle: Text50 = None
    tags: list[Tag] | None = None


class StoredContacts(Input):
    """What a customer's addresses may be that were stored already, by whatever rules held then."""

    email: Annotated[str | None, _text(320), _own(_stored_email)] = None
    phone: Text50 = None
    website: Annotated[str | None, _text(300)] = None


class DealUpdate(Input):
    """What can be set in a deal, but for relations and its stage, which services resolve."""

    title: Annotated[str, _text(300, required=True)] | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    probability: Chance | None = None
    forecast_category: ForecastCategory | None = None
    expected_close: date | None = None
    next_step: Text500 = None
    source: Text100 = None
    lost_reason: Text500 = None
    tags: list[Tag] | None = None


class ActivityUpdate(Input):
    """What can be set in an activity, but for relations, its kind and its times."""

    subject: Annotated[str, _text(300, required=True)] | None = None
    body: Annotated[str | None, _text(20_000)] = None
    minutes: Annotated[int | None, _read(numbers.minutes), Field(ge=0, le=100_000)] = None


class StageEntryInput(Input):
    """What a row of stage history can say beside the stage, its time and who moved the deal."""

    amount: Amount | None = None
    currency: Currency | None = None
    reason: Text500 = None


class ExternalKeyInput(Input):
    """What another system calls a row; `source` is None where only one system is meant."""

    source: Text50 = None
    external_id: Annotated[str, _text(200, required=True), _own(refuse_rounded)]


class CustomFieldInput(Input):
    """What can be set in a custom field."""

    key: Key | None = None
    label: Label | None = None
    type: FieldType | None = None


class CustomText(Input):
    """What a custom field of type text holds."""

    value: Annotated[str | None, _text(1000)] = None


class PipelineUpdate(Input):
    """What can be set in a pipeline."""

    key: Key | None = None
    label: Label | None = None
    allow_skip: bool | None = None
    allow_back: bool | None = None
    lost_reason_required: bool | None = None


class StageUpdate(Input):
    """What can be set in a stage."""

    key: Key | None = None
    label: Label | None = None
    kind: Status | None = None
    probability: Chance | None = None
    forecast_category: ForecastCategory | None = None
    rotting_days: Number | None = Field(default=None, ge=1, le=10_000)
    wip_limit: Number | None = Field(default=None, ge=1, le=1_000_000)
    required_fields: list[str] | None = None
    can_create: bool | None = None


def validated(model: type[Input], values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` checked and normalised by `model`: only the fields that were given.

    Raises UsageError that names the first wrong field.
    """
    try:
        return model.model_validate(values).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "value"
        raise UsageError(f"{field.replace('_', ' ')}: {fault(first)}") from error
