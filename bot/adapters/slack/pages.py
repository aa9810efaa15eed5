"""The few pages that somebody sees who adds the bot to a workspace."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from aiohttp import web

STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:18px/1.5 system-ui,sans-serif;max-width:36em;margin:12vh auto;padding:0 1em}"
    "a.button{display:inline-block;padding:.5em 1em;border:2px solid;border-radius:.4em;font-weight:600;"
    "text-decoration:none}"
)

_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(title: str, *paragraphs: str, link: tuple[str, str] | None = None, status: int = 200) -> web.Response:
    """A page of plain paragraphs, and a link (words, address) that looks like a button."""
    body = "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
    if link:
        words, address = link
        body += f'<p><a class="button" href="{escape(address)}">{escape(words)}</a></p>'
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return web.Response(text=text, content_type="text/html", status=status, headers=_HEADERS)
