"""Which addresses are not of the public internet, and what hides in one address of another.

The list is written out here, since what the standard library calls private differs from version to version.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import NamedTuple

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Special(NamedTuple):
    """A network that is not public.

    `by_name`: the operator may open it by naming a host; else only by naming the network itself, so that
    whoever rules an allowed host's name cannot lead to a cloud's metadata, for instance.
    """

    network: Network
    meaning: str
    by_name: bool = False


def _table(rows: str, *, by_name: bool = False) -> list[Special]:
    lines = (line.split(maxsplit=1) for line in rows.strip().splitlines())
    return [Special(ip_network(network), meaning, by_name) for network, meaning in lines]


_INWARD = """
10.0.0.0/8          a private address
100.64.0.0/10       an address shared by a provider's customers
127.0.0.0/8         a loopback address
172.16.0.0/12       a private address
192.168.0.0/16      a private address
::1/128             a loopback address
fc00::/7            a private address
"""
_NEVER_BY_NAME = """
0.0.0.0/8           an address of "this" network
100.100.100.200/32  a cloud's metadata service
168.63.129.16/32    a cloud's metadata service
169.254.0.0/16      a link-local address
192.0.0.0/24        an address for protocols
192.0.2.0/24        an address for documentation
192.88.99.0/24      a relay to IPv6
198.18.0.0/15       an address for benchmarks
198.51.100.0/24     an address for documentation
203.0.113.0/24      an address for documentation
224.0.0.0/4         a multicast address
240.0.0.0/4         a reserved address
255.255.255.255/32  the broadcast address
::/3                no public address
::/128              no address
::/96               an IPv4 address inside of an IPv6 one
::ffff:0:0/96       an IPv4 address inside of an IPv6 one
::ffff:0:0:0/96     an IPv4 address inside of an IPv6 one
64:ff9b::/96        an IPv4 address behind a translator
64:ff9b:1::/48      an IPv4 address behind a translator
100::/64            an address that discards everything
100:0:0:1::/64      an address that discards everything
2001::/23           an address for protocols
2001::/32           an address of a tunnel
2001:db8::/32       an address for documentation
2002::/16           an address of a tunnel
3ffe::/16           no public address
3fff::/20           an address for documentation
4000::/2            no public address
5f00::/16           an address for routing
8000::/1            no public address
fd00:ec2::254/128   a cloud's metadata service
fd20:ce::254/128    a cloud's metadata service
fe80::/10           a link-local address
fec0::/10           a private address
ff00::/8            a multicast address
"""
# The narrowest first: of several that hold an address, the first says what it is.
SPECIALS = sorted(
    [*_table(_INWARD, by_name=True), *_table(_NEVER_BY_NAME)], key=lambda special: -special.network.prefixlen
)

# Where an IPv4 address stands: the network, how far to shift to the right, and what its bits are flipped with.
_EMBEDDED = [
    (IPv6Network("::ffff:0:0:0/96"), 0, 0),
    (IPv6Network("64:ff9b::/96"), 0, 0),
    (IPv6Network("64:ff9b:1::/48"), 0, 0),
    (IPv6Network("2002::/16"), 80, 0),
    (IPv6Network("2001::/32"), 0, 0xFFFFFFFF),
]
# ISATAP has them in any network, behind these halves of an interface's identifier (RFC 5214, 6.1).
_ISATAP = {0x0000_5EFE, 0x0200_5EFE}


def plain(address: Address) -> Address:
    """The address without its zone, and as IPv4 where it is only another spelling of one."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


def special(address: Address) -> Special | None:
    """What the address is, or None if it is a public one."""
    return next((special for special in SPECIALS if address in special.network), None)


def faces(address: Address) -> list[Address]:
    """The address, and those that a tunnel or a translator would make of it."""
    address = plain(address)
    number = int(address)
    inside = [(shift, flipped) for network, shift, flipped in _EMBEDDED if address in network]
    if isinstance(address, IPv6Address) and number >> 32 & 0xFFFFFFFF in _ISATAP:
        inside.append((0, 0))
    return [address, *(IPv4Address((number >> shift ^ flipped) & 0xFFFFFFFF) for shift, flipped in inside)]
