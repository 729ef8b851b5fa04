"""What comes in where schedules are paused, resumed and deleted, and where an edit is only tried."""

from typing import Annotated, Any, TypeVar

from pydantic import Field

from rest.input import Instant, QueryFlag, Strict, read_body
from schedules.actions.pausing import CatchUp, Pause

Form = TypeVar("Form", bound=Strict)


class EditOptions(Strict):
    """Query parameters of what creates or edits a schedule."""

    dry_run: Annotated[
        QueryFlag, Field(description="Only show what the request would do; change nothing.")
    ] = False


class DeleteOptions(Strict):
    """Query parameters of `DELETE /task-schedules/{id}/`."""

    cancel_waiting: Annotated[QueryFlag, Field(description="Also cancel its waiting tasks.")] = False


class PauseBody(Strict):
    """The body of a request to pause; optional. During a pause, omitted fields stay as they are."""

    reason: Annotated[
        str | None, Field(min_length=1, max_length=500, description="For people; also kept in the ledger.")
    ] = None
    until: Annotated[
        Instant | None,
        Field(
            description="When the pause ends by itself; must be in the future. Null: when somebody resumes it."
        ),
    ] = None

    @property
    def said(self) -> Pause:
        """What a client names, null included."""
        said: Pause = {}
        if "reason" in self.model_fields_set:
            said["reason"] = self.reason
        if "until" in self.model_fields_set:
            said["until"] = self.until
        return said


class ResumeBody(Strict):
    """The body of a request to resume; optional."""

    catch_up: Annotated[
        Annotated[CatchUp, Field(strict=False)] | None,
        Field(description="Which occurrences during the pause run after all. Default none."),
    ] = None


def read_optional_body(form: type[Form], body: Any) -> Form:
    """A body that may be left out: none at all, and null, stand for an empty object. Raises InvalidInput."""
    return read_body(form, {} if body is None else body)
