"""The fields of the editor, in their groups, with what was typed and what is wrong with it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schedules.planning import MisfirePolicy, OverlapPolicy

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Field:
    """One of them. `kind`: `text`, `number`, `area`, `time`, `choice`."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: Options = ()
    placeholder: str = ""
    choices: str = ""


@dataclass(frozen=True, slots=True)
class FilledField:
    """With its value and what was said against it."""

    field: Field
    value: str
    errors: Sequence[str]

    @property
    def input_type(self) -> str:
        """A time that clocks show twice has an offset, which no input for times takes."""
        if self.field.kind == "time":
            return "text" if len(self.value) > len("2026-03-29T02:30:00") else "datetime-local"
        return "text"


_DEFAULT = ("", "default")
GROUPS: Mapping[str, Sequence[Field]] = {
    "every": (
        Field("every_x_days", "Days", "number", "calendar days in the zone"),
        Field("every_x_hours", "Hours", "number"),
        Field("every_x_minutes", "Minutes", "number"),
        Field("every_x_seconds", "Seconds", "number"),
    ),
    "cron": (
        Field("cron", "Cron expression", hint="minute, hour, day, month, weekday", placeholder="0 3 * * MON-FRI"),
    ),
    "rrule": (
        Field("rrule", "Recurrence rule", "area", "RFC 5545, of one or several lines", placeholder="FREQ=MONTHLY;"
              "BYDAY=-1FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0"),
    ),
    "once": (Field("run_at", "Time", "time", "by the clock in the zone below"),),
    "bounds": (
        Field("timezone", "Time zone", hint="IANA name, such as Europe/Berlin", placeholder="UTC", choices="zones"),
        Field("starts_at", "Starts", "time", "no instants before"),
        Field("ends_at", "Ends", "time", "no instants after"),
        Field("schedule_x_times", "At most so many tasks", "number"),
    ),
    "clocks": (
        Field("dst_gap", "Times that a clock change skips", "choice", options=(
            _DEFAULT, ("auto", "auto"), ("skip", "skip"), ("shift", "shift"), ("after", "after"))),
        Field("dst_fold", "Times that a clock change repeats", "choice", options=(
            _DEFAULT, ("auto", "auto"), ("first", "the first"), ("last", "the last"), ("both", "both"))),
    ),
    "task": (
        Field("priority", "Priority", "choice", "9 is the most urgent", options=(
            _DEFAULT, *((str(number), str(number)) for number in range(9, -1, -1)))),
        Field("tags", "Tags", hint="with commas between"),
        Field("max_attempts", "Attempts", "number", "at most"),
        Field("timeout_seconds", "Time limit", "number", "seconds, of one attempt"),
        Field("expires_after_seconds", "Expires after", "number", "seconds that it may wait"),
    ),
    "policies": (
        Field("misfire_policy", "When nobody swept in time", "choice", options=(
            _DEFAULT, *((policy.value, policy.value) for policy in MisfirePolicy))),
        Field("catchup_window_seconds", "Catch up at most", "number", "seconds back"),
        Field("overlap_policy", "While an earlier task has not ended", "choice", options=(
            _DEFAULT, *((policy.value, policy.value) for policy in OverlapPolicy))),
        Field("jitter_seconds", "Jitter", "number", "seconds, at random, by which tasks run later"),
        Field("pause_after_failures", "Pause after failures", "number", "in a row"),
    ),
}  # fmt: skip
LABELS = {
    **{field.name: field.label for group in GROUPS.values() for field in group},
    "name": "Name",
    "operation": "Operation",
    "arguments": "Arguments",
    "tags": "Tags",
}
ALL = frozenset(LABELS)


def filled(values: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> dict[str, list[FilledField]]:
    """The groups, for a template."""
    return {
        group: [
            FilledField(field, values.get(field.name, ""), errors.get(field.name, ())) for field in fields
        ]
        for group, fields in GROUPS.items()
    }
