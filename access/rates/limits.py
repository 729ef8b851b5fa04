"""Which limits a request meets, and what becomes of it. Costs nothing while none is set."""

import time
from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from access.actor import Actor, ActorKind
from access.rates.gcra import Ask, Limit, Standing, Verdict, standings
from access.rates.memory import Memory
from access.rates.shared import Away, Shared
from rest.guarding import RateLimited
from rest.places import address_of

KEY, PROJECT, ADDRESS = "key", "project", "address"
WHOSE = {KEY: "with this key", PROJECT: "in this project", ADDRESS: "from this address"}
ITEMS_OF_ONE = 100
"""So many items of a batch cost as much as one more request."""


class Limiter:
    """Counts for all processes where that is possible, and for this one where it is not: nobody is refused for that."""

    def __init__(self, broker_url: str) -> None:
        self._shared = Shared(broker_url)
        self._memory = Memory()

    def take(self, asks: Sequence[Ask]) -> Verdict:
        """Of all limits, or of none."""
        try:
            return self._shared.take(asks)
        except Away:
            return self._memory.take(asks, time.monotonic_ns() // 1_000)


limiter = Limiter(settings.ENVIRONMENT.CELERY_BROKER_URL)


def charge(request: HttpRequest | Request, actor: Actor | None) -> Mapping[str, str]:
    """Count one request; the headers of its answer. Without an actor, it was refused, and only its address is counted.

    Raises RateLimited.
    """
    limits = list(_limits_of(request, actor))
    return _taken([Ask(limit, 1) for limit in limits]) if limits else {}


def count(request: Request, actor: Actor | None) -> None:
    """The same, of a view of DRF, which puts the headers on its answer. Raises RateLimited."""
    _tell(request, charge(request, actor))


def count_items(request: Request, actor: Actor, items: int) -> None:
    """What a batch costs beyond the one that was counted at the door, once its size is known. Raises RateLimited.

    The largest batch costs no more than all of a limit, or it could never be sent.
    """
    more = items // ITEMS_OF_ONE
    if more and (limits := list(_limits_of(request, actor))):
        _tell(request, _taken([Ask(limit, min(more, limit.rate.limit - 1)) for limit in limits]))


def _limits_of(request: HttpRequest | Request, actor: Actor | None) -> Iterator[Limit]:
    usual = settings.RATE_LIMITS
    if actor is not None:
        if actor.kind == ActorKind.KEY and (rate := actor.restrictions.rate or usual[KEY]):
            yield Limit(KEY, str(actor.id), rate)
        if rate := actor.project_rate or usual[PROJECT]:
            yield Limit(PROJECT, str(actor.project_id), rate)
    if rate := usual[ADDRESS]:
        address = address_of(request.META, behind_proxy=settings.ENVIRONMENT.TRUST_PROXY)
        if address is not None:
            yield Limit(ADDRESS, address, rate)


def _taken(asks: Sequence[Ask]) -> Mapping[str, str]:
    """The headers that tell how matters stand. Raises RateLimited."""
    verdict = limiter.take(asks)
    found = standings(asks, verdict)
    headers = headers_of(found)
    if not verdict.passes:
        raise refusal(found, headers)
    return headers


def _tell(request: Request, headers: Mapping[str, str]) -> None:
    # DRF's views put these on every answer, also on one that refuses for another reason.
    if headers:
        request.parser_context["view"].headers.update(headers)


def refusal(found: Sequence[Standing], headers: Mapping[str, str]) -> RateLimited:
    """The problem that tells of it."""
    refusing = [each for each in found if each.refuses]
    seconds = max(each.seconds for each in refusing)
    said = " and ".join(
        f"{each.limit.rate.limit} in {each.limit.rate.window_seconds} s {WHOSE[each.limit.kind]}"
        for each in refusing
    )
    return RateLimited([each.limit.kind for each in refusing], said, seconds, headers)


def headers_of(found: Sequence[Standing]) -> dict[str, str]:
    """In the words of the draft "RateLimit header fields for HTTP", of the IETF's working group on HTTP APIs."""
    return {
        "RateLimit": ", ".join(f'"{each.limit.kind}";r={each.left};t={each.seconds}' for each in found),
        "RateLimit-Policy": ", ".join(
            f'"{each.limit.kind}";q={each.limit.rate.limit};w={each.limit.rate.window_seconds}'
            for each in found
        ),
    }
