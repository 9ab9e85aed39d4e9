"""How to import: what a caller can ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crmctl.domain.kinds import ActivityKind, DateOrder, DecimalMark, Entity, Preset


@dataclass(frozen=True)
class WriteScope:
    """What an import may do: add records, change those that are there, or only `fill` them.

    Filling leaves every value alone that is there.
    """

    create: bool = True
    update: bool = True
    fill: bool = False


#: What an import may do if nothing else was said.
ANYTHING = WriteScope()


@dataclass(frozen=True)
class ImportOptions:
    """How to import: what was typed on the command line, by the names of the options.

    With `history`, the rows are the stage history of deals.
    """

    entity: Entity
    columns: Sequence[str] = ()
    key: str | None = None
    source: str | None = None
    create_missing: frozenset[str] = frozenset()
    stages: Sequence[str] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    kind: ActivityKind | None = None
    pipeline: str | None = None
    dates: DateOrder | None = None
    decimals: DecimalMark | None = None
    country: str | None = None
    empty: frozenset[str] = frozenset()
    abort: bool = False
    override: bool = False
    lost_reason: str | None = None
    preset: Preset = Preset.AUTO
    mapping: str | None = None
    save_mapping: str | None = None
    custom: bool = False
    scope: WriteScope = ANYTHING
    dry_run: bool = False
    history: bool = False
