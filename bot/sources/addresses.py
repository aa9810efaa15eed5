"""Which addresses members may have the bot ask: public ones, by ordinary names, on the web's own ports.

A name says nothing of where it leads, so the addresses that it stands for are checked too, and each of them once more
on the socket that is about to be connected.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType
from yarl import URL

from bot.core.errors import Unreadable
from bot.core.text import clip, one_line

Address = IPv4Address | IPv6Address

LONGEST_URL = 4_000
"""Characters of an address that is asked for; browsers and servers agree on about twice as many."""

_PORTS = frozenset({80, 443})
_LONGEST_NAME = 253

# What https://www.iana.org/assignments/iana-ipv4-special-registry lists, multicast, what is reserved, and the address
# at which Azure's machines get their configuration (168.63.129.16).
_CLOSED_V4_BLOCKS = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
    198.51.100.0/24 203.0.113.0/24 224.0.0.0/3
"""
_CLOSED_V4 = tuple(map(IPv4Network, _CLOSED_V4_BLOCKS.split()))
# Of IPv6 only 2000::/3 is given out (https://www.iana.org/assignments/ipv6-address-space), and of that not these:
# blocks of protocols, Teredo's among them, of documentation, 6to4, AS112, and of the 6bone of old.
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6_BLOCKS = """
    2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3ffe::/16 3fff::/20
"""
_CLOSED_V6 = tuple(map(IPv6Network, _CLOSED_V6_BLOCKS.split()))
_NAT64 = IPv6Network("64:ff9b::/96")
_LAST_32_BITS = 0xFFFFFFFF

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_ENDING = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OWN_NAMES = """
    localhost localdomain local internal intranet lan home corp private test invalid onion i2p alt arpa
"""
_OWN_ENDINGS = frozenset(_OWN_NAMES.split())
_USER = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/?#]*@")


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the internet may reach.

    An address that holds an IPv4 one is judged by that where a network's own translator (NAT64, RFC 6052) makes it,
    and is closed in any other form (mapped, 6to4, Teredo).
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & _LAST_32_BITS))
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


class Guard(Protocol):
    """Says what may be asked."""

    def check(self, url: URL) -> None:
        """Return if this may be asked for, as far as the address itself tells; raises `Unreadable`."""
        ...

    def reaches(self, address: Address) -> bool:
        """Whether a socket may be connected to this address."""
        ...


@dataclass(frozen=True, slots=True)
class Public:
    """Lets through whatever is public. reach: tests alone give another, which knows their own servers."""

    reach: Callable[[Address], bool] = is_public

    def check(self, url: URL) -> None:
        """Only http and https, on their own ports, to a host that may be public."""
        if url.scheme not in ("http", "https"):
            raise barred("it begins with neither http:// nor https://")
        if url.port not in _PORTS:
            raise barred(f"port {url.port} is not the web's")
        host = url.raw_host or ""
        address = _literal(host)
        if address is None:
            _check_name(host)
        elif not self.reaches(address):
            raise barred("it is not a public address")

    def reaches(self, address: Address) -> bool:
        """Whether the address is public."""
        return self.reach(address)


@dataclass(frozen=True, slots=True)
class OnlyAt:
    """Lets through one service that the operator named, wherever it is, and nothing else."""

    base: URL

    def check(self, url: URL) -> None:
        """Only what has the service's own scheme, host and port."""
        if url.scheme not in ("http", "https") or url.origin() != self.base.origin():
            raise barred("it leads away from the service that was asked")

    def reaches(self, address: Address) -> bool:
        """Wherever the operator says that it is."""
        return True


def read_url(text: str) -> URL:
    """The address that a text is, as the very thing that will be asked for; raises `Unreadable`."""
    if len(text) > LONGEST_URL:
        raise barred("it is too long")
    if any(char < " " or char in "\\\x7f" or "\ud800" <= char <= "\udfff" for char in text):
        raise barred("it holds characters that no address has")
    # Where nothing stands before the @, the parsed address no longer shows that there was one.
    if _USER.match(text):
        raise barred("it holds a name or password")
    try:
        return URL(text)
    except ValueError as error:
        raise barred("it is no address") from error


def barred(reason: str) -> Unreadable:
    """The error for an address that is not asked for."""
    return Unreadable(f"I do not open this address: {clip(one_line(reason), 100)}.")


def _literal(host: str) -> Address | None:
    """The address that a host is written as; None for a name. Raises `Unreadable` for a number in any other form."""
    if ":" in host:
        if "%" in host:
            raise barred("it names an interface of this machine")
        try:
            return IPv6Address(host)
        except ValueError as error:
            raise barred("its host is no address") from error
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return None
    try:
        return IPv4Address(host)
    except ValueError as error:
        raise barred("its host is a number in disguise") from error


def _check_name(host: str) -> None:
    labels = host.removesuffix(".").split(".")
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise barred("its host is no name that the web knows")
    if len(labels) == 1 or labels[-1] in _OWN_ENDINGS or not _ENDING.fullmatch(labels[-1]):
        raise barred("its host is one of a network's own")


class Checked(AbstractResolver):
    """Resolves names, and gives no address that the guard does not reach: one that is closed closes them all."""

    def __init__(self, guard: Guard, resolver: AbstractResolver) -> None:
        self._guard = guard
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host; raises `Unreadable`, or `OSError` where there are none."""
        found = await self._resolver.resolve(host, port, family)
        if not all(self._guard.reaches(_parsed(each["host"])) for each in found):
            raise barred("its host is not a public one")
        return found

    async def close(self) -> None:
        """Close the resolver."""
        await self._resolver.close()


@dataclass(frozen=True, slots=True)
class Sockets:
    """Makes the sockets, each for one address, whoever came up with it; an address is checked here for good."""

    guard: Guard

    def __call__(self, info: AddrInfoType) -> socket.socket:
        """The socket for an address; raises `PermissionError` for one that is closed."""
        family, kind, protocol, _, where = info
        if not self.guard.reaches(_parsed(str(where[0]))):
            raise PermissionError("not a public address")
        return socket.socket(family=family, type=kind, proto=protocol)


def _parsed(host: str) -> Address:
    try:
        return ip_address(host)
    except ValueError as error:
        raise barred("its host has no address that I know") from error
