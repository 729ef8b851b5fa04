"""Blocks of the documentation that show a console: what was typed, and what it answered.

```console
$ curl -s http://127.0.0.1:8000/health/live/
{"status":"ok"}
```

A block to be copied as a whole has no prompt: it is `sh typed`, and the block after it, `text answer`, is its answer.

`> ` goes on with the command of the line before, and `...` stands for anything. Ids and times may differ; an id
that was shown is remembered, and means the real one in all that follows on the page.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from misc.markdown import Page

ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
_REQUEST_ID = r"[0-9a-f]{32}"
_PLACES = re.compile(rf"(?P<id>{ID})|(?P<time>{_TIME})|(?P<request>\b{_REQUEST_ID}\b)|(?P<any>\.\.\.)")
_CHANGES = re.compile(r"--json|--data|--form|--request|-X ")


@dataclass(frozen=True, slots=True)
class Step:
    """One command, the answer that is shown, and on which line of the page."""

    command: str
    answer: str
    line: int

    @property
    def only_looks(self) -> bool:
        """Whether it may be repeated until it shows what is expected."""
        return not _CHANGES.search(self.command)


def steps(page: Page) -> Iterator[Step]:
    """What a reader of the page types, from its top to its end."""
    for block, following in zip_longest(page.blocks, page.blocks[1:]):
        if block.info == "console":
            yield from _steps(block.text.splitlines(), block.line)
        elif block.info == "sh typed":
            answered = following is not None and following.info == "text answer"
            yield Step(block.text, following.text if answered else "", block.line)


def _steps(lines: list[str], first: int) -> Iterator[Step]:
    command: list[str] = []
    answer: list[str] = []
    begun = first
    for number, line in enumerate(lines, start=first):
        if line.startswith("$ "):
            if command:
                yield Step("\n".join(command), "\n".join(answer), begun)
            command, answer, begun = [line[2:]], [], number
        elif line.startswith("> ") and not answer:
            command.append(line[2:])
        else:
            answer.append(line)
    yield Step("\n".join(command), "\n".join(answer), begun)


def matches(shown: str, real: str, ids: dict[str, str]) -> bool:
    """Whether the real answer is what the page shows. Ids that are new on the page are then added to `ids`."""
    pattern, new = _pattern(shown.strip(), ids)
    found = re.fullmatch(pattern, real.strip(), re.DOTALL)
    if found:
        ids.update({name: found[group] for name, group in new.items()})
    return found is not None


def _pattern(shown: str, ids: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    pattern, end = "", 0
    new: dict[str, str] = {}
    for place in _PLACES.finditer(shown):
        pattern += re.escape(shown[end : place.start()])
        end = place.end()
        if place["any"]:
            pattern += ".*?"
        elif not place["id"]:
            pattern += _TIME if place["time"] else _REQUEST_ID
        elif place["id"] in ids:
            pattern += re.escape(ids[place["id"]])
        elif place["id"] in new:
            pattern += f"(?P={new[place['id']]})"
        else:
            group = new[place["id"]] = f"id{len(new)}"
            pattern += f"(?P<{group}>{ID})"
    return pattern + re.escape(shown[end:]), new
