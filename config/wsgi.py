"""What the web server serves."""

import os
from functools import partial

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.connections import FILE_SENDERS, raise_limit_of_files
from files.streamed import is_upload
from rest.body_readers import WholeBodies
from rest.body_streams import StreamedBodies
from rest.connection_turns import InTurn
from rest.files import FilesInPlaces
from rest.places import OF_ONE_ADDRESS, Places, address_of
from rest.request_log import RequestLog
from rest.stopping import when_told_to_stop
from rest.utf8_urls import KeepPathAsSent
from rest.whole_answers import WholeAnswers
from tasks_api.postgres import WEB, limit_process

PROBES = ("/health/",)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
limit_process(WEB)


def _end_waits() -> None:
    """Otherwise the server would wait for its long polls and streams, and be killed."""
    from dashboard.shell.changes import changes
    from tasks_api.watching import watcher

    watcher.stop()
    changes.stop()


_caller = partial(address_of, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
_in_turn = InTurn(
    KeepPathAsSent(get_wsgi_application()),
    limit=settings.ENVIRONMENT.WEB_THREADS,
    exempt=PROBES,
)
_answered = FilesInPlaces(_in_turn, Places(FILE_SENDERS, OF_ONE_ADDRESS), _caller)
_whole = WholeBodies(
    _answered,
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    Places(settings.ENVIRONMENT.BODY_READERS, OF_ONE_ADDRESS),
    _caller,
)
_streamed = StreamedBodies(
    _answered,
    _whole,
    is_upload,
    Places(settings.ENVIRONMENT.FILES_UPLOADS, OF_ONE_ADDRESS),
    _caller,
)
application = RequestLog(WholeAnswers(_streamed), probes=PROBES)
raise_limit_of_files()
when_told_to_stop(_end_waits)
