"""What browsers show in the tab of any answer: a clock, on time."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

ICON: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    b'<circle cx="16" cy="16" r="14" fill="#fff" stroke="#2f6f5e" stroke-width="4"/>'
    b'<path d="M16 8v8l6 4" fill="none" stroke="#2f6f5e" stroke-width="4" stroke-linecap="round"/></svg>\n'
)


@require_safe
def favicon(_: HttpRequest) -> HttpResponse:
    """`/favicon.ico`, which browsers ask for by themselves; all of today take an SVG."""
    return HttpResponse(ICON, content_type="image/svg+xml", headers={"Cache-Control": "max-age=86400"})
