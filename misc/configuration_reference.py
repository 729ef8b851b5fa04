"""The table of settings, from what `config.environment` says of each."""

from typing import Any

from config.environment import Environment
from config.setting_words import takes, written


def text() -> str:
    """A table in Markdown."""
    rows = [_row(name, field) for name, field in Environment.model_json_schema()["properties"].items()]
    return "\n".join(["| setting | default | takes | meaning |", "|---|---|---|---|", *rows])


def _row(name: str, field: dict[str, Any]) -> str:
    default = written(field["default"])
    shown = f"`{default}`" if default else ""
    return f"| `{name}` | {shown} | {takes(field)} | {field['description']} |"
