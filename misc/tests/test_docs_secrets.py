"""The example of an operation with a secret is true."""

from typing import Any

import pytest

from misc.markdown import read_page
from operations import catalogue
from testing.stack import PROJECT

PAGE = PROJECT / "docs/how-to/use-secrets.md"


def test_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    definition, trial = (block.text for block in read_page(PAGE).blocks if block.info == "python")
    monkeypatch.setattr(catalogue, "_operations", {})
    names: dict[str, Any] = {}
    exec(compile(f"{definition}\n{trial}", PAGE, "exec"), names)  # noqa: S102 (our own page)
    assert names["ran"].progress == []
