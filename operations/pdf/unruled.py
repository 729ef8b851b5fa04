"""Tables without lines around their cells: words are given to the columns that the header begins."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from operations.pdf.cells import looks_like_a_number
from operations.pdf.grid import Grid
from operations.pdf.right_to_left import reading_order
from operations.pdf.words import Char, Word, lines_of, words_of_line

PHRASE_GAP = 0.5
"""Words with a gap of at most so much of their height between them belong together."""
FARTHEST = 3.0
"""Lines farther apart than so many heights are of different tables."""
STANDING_OUT = 2.2
"""And so are those that are so many times farther apart than any before."""
TWO_KINDS = 0.35
"""Gaps between lines that differ by so much of the height are gaps in and between rows."""
FITTING = 0.6
"""So many rows must fit the columns."""
ACROSS = 0.05
SLACK = 1.0

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a line, those that belong together in one phrase."""

    phrases: Sequence[Sequence[Word]]

    @property
    def top(self) -> float:
        return min(word.top for word in self.words())

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words())

    def words(self) -> Iterator[Word]:
        return (word for phrase in self.phrases for word in phrase)

    def intervals(self) -> list[Interval]:
        """From where to where each phrase is."""
        return [(phrase[0].x0, phrase[-1].x1) for phrase in self.phrases]


def find_unruled(chars: Iterable[Char], known: Sequence[float] | None = None) -> list[Grid]:
    """The tables, from the top. `known`: borders of columns of a table that may go on here without its header."""
    found: list[Grid] = []
    for block in _blocks([_line(words) for line in lines_of(chars) if (words := words_of_line(line))]):
        grid = _grid(block, known if not found else None)
        if grid is not None:
            found.append(grid)
    return found


def _line(words: Sequence[Word]) -> Line:
    phrases = [[words[0]]]
    for before, word in pairwise(words):
        if word.x0 - before.x1 > PHRASE_GAP * (word.bottom - word.top):
            phrases.append([])
        phrases[-1].append(word)
    return Line(phrases)


def _blocks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines that may be a table: near to each other, the first with several phrases, and one more."""
    block: list[Line] = []
    for line in lines:
        if block and not _goes_on(block, line):
            yield from _whole(block)
            block = []
        if block or len(line.phrases) > 1:
            block.append(line)
    yield from _whole(block)


def _whole(block: list[Line]) -> Iterator[list[Line]]:
    if sum(len(line.phrases) > 1 for line in block) > 1:
        yield block


def _goes_on(block: Sequence[Line], line: Line) -> bool:
    gap, height = line.top - block[-1].bottom, line.bottom - line.top
    gaps = [after.top - before.bottom for before, after in pairwise(block)]
    if gap > FARTHEST * height or (len(gaps) > 1 and gap > STANDING_OUT * max(2.0, *gaps)):
        return False
    if len(line.phrases) > 1:
        return True
    # A line with a single phrase is in one column, or else text between tables.
    (left, right), columns = line.intervals()[0], max((each.intervals() for each in block), key=len)
    return sum(left < end and start < right for start, end in columns) <= 1


def _grid(block: Sequence[Line], known: Sequence[float] | None) -> Grid | None:
    """None: the lines have no columns in common."""
    width = max(len(line.phrases) for line in block)
    groups = _rows(block, width)
    words = [word for line in block for word in line.words()]
    if known and _fits(block, width, known):
        borders: Sequence[float] = known
    else:
        borders = _borders(groups, words)
    if not borders:
        return None
    rows, clean = [], 0
    for group in groups:
        cells, fits = _cells(group, borders)
        rows.append(cells)
        clean += fits
    filled = sum(sum(map(bool, row)) > 1 for row in rows)
    if clean < FITTING * len(rows) or filled * 2 < len(rows) or len(rows) < 2:
        return None
    box = (min(w.x0 for w in words), block[0].top, max(w.x1 for w in words), max(w.bottom for w in words))
    return Grid(box, rows, "unruled", clean, borders)


def _fits(block: Sequence[Line], width: int, known: Sequence[float]) -> bool:
    """Whether lines may be of a table with these columns that began on the page before."""
    words = [word for line in block for word in line.words()]
    has_header = not any(looks_like_a_number(word.text) for word in block[0].words())
    across = sum(_crosses(word, known) for word in words)
    return not has_header and width <= len(known) + 1 and across <= ACROSS * len(words)


def _rows(block: Sequence[Line], width: int) -> list[list[Line]]:
    """The lines of each row: more than one where a text goes on in the next line."""
    alone = [[line] for line in block]
    gaps = [after.top - before.bottom for before, after in pairwise(block)]
    if len(gaps) < 2 or max(gaps) - min(gaps) < TWO_KINDS * (block[0].bottom - block[0].top):
        return alone
    border = (max(gaps) + min(gaps)) / 2
    groups = [[block[0]]]
    for gap, line in zip(gaps, block[1:], strict=True):
        if gap > border:
            groups.append([])
        groups[-1].append(line)
    whole = max(width, 2)
    if any(sum(len(line.phrases) >= whole for line in group) > 1 for group in groups):
        return alone
    return groups


def _borders(groups: Sequence[Sequence[Line]], words: Sequence[Word]) -> list[float]:
    """Where the columns meet: between two neighbours in the header, where the fewest words are."""
    columns = _merged(interval for line in groups[0] for interval in line.intervals())
    body = [interval for group in groups[1:] for line in group for interval in line.intervals()]
    for start, end in _merged(body):
        if not any(start < right and left < end for left, right in columns):
            columns.append((start, end))  # a column without a name
    columns.sort()
    return [_gutter((a[0] + a[1]) / 2, (b[0] + b[1]) / 2, words) for a, b in pairwise(columns)]


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _gutter(low: float, high: float, words: Iterable[Word]) -> float:
    """The middle of the widest part between `low` and `high` with the fewest words."""
    steps = sorted(
        [(max(word.x0, low), 1) for word in words if word.x0 < high and word.x1 > low]
        + [(min(word.x1, high), -1) for word in words if word.x0 < high and word.x1 > low]
        + [(high, 0)]
    )
    best, covered, last = (len(steps), 0.0, (low + high) / 2), 0, low
    for x, step in steps:
        if x > last:
            best = min(best, (covered, last - x, (last + x) / 2))
            last = x
        covered += step
    return best[2]


def _cells(group: Sequence[Line], borders: Sequence[float]) -> tuple[list[str], bool]:
    """The texts of a row, and whether each is in one column."""
    found: list[list[list[str]]] = [[] for _ in range(len(borders) + 1)]
    fits = True
    for line in group:
        of_line: list[list[str]] = [[] for _ in found]
        for phrase in line.phrases:
            across = any(_crosses(word, borders) for word in phrase)
            fits = fits and not across
            for word in phrase:
                x = phrase[0].x0 + SLACK if across else (word.x0 + word.x1) / 2
                of_line[bisect_right(borders, x)].append(word.text)
        for column, texts in zip(found, of_line, strict=True):
            column.append(texts)
    return [" ".join(reading_order(" ".join(texts)) for texts in column if texts) for column in found], fits


def _crosses(word: Word, borders: Sequence[float]) -> bool:
    return bisect_right(borders, word.x0 + SLACK) != bisect_right(borders, word.x1 - SLACK)
