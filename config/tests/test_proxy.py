import os
import subprocess
import sys

import pytest

from testing.stack import PROJECT

LINK = """
import django

django.setup()
from django.test import RequestFactory

request = RequestFactory().get("/tasks/", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
print(request.build_absolute_uri("/tasks/"))
"""


@pytest.mark.parametrize(
    ("trusted", "link"), [("1", "https://localhost/tasks/"), ("0", "http://localhost/tasks/")]
)
def test_a_proxy_says_that_links_are_https_if_it_is_trusted(trusted: str, link: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", LINK],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "TRUST_PROXY": trusted},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == link
