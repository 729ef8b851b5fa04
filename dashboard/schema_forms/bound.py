"""A form as a page shows it: fields, what was written into them, and what is wrong with that. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.schema_forms.fields import Field, Kind
from dashboard.schema_forms.reading import AS_JSON, NO, WHOLE, YES, Mistake, Sent, choice_text

_HOW = {Kind.LIST: "One on each line.", Kind.JSON: "As JSON."}

Errors = Iterable[Mapping[str, Any]]
"""As a problem of the API has them: `pointer` and `detail`."""


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field, with its text."""

    field: Field
    id: str
    name: str
    kind: Kind
    text: str
    errors: tuple[str, ...] = ()

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """Of CHOICE and BOOLEAN: what is sent, what is read, and whether it is chosen."""
        sent = [YES, NO] if self.kind is Kind.BOOLEAN else [choice_text(each) for each in self.field.choices]
        read = {YES: "yes", NO: "no"} if self.kind is Kind.BOOLEAN else {}
        return [(each, read.get(each, each), each == self.text) for each in sent]

    @property
    def options_shown(self) -> bool:
        """Whether one of a few values is chosen."""
        return self.kind in (Kind.BOOLEAN, Kind.CHOICE)

    @property
    def has_lines(self) -> bool:
        """Whether the text may have several."""
        return self.kind in (Kind.LONG_TEXT, Kind.LIST, Kind.JSON)

    @property
    def is_code(self) -> bool:
        """Whether each character counts."""
        return self.kind is Kind.JSON

    @property
    def spellcheck(self) -> str:
        """For the attribute."""
        return "true" if self.kind is Kind.LONG_TEXT else "false"

    @property
    def is_number(self) -> bool:
        """Whether only a number can be right."""
        return self.kind in (Kind.NUMBER, Kind.INTEGER)

    @property
    def input_mode(self) -> str:
        """Which keys a telephone shows. Its numbers have no minus, so where one may be needed it shows all."""
        may_be_negative = self.field.minimum is None or self.field.minimum < 0
        return "text" if may_be_negative else "numeric" if self.kind is Kind.INTEGER else "decimal"

    @property
    def hint(self) -> str:
        """What the schema says, and how the value is written."""
        field, said = self.field, [self.field.hint]
        if self.is_number and field.minimum is not None and field.maximum is not None:
            said.append(f"From {field.minimum} to {field.maximum}.")
        said.append(_HOW.get(self.kind, ""))
        if field.takes_secret and not self.is_code:
            said.append('{"$secret": "name"} stands for a secret.')
        if field.has_default and field.default not in ("", [], {}) and not self.options_shown:
            said.append(f"Default: {field.default_text}.")
        return " ".join(part for part in said if part)

    @property
    def described_by(self) -> str:
        """The ids of what explains it."""
        parts = ("hint", self.hint), ("error", self.errors)
        return " ".join(f"{self.id}-{name}" for name, said in parts if said)

    @property
    def rows(self) -> int:
        """How many lines are shown of a text of several."""
        return min(max(self.text.count("\n") + 2, 3), 16)


@dataclass(frozen=True, slots=True)
class BoundForm:
    """A form. `whole`: it is written as JSON in one field."""

    required: tuple[BoundField, ...] = ()
    optional: tuple[BoundField, ...] = ()
    whole: BoundField | None = None
    errors: tuple[str, ...] = ()
    """Those of no field."""
    folded: bool = False
    """Whether the optional ones are folded away, though there is nothing else."""

    @property
    def shows_optional(self) -> bool:
        """Whether the optional ones are shown at once: where there is nothing else, or something is in them."""
        is_all = not self.required and not self.folded
        return is_all or any(each.text or each.errors for each in self.optional)


def bind(
    fields: Sequence[Field] | None,
    texts: Sent,
    prefix: str,
    *,
    mistakes: Iterable[Mistake] = (),
    errors: Errors = (),
    below: str = "#/arguments",
    whole: bool = False,
    folded: bool = False,
) -> BoundForm:
    """The form with these texts. `below`: where in the API's body the object stands to which pointers lead.

    `whole`: as JSON, where the texts do not say so themselves.
    """
    told, general = _by_field(mistakes, errors, below, [field.name for field in fields or ()])
    if whole or fields is None or prefix + WHOLE in texts:
        return _bind_whole(texts, prefix, [*general, *(_with_name(*each) for each in told.items())])
    bound = [_bind(number, field, texts, prefix, told) for number, field in enumerate(fields)]
    return BoundForm(
        required=tuple(each for each in bound if each.field.required),
        optional=tuple(each for each in bound if not each.field.required),
        errors=tuple(general),
        folded=folded,
    )


def _bind(
    number: int, field: Field, texts: Sent, prefix: str, told: Mapping[str, Sequence[str]]
) -> BoundField:
    plain, as_json = prefix + field.name, prefix + field.name + AS_JSON
    is_json = as_json in texts
    return BoundField(
        field,
        id=f"{prefix.rstrip('.')}-{number}",
        name=as_json if is_json else plain,
        kind=Kind.JSON if is_json else field.kind,
        text=texts.get(as_json if is_json else plain, ""),
        errors=tuple(told.get(field.name, ())),
    )


def _bind_whole(texts: Sent, prefix: str, errors: Iterable[str]) -> BoundForm:
    name = prefix + WHOLE
    field = Field(prefix.rstrip("."), Kind.JSON, hint="A JSON object.")
    bound = BoundField(
        field, f"{prefix.rstrip('.')}-whole", name, Kind.JSON, texts.get(name, ""), tuple(errors)
    )
    return BoundForm(whole=bound)


def _by_field(
    mistakes: Iterable[Mistake], errors: Errors, below: str, names: Sequence[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """By the name of a field what is wrong with it, and what is wrong with none of them."""
    told: dict[str, list[str]] = {}
    general = []
    for name, detail in mistakes:
        if name in names:
            told.setdefault(str(name), []).append(detail)
        else:
            general.append(detail)
    for error in errors:
        steps = _steps_below(str(error.get("pointer", "")), below)
        detail = str(error.get("detail", ""))
        if steps and steps[0] in names:
            inner = "/".join(steps[1:])
            told.setdefault(steps[0], []).append(f"{inner}: {detail}" if inner else detail)
        else:
            where = "/".join(steps) if steps else str(error.get("pointer", "")).removeprefix("#/")
            general.append(f"{where}: {detail}" if where else detail)
    return told, general


def _steps_below(pointer: str, below: str) -> list[str]:
    """A pointer's steps beyond a place; none: it leads elsewhere."""
    if not pointer.startswith(f"{below}/"):
        return []
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer[len(below) + 1 :].split("/")]


def _with_name(name: str, details: Sequence[str]) -> str:
    return f"{name}: {'; '.join(details)}"
