"""Whatever is not public is refused, however it is written or embedded."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.http.ip_addresses import Address, Network
from operations.http.policy import Policy, read_policy
from operations.http.target import Target

ANYWHERE = Target("http", "shop.test", 80, "/")
NOT_PUBLIC = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32",
    "::/128", "::1/128", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2600::1", "2a00:1450:4001::200e",
    "2001:200::1", "2001:4860:4860::8888", "2003::1", "2600::5efe:808:808", "2600::200:5efe:101:101",
    "3ffd:ffff::1", "::ffff:8.8.8.8",
]  # fmt: skip
EMBEDDED: list[Callable[[int], Address]] = [
    IPv4Address,
    lambda number: IPv6Address(0xFFFF << 32 | number),
    IPv6Address,
    lambda number: IPv6Address(0xFFFF << 48 | number),
    lambda number: IPv6Address(0x64FF9B << 96 | number),
    lambda number: IPv6Address(0x64FF9B0001 << 80 | number),
    lambda number: IPv6Address(0x2002 << 112 | number << 80 | 1),
    lambda number: IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),
    lambda number: IPv6Address(0x2600 << 112 | 0x5EFE << 32 | number),
    lambda number: IPv6Address(0x2600 << 112 | 0x02005EFE << 32 | number),
]
V4_NETWORKS = [ip_network(text) for text in NOT_PUBLIC if "." in text]


def addresses_in(network: Network) -> st.SearchStrategy[Address]:
    return st.integers(0, network.num_addresses - 1).map(lambda number: network[number])


@given(st.sampled_from(NOT_PUBLIC).map(ip_network).flatmap(addresses_in))
def test_no_address_that_is_not_public_may_be_asked(address: Address) -> None:
    assert Policy().refusal(ANYWHERE, address)


@given(st.sampled_from(V4_NETWORKS).flatmap(addresses_in), st.sampled_from(EMBEDDED))
def test_it_is_refused_however_it_is_embedded(address: Address, embed: Callable[[int], Address]) -> None:
    assert Policy().refusal(ANYWHERE, embed(int(address)))


TUNNELS = ["::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"]


@given(st.sampled_from(V4_NETWORKS).flatmap(addresses_in), st.sampled_from(EMBEDDED))
def test_a_tunnel_that_is_allowed_leads_to_public_addresses_only(
    address: Address, embed: Callable[[int], Address]
) -> None:
    assert read_policy(TUNNELS, []).refusal(ANYWHERE, embed(int(address)))


def test_a_translator_that_is_allowed_leads_to_public_addresses() -> None:
    policy = read_policy(["64:ff9b::/96"], [])
    assert policy.refusal(ANYWHERE, ip_address("64:ff9b::808:808")) is None


@given(st.ip_addresses(v=6))
def test_nothing_but_global_unicast_is_public(address: IPv6Address) -> None:
    if address not in ip_network("2000::/3") and address.ipv4_mapped is None:
        assert Policy().refusal(ANYWHERE, address)


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_the_first_and_the_last_address_belong_to_it(text: str) -> None:
    network = ip_network(text)
    assert Policy().refusal(ANYWHERE, network[0])
    assert Policy().refusal(ANYWHERE, network[-1])


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_may_be_asked(text: str) -> None:
    assert Policy().refusal(ANYWHERE, ip_address(text)) is None


@given(st.sampled_from(NOT_PUBLIC).map(ip_network).flatmap(addresses_in), st.integers(1, 65_535))
def test_a_zone_makes_no_difference(address: Address, zone: int) -> None:
    if isinstance(address, IPv6Address):
        assert Policy().refusal(ANYWHERE, IPv6Address(f"{address}%{zone}"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("127.0.0.1", "a loopback address (127.0.0.0/8)"),
        ("::ffff:10.1.2.3", "a private address (10.0.0.0/8)"),
        ("169.254.169.254", "a link-local address (169.254.0.0/16)"),
        ("100.100.100.200", "a cloud's metadata service (100.100.100.200/32)"),
        ("fd00:ec2::254", "a cloud's metadata service (fd00:ec2::254/128)"),
        ("2002:7f00:1::", "an address of a tunnel (2002::/16)"),
        ("::2", "an IPv4 address inside of an IPv6 one (::/96)"),
        ("1234::1", "no public address (::/3)"),
    ],
)
def test_it_says_what_the_address_is(text: str, reason: str) -> None:
    assert Policy().refusal(ANYWHERE, ip_address(text)) == reason
