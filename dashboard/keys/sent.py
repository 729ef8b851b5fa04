"""The form of a key, as the body of `POST /keys/` or `PATCH /keys/{id}/`, and the other way round."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import QueryDict

from dashboard.shell.sent import WrongForm, number, texts, words
from rest.json import instant_text

BY_SCOPES = "scopes"
"""Chosen as a role: what is checked below it counts."""
INSTALLATION = ""
LIFETIMES = {"30": "after 30 days", "90": "after 90 days", "365": "after a year", "": "never ends"}
KEEP = "keep"
"""Instead of a lifetime: it ends when it does now."""
RESTRICTIONS = ("operations", "max_priority", "networks", "pins", "rate")
PLAIN = ("name", "role", "project")
FIELDS = (*PLAIN, "scopes", "operations", "max_priority", "networks", "pins", "rate", "expires_at")


def body_of(form: QueryDict) -> dict[str, Any]:
    """Raises WrongForm."""
    body: dict[str, Any] = dict(texts(form, PLAIN))
    if body.get("role") == BY_SCOPES:
        del body["role"]
        body["scopes"] = form.getlist("scopes")
    for name, text in texts(form, ("operations", "networks")).items():
        body[name] = words(text)
    limits = texts(form, ("max_priority", "rate_limit", "rate_window_seconds", "days"))
    if "max_priority" in limits:
        body["max_priority"] = number("max_priority", limits["max_priority"])
    if "rate_limit" in limits:
        window = limits.get("rate_window_seconds", "60")
        body["rate"] = {
            "limit": number("rate", limits["rate_limit"]),
            "window_seconds": number("rate", window),
        }
    if "days" in limits:
        days = number("expires_at", limits["days"])
        if not 0 < days <= 36_500:
            raise WrongForm({"expires_at": "must be from 1 to 36500 days"})
        body["expires_at"] = instant_text(datetime.now(UTC) + timedelta(days=days))
    for text in texts(form, ("pins",)).values():
        body["pins"] = _json(text)
    return body


def changes_of(form: QueryDict) -> dict[str, Any]:
    """What is empty is taken away. Raises WrongForm."""
    sent = form.copy()
    is_kept = sent.get("days", KEEP) == KEEP
    if is_kept:
        sent["days"] = ""
    body = {**dict.fromkeys(RESTRICTIONS), **body_of(sent), "name": form.get("name", "").strip()}
    body.pop("project", None)
    if not is_kept:
        body.setdefault("expires_at", None)
    return body


def texts_of(key: Mapping[str, Any]) -> dict[str, str]:
    """What the form of a key holds, as the API tells it."""
    rate = key["rate"] or {}
    return {
        "name": key["name"],
        "role": key["role"] or BY_SCOPES,
        "operations": " ".join(key["operations"] or ()),
        "networks": " ".join(key["networks"] or ()),
        "max_priority": "" if key["max_priority"] is None else str(key["max_priority"]),
        "pins": json.dumps(key["pins"], indent=2, ensure_ascii=False) if key["pins"] else "",
        "rate_limit": str(rate.get("limit", "")),
        "rate_window_seconds": str(rate.get("window_seconds", "")),
        "days": KEEP,
    }


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongForm({"pins": f"must be JSON: {error}"}) from None
