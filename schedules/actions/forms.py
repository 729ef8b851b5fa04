"""What is said where schedules are paused and resumed, one or many."""

from typing import Annotated

from pydantic import Field

from rest.input import Instant, Strict
from schedules.actions.pausing import CatchUp, Pause


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
