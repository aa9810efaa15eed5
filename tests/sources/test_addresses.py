"""What members may have the bot ask: every address that is not public is refused before a byte is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Network, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.core.errors import Unreadable
from bot.sources.addresses import Address, OnlyAt, Public, Sockets, is_public, read_url
from bot.sources.fetching import Fetcher
from tests.fakes.web_server import Names, Reply, WebServer, moved, only_here

NAT64 = IPv6Network("64:ff9b::/96")

ATTACKS = [
    # This machine, by every spelling that some program takes for it.
    "http://127.0.0.1/",
    "http://127.0.0.1:80/admin",
    "https://127.0.0.1/",
    "http://127.0.0.53/",
    "http://127.255.255.254/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://localhost.localdomain/",
    "http://evil.localhost/",
    "http://a.b.localhost./",
    "http://0.0.0.0/",
    "http://0.0.0.0:443/",
    "http://0.1.2.3/",
    "http://0/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7F.1/",
    "http://0x/",
    "http://127.0.0.1./",
    "http://127.0.0.01/",
    "http://00127.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "http://%6c%6f%63%61%6c%68%6f%73%74/",
    "http://127.0.0.1%2f.example.org/",
    "http://127.0.0.1%00.example.org/",
    # This machine in IPv6, and IPv4 inside IPv6.
    "http://[::1]/",
    "http://[::]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::808:808]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[2606:4700::1111%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[ff0e::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[100::1]/",
    "http://[5f00::1]/",
    "http://[4000::1]/",
    "http://[v1.fe80]/",
    "http://[127.0.0.1]/",
    # Networks of one's own, of providers and of clouds.
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.1.1/",
    "http://3232235777/",
    "http://100.64.0.1/",
    "http://100.127.255.254/",
    "http://169.254.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/latest/meta-data/",
    "http://2852039166/",
    "http://169.254.43518/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fd20:ce::254]/",
    "http://100.100.100.200/latest/meta-data/",
    "http://192.0.0.192/opc/v1/",
    "http://168.63.129.16/machine?comp=goalstate",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://metadata/",
    "http://router/",
    "http://printer.local/",
    "http://nas.home.arpa/",
    "http://wiki.corp/",
    "http://db.internal./",
    "http://1.0.0.127.in-addr.arpa/",
    "http://abcdefghij.onion/",
    # What was set apart, sent to many, or kept for later.
    "http://192.0.2.1/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://198.18.0.1/",
    "http://192.88.99.1/",
    "http://192.0.0.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    # Other schemes, names and passwords, ports, and texts that two parsers read in two ways.
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "gopher://example.org:70/_x",
    "ftp://example.org/",
    "dict://example.org:11211/stats",
    "ldap://example.org/",
    "jar:http://example.org/x!/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "unix:///var/run/docker.sock",
    "ws://example.org/",
    "//example.org/",
    "example.org",
    "",
    "http:example.org",
    "http:///example.org",
    "http://",
    "http://?",
    "http://example.org@127.0.0.1/",
    "http://user:secret@example.org/",
    "http://user@example.org/",
    "http://@example.org/",
    "http://:@example.org/",
    "http://127.0.0.1@example.org/",
    "http://example.org:22/",
    "http://example.org:25/",
    "http://example.org:6379/",
    "http://example.org:8080/",
    "http://example.org:0/",
    "http://example.org:65536/",
    "http://example.org:-1/",
    "http://example.org:80:22/",
    "http://example.org\\@127.0.0.1/",
    "http://127.0.0.1\\.example.org/",
    "http://exam ple.org/",
    "http://example.org\t/",
    "http://example.org/\r\nX-Evil: 1",
    "http://example.org/\x00",
    "http://exa\ud800mple.org/",
    "http://[::1",
    "http://[/",
    "http://-example.org/",
    "http://example..org/",
    "http://.example.org/",
    "http://example.org../",
    "http://" + "a" * 64 + ".org/",
    "http://" + "a." * 130 + "org/",
    "http://example.org/" + "a" * 5_000,
]

_CONNECTED: list[object] = []
_WATCHING: list[bool] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHING and event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        _CONNECTED.append(arguments[1:])


sys.addaudithook(_audit)


@contextmanager
def watched() -> Iterator[list[object]]:
    """Every connection that the process begins, and every name it looks up, while the block runs."""
    _CONNECTED.clear()
    _WATCHING.append(True)
    try:
        yield _CONNECTED
    finally:
        _WATCHING.pop()


def test_the_table_is_long() -> None:
    """At least sixty addresses are tried, none of them twice."""
    assert len(set(ATTACKS)) == len(ATTACKS) >= 60


@pytest.mark.parametrize("url", ATTACKS, ids=lambda url: repr(url)[:60])
async def test_an_attack_is_refused_before_a_byte_is_sent(url: str) -> None:
    """Nothing is looked up and nothing is connected for an address that is closed by what it says."""
    async with WebServer() as server:
        names = Names(server)
        with watched() as connected, pytest.raises(Unreadable):
            await Fetcher(resolver=names).fetch(url)
        assert connected == []
        assert (names.asked, server.connections) == ([], 0)


@pytest.mark.parametrize("url", ATTACKS, ids=lambda url: repr(url)[:60])
async def test_a_redirect_leads_to_none_of_them(url: str) -> None:
    """What may not be asked for may not be redirected to; relative addresses stay on the site that they came from."""
    async with WebServer({"example.org/": moved(url.replace("\r\n", ""), 302)}) as server:
        names = Names(server)
        with suppress(Unreadable):
            await Fetcher(Public(only_here), resolver=names).fetch("http://example.org/")
        assert {each.host for each in server.asked} == {"example.org"}
        assert set(names.asked) == {"example.org"}


CLOSED = [
    "127.0.0.1",
    "10.1.2.3",
    "172.20.0.1",
    "192.168.0.10",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 # nothing is bound to it
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001::1",
    "fe80::1%2",
    "fd00::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", CLOSED)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    """A public name with a closed address is not connected to, not even where it has a public one beside it."""
    async with WebServer() as server:
        for answer in ([address], ["93.184.215.14", address], [address, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]):
            names = Names(server, {"rebind.example.org": [answer]})
            with watched() as connected, pytest.raises(Unreadable):
                await Fetcher(resolver=names).fetch("http://rebind.example.org/")
            assert (connected, server.connections) == ([], 0)


async def test_a_name_is_looked_up_once_for_each_request() -> None:
    """The address that was checked is the one connected to: a name server cannot change its mind in between."""
    async with WebServer({"rebind.example.org/": Reply(b"<title>One</title>")}) as server:
        names = Names(server, {"rebind.example.org": [["127.0.0.1"], ["127.0.0.2"]]})
        fetcher = Fetcher(Public(only_here), resolver=names)
        assert (await fetcher.fetch("http://rebind.example.org/")).status == 200
        assert names.asked == ["rebind.example.org"]
        with pytest.raises(Unreadable):
            await fetcher.fetch("http://rebind.example.org/")
        assert server.connections == 1


async def test_a_redirect_is_looked_up_anew() -> None:
    """A site that turns inward between one redirect and the next is refused there."""
    async with WebServer({"rebind.example.org/": moved("/next")}) as server:
        names = Names(server, {"rebind.example.org": [["127.0.0.1"], ["127.0.0.2"]]})
        with pytest.raises(Unreadable):
            await Fetcher(Public(only_here), resolver=names).fetch("http://rebind.example.org/")
        assert [each.target for each in server.asked] == ["/"]


def test_a_socket_is_made_for_public_addresses_only() -> None:
    """Whatever went before, the last look is at the very address that is connected to."""
    sockets = Sockets(Public())
    for address in CLOSED:
        with pytest.raises(PermissionError):
            sockets((0, 0, 0, "", (address, 80)))
    sockets((2, 1, 6, "", ("93.184.215.14", 80))).close()


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.215.14", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::8a"],
)
def test_the_public_is_public(address: str) -> None:
    """What is given out to somebody is reached, with its neighbours' blocks closed; so is IPv4 through NAT64."""
    assert is_public(ip_address(address))
    if "." in address:
        assert is_public(ip_address(f"64:ff9b::{address}"))
        assert not is_public(ip_address(f"::ffff:{address}"))


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_calls_private(address: Address) -> None:
    """The table is at least as strict as Python's own, but for NAT64, which is judged by what is inside."""
    if is_public(address) and address not in NAT64:
        assert address.is_global
        assert not address.is_multicast


@given(st.text(max_size=60) | st.text(max_size=30).map("http://{}/".format))
def test_any_text_is_checked_without_a_crash(text: str) -> None:
    """Whatever a member writes either has a host and one of the web's ports or is refused with a sentence."""
    try:
        url = read_url(text)
        Public().check(url)
    except Unreadable as error:
        url, said = None, str(error)
    else:
        said = "It may be asked for."
    assert said.endswith(".")
    assert url is None or (url.raw_host and url.port in (80, 443))


def test_a_service_is_asked_wherever_it_is_and_nothing_else() -> None:
    """An operator's own service may be on this machine; what it redirects to elsewhere may not be asked."""
    guard = OnlyAt(URL("http://127.0.0.1:8080/api"))
    guard.check(URL("http://127.0.0.1:8080/api/x"))
    for url in ("http://127.0.0.1:8081/", "https://127.0.0.1:8080/", "http://example.org/", "file:///etc/passwd"):
        with pytest.raises(Unreadable):
            guard.check(URL(url))
