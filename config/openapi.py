"""What the OpenAPI document says of the service as a whole."""

from django.conf import settings
from drf_yasg.openapi import Info

from config import VERSION
from config.environment import Environment, is_loopback
from config.stack.report import flower_url
from rest.openapi.inspector import Generator

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
- **Safe repeats**: a POST that creates something takes an `Idempotency-Key`; repeats with the same key create nothing.
- **Every answer** has an `X-Request-ID`, yours if you send one. Paths work with and without the trailing slash.
"""


def links(environment: Environment) -> str:
    """The other pages. Where Flower is, is known only where nothing stands between its address and the caller."""
    direct = is_loopback(environment.HOST) and not environment.PUBLISH_ADDRESS and not environment.TRUST_PROXY
    shown = environment.FLOWER and direct
    flower = f", [Flower]({flower_url(environment)}/) shows the workers" if shown else ""
    return (
        "[Swagger UI](/swagger/) is for trying out, [ReDoc](/redoc/) for reading, "
        f"[the document](/swagger.json) for programs{flower}. Guides are in the folder `docs` of the source, "
        "from `docs/README.md` on."
    )


INFO = Info(
    title="Punctual",
    default_version=VERSION,
    description=f"{DESCRIPTION.strip()}\n\n{links(settings.ENVIRONMENT)}\n",
)


class PunctualGenerator(Generator):
    """Our document, with its groups."""

    tags = {
        "Tasks": "One run of an operation, now or later.",
        "Task schedules": "Rules for when to create tasks.",
        "Operations": "What tasks can do.",
        "Health": "For load balancers, orchestrators and people.",
    }
