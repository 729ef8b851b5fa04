"""Counts the requests that all processes answer: in the broker, where that is a Redis. One round trip for a request."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from access.rates.gcra import Ask, Verdict
from log_lines import event

if TYPE_CHECKING:
    from redis.commands.core import Script

PATIENCE_SECONDS = 0.25
PAUSE_SECONDS = 1.0
"""How long nobody asks a broker that did not answer."""
PREFIX = "punctual:rate"

CLOCK = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""
"""Of the server, so that the clocks of several machines need not agree."""
RECKONING = """
local passes, used = 1, {}
for i, key in ipairs(KEYS) do
  local takes, whole = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local whole_at = tonumber(redis.call('GET', key) or 0) or 0
  used[i] = math.min(math.max(whole_at - now, 0), whole)
  if used[i] + takes > whole then passes = 0 end
end
if passes == 1 then
  for i, key in ipairs(KEYS) do
    local taken = used[i] + tonumber(ARGV[2 * i - 1])
    if taken > 0 then
      redis.call('SET', key, string.format('%.0f', now + taken), 'PX', math.ceil(taken / 1000))
    end
  end
end
return {passes, unpack(used)}
"""
SCRIPT = CLOCK + RECKONING
"""Each key ends when its limit is whole again, so there are never more than were asked for within a window."""
SCHEMES = {"redis": "redis", "rediss": "rediss", "redis+socket": "unix"}

logger = logging.getLogger(__name__)


class Away(Exception):
    """Nobody counts for all: the broker is none that can, or does not answer."""


class Shared:
    """The counts of all processes."""

    def __init__(self, url: str) -> None:
        self._url = redis_url(url)
        self._script: Script | None = None
        self._is_away = False
        self._next_try = 0.0
        self._lock = threading.Lock()

    def take(self, asks: Sequence[Ask]) -> Verdict:
        """Of all limits, or of none. Raises Away, at once where the broker did not answer a moment ago."""
        if self._url is None or not self._may_try():
            raise Away
        from redis.exceptions import RedisError

        try:
            passes, *used = self._ready(self._url)(
                keys=[f"{PREFIX}:{ask.limit.kind}:{ask.limit.of}" for ask in asks],
                args=[number for ask in asks for number in (ask.takes, ask.limit.rate.whole)],
            )
        except (RedisError, OSError) as error:
            self._note_away(error)
            raise Away from error
        self._is_away = False
        return Verdict(passes == 1, used)

    def _may_try(self) -> bool:
        """While it is away, one thread tries in a while, and no other waits for that."""
        if not self._is_away:
            return True
        with self._lock:
            if time.monotonic() < self._next_try:
                return False
            self._next_try = time.monotonic() + PAUSE_SECONDS
        return True

    def _note_away(self, error: Exception) -> None:
        with self._lock:
            was_away, self._is_away = self._is_away, True
            self._next_try = time.monotonic() + PAUSE_SECONDS
        if not was_away:
            logger.warning(
                "the broker does not count requests, so each process holds rate limits by itself: %s",
                error,
                extra=event("rate_limits.alone"),
            )

    def _ready(self, url: str) -> "Script":
        if self._script is None:
            self._script = _client(url).register_script(SCRIPT)
        return self._script


def redis_url(broker_url: str) -> str | None:
    """The first Redis that the broker's URL names, as redis-py wants it. None: it is another kind of server."""
    parts = urlsplit(broker_url.split(";", maxsplit=1)[0])
    if parts.scheme not in SCHEMES:
        return None
    query = {}
    for name, value in parse_qsl(parts.query):
        match name:
            case "virtual_host":
                query["db"] = value
            case "ssl_cert_reqs":
                query[name] = value.lower().removeprefix("cert_")
            case _ if name.startswith("ssl_"):
                query[name] = value
    url = f"{SCHEMES[parts.scheme]}://{parts.netloc}{parts.path}"
    return f"{url}?{urlencode(query)}" if query else url


def _client(url: str) -> Any:
    # Not before somebody has a limit: it takes memory.
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
