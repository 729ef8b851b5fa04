"""Which form an answer gets."""

from collections.abc import Iterable, Sequence

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANYTHING = "*/*"


class Negotiation(DefaultContentNegotiation):
    """DRF's, whose search is half of what the framework itself does for a request, and which nearly nobody needs."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first form for a caller who takes any, or names just that one."""
        forms: Sequence[BaseRenderer] = list(renderers)
        media_type = forms[0].media_type
        named = format_suffix is not None  # by the path, such as `/swagger.json`
        if not named and request.META.get("HTTP_ACCEPT", ANYTHING) in (ANYTHING, media_type):
            return forms[0], media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, forms, format_suffix)
        return chosen
