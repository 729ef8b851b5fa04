"""What the OpenAPI document says of `/keys/`."""

from datetime import UTC, datetime

from access.actions.first import NotTheFirst
from access.actions.keys import GivesTooMuch, NoSuchKey, WasRevoked
from access.api import answers
from access.api.key_forms import KeyBody, KeyChanges, KeyListQuery, RotateBody, represent
from access.models import Key, Project
from access.pin_words import pin_text
from access.scopes import Scope
from rest.openapi import ANY_ACTOR, Answer, Endpoint, Refusal, RequestBody, one_page, shapes

PIN = {"required": ["url"], "properties": {"url": {"pattern": "^https://crm\\.example/"}}}
A_KEY = represent(
    Key(
        public_id="9Zk3TqLw0bXa",
        name="nightly build",
        project=Project(slug="acme"),
        role="submitter",
        operations=["http_request"],
        max_priority=5,
        pins={"http_request": pin_text(PIN)},
        rate={"limit": 600, "window_seconds": 60},
        last_characters="k3Qx",
        created_by="2LmN8vRt4cYd",
        created_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        last_used_at=datetime(2026, 3, 29, 9, 12, tzinfo=UTC),
    )
)
# Not a whole one, which scanners would take for one that was lost.
A_NEW_KEY = {**A_KEY, "last_used_at": None, "key": "pct_9Zk3TqLw0bXa_…k3Qx"}
REVOKED_KEY = {**A_KEY, "status": "revoked", "revoked_at": "2026-03-29T09:30:00Z"}
KEY_ID = {"key_id": "The `id` of the key."}
NO_KEY = Refusal("There is no such key.", NoSuchKey())
TOO_MUCH = Refusal(
    "The scope `keys:admin` is missing (`scope_missing`), or somebody would give what they do not have.",
    GivesTooMuch([("role", "must not have what your own key has not: keys:admin")]),
    shapes.Forbidden,
)
REVOKED = Refusal("The key was revoked.", WasRevoked())
ROTATED = "The scope `keys:admin` is missing, and the key is not your own; or it may do what yours may not."

CREATE_KEY = Endpoint(
    summary="Create a key",
    scope=Scope.KEYS_ADMIN,
    description="The text of the key is in this answer and nowhere else. A key of a project makes keys of that "
    "project. While there is no key and no person, this needs none: the first one must have the role `admin`, and it "
    "closes the service to everybody without a key, here at once and in other processes within two seconds.",
    body=RequestBody(
        KeyBody,
        {
            "for everything": {"name": "operator", "role": "admin"},
            "for submitting one kind of task": {
                "name": "nightly build",
                "role": "submitter",
                "operations": ["http_request"],
                "max_priority": 5,
                "networks": ["10.20.0.0/16"],
                "pins": {"http_request": PIN},
                "rate": {"limit": 600, "window_seconds": 60},
                "expires_at": "2126-03-29T00:00:00Z",
            },
            "with scopes": {"name": "status page", "scopes": ["tasks:read", "stats:read"]},
        },
    ),
    answers={201: Answer("The new key, with its text.", answers.NewKey, A_NEW_KEY, ("Location",))},
    refusals=(TOO_MUCH, Refusal("The first key or person must have the role `admin`.", NotTheFirst())),
)
LIST_KEYS = Endpoint(
    summary="List keys, newest first",
    scope=Scope.KEYS_ADMIN,
    description="One page of the keys of your project; an installation key sees those of all. None is ever deleted.",
    query=KeyListQuery,
    answers=one_page(answers.KeyPage, [A_KEY]),
)
GET_KEY = Endpoint(
    summary="Read a key",
    scope=Scope.KEYS_ADMIN,
    path=KEY_ID,
    answers={200: Answer("The key, without its text.", answers.Key, A_KEY)},
    refusals=(NO_KEY,),
)
CHANGE_KEY = Endpoint(
    summary="Change a key",
    scope=Scope.KEYS_ADMIN,
    description="Omitted fields stay as they are; `null` takes a restriction away. Its text stays the same. True in "
    "every process within two seconds.",
    path=KEY_ID,
    body=RequestBody(
        KeyChanges,
        {
            "another role": {"role": "viewer"},
            "no limit of priority, other name": {"max_priority": None, "name": "build"},
        },
        required=False,
    ),
    answers={200: Answer("The key as it is now.", answers.Key, A_KEY)},
    refusals=(NO_KEY, TOO_MUCH, REVOKED),
)
ROTATE_KEY = Endpoint(
    summary="Give a key a new text",
    scope=ANY_ACTOR,
    description="The key keeps its `id` and all that it may do. The old text works for `overlap_seconds` more, a day "
    "if nothing is said, so that it can be replaced wherever it is used. A key may always rotate itself, whatever its "
    "scopes; for another key the scope `keys:admin` is needed.",
    path=KEY_ID,
    body=RequestBody(
        RotateBody, {"within an hour": {"overlap_seconds": 3600}, "within a day": {}}, required=False
    ),
    answers={201: Answer("The key, with its new text.", answers.NewKey, A_NEW_KEY)},
    refusals=(NO_KEY, Refusal(ROTATED, TOO_MUCH.example, shapes.Forbidden), REVOKED),
)
REVOKE_KEY = Endpoint(
    summary="Revoke a key",
    scope=Scope.KEYS_ADMIN,
    description="For good, in this process at once and in others within two seconds. What was submitted with it goes "
    "on. Revoking it twice is no error. Nobody revokes a key that may do what theirs may not.",
    path=KEY_ID,
    answers={200: Answer("The key as it is now.", answers.Key, REVOKED_KEY)},
    refusals=(NO_KEY, TOO_MUCH),
)
