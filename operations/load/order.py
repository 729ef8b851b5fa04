"""One load, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

from operations.load.columns import Columns
from operations.load.rows import Form

Mode = Literal["append", "append_new", "upsert", "replace"]
Phase = Literal["reading", "checking", "writing", "committing"]
Tell = Callable[[Phase, float, str], None]
"""Gets the phase, how much of it is done (0 to 1), and what else there is to say. May raise Cancelled."""

MAX_SHOWN_BAD = 100
MAX_SHOWN_CHARACTERS = 40


class Bad(NamedTuple):
    """One thing that is wrong: where and why. Without a `column`, it is the whole row."""

    line: int
    column: str | None
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Order:
    """What a task asks for, checked. `schema` and `table` are on the list of the target."""

    task_id: UUID
    schema: str
    table: str
    columns: Columns = None
    mode: Mode = "append"
    key: Sequence[str] = ()
    skip: bool = False
    form: Form = field(default_factory=Form)
    encoding: str = "utf-8"
    null: Sequence[str] = ("",)
    dry_run: bool = False


@dataclass(slots=True)
class Counts:
    """Rows. `read`: those of the file; each is either `skipped` as bad, or one of `written` (inserted), `updated` and
    `unchanged`. `deleted`: those that `replace` found in the table."""

    read: int = 0
    written: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: int = 0


@dataclass(slots=True)
class Loaded:
    """What came of a load. `reasons`: for each bad row its line and what is wrong with it, in order, packed."""

    counts: Counts
    bad: Sequence[Bad] = ()
    reasons: bytes = b""
    repeated: bool = False
    create_table: str | None = None
