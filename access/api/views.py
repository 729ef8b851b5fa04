"""The view of what has payloads."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from access.door import actor_of
from access.payloads import shown_to
from rest.views import View


class PayloadView(View):
    """Shows arguments, results and messages of errors to whoever may see them, and null to others."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """DRF's hook for what a method answers. Problems are no `Response`, and neither are streams."""
        if isinstance(response, Response):
            response.data = shown_to(actor_of(request))(response.data)
        return super().finalize_response(request, response, *args, **kwargs)
