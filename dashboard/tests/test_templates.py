"""What no template may have: the policy for content forbids it, or htmx would need `eval` for it and fail silently."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent
PROJECT = FOLDER.parent
TEMPLATES = sorted([*FOLDER.rglob("templates/**/*.html"), *PROJECT.glob("access/templates/**/*.html")])
FORBIDDEN = {
    "a script of its own": r"<script(?![^>]*\ssrc=)",
    "a style of its own": r"<style|\sstyle\s*=",
    "a handler": r"<[^>{]*\son[a-z]+\s*=",
    "hx-on, which needs eval": r"hx-on",
    "hx-live, which needs eval": r"hx-live",
    "values from JavaScript": r"""=["']\s*(?:js|javascript):""",
    "a filter of triggers, which needs eval": r"hx-trigger\s*=\s*[\"'][^\"']*\[",
    "something from elsewhere": r"""(?:src|href|action)=["'](?:https?:)?//""",
    "text that is not escaped": r"\|\s*safe\b|autoescape\s+off|mark_safe",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_nothing_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    found = [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    bad = {
        "a script of its own": "<script>alert(1)</script>",
        "a style of its own": '<p style="color: red">',
        "a handler": '<a href="/" onclick="go()">',
        "hx-on, which needs eval": '<p hx-on:click="go()">',
        "hx-live, which needs eval": "<p hx-live>",
        "values from JavaScript": """<p hx-vals='js:{"a": 1}'>""",
        "a filter of triggers, which needs eval": '<p hx-trigger="click[ctrlKey]">',
        "something from elsewhere": '<img src="https://example.com/x.png">',
        "text that is not escaped": "{{ text|safe }}",
    }
    assert bad.keys() == FORBIDDEN.keys()
    for what, text in bad.items():
        assert re.search(FORBIDDEN[what], text, re.IGNORECASE), what


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 5


@pytest.mark.parametrize("path", sorted(FOLDER.glob("static/dashboard/*.js")), ids=lambda path: path.name)
def test_scripts_make_no_code_of_text(path: Path) -> None:
    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML", path.read_text())
