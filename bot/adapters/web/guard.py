"""What stands around every request: who may ask, what a page may load, how errors read."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.core.errors import BroadsheetError

log = structlog.get_logger()

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on a response that goes out."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/figures/"):
        response.headers["Content-Security-Policy"] = FIGURE_POLICY


def hosts(host: str, port: int) -> frozenset[str]:
    """The values of the Host header under which this machine reaches the page.

    Any other name is an outside page's, made to lead here (DNS rebinding).
    """
    names = {"127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host}
    default_port = 80
    return frozenset({f"{name}:{port}" for name in names} | (names if port == default_port else set()))


def guard(allowed: Collection[str]) -> Middleware:
    """The middleware that lets in the page's own requests only, and turns errors into sentences."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = _refusal(request, allowed)
        if refusal:
            return _sentence(refusal, HTTPStatus.FORBIDDEN)
        try:
            return await handler(request)
        except BroadsheetError as error:
            return _sentence(str(error), HTTPStatus.BAD_REQUEST)
        except web.HTTPException as error:
            return _sentence(f"{error.reason}.", error.status)
        except Exception:
            number = secrets.token_hex(4)
            log.exception("request failed", path=request.path, error_id=number)
            return _sentence(f"Something went wrong here; it is in the log as {number}.", 500)

    return middleware


def _sentence(text: str, status: int) -> web.Response:
    return web.json_response({"error": text}, status=status)


def _refusal(request: web.Request, allowed: Collection[str]) -> str:
    host = request.headers.get("Host", "").lower()
    if host not in allowed:
        return "This page is served to its own machine only."
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", f"http://{host}").lower()
    navigated = request.method == "GET" and request.path == "/"
    if not navigated and (site not in {"same-origin", "none"} or origin != f"http://{host}"):
        return "Requests from other pages are refused."
    return ""
