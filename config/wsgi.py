"""What the web server serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from rest.addresses import KeepPathAsSent
from rest.bodies import WholeBodies
from rest.stopping import when_told_to_stop
from rest.turns import InTurn
from tasks_api.postgres import WEB, limit_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
limit_process(WEB)


def _end_waits() -> None:
    """Otherwise the server would wait for its long polls and streams, and be killed."""
    from tasks_api.waiting import watcher

    watcher.stop()


application = WholeBodies(
    InTurn(
        KeepPathAsSent(get_wsgi_application()),
        limit=settings.ENVIRONMENT.WEB_THREADS,
        exempt=("/health/",),
    ),
    limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
)
when_told_to_stop(_end_waits)
