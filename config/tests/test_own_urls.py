"""The pages of apps of one's own."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from config.own_urls import TAKEN
from testing.manage import manage

ASK = "from django.urls import resolve; print(resolve('/{}/hello').func.__name__)"
URLS = """
from django.http import HttpResponse
from django.urls import path


def hello(request):
    return HttpResponse("hello")


urlpatterns = [path("hello", hello)]
"""


def shell(folder: Path, name: str, code: str) -> "subprocess.CompletedProcess[str]":
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    (folder / name / "urls.py").write_text(URLS)
    settings = {"DEVELOPMENT": "1", "APPS": name, "PYTHONPATH": str(folder)}
    return manage("shell", "-v0", "-c", code, settings=settings)


def test_they_are_served_under_its_label(tmp_path: Path) -> None:
    answer = shell(tmp_path, "greetings", ASK.format("greetings"))
    assert (answer.stdout.strip(), answer.returncode) == ("hello", 0), answer.stderr


def test_a_place_that_is_taken_stops_the_start_with_one_line(tmp_path: Path) -> None:
    answer = shell(tmp_path, "health", "")
    assert answer.returncode == 1
    assert answer.stderr == (
        "punctual: APPS: /health/ is taken, so health cannot have pages there: give its AppConfig another label\n"
    )


def test_all_places_of_the_service_are_taken() -> None:
    own = {name for name in first_parts(get_resolver().url_patterns) if name.isidentifier()}
    assert own | {"static"} == TAKEN


def first_parts(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        first = str(pattern.pattern).partition("/")[0]
        if isinstance(pattern, URLResolver) and not first:
            yield from first_parts(pattern.url_patterns)
        else:
            yield first
