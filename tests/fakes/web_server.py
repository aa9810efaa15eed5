"""The web on loopback: sites by host and path behind one server, and the name server that leads to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import TracebackType
from typing import Self

from aiohttp.abc import AbstractResolver, ResolveResult

HERE = ip_address("127.0.0.1")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, sent as it is; `silent` sends nothing at all, and `cut` closes after so many bytes of the body."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: its method, host and path with query, and its headers by their names in lower case."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]


def moved(where: str, status: int = 301) -> Reply:
    """An answer that leads elsewhere."""
    return Reply(status=status, headers={"Location": where})


class WebServer:
    """Answers for every host on one port of 127.0.0.1.

    pages: answers by `host/path?query`; what it does not know is a 404. `asked` lists the
    requests, `connections` counts how often anybody came, whether or not a byte was sent. Use it in `async with`.
    """

    def __init__(self, pages: Mapping[str, Reply] | None = None) -> None:
        self.pages = dict(pages or {})
        self.asked: list[Asked] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._answer(_read(head), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._talks.discard(task)
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        self.asked.append(asked)
        reply = self.pages.get(asked.host + asked.target, Reply(status=404))
        if reply.silent:
            await asyncio.Event().wait()
        headers = {
            "Content-Type": reply.content_type,
            "Content-Length": str(len(reply.body)),
            "Connection": "close",
            **reply.headers,
        }
        lines = [f"HTTP/1.1 {reply.status} Said", *(f"{name}: {value}" for name, value in headers.items() if value)]
        writer.write("\r\n".join((*lines, "", "")).encode() + reply.body[: reply.cut])
        await writer.drain()


def _read(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, headers.get("host", ""), target, headers)


class Names(AbstractResolver):
    """A name server: by default every name leads to the server; `answers` has others by name, one list each time.

    The port comes from here too, so that addresses with the web's own ports lead to the server's. `asked` lists the
    names that were looked up.
    """

    def __init__(self, server: WebServer, answers: Mapping[str, Sequence[Sequence[str]]] | None = None) -> None:
        self._server = server
        self._answers = {name: list(lists) for name, lists in (answers or {}).items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        lists = self._answers.get(host, [[str(HERE)]])
        found = lists.pop(0) if len(lists) > 1 else lists[0]
        if not found:
            raise OSError(f"no address for {host}")
        return [
            ResolveResult(hostname=host, host=each, port=self._server.port, family=family, proto=0, flags=0)
            for each in found
        ]

    async def close(self) -> None:
        return


def only_here(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is that of the server: what tests let a fetcher reach in place of what is public."""
    return address == HERE
