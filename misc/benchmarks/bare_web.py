"""The least that takes tasks over HTTP by the same libraries: DRF, the ORM, and Celery's own way to send.

The baseline of the benchmark of requests: `granian misc.benchmarks.bare_web:application`.
"""

import os

import dj_database_url
import django
from django.conf import settings

settings.configure(
    ROOT_URLCONF="misc.benchmarks.bare_web",
    SECRET_KEY="bare",  # noqa: S106 (it signs nothing)
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["rest_framework"],
    DATABASES={"default": {**dj_database_url.parse(os.environ["DATABASE_URL"]), "CONN_MAX_AGE": None}},
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    },
    USE_TZ=True,
)
django.setup()

from celery import Celery  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402

app = Celery("bare", broker=os.environ["CELERY_BROKER_URL"])
app.conf.task_ignore_result = True


@app.task(name="bare.add")  # type: ignore[untyped-decorator] # Celery has no types
def add(row_id: int, x: int, y: int) -> None:
    """What is sent; nobody runs it here."""


class Row(models.Model):
    """One task."""

    objects: models.Manager["Row"] = models.Manager()

    operation = models.TextField()
    arguments = models.JSONField()
    priority = models.SmallIntegerField(default=5)
    status = models.TextField(default="PENDING")

    class Meta:
        app_label = "bare_web"
        db_table = "bare_request"

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


def _represent(row: Row) -> dict[str, object]:
    return {"id": row.pk, "operation": row.operation, "arguments": row.arguments, "status": row.status}


class Tasks(APIView):
    """Takes one task, or a list of them."""

    def post(self, request: Request) -> Response:
        """Write the rows, send the messages."""
        items = request.data if isinstance(request.data, list) else [request.data]
        rows = Row.objects.bulk_create(
            Row(operation=item["operation"], arguments=item["arguments"]) for item in items
        )
        for row in rows:
            add.apply_async((row.pk, row.arguments["x"], row.arguments["y"]), queue="bare-requests")
        return Response([_represent(row) for row in rows], status=202)


class Fixed(APIView):
    """Answers without asking anybody."""

    def get(self, request: Request) -> Response:  # noqa: ARG002 (DRF's signature)
        """Always the same."""
        return Response({"id": 1, "operation": "add", "arguments": {"x": 1, "y": 2}, "status": "PENDING"})


urlpatterns = [path("tasks/", Tasks.as_view()), path("fixed/", Fixed.as_view())]
application = WSGIHandler()
