"""Times as whole seconds since 1970, which is how the engine counts.

An *instant* is a number of seconds of UTC. A *wall time* is what a clock on the wall shows, counted
as if that wall hung in Greenwich. An *epoch day* is a wall time divided by `DAY`. Plain integers
neither overflow nor carry a zone by accident; datetimes appear only at the edge.
"""

from datetime import UTC, date, datetime, timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# The Gregorian calendar, weekdays included, repeats after 400 years. Nothing is looked for longer.
CYCLE_DAYS = 146_097
CYCLE_MONTHS = 4_800
CYCLE = CYCLE_DAYS * DAY

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall times are naive on purpose
_SECOND = timedelta(seconds=1)
EPOCH_ORDINAL = _EPOCH.toordinal()

# A week inside what datetime can hold, so that no offset and no look-around leaves it.
FIRST_DAY = date.min.toordinal() - EPOCH_ORDINAL + 7
LAST_DAY = date.max.toordinal() - EPOCH_ORDINAL - 7
FIRST_SECOND = FIRST_DAY * DAY
LAST_SECOND = LAST_DAY * DAY + DAY - 1


def floor_second(moment: datetime) -> int:
    """The last whole second not after an aware `moment`."""
    return (moment - _EPOCH) // _SECOND


def ceil_second(moment: datetime) -> int:
    """The first whole second not before an aware `moment`."""
    return -((_EPOCH - moment) // _SECOND)


def to_datetime(instant: int) -> datetime:
    """An instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(seconds=instant)


def to_naive(wall: int) -> datetime:
    """A wall time as a naive datetime."""
    return _NAIVE_EPOCH + timedelta(seconds=wall)


def from_naive(wall: datetime) -> int:
    """A naive datetime as a wall time."""
    return (wall - _NAIVE_EPOCH) // _SECOND


def is_aware(moment: datetime) -> bool:
    """Whether a datetime names an instant."""
    return moment.utcoffset() is not None
