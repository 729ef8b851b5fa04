"""What the web server serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from rest.chunked import ChunkedBodies
from rest.stopping import when_told_to_stop
from rest.turns import InTurn

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = ChunkedBodies(
    InTurn(get_wsgi_application(), limit=settings.ENVIRONMENT.WEB_THREADS),
    limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
)

# Now that Django is set up.
from tasks_api.waiting import watcher  # noqa: E402

# Otherwise the server would wait for its long polls and streams, and be killed.
when_told_to_stop(watcher.stop)
