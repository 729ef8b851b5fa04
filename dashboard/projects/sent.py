"""The forms of projects, as the bodies of `POST /projects/` and `PATCH /projects/{slug}/`."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from access.api.project_forms import Quotas
from dashboard.shell.sent import number, texts

QUOTAS = tuple(Quotas.model_fields)
HINTS = {name: field.description or "" for name, field in Quotas.model_fields.items()}
RATE = ("rate_limit", "rate_window_seconds")
FIELDS = ("slug", "name", "status", "rate", "quotas")


def label_of(quota: str) -> str:
    """What people read: `waiting_tasks` becomes `Waiting tasks`."""
    return quota.replace("_", " ").capitalize()


def new_body(form: QueryDict) -> dict[str, Any]:
    """Raises WrongForm."""
    return {"slug": form.get("slug", "").strip(), **texts(form, ("name",))}


def limits_of(form: QueryDict) -> dict[str, Any]:
    """What is empty is no limit. Raises WrongForm."""
    given = texts(form, (*QUOTAS, *RATE))
    quotas = {name: number("quotas", given[name]) if name in given else None for name in QUOTAS}
    if "rate_limit" not in given:
        return {"quotas": quotas, "rate": None}
    limit, window = (number("rate", given.get(name, "60")) for name in RATE)
    return {"quotas": quotas, "rate": {"limit": limit, "window_seconds": window}}


def rate_of(project: Mapping[str, Any]) -> dict[str, str]:
    """What the form holds of it, as the API tells it."""
    rate = project["rate"] or {}
    return {
        "rate_limit": str(rate.get("limit", "")),
        "rate_window_seconds": str(rate.get("window_seconds", 60)),
    }


def changes_of(form: QueryDict) -> dict[str, Any]:
    """Each form of a project's page sends a part of what can be changed. Raises WrongForm."""
    if form.get("what") == "limits":
        return limits_of(form)
    return {name: form.get(name, "").strip() for name in ("name", "status") if name in form}
