"""What the OpenAPI document says of `/access/`."""

from access.actor import Actor, ActorKind
from access.api import answers
from access.api.access_forms import CheckBody, represent
from access.restrictions import Restrictions
from access.scopes import SCOPES_OF_ROLES
from rest.openapi import ANY_ACTOR, Answer, Endpoint, Refusal, RequestBody
from rest.problems import NotFound

ME = represent(
    Actor(
        ActorKind.KEY,
        id="9Zk3TqLw0bXa",
        name="nightly build",
        project="acme",
        is_bound=True,
        role="submitter",
        scopes=SCOPES_OF_ROLES["submitter"],
        restrictions=Restrictions(operations=("http_request",), max_priority=5),
    )
)
NOT_URGENT = {
    "pointer": "#/priority",
    "code": "key_restricted",
    "detail": "must be at most 5 with your key, got 9",
}
REFUSED = {
    "allowed": False,
    "required_scope": "tasks:submit",
    "problem": "key_restricted",
    "detail": "priority must be at most 5 with your key, got 9",
    "errors": [NOT_URGENT],
    "quota": None,
    "limit": None,
    "used": None,
}

GET_ACCESS = Endpoint(
    operation_id="get_access",
    summary="Read who you are and what you may do",
    scope=ANY_ACTOR,
    answers={200: Answer("Your key, its project, scopes and restrictions.", answers.Access, ME)},
    uses_database=False,
)
CHECK_ACCESS = Endpoint(
    operation_id="check_access",
    summary="Check whether a request would be let through",
    scope=ANY_ACTOR,
    description="Nothing is carried out. Tells which scope, restriction or quota forbids it, with the same words as "
    "the request itself. Of quotas, a request for many tasks is not counted, for its filters stand in the query. "
    "Whether what an address names is there, and whether a body is valid, is not looked at.",
    body=RequestBody(
        CheckBody,
        {
            "an urgent task": {
                "method": "POST",
                "path": "/tasks/",
                "body": {"operation": "http_request", "priority": 9},
            },
            "without a body": {"method": "GET", "path": "/task-schedules/"},
        },
    ),
    answers={200: Answer("The verdict.", answers.Verdict, REFUSED)},
    refusals=(
        Refusal("There is no such path, or not with this method.", NotFound("there is no GET /colour/")),
    ),
)
