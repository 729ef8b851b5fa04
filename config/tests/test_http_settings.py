"""The settings of `http_request`, and the line that tells what is wrong with one."""

import re
from ipaddress import ip_address
from typing import Any

import pytest
import trustme
from django.core.exceptions import ImproperlyConfigured

from config.checked_environment import read_environment
from config.configuration import configuration_of
from config.environment import Environment
from operations import OperationError
from operations.http.configuration import HttpConfiguration
from operations.http.target import read_target


def http_of(**settings: Any) -> HttpConfiguration:
    return configuration_of(Environment(DEVELOPMENT=True, **settings)).http


def test_by_default_nothing_is_allowed() -> None:
    assert http_of() == HttpConfiguration()


def test_lists_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_REQUEST_ALLOW", " crm.test:8443, 10.20.0.0/16,[fd00::7]:80 ,")
    monkeypatch.setenv("HTTP_REQUEST_REFUSE", "8.8.8.0/24,2600::/16")
    policy = configuration_of(read_environment()).http.policy
    assert (len(policy.allowed), len(policy.refused)) == (3, 2)
    assert policy.refusal(read_target("https://crm.test:8443/"), ip_address("10.1.2.3")) is None
    assert policy.refusal(read_target("https://crm.test/"), ip_address("10.1.2.3")) is not None
    assert policy.refusal(read_target("https://dns.test/"), ip_address("8.8.8.8")) is not None


def test_a_file_of_certificates(tmp_path: Any) -> None:
    path = str(tmp_path / "ca.pem")
    trustme.CA().cert_pem.write_to_path(path)
    assert http_of(HTTP_REQUEST_CA_FILE=path).ca_file == path


def test_hosts_of_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS", '{"crm_token": ["http_request"]}')
    monkeypatch.setenv("HTTP_REQUEST_SECRET_HOSTS", '{"crm_token": ["crm.test", "10.1.2.3:8443"]}')
    http = configuration_of(read_environment()).http
    for url in ("https://crm.test/", "http://crm.test:81/", "https://10.1.2.3:8443/"):
        http.check_secrets(["crm_token", "other"], read_target(url))
    for url in ("https://crm.test.evil.test/", "https://sub.crm.test/", "https://10.1.2.3/"):
        with pytest.raises(OperationError, match="the secret crm_token may not be sent to "):
            http.check_secrets(["other", "crm_token"], read_target(url))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"HTTP_REQUEST_SECRET_HOSTS": {"crm_token": ["crm.test"]}, "SECRETS": {"crm_token": ["add"]}},
            "HTTP_REQUEST_SECRET_HOSTS: http_request may not read crm_token: "
            'set SECRETS={"crm_token": ["http_request"]}',
        ),
        (
            {
                "HTTP_REQUEST_SECRET_HOSTS": {"crm_token": ["crm.test/"]},
                "SECRETS": {"crm_token": ["http_request"]},
            },
            "HTTP_REQUEST_SECRET_HOSTS: crm_token: 'crm.test/' is neither a host nor a network: write ",
        ),
        (
            {"HTTP_REQUEST_ALLOW": ["127.1"]},
            "HTTP_REQUEST_ALLOW: '127.1' is neither a host nor a network: write ",
        ),
        ({"HTTP_REQUEST_ALLOW": ["a:0"]}, "HTTP_REQUEST_ALLOW: 'a:0' has no port from 1 to 65535"),
        ({"HTTP_REQUEST_REFUSE": ["a.test"]}, "HTTP_REQUEST_REFUSE: 'a.test' is no network: write "),
        (
            {"HTTP_REQUEST_CA_FILE": "/nowhere.pem"},
            "HTTP_REQUEST_CA_FILE: /nowhere.pem cannot be read: No such file",
        ),
        ({"HTTP_REQUEST_CA_FILE": __file__}, f"HTTP_REQUEST_CA_FILE: {__file__} has no certificates in PEM"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(problem)) as refused:
        http_of(**settings)
    assert "\n" not in str(refused.value)
