"""What other schedulers call the fields of ours, for hints in refusals."""

from collections.abc import Mapping


def _called(**names: str) -> dict[str, str]:
    """Our field for each of its names elsewhere."""
    return {other: ours for ours, others in names.items() for other in others.split()}


def _advise(others: str, instead: str) -> dict[str, str]:
    """What to do instead, as a sentence's end, for words that no field of the form stands for."""
    return dict.fromkeys(others.split(), instead)


OF_TEMPLATES: Mapping[str, str] = _called(
    operation="action callable command func function job task type",
    arguments="args body data input kwargs parameters params payload",
    priority="urgency",
    timeout_seconds="max_runtime soft_time_limit time_limit timeout",
    max_attempts="attempts max_retries max_tries retries retry retry_policy",
    tags="label labels",
)
OF_TASKS: Mapping[str, str] = {
    **_advise(
        "cron cron_expression crontab dst_fold dst_gap ends_at every every_x_days every_x_hours every_x_minutes "
        "every_x_seconds interval jitter_seconds misfire_policy name overlap_policy rrule "
        "schedule schedule_x_times starts_at timezone",
        "POST /task-schedules/ takes rules and what belongs to them",
    ),
    **OF_TEMPLATES,
    **_called(
        run_at="at date eta run_date scheduled_at scheduled_for start_at start_time when",
        delay_seconds="countdown defer delay delay_ms in",
        expires_at="deadline expires expires_after_seconds expires_in ttl",
    ),
}
OF_SCHEDULES: Mapping[str, str] = {
    **_advise(
        "every frequency interval interval_seconds period",
        "write every_x_days, every_x_hours, every_x_minutes or every_x_seconds",
    ),
    **_advise(
        "every_x_months every_x_weeks every_x_years",
        "write every_x_days, or cron or rrule for weeks, months and years of the calendar",
    ),
    **_advise(
        "active disabled enabled is_active is_enabled is_paused pause paused suspend suspended",
        "POST /task-schedules/{id}/pause/ and /resume/ change that",
    ),
    **_advise("once one_off", "write run_at, or schedule_x_times with 1"),
    **_advise("delay_seconds expires_at", "POST /tasks/ takes it, for a task without a schedule"),
    **OF_TEMPLATES,
    **_called(
        name="schedule_name title",
        cron="cron_expression crontab expression schedule",
        rrule="ical recurrence rule",
        run_at="at date eta run_date scheduled_at scheduled_for when",
        timezone="time_zone tz zone",
        starts_at="start start_at start_date start_time",
        ends_at="end end_at end_date end_time until",
        schedule_x_times="count limit max_runs occurrences repeat repeat_count times",
        expires_after_seconds="expires ttl",
        misfire_policy="catch_up catchup coalesce misfire misfire_grace_time",
        overlap_policy="concurrency_policy max_instances overlap",
    ),
}
