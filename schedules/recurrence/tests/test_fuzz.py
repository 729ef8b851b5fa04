"""Whatever the text, a rule or a RecurrenceError comes of it, within a bounded number of steps."""

from datetime import UTC, datetime
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.recurrence import RecurrenceError, Rule, RuleSpec, parse

from .calls import bounded

START = datetime(2025, 1, 1, 9, tzinfo=UTC)
PARTS = (
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYDAY"),
    *("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS", "BYWEEKNO"),
)
VALUES = (
    *("DAILY", "YEARLY", "MO", "1FR", "-1SU", "20250131", "20250131T090000Z", ","),
    *("0", "1", "2", "3", "-1", "7", "31", "60", "366", "53", "9973", "999983", "999999937"),
)

numbers = st.lists(st.sampled_from(VALUES), min_size=1, max_size=4).map(",".join)
parts = st.tuples(st.sampled_from(PARTS), numbers).map("=".join)
frequencies = st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"])
rrules = st.builds(
    lambda freq, given: ";".join([f"FREQ={freq}", *given]), frequencies, st.lists(parts, max_size=4)
)
lines = st.sampled_from(
    [
        "",
        "\nEXDATE:20250101T090000",
        "\nEXDATE;VALUE=DATE:20250102",
        "\nRDATE:20250201T000000Z",
        "\n RDATE",
        "\nEXRULE:FREQ=DAILY",
        "\nEXRULE:FREQ=SECONDLY;BYMONTH=2",
        "\nRRULE:FREQ=MONTHLY;BYDAY=-1FR",
    ]
)
gaps, folds = (
    st.sampled_from(["auto", "skip", "shift", "after"]),
    st.sampled_from(["auto", "first", "last", "both"]),
)
cron_fields = st.text("0123456789*/-,#LW", min_size=1, max_size=5) | st.sampled_from(
    ["*", "1", "*/5", "mon", "L"]
)
crons = st.lists(cron_fields, min_size=4, max_size=6).map(" ".join)
zones = st.sampled_from([None, "UTC", "Europe/Berlin", "Australia/Lord_Howe"])


def use(spec: RuleSpec) -> None:
    with bounded():
        try:
            judge(parse(spec))
        except RecurrenceError as refusal:
            judge_refusal(refusal)


def judge_refusal(refusal: RecurrenceError) -> None:
    assert refusal.field in {"rule", "cron", "rrule", "timezone", "starts_at", "ends_at"}
    assert refusal.code.isidentifier()
    assert 0 < len(refusal.detail) < 400


def judge(rule: Rule) -> None:
    moments = list(islice(rule.all(), 10))
    assert moments
    assert moments[0] == rule.first
    assert all(one < other for one, other in pairwise(moments))
    assert rule.previous(moments[-1], inclusive=True) == moments[-1]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), zones)
def test_any_text_as_rrule(text: str, zone: str | None) -> None:
    use(RuleSpec(rrule=text, timezone=zone, starts_at=START))


@settings(max_examples=300, deadline=None)
@given(rrules, lines, zones, gaps, folds)
def test_nearly_an_rrule(text: str, more: str, zone: str | None, gap: str, fold: str) -> None:
    use(RuleSpec(rrule=text + more, timezone=zone, starts_at=START, dst_gap=gap, dst_fold=fold))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=110))
def test_any_text_as_cron(text: str) -> None:
    use(RuleSpec(cron=text, starts_at=START))


@settings(max_examples=200, deadline=None)
@given(crons, zones)
def test_nearly_cron(text: str, zone: str | None) -> None:
    use(RuleSpec(cron=text, timezone=zone, starts_at=START))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_as_zone(text: str) -> None:
    use(RuleSpec(cron="0 9 * * *", timezone=text))
