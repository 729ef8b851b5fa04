"""What comes in where schedules are deleted, where an edit is only tried, and where there may be no body."""

from typing import Annotated, Any, TypeVar

from pydantic import Field

from rest.input import QueryFlag, Strict, read_body

Form = TypeVar("Form", bound=Strict)


class EditOptions(Strict):
    """Query parameters of what creates or edits a schedule."""

    dry_run: Annotated[
        QueryFlag, Field(description="Only show what the request would do; change nothing.")
    ] = False


class DeleteOptions(Strict):
    """Query parameters of `DELETE /task-schedules/{id}/`."""

    cancel_waiting: Annotated[QueryFlag, Field(description="Also cancel its waiting tasks.")] = False


def read_optional_body(form: type[Form], body: Any) -> Form:
    """A body that may be left out: none at all, and null, stand for an empty object. Raises InvalidInput."""
    return read_body(form, {} if body is None else body)
