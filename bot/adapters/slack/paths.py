"""The addresses below our public one, as the manifest names them and the server answers them."""

from __future__ import annotations

PAGES = "/slack"
EVENTS = "/slack/events"
INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"
HEALTH = "/health"


def below(public_url: str, path: str) -> str:
    """The whole address of a path."""
    return public_url.rstrip("/") + path
