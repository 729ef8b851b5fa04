"""When a key was last used, to the minute. A request only notes it; a thread of its own writes, once a minute."""

import logging
import threading
import time

from django.db import DatabaseError, connection

from log_lines import event

GRAIN_SECONDS = 60
COLLECT_SECONDS = 1.0
MOST = 10_000
"""Of keys that are used within a minute; what is noted of others is lost."""

USED_SQL = """
UPDATE access_key SET last_used_at = date_trunc('minute', now())
 WHERE public_id = ANY(%s) AND last_used_at IS DISTINCT FROM date_trunc('minute', now())"""

logger = logging.getLogger(__name__)


class LastUse:
    """What this process noted, and has not written yet."""

    def __init__(self) -> None:
        self._noted: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._told_to_end = threading.Event()

    def note(self, key_id: str) -> None:
        """It is used now."""
        minute = time.time() // GRAIN_SECONDS
        if self._noted.get(key_id) == minute:
            return
        with self._lock:
            if len(self._noted) >= MOST:
                self._noted.clear()
            self._noted[key_id] = minute
            self._waiting.add(key_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="last-use", daemon=True)
                self._thread.start()

    def forget(self) -> None:
        """As if no key had been used; nothing more is written."""
        with self._lock:
            self._waiting.clear()
            self._noted.clear()
            thread = self._thread
        if thread is not None:
            self._told_to_end.set()
            thread.join()
            self._told_to_end.clear()

    def _write(self) -> None:
        self._told_to_end.wait(COLLECT_SECONDS)
        with self._lock:
            used, self._waiting, self._thread = sorted(self._waiting), set(), None
        if not used:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute(USED_SQL, [used])
        except DatabaseError as error:
            logger.warning("last use of keys was not noted: %s", error, extra=event("key.use_not_noted"))
        finally:
            connection.close()


last_use = LastUse()
