"""What comes in where schedules are paused, resumed and deleted, and where an edit is only tried."""

from typing import Annotated, Any, TypeVar

from pydantic import Field

from schedules.pausing import CatchUp
from tasks_api.api.input import Instant, QueryFlag, Strict, read_body

Form = TypeVar("Form", bound=Strict)


class EditOptions(Strict):
    """Query parameters of what creates or edits a schedule."""

    dry_run: Annotated[QueryFlag, Field(description="Only tell what it would do; nothing is changed.")] = (
        False
    )


class DeleteOptions(Strict):
    """Query parameters of `DELETE /task-schedules/{id}/`."""

    cancel_waiting: Annotated[QueryFlag, Field(description="Also cancel its tasks that wait.")] = False


class PauseBody(Strict):
    """The body of what pauses. It may be left out."""

    reason: Annotated[
        str | None, Field(min_length=1, max_length=500, description="For people; kept in the ledger, too.")
    ] = None
    until: Annotated[
        Instant | None, Field(description="In the future: when it ends by itself. Default: when resumed.")
    ] = None


class ResumeBody(Strict):
    """The body of what resumes. It may be left out."""

    catch_up: Annotated[
        Annotated[CatchUp, Field(strict=False)] | None,
        Field(description="Which occurrences of the pause run after all. Default none."),
    ] = None


def read_optional_body(form: type[Form], body: Any) -> Form:
    """A body that may be left out: none at all, and null, stand for an empty object. Raises InvalidInput."""
    return read_body(form, {} if body is None else body)
