"""Whether everything answers, seen from outside, as a user sees it."""

import logging
import ssl

import httpx

from config.environment import Environment
from config.stack.report import flower_url, web_url

logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For plain HTTP on this machine: to load authorities would take longer than a request."""


def missing(environment: Environment) -> list[str]:
    """What is not ready yet, in words. Empty when all is well."""
    return [
        *_missing_parts(web_url(environment)),
        *(_missing_flower(environment) if environment.FLOWER else []),
    ]


def wants_key(environment: Environment) -> bool:
    """Whether the API lets nobody in without a key."""
    try:
        answer = httpx.get(f"{web_url(environment)}/access/", timeout=3, trust_env=False, verify=NO_TLS)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.UNAUTHORIZED


def _missing_parts(url: str) -> list[str]:
    try:
        answer = httpx.get(f"{url}/health/ready/", timeout=3, trust_env=False, verify=NO_TLS)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return [f"web ({type(error).__name__})"]
    if answer.status_code == httpx.codes.OK and body.get("status") == "ok":
        return []
    return _bad_parts(body) or [f"web (it answers {answer.status_code}: {answer.text[:200]})"]


def _bad_parts(body: dict[str, object]) -> list[str]:
    parts = {name: part for name, part in body.items() if isinstance(part, dict)}
    return [name for name, part in parts.items() if part.get("status") != "ok"]


def _missing_flower(environment: Environment) -> list[str]:
    try:
        url = f"{flower_url(environment)}/healthcheck"
        httpx.get(url, timeout=3, trust_env=False, verify=NO_TLS).raise_for_status()
    except httpx.HTTPError:
        return ["flower"]
    return []
