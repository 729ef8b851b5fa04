"""Elements of argv with places for arguments: `--table={table}`. A brace itself is written twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True, slots=True)
class CommandTemplate:
    """One element of an argv. What is put in stays within it, whatever characters it has."""

    text: str

    def names(self) -> list[str]:
        """The arguments that stand in it. Raises ValueError where it is malformed."""
        return [name for _, name in self._parts() if name is not None]

    def fill(self, values: Mapping[str, str]) -> str:
        """The element with the values in their places."""
        return "".join(literal + ("" if name is None else values[name]) for literal, name in self._parts())

    def option_made_by(self, values: Mapping[str, str]) -> str | None:
        """The argument whose value makes the element begin with a dash, where the template itself does not."""
        for literal, name in self._parts():
            text = literal or values.get(name or "", "")
            if text:
                return name if not literal and text.startswith("-") else None
        return None

    def _parts(self) -> list[tuple[str, str | None]]:
        """Pieces of text, each with the argument behind it, if there is one."""
        try:
            parts = list(Formatter().parse(self.text))
        except ValueError:
            raise ValueError(f"has a single brace in {self.text!r}: write {{{{ or }}}} for one") from None
        for _, name, form, conversion in parts:
            if form or conversion or (name is not None and not name.isidentifier()):
                raise ValueError(f"has braces without a plain name in {self.text!r}: write {{name}}")
        return [(literal, name) for literal, name, _, _ in parts]
