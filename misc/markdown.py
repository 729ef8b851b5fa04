"""A page of the documentation, as far as checks need to understand it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>.*)$")
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)|(?:src|srcset|href)=\"(?P<attribute>[^\"]+)\"")
_SPAN = re.compile(r"`([^`]+)`")
_HEADING = re.compile(r"#{1,6} +(?P<title>.+)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what stands behind its fence, its text, and the number of its first line."""

    info: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its lines outside of fenced blocks, each with its number, and the blocks."""

    path: Path
    prose: tuple[tuple[int, str], ...]
    blocks: tuple[Block, ...]

    def links(self) -> Iterator[tuple[int, str]]:
        """Every link's target, and on which line it stands."""
        for number, line in self.prose:
            for found in _LINK.finditer(_SPAN.sub("", line)):
                yield number, found["target"] or found["attribute"]

    def spans(self) -> Iterator[tuple[int, str]]:
        """What stands between backticks, line by line."""
        for number, line in self.prose:
            yield from ((number, span) for span in _SPAN.findall(line))

    def code(self) -> Iterator[tuple[int, str]]:
        """All code: what stands between backticks, and the lines of the blocks."""
        yield from self.spans()
        for block in self.blocks:
            yield from enumerate(block.text.splitlines(), start=block.line)

    def anchors(self) -> set[str]:
        """The names under which its headings are linked to."""
        titles = [found["title"] for _, line in self.prose if (found := _HEADING.fullmatch(line))]
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def read_page(path: Path) -> Page:
    """The page that is written in a file."""
    prose, blocks = [], []
    lines = enumerate(path.read_text().splitlines(), start=1)
    for number, line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            prose.append((number, line))
            continue
        inside = []
        for _, content in lines:
            if content == fence["ticks"]:
                break
            inside.append(content)
        blocks.append(Block(fence["info"].strip(), "\n".join(inside), number + 1))
    return Page(path, tuple(prose), tuple(blocks))
