"""Which files fit a pattern of names, and the newest of them: schedules take what came last."""

from datetime import timedelta

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.functions import Now

from files.models import File, shown_files


def newest(project_id: int, pattern: str, max_age_seconds: float | None = None) -> File | None:
    """The last by `created_at`, then by `id`, that is complete and whose name fits, and is no older than that."""
    found = shown_files(project_id).filter(name_fits(pattern), content__isnull=False)
    if max_age_seconds is not None:
        found = found.filter(created_at__gte=Now() - timedelta(seconds=max_age_seconds))
    return found.order_by("-created_at", "-id").first()


def name_fits(pattern: str) -> Q:
    """What a file must have for its name to fit: `*` stands for any characters, `?` for one."""
    if not set(pattern) & set("*?"):
        return Q(name=pattern)
    fits = Func(
        F("name"),
        Value(like_of(pattern)),
        template="(%(expressions)s)",
        arg_joiner=" LIKE ",
        output_field=BooleanField(),
    )
    return Q(fits)


def like_of(pattern: str) -> str:
    """The same as LIKE has it."""
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%").replace("?", "_")
