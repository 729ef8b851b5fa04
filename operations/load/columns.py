"""Which cell of a row goes into which column of the table. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from operations.errors import OperationError, permanent
from operations.load.rows import Form
from values.wording import nearest, quoted

Columns = Mapping[str, str] | Sequence[str] | None
"""By names of the header; or the columns of a file without a header, in order; or as the header names them."""


@dataclass(frozen=True, slots=True)
class Placing:
    """`width`: how many cells a row has. `names[i]` is the column that cell `indexes[i]` goes to."""

    width: int
    names: Sequence[str]
    indexes: Sequence[int]

    def picker(self) -> Callable[[Sequence[str]], Sequence[str]]:
        """Gives the cells of a row in the order of `names`."""
        if list(self.indexes) == list(range(self.width)):
            return lambda cells: cells
        if len(self.indexes) == 1:
            only = self.indexes[0]
            return lambda cells: (cells[only],)
        pick: Callable[[Sequence[str]], Sequence[str]] = itemgetter(*self.indexes)
        return pick

    def reason(self, cells: Sequence[str]) -> str:
        """Why a row that is not as wide does not fit."""
        have = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        return f"has {have}, but must have {self.width}"


def has_header(columns: Columns) -> bool:
    """Whether the first row names the columns."""
    return columns is None or isinstance(columns, Mapping)


def place(columns: Columns, header: Sequence[str], form: Form) -> Placing:
    """Raises OperationError, for good, where the header has not what is asked for. `header` is () without one."""
    if isinstance(columns, Mapping):
        placing = Placing(
            len(header), list(columns.values()), [_index(name, header, form) for name in columns]
        )
    else:
        names = list(header if columns is None else columns)
        placing = Placing(len(names), names, range(len(names)))
    twice = [name for name, count in Counter(placing.names).items() if count > 1]
    if twice:
        raise permanent(
            "wrong_header", f"{quoted(twice[0])} would get more than one cell: name it once in `columns`"
        )
    return placing


def _index(name: str, header: Sequence[str], form: Form) -> int:
    found = [index for index, each in enumerate(header) if each == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise permanent("wrong_header", f"the header has {quoted(name)} {len(found)} times")
    raise missing("the header", name, header, _perhaps(header, form))


def missing(where: str, name: str, known: Sequence[str], hint: str = "") -> OperationError:
    """A column is not where it is looked for."""
    near = nearest(name, known)
    meant = f"; did you mean {quoted(near)}?" if near else ""
    return permanent("wrong_header", f"{where} has no column {quoted(name)}{meant}{hint}")


def _perhaps(header: Sequence[str], form: Form) -> str:
    other = likely_delimiter(header[0]) if len(header) == 1 else None
    return f"; perhaps its `delimiter` is {other!r} and not {form.delimiter!r}" if other else ""


def likely_delimiter(line: str) -> str | None:
    """What stands between cells of a line, if one of the usual ones does."""
    counts = {each: line.count(each) for each in (",", ";", "\t", "|")}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else None
