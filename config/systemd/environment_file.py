"""Reading an `EnvironmentFile=` as systemd does, but for values that go on in the next line."""

import re
from pathlib import Path


def read_environment_file(path: Path) -> dict[str, str]:
    """The variables. Raises OSError, and ValueError where it is no text."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and line[0] not in "#;")
    return {name.strip(): _value(value.strip()) for name, equals, value in pairs if equals}


def _value(text: str) -> str:
    """Quotes count at the beginning alone, so that JSON needs none around it."""
    quote = text[:1]
    if quote == "'" and text.endswith("'") and len(text) > 1:
        return text[1:-1]
    if quote == '"' and text.endswith('"') and len(text) > 1:
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)
