"""Which form an answer gets."""

import pytest
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from rest.negotiation import Negotiation
from rest.renderers import JSONRenderer


class Text(BaseRenderer):
    media_type = "text/plain"
    format = "text"


ACCEPTED = [
    None,
    "*/*",
    "application/json",
    "text/plain",
    "text/plain, */*",
    "text/*",
    "application/json; indent=4",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "image/png",
    "",
]


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("forms", [[JSONRenderer()], [JSONRenderer(), Text()], [Text(), JSONRenderer()]])
def test_it_is_the_one_that_the_framework_would_choose(accept: str | None, forms: list[BaseRenderer]) -> None:
    request = Request(APIRequestFactory().get("/"))
    if accept is not None:
        request.META["HTTP_ACCEPT"] = accept
    ours, theirs = Negotiation(), DefaultContentNegotiation()
    try:
        expected = theirs.select_renderer(request, forms)
    except Exception as refusal:  # noqa: BLE001 (whatever it is)
        with pytest.raises(type(refusal)):
            ours.select_renderer(request, forms)
    else:
        assert ours.select_renderer(request, forms) == expected


def test_a_form_that_the_path_names_counts_more() -> None:
    request = Request(APIRequestFactory().get("/"))
    form, _ = Negotiation().select_renderer(request, [JSONRenderer(), Text()], "text")
    assert isinstance(form, Text)
