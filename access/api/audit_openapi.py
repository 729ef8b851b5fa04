"""What the OpenAPI document says of `/audit/`."""

from datetime import UTC, datetime
from uuid import UUID

from access.actor import Actor, ActorKind
from access.api import answers
from access.api.audit_forms import MOST_LINES, AuditQuery, represent
from access.audit.events import Action
from access.models import AuditEvent
from access.refusals import InstallationOnly
from access.scopes import ALL_SCOPES, Scope
from rest.json import dump
from rest.openapi import Answer, Endpoint, Refusal, one_page, shapes

LINES = "application/x-ndjson"
AN_EVENT = represent(
    AuditEvent(
        id=UUID("01a1f8c2-7d11-7c06-9b1e-52c7a0f3d481"),
        at=datetime(2026, 3, 29, 9, 12, tzinfo=UTC),
        project_id=7,
        actor_kind="key",
        actor_id="9Zk3TqLw0bXa",
        actor_name="deployment",
        action=Action.SCHEDULE_UPDATE.value,
        target_type="schedule",
        target_id="01a1f8c2-7d0f-7abc-8def-0123456789ab",
        outcome="done",
        changes={"priority": {"before": 5, "after": 9}},
        request_id="1b85dc0c49064cc8b92d4d61adfe71f3",
        address="10.20.0.7",
        user_agent="deploy/3.1",
    ),
    Actor(ActorKind.KEY, project="acme", scopes=ALL_SCOPES),
)
AN_EVENT["id"] = str(AN_EVENT["id"])
ONE_LINE = dump(AN_EVENT).decode() + "\n"
PAGES = one_page(answers.AuditPage, [AN_EVENT])[200]

LIST_EVENTS = Endpoint(
    operation_id="list_audit_events",
    summary="Read the audit log, newest first",
    scope=Scope.AUDIT_READ,
    description="One event for each request that changed something, written with the change, and one for each that was "
    "refused for lack of rights. Submissions of tasks are told by the tasks. Keys that open nothing are counted by "
    "minute and address, in the log of the installation. `changes` has, by field, `before` and `after`; long values "
    f"are told by their length. With `Accept: {LINES}` all events come as lines, as many as {MOST_LINES:,}, whatever "
    "the `limit`; go on with `before`. Without the scope `payloads:read` the values of arguments are null.",
    query=AuditQuery,
    answers={
        200: Answer(
            PAGES.description,
            PAGES.shape,
            PAGES.example,
            PAGES.headers,
            also={LINES: Answer("One event a line.", answers.Lines, ONE_LINE, media_type=LINES)},
        )
    },
    refusals=(
        Refusal(
            "The scope `audit:read` is missing (`scope_missing`), or a key of a project asks for the log of the "
            "installation.",
            InstallationOnly(*InstallationOnly.sample),
            shapes.Forbidden,
        ),
    ),
)
