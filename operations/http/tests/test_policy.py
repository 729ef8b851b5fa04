"""What the operator's two lists open and close."""

from collections.abc import Callable
from ipaddress import ip_address

import pytest

from operations.http.policy import read_allowance, read_policy, read_refusal
from operations.http.target import read_target


def refusal(url: str, address: str, allow: str = "", refuse: str = "") -> str | None:
    return read_policy(allow.split(), refuse.split()).refusal(read_target(url), ip_address(address))


@pytest.mark.parametrize(
    ("url", "address", "allow"),
    [
        ("http://crm.test/", "10.1.2.3", "crm.test"),
        ("http://CRM.test/", "10.1.2.3", "Crm.Test"),
        ("http://crm.test/", "127.0.0.1", "crm.test"),
        ("http://crm.test/", "fd12::1", "crm.test"),
        ("http://crm.test/", "100.64.0.1", "crm.test:80"),
        ("https://crm.test/", "192.168.0.1", "crm.test:443"),
        ("http://crm.test:8443/", "172.31.0.1", "other.test crm.test:8443"),
        ("http://anything.test/", "10.20.30.40", "10.20.0.0/16"),
        ("http://10.20.30.40/", "10.20.30.40", "10.20.30.40"),
        ("http://10.20.30.40:8080/", "10.20.30.40", "10.20.30.40:8080"),
        ("http://[fd00::7]:8080/", "fd00::7", "[fd00::7]:8080"),
        ("http://[fd00::7]/", "fd00::7", "fd00::/8"),
        ("http://anything.test/", "::ffff:10.20.30.40", "10.20.0.0/16"),
        ("http://anything.test/", "169.254.169.254", "169.254.169.254"),
    ],
)
def test_what_is_allowed_may_be_inward(url: str, address: str, allow: str) -> None:
    assert refusal(url, address) is not None
    assert refusal(url, address, allow) is None


@pytest.mark.parametrize(
    ("url", "address", "allow"),
    [
        ("http://crm.test:8080/", "10.1.2.3", "crm.test:80"),
        ("http://evil.crm.test/", "10.1.2.3", "crm.test"),
        ("http://crm.test.evil.test/", "10.1.2.3", "crm.test"),
        ("http://test/", "10.1.2.3", "crm.test"),
        ("http://anything.test/", "10.21.0.0", "10.20.0.0/16"),
        ("http://anything.test:81/", "10.20.0.7", "10.20.0.7:80"),
        ("http://10.20.0.7/", "10.20.0.7", "crm.test"),
    ],
)
def test_nothing_else_is_opened_by_it(url: str, address: str, allow: str) -> None:
    assert refusal(url, address, allow) is not None


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "fe80::1", "100.100.100.200", "168.63.129.16", "0.0.0.1", "224.0.0.1",
     "2002:a00:1::", "64:ff9b::a00:1", "::"],
)  # fmt: skip
def test_an_allowed_name_that_is_led_elsewhere_opens_no_metadata_service(address: str) -> None:
    assert refusal("http://crm.test/", address, "crm.test") is not None


class TestRefused:
    def test_what_the_operator_refuses_is_refused(self) -> None:
        assert refusal("http://a.test/", "8.8.8.8", refuse="8.8.8.0/24") == (
            "an address that the operator refuses (8.8.8.0/24)"
        )
        assert refusal("http://a.test/", "8.8.9.8", refuse="8.8.8.0/24") is None

    def test_what_is_allowed_too_may_be_asked(self) -> None:
        everything = "0.0.0.0/0 ::/0"
        assert refusal("http://a.test/", "8.8.8.8", refuse=everything) is not None
        assert refusal("http://a.test/", "8.8.8.8", "a.test", everything) is None
        assert refusal("http://b.test/", "8.8.8.8", "a.test", everything) is not None
        assert refusal("http://a.test/", "2600::1", "2600::/16", everything) is None

    def test_to_refuse_it_too_does_not_open_it_to_a_name(self) -> None:
        assert refusal("http://a.test/", "169.254.169.254", "a.test", "169.254.169.254") is not None


@pytest.mark.parametrize(
    "entry",
    ["127.1", "0x7f.1", "10.0.0.1/8", "a b", "http://crm.test", "crm.test/", "crm.test:", "crm.test:x", "crm.test:0",
     "crm.test:65536", "*", "*.test", ".test", "[fd00::7", "[crm.test]", "user@crm.test", "-a.test", "bücher.test"],
)  # fmt: skip
def test_an_entry_that_is_none_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"is neither a host nor a network|has no port"):
        read_allowance(entry)


@pytest.mark.parametrize("entry", ["::ffff:8.8.8.0/120", "::ffff:8.8.8.8", "fe80::1%eth0"])
@pytest.mark.parametrize("read", [read_allowance, read_refusal])
def test_a_network_that_no_address_is_compared_with_is_refused(
    read: Callable[[str], object], entry: str
) -> None:
    with pytest.raises(ValueError, match="would match nothing: write it as IPv4"):
        read(entry)


@pytest.mark.parametrize("entry", ["crm.test", "10.0.0.1/8", "10.0.0.1:80", ""])
def test_only_networks_can_be_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        read_refusal(entry)
