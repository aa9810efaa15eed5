"""How Slack's Web API is reached: every client of slack_sdk is made here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient

PATIENCE = timedelta(seconds=3)
"""A rate limit no longer than this is waited for on the spot; another one is the caller's affair."""

DEFAULT_WAIT = timedelta(seconds=30)
"""The wait after a rate limit that does not say how long; Slack counts by the minute."""

ONCE = frozenset(
    {"chat.postMessage", "chat.postEphemeral", "chat.scheduleMessage", "oauth.v2.access", "views.open", "views.push"}
)
"""Methods that may have done their work although no answer came, and would do it, or fail, a second time."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where Slack is, and how to get there.

    api_url: the address before each method's name. proxy: an HTTP proxy's address, if there is one. timeout: seconds
    that a request may take.
    """

    api_url: str = "https://slack.com/api/"
    proxy: str | None = None
    timeout: int = 30

    def client(self, token: str | None = None) -> AsyncWebClient:
        """A client that repeats by itself what met a short rate limit or a fault, where a repeat does no harm."""
        handlers: list[AsyncRetryHandler] = [_ConnectionErrors(), _ShortRateLimits(), _ServerErrors()]
        client = AsyncWebClient(
            token=token,
            base_url=self.api_url.rstrip("/") + "/",
            timeout=self.timeout,
            retry_handlers=handlers,
        )
        # slack_sdk would fall back on the environment's proxy, which may not lead to `api_url`.
        client.proxy = self.proxy
        return client


def retry_after(response: HttpResponse) -> timedelta:
    """How long the answer asks to wait."""
    named = {name.lower(): values for name, values in response.headers.items()}
    return seconds(next(iter(named.get("retry-after", ())), None))


def seconds(text: object) -> timedelta:
    """A `Retry-After` header's value as a span of time."""
    try:
        return min(timedelta(seconds=max(0.0, float(str(text)))), timedelta(hours=1))
    except (ValueError, OverflowError):
        return DEFAULT_WAIT


def _may_repeat(request: HttpRequest) -> bool:
    return request.url.rpartition("/")[2].partition("?")[0] not in ONCE


class _ConnectionErrors(AsyncConnectionErrorRetryHandler):
    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        told = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return told and _may_repeat(request)


class _ServerErrors(AsyncServerErrorRetryHandler):
    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        told = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return told and _may_repeat(request)


class _ShortRateLimits(AsyncRateLimitErrorRetryHandler):
    """Waits for what is over in a moment; nothing was done yet, so that any request may be repeated."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        told = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return told and response is not None and retry_after(response) <= PATIENCE

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        # slack_sdk's own reads whole seconds alone.
        await asyncio.sleep(retry_after(response).total_seconds() if response else 0)
        state.next_attempt_requested = True
        state.increment_current_attempt()
