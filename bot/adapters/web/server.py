"""The server of the page: bound to this machine, started and stopped as a block."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import PurePosixPath

from aiohttp import web

from bot.adapters.web.bodies import FILE_BYTES, LONGEST_ID, Body
from bot.adapters.web.clock import MovableClock
from bot.adapters.web.endpoints import Endpoints
from bot.adapters.web.guard import add_headers, guard, hosts
from bot.adapters.web.pages import HERE, Pages
from bot.adapters.web.room import Room
from bot.adapters.web.stream import NextSlot, Stream
from bot.core.errors import BroadsheetError
from bot.core.front import Front

PATIENCE = 1.0
"""Seconds that requests under way have to end when the server stops."""

_PICTURES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}


class PortTaken(BroadsheetError):
    """The address cannot be listened on; the sentence says what to do."""


@asynccontextmanager
async def serve(
    front: Front,
    room: Room,
    clock: MovableClock,
    host: str,
    port: int,
    figures: Mapping[str, bytes],
    next_slot: NextSlot,
) -> AsyncIterator[str]:
    """Serve the page while the block runs; yields its address.

    port: 0 takes any free one. figures: pictures by file name, found below `/figures/`. next_slot: when the next
    issue is due. Raises `PortTaken` where the port is not to be had.
    """
    allowed: set[str] = set()
    stream, app = _app(front, room, clock, figures, next_slot, allowed)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=PATIENCE)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise PortTaken(_why(error, host, port)) from error
        bound = runner.addresses[0][1]
        allowed |= hosts(host, bound)
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}/"
    finally:
        stream.end()
        await runner.cleanup()


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken: stop what uses it, or choose another with --port."
    return f"Port {port} on {host} cannot be used ({error.strerror}): choose another with --port."


def _app(
    front: Front,
    room: Room,
    clock: MovableClock,
    figures: Mapping[str, bytes],
    next_slot: NextSlot,
    allowed: set[str],
) -> tuple[Stream, web.Application]:
    pages = Pages(room, front.commands)
    endpoints = Endpoints(front, room, clock, pages)
    stream = Stream(room, clock, pages, next_slot)

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=pages.page(), content_type="text/html")

    async def events(request: web.Request) -> web.StreamResponse:
        viewer = endpoints.person(Body(request.query).text("as", LONGEST_ID))
        return await stream.serve(request, viewer.id)

    async def figure(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind = _PICTURES.get(PurePosixPath(name).suffix.lower())
        if name not in figures or kind is None:
            raise web.HTTPNotFound
        return web.Response(body=figures[name], content_type=kind)

    app = web.Application(middlewares=[guard(allowed)], client_max_size=FILE_BYTES + 1024 * 1024)
    app.on_response_prepare.append(add_headers)
    app.add_routes([web.get("/", page), web.get("/events", events), web.get("/figures/{name}", figure)])
    app.add_routes([*endpoints.routes(), web.static("/static", HERE / "static")])
    return stream, app
