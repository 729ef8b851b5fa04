"""What is refused of an rrule, and that the reason is told."""

import pytest

from schedules.recurrence import RuleSpec

from .reading import assert_refused, utc

START = utc("2025-01-06T00:00")

BARE = [
    ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never_matches", "never come together"),
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "never_matches", "never come together"),
    ("FREQ=HOURLY;INTERVAL=2;BYHOUR=1", "never_matches", "INTERVAL=2"),
    ("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1", "never_matches", "INTERVAL=2"),
    ("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "never_matches", "never come together"),
    ("FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=2", "never_matches", "BYSETPOS"),
    ("FREQ=DAILY;BYHOUR=2;BYSETPOS=-2", "never_matches", "BYSETPOS"),
    ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=3", "never_matches", "BYSETPOS"),
    ("FREQ=SECONDLY;BYSECOND=1;BYSETPOS=2", "never_matches", "BYSETPOS"),
    ("FREQ=HOURLY;BYMINUTE=1;BYSETPOS=-2", "never_matches", "BYSETPOS"),
    ("FREQ=MONTHLY;BYDAY=6MO", "never_matches", "no more than five"),
    ("FREQ=YEARLY;BYMONTH=1;BYDAY=-6MO", "never_matches", "no more than five"),
    ("FREQ=DAILY;UNTIL=20241231T000000Z", "never_matches", "UNTIL"),
    ("FREQ=DAILY;COUNT=1\nEXDATE:20250106T000000", "never_matches", "no occurrence"),
    ("FREQ=DAILY;COUNT=3;UNTIL=20260101", "conflict", "COUNT and UNTIL"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "conflict", "BYMONTHDAY"),
    ("FREQ=DAILY;BYYEARDAY=1", "conflict", "BYYEARDAY"),
    ("FREQ=WEEKLY;BYDAY=1MO", "conflict", "BYDAY=1MO"),
    ("FREQ=DAILY;BYSETPOS=1", "conflict", "BYSETPOS"),
    ("FREQ=MONTHLY;BYWEEKNO=20", "conflict", "use YEARLY"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "conflict", "plain weekdays"),
    ("FREQ=YEARLY;BYWEEKNO=0", "invalid_rrule", "BYWEEKNO: 0"),
    ("FREQ=YEARLY;BYWEEKNO=54", "invalid_rrule", "BYWEEKNO: expected -53 to 53"),
    ("FREQ=YEARLY;BYMONTHDAY=8;BYDAY=3MO", "never_matches", "never come together"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1", "never_matches", "never come together"),
    ("FREQ=DAILY\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never_matches", "never come together"),
    ("FREQ=DAILY\nEXRULE:FREQ=DAILY", "never_matches", "EXRULE takes away every occurrence"),
    ("FREQ=DAILY\nEXRULE:FREQ=SOMETIMES", "invalid_rrule", "expected one of YEARLY"),
    ("FREQ=SECONDLY;INTERVAL=2\nEXRULE:FREQ=SECONDLY", "never_matches", "EXRULE takes away every occurrence"),
    ("FREQ=DAILY;BYHOUR=9;COUNT=2\nEXRULE:FREQ=HOURLY", "never_matches", "no occurrence"),
    ("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD", "unsupported", "BYMONTHDAY=-1"),
    ("FREQ=DAILY;RSCALE=CHINESE", "unsupported", "RSCALE"),
    ("FREQ=YEARLY;BYEASTER=0", "unsupported", "BYEASTER"),
    ("FREQ=DAILY;X-FOO=1", "invalid_rrule", "'X-FOO'"),
    ("FREQ=DAILY;FREQ=DAILY", "invalid_rrule", "twice"),
    ("FREQ=FORTNIGHTLY", "invalid_rrule", "expected one of YEARLY"),
    ("INTERVAL=2", "invalid_rrule", "FREQ is required"),
    ("FREQ=DAILY;;INTERVAL=2", "invalid_rrule", "semicolons"),
    ("DTSTART=20250101T090000Z;FREQ=DAILY", "invalid_rrule", "a line of its own, DTSTART:"),
    ("TZID=Europe/Berlin;FREQ=DAILY", "invalid_rrule", "a line of its own, DTSTART;TZID="),
    ("FREQ=DAILY;UNTIL=2025-02-01T09:00:00Z", "invalid_rrule", "UNTIL: expected a time like"),
    ("FREQ=DAILY;INTERVAL=0", "invalid_rrule", "INTERVAL: expected 1 to"),
    ("FREQ=DAILY;INTERVAL=-1", "invalid_rrule", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=\N{ARABIC-INDIC DIGIT ONE}", "invalid_rrule", "INTERVAL"),
    ("FREQ=DAILY;INTERVAL=" + "9" * 1000, "invalid_rrule", "INTERVAL"),
    ("FREQ=DAILY;COUNT=0", "invalid_rrule", "COUNT"),
    ("FREQ=DAILY;BYHOUR=24", "invalid_rrule", "BYHOUR: expected 0 to 23, got '24'"),
    ("FREQ=DAILY;BYSECOND=60", "unsupported", "leap second"),
    ("FREQ=DAILY;BYMONTHDAY=0", "invalid_rrule", "BYMONTHDAY: 0"),
    ("FREQ=DAILY;BYMONTHDAY=32", "invalid_rrule", "BYMONTHDAY"),
    ("FREQ=DAILY;BYMONTH=", "invalid_rrule", "BYMONTH"),
    ("FREQ=YEARLY;BYDAY=54MO", "invalid_rrule", "BYDAY"),
    ("FREQ=YEARLY;BYDAY=0MO", "invalid_rrule", "BYDAY"),
    ("FREQ=YEARLY;BYDAY=XX", "invalid_rrule", "'XX'"),
    ("FREQ=DAILY;WKST=1", "invalid_rrule", "WKST"),
    ("FREQ=DAILY;UNTIL=2025", "invalid_rrule", "UNTIL"),
    ("FREQ=DAILY;UNTIL=20250230", "invalid_rrule", "no such date"),
    ("FREQ=DAILY;UNTIL=99991231T235959Z", "invalid_rrule", "too far"),
    ("", "required", "at least one RRULE"),
    ("\n \n", "required", "at least one RRULE"),
    ("EXDATE:20250101T000000Z", "required", "at least one RRULE"),
    ("BEGIN:VEVENT\nRRULE:FREQ=DAILY", "invalid_rrule", "'BEGIN'"),
    ("FREQ=DAILY\nRDATE;VALUE=PERIOD:20250101T000000Z/PT1H", "unsupported", "PERIOD"),
    ("FREQ=DAILY\nEXDATE;VALUE=DATE:20250101T090000", "invalid_rrule", "a date like"),
    ("FREQ=DAILY\nEXDATE;VALUE=DATE-TIME:20250101", "invalid_rrule", "a date and a time"),
    ("FREQ=DAILY\nEXDATE;TZID=Asia/Tokyo:20250101", "conflict", "a date cannot have a TZID"),
    ("FREQ=DAILY\nRDATE;TZID=Nowhere:20250101T000000", "unknown_timezone", "'Nowhere'"),
    ("FREQ=DAILY\nRDATE;TZID:20250101T000000", "invalid_rrule", "TZID=Europe/Berlin"),
    ("FREQ=DAILY\nRDATE;TZID=UTC;TZID=UTC:20250101T000000", "invalid_rrule", "'TZID' is given twice"),
    ('FREQ=DAILY\nRDATE;TZID="UTC:20250101T000000', "invalid_rrule", "quotation mark is not closed"),
    ("FREQ=DAILY" + " " * 16_384, "too_long", "at most 16,384 characters, got 16,394"),
    ("\n".join(["FREQ=DAILY"] * 201), "too_long", "at most 200 RRULE and EXRULE lines"),
]


@pytest.mark.parametrize(("text", "code", "words"), BARE)
def test_a_rule_is_refused_with_its_reason(text: str, code: str, words: str) -> None:
    assert_refused(RuleSpec(rrule=text, starts_at=START), "rrule", code, words)


WITH_START = [
    ("DTSTART:20250101T090000Z\nDTSTART:20250101T090000Z\nFREQ=DAILY", "unsupported", "one DTSTART"),
    ("DTSTART:20250101T090000Z,20250102T090000Z\nFREQ=DAILY", "invalid_rrule", "one time"),
    ("DTSTART:20250101T246000\nFREQ=DAILY", "invalid_rrule", "no such date or time"),
    ("DTSTART:00010101T000000\nFREQ=DAILY", "invalid_rrule", "too far"),
    ("DTSTART;TZID=Europe/Atlantis:20250101T090000\nFREQ=DAILY", "unknown_timezone", "Atlantis"),
    ("DTSTART;TZID=Europe/Berlin:20250101T090000Z\nFREQ=DAILY", "conflict", "leave out the Z or the TZID"),
]


@pytest.mark.parametrize(("text", "code", "words"), WITH_START)
def test_a_dtstart_is_refused_with_its_reason(text: str, code: str, words: str) -> None:
    assert_refused(RuleSpec(rrule=text), "rrule", code, words)


BERLIN = "DTSTART;TZID=Europe/Berlin:20250101T090000\nRRULE:FREQ=DAILY"


@pytest.mark.parametrize(
    ("spec", "field", "code"),
    [
        (RuleSpec(rrule="FREQ=DAILY"), "starts_at", "required"),
        (RuleSpec(rrule=BERLIN, starts_at=START), "starts_at", "conflict"),
        (RuleSpec(rrule=BERLIN, timezone="UTC"), "timezone", "conflict"),
        (RuleSpec(rrule=BERLIN, timezone="Asia/Tokyo"), "timezone", "conflict"),
        (
            RuleSpec(rrule="DTSTART:20250101T090000Z\nFREQ=DAILY", timezone="Asia/Tokyo"),
            "timezone",
            "conflict",
        ),
        (RuleSpec(rrule=BERLIN, ends_at=utc("2024-12-31T00:00")), "ends_at", "conflict"),
    ],
)
def test_the_rest_of_the_spec_must_fit(spec: RuleSpec, field: str, code: str) -> None:
    assert_refused(spec, field, code)
