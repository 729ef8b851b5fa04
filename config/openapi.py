"""What the OpenAPI document says of the service as a whole."""

from drf_yasg.openapi import Info

from config import VERSION
from rest.openapi.inspector import Generator
from schedules.api import openapi as schedules
from tasks_api.api import openapi as tasks

DESCRIPTION = """
Punctual runs tasks: now, later, or again and again.

- **Task**: one run of an operation. `POST /tasks/` answers 202 at once; `GET /tasks/{id}/?wait=30` answers
  as soon as it is final. `priority` is 0 to 9, and 9 is the most urgent.
- **Task schedule**: a rule for when tasks come into being: every so many days or hours, cron, iCalendar's RRULE, once.
- **Operations** are what tasks can do. `GET /operations/` has the JSON Schema of each one's arguments and result.
- **Times** are RFC 3339 in UTC with `Z`; in input, any offset will do, but there must be one.
- **Lists** come in pages: follow `next`. `limit` is 50 unless you say otherwise, and at most 500.
- **Errors** are `application/problem+json` (RFC 9457), always: branch on `code`; `errors` names each field
  that is wrong. Unknown fields and unknown query parameters are errors.
- **Sent twice**: a POST that creates takes an `Idempotency-Key`, and with the same one creates nothing more.
- **Every answer** has an `X-Request-ID`, yours if you send one. Paths work with and without the last slash.
"""

INFO = Info(
    title="Punctual",
    default_version=VERSION,
    description=DESCRIPTION.strip(),
)


class PunctualGenerator(Generator):
    """Our document, with its groups."""

    tags = {
        tasks.TASKS: "One run of an operation, now or later.",
        schedules.SCHEDULES: "Rules for when tasks come into being.",
        tasks.OPERATIONS: "What tasks can do.",
        tasks.HEALTH: "For load balancers, orchestrators and people.",
    }
