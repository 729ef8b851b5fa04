"""Lines of the log: their events, what they belong to, and how they are written. Knows nothing else of this service.

It must import quickly and without Django, as the web server's own process writes such lines too.
"""

from log_lines.context import request_id, running
from log_lines.events import Event, event

__all__ = ["Event", "event", "request_id", "running"]
