"""JSON as people read it: folded where it is long, exact numbers, and never more than a page can bear."""

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

MOST_CHARACTERS = 20_000
"""Of the text; what is longer is cut, and that is said."""
SHORT = 80
# Characters that would turn around or hide what stands beside them are shown as what they are.
_HIDDEN = {
    code: f"\\u{code:04x}"
    for code in (
        *range(0x09),
        *range(0x0B, 0x0D),
        *range(0x0E, 0x20),
        *range(0x7F, 0xA0),
        0x061C,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
    )
}


def visible(text: str) -> str:
    """The text, without characters that turn its direction or cannot be seen, as JSON escapes them."""
    return text.translate(_HIDDEN)


def pretty(value: Any, label: str, *, is_open: bool) -> SafeString:
    """A line of code where it is short, otherwise `<details>`."""
    line = visible(json.dumps(value, ensure_ascii=False))
    if len(line) <= SHORT:
        return format_html('<code class="json">{}</code>', line)
    text = visible(json.dumps(value, ensure_ascii=False, indent=2))
    cut = text[:MOST_CHARACTERS]
    more = (
        f"… and {len(text) - len(cut):,} more characters: the API has all of it"
        if len(text) > len(cut)
        else ""
    )
    opened = " open" if is_open else ""
    return format_html(
        '<details class="json"{}><summary>{} <code>{}…</code></summary><pre tabindex="0">{}</pre><p>{}</p></details>',
        SafeString(opened),
        label,
        line[:SHORT],
        cut,
        more,
    )
