"""What is asked of the child."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

CONVERT, LOOK, COUNT = "convert", "look", "count"
"""What the child does: all of it, find what is on one page, or tell how many there are."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may use."""

    pages: int = 2_000
    seconds: float = 900
    memory_bytes: int = 1 << 30
    file_bytes: int = 1 << 30
    tables: int = 500


@dataclass(frozen=True, slots=True)
class Options:
    """As the arguments of `pdf_to_csv` have them."""

    pages: str | None = None
    tables: Literal["all", "largest"] | Sequence[int] = "all"
    strategy: Literal["auto", "ruled", "unruled"] = "auto"
    header: Literal["auto", "first_row", "none"] | Sequence[str] = "auto"
    join: Literal["same_header", "none"] = "same_header"
    decimal: Literal[",", "."] | None = None
    escape_formulas: bool = True
