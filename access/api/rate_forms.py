"""The `rate` of a key and of a project, in bodies and in answers."""

from typing import Annotated

from pydantic import Field

from access.rates.gcra import LONGEST_WINDOW_SECONDS, MOST_REQUESTS
from rest.input import Strict


class RateForm(Strict):
    """How many requests in how many seconds."""

    limit: Annotated[int, Field(ge=1, le=MOST_REQUESTS, description="How many requests.")]
    window_seconds: Annotated[int, Field(ge=1, le=LONGEST_WINDOW_SECONDS, description="In how many seconds.")]


def as_kept(form: RateForm | None) -> dict[str, int] | None:
    """As it is stored."""
    return None if form is None else form.model_dump()
