"""The one error that leaves this package."""


class RecurrenceError(ValueError):
    """A rule that is refused.

    ``field`` is the field of `RuleSpec` at fault (``"rule"`` when no kind was given at all),
    ``code`` a stable snake_case word for programs, ``detail`` a sentence for people.
    """

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type["RecurrenceError"], tuple[str, str, str]]:
        return type(self), (self.field, self.code, self.detail)


def quoted(text: str, limit: int = 40) -> str:
    """What the user wrote, safe to print and short enough for a message."""
    return repr(text if len(text) <= limit else text[:limit] + "...")
