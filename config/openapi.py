"""What the OpenAPI document says of the service as a whole."""

from django.conf import settings
from drf_yasg.openapi import Info

from config import VERSION
from config.environment import Environment, is_loopback
from config.stack.report import flower_url
from operations import catalogue
from rest.openapi.inspector import Generator
from rest.openapi.writer import Writer
from tasks_api.api.by_operation import told_by_operation

DESCRIPTION = """
Punctual runs tasks: now, later, or on a schedule.

- **Task**: one run of an operation. `POST /tasks/` returns 202 at once; `GET /tasks/{id}/?wait=30` returns
  as soon as the task is final. `priority` is 0 to 9, and 9 is the most urgent.
- **Task schedule**: a rule for when to create tasks: every so many days or hours, cron, iCalendar RRULE, or once.
- **Operations** are what tasks can do. `GET /operations/` has the JSON Schemas of their arguments and results.
- **Times** are RFC 3339 in UTC with `Z`; input may use any offset, but must have one.
- **Lists** come in pages: follow `next`. `limit` defaults to 50 and is at most 500.
- **Errors** are `application/problem+json` (RFC 9457), always. Branch on `code`; `errors` points at each
  invalid field. Unknown fields and unknown query parameters are errors. Browsers get them as pages. A body that comes
  too slowly is a 408, and while too many others do, the answer is a 503 with `Retry-After`.
- **Keys** say who you are: `Authorization: Bearer pct_...`. Each has scopes, and what a path needs is told with it.
  While there is no key and no person, nobody needs one. `Punctual-Project` names a project; without it, it is your
  key's, or `default`.
- **Safe repeats**: a POST that creates something takes an `Idempotency-Key`; repeats with the same key create nothing.
- **Every answer** has an `X-Request-ID`, yours if you send one. Paths work with and without the trailing slash.
"""


def links(environment: Environment) -> str:
    """The other pages. Where Flower is, is known only where nothing stands between its address and the caller."""
    direct = is_loopback(environment.HOST) and not environment.PUBLISH_ADDRESS and not environment.TRUST_PROXY
    shown = environment.FLOWER and direct
    flower = f", [Flower]({flower_url(environment)}/) shows the workers" if shown else ""
    return (
        "[Swagger UI](/swagger/) is for trying out, [ReDoc](/redoc/) for reading, the documents for programs: "
        f"[OpenAPI 3.1](/openapi.json) and [Swagger 2.0](/swagger.json){flower}. "
        "Guides are in the folder `docs` of the source, from `docs/README.md` on."
    )


TITLE = "Punctual"
TEXT = f"{DESCRIPTION.strip()}\n\n{links(settings.ENVIRONMENT)}\n"
TAGS = {
    "Tasks": "One run of an operation, now or later.",
    "Task schedules": "Rules for when to create tasks.",
    "Operations": "What tasks can do.",
    "Files": "What is uploaded, and what tasks read and make.",
    "Access": "Who is asking, and what they may do.",
    "Keys": "Who may do what.",
    "Projects": "Whose tasks and schedules they are.",
    "People": "Who may log in, and with which roles.",
    "Audit": "Who changed what.",
    "Bulk actions": "What is done to all that a filter names.",
    "Failures": "What fails, by reason.",
    "Stats": "How tasks fare.",
    "Workers": "The processes that run tasks and sweep.",
    "Problems": "What errors mean, and how to mend them.",
    "Health": "For load balancers, orchestrators and people.",
}
INFO = Info(title=TITLE, default_version=VERSION, description=TEXT)
SECURITY: dict[str, dict[str, str]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key, as `Authorization: Bearer pct_...`."},
    "key_header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "The same key, where `Authorization` is taken.",
    },
}
WRITER = Writer(
    info={
        "title": TITLE,
        "version": VERSION,
        "summary": "A self-hosted task-scheduling service that any program can use over HTTP.",
        "description": TEXT,
        "license": {"name": "MIT", "identifier": "MIT"},
    },
    tags=TAGS,
    security=SECURITY,
    refine={
        "TaskBody": told_by_operation("TaskBody", catalogue.all),
        "ScheduleBody": told_by_operation("ScheduleBody", catalogue.all, with_placeholders=True),
    },
)


class PunctualGenerator(Generator):
    """Our document in Swagger 2.0, with its groups."""

    tags = TAGS
