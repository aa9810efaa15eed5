from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.adapters.slack import paths
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.http import make_server, serving
from bot.adapters.slack.installations import ManyWorkspaces
from bot.adapters.slack.oauth import COOKIE, OAuth
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.scopes import SCOPES
from bot.adapters.slack.states import PREFIX, States
from bot.adapters.slack.vault import Vault
from bot.core.errors import StoreError
from tests.adapters.slack.bolt import Told
from tests.adapters.slack.keeping import FakeKeep
from tests.fakes.clock import FakeClock
from tests.fakes.slack_faults import Fault, broken
from tests.fakes.slack_server import SlackServer

PUBLIC = "http://paper.test"
"""Our public address, which leads to wherever the pages are served."""


@dataclass
class Visit:
    """Somebody's browser in front of our pages."""

    server: SlackServer
    browser: aiohttp.ClientSession
    address: str
    keep: FakeKeep
    many: ManyWorkspaces
    told: Told
    clock: FakeClock

    async def open(self, url: str) -> tuple[int, str]:
        """A page's status and content; nothing is followed."""
        url = url.replace(PUBLIC, self.address) if "://" in url else self.address + url
        async with self.browser.get(url, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", "") or await answer.text()

    async def begin(self) -> str:
        """Open the first page; returns where its button leads."""
        status, text = await self.open(paths.INSTALL)
        assert status == 200
        match = re.search(r'href="([^"]+)">Add to Slack<', text)
        assert match
        return html.unescape(match[1])

    async def consent(self) -> str:
        """Go through Slack's page; returns where that leads back to."""
        status, location = await self.open(await self.begin())
        assert status == 302
        return location


@asynccontextmanager
async def visiting(**options: str) -> AsyncIterator[Visit]:
    """Our pages, a loopback Slack with a workspace that has not installed the app, and a browser."""
    told, keep, clock = Told(), FakeKeep(), FakeClock()
    cookies = aiohttp.CookieJar(unsafe=True)  # of addresses that are numbers, too
    async with SlackServer() as server, aiohttp.ClientSession(cookie_jar=cookies) as browser:
        workspace = server.state.workspace("Readers & Co", installed=False)
        server.state.user(workspace, "Ann", admin=True)
        many = ManyWorkspaces(keep, Vault([Fernet.generate_key().decode()]))
        pages = OAuth(chosen(server, **options), many, Connection(server.api_url), clock, told.house().joined)
        async with serving(make_server(None, pages), "127.0.0.1", 0) as address:
            yield Visit(server, browser, address, keep, many, told, clock)


def chosen(server: SlackServer, *, command_prefix: str = "", public_url: str = PUBLIC) -> SlackOptions:
    """The app's options, for this Slack."""
    return SlackOptions(
        api_url=server.api_url,
        client_id=server.accounts.client_id,
        client_secret=server.accounts.client_secret,
        command_prefix=command_prefix,
        public_url=public_url,
    )


async def test_from_the_click_to_the_token() -> None:
    """A click, Slack's consent, and the workspace is installed, with its token encrypted and the next step said."""
    async with visiting(command_prefix="bs-") as visit:
        status, text = await visit.open(await visit.consent())
        workspace = next(iter(visit.server.state.workspaces.values()))
        assert status == 200
        assert "Readers &amp; Co" in text
        assert "/bs-newsletter setup" in text
        found = await visit.many.get(workspace.id)
        assert found is not None
        assert (found.token, found.bot_user, found.bot) == (workspace.token, workspace.bot.id, workspace.bot.bot_id)
        assert found.scopes == tuple(SCOPES)
        assert found.name == "Readers & Co"
        assert visit.told.joined == [workspace.id]
        assert workspace.token not in str(visit.keep.texts) + text


async def test_the_button_asks_for_what_the_manifest_names() -> None:
    """Slack's page is asked for exactly the scopes of the manifest, and to lead back to us."""
    async with visiting() as visit:
        address = urlsplit(await visit.begin())
        assert address.path == "/oauth/v2/authorize"
        query = parse_qs(address.query)
        assert query["scope"] == [",".join(SCOPES)]
        assert query["redirect_uri"] == [PUBLIC + paths.REDIRECT]
        assert "user_scope" not in query


async def test_a_state_is_good_once() -> None:
    """A link back that was followed already installs nothing a second time."""
    async with visiting() as visit:
        back = await visit.consent()
        cookies = {each.key: each.value for each in visit.browser.cookie_jar}
        assert (await visit.open(back))[0] == 200
        visit.browser.cookie_jar.update_cookies(cookies)
        status, text = await visit.open(back)
        assert status == 400
        assert "used before" in text
        assert len(visit.server.calls("oauth.v2.access")) == 1


async def test_a_state_lasts_ten_minutes() -> None:
    """Whoever lets the page lie around begins again."""
    async with visiting() as visit:
        back = await visit.consent()
        visit.clock.advance(timedelta(minutes=10))
        status, text = await visit.open(back)
        assert status == 400
        assert "ten minutes" in text
        assert visit.server.calls("oauth.v2.access") == []


async def test_another_browsers_link() -> None:
    """A link that somebody else was made to follow does not install their workspace for us, nor ours for them."""
    async with visiting() as visit:
        back = await visit.consent()
        async with aiohttp.ClientSession() as other, other.get(back.replace(PUBLIC, visit.address)) as answer:
            assert answer.status == 400
        visit.browser.cookie_jar.clear()
        visit.browser.cookie_jar.update_cookies({COOKIE: "something-else"})
        assert (await visit.open(back))[0] == 400
        assert visit.server.calls("oauth.v2.access") == []


@pytest.mark.parametrize("query", ["", "?state=&code=1", "?state=x&code=y", "?state=%ED%A0%80&code=%00", "?code=1"])
async def test_a_link_that_nobody_made(query: str) -> None:
    """A made-up link is a sentence, not an error."""
    async with visiting() as visit:
        await visit.begin()
        status, text = await visit.open(paths.REDIRECT + query)
        assert status == 400
        assert "Nothing was installed" in text
        assert visit.told.joined == []


async def test_the_installation_was_called_off() -> None:
    """Who says no in Slack reads that nothing happened; what the link says is not repeated."""
    async with visiting() as visit:
        status, text = await visit.open(f"{paths.REDIRECT}?error=access_denied&state=<script>")
        assert status == 400
        assert "called off" in text
        assert "script" not in text
        status, text = await visit.open(f"{paths.REDIRECT}?error=<b>other</b>")
        assert status == 400
        assert "other" not in text.replace("another", "")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("oauth.v2.access", error="invalid_code"),
        Fault("oauth.v2.access", reset=True),
        Fault("oauth.v2.access", 200, '{"ok": true}'),
        Fault("oauth.v2.access", 200, '{"ok": true, "team": {"id": "T1"}, "access_token": "x"}'),
        broken("oauth.v2.access"),
        Fault("auth.test", error="fatal_error"),
    ],
)
async def test_an_exchange_that_fails(fault: Fault) -> None:
    """Whatever Slack does instead of giving a token, nothing is kept, and the page says to try again."""
    async with visiting() as visit:
        back = await visit.consent()
        visit.server.script(fault)
        with capture_logs() as logs:
            status, text = await visit.open(back)
        assert status in (400, 502)
        assert "Begin again" in text
        assert await visit.many.teams() == ()
        assert visit.server.accounts.client_secret not in str(logs)


async def test_a_whole_organisation_is_refused() -> None:
    """An installation in an organisation names no workspace, and is no installation for us."""
    async with visiting() as visit:
        back = await visit.consent()
        body = '{"ok": true, "is_enterprise_install": true, "team": null, "access_token": "", "bot_user_id": "U1"}'
        visit.server.script(Fault("oauth.v2.access", 200, body))
        status, text = await visit.open(back)
        assert status == 400
        assert "one workspace at a time" in text


async def test_a_house_that_cannot_note_it() -> None:
    """The workspace is installed although nobody could be told: the page says so, and the log the rest."""
    async with visiting() as visit:

        async def joined(_: str) -> None:
            raise StoreError("The disk is full.")

        pages = OAuth(chosen(visit.server), visit.many, Connection(visit.server.api_url), visit.clock, joined)
        back = await visit.consent()
        async with serving(make_server(None, pages), "127.0.0.1", 0) as address:
            with capture_logs() as logs:
                status, _ = await visit.open(back.replace(PUBLIC, address))
        assert status == 200
        assert any(each["log_level"] == "error" and "disk" in each["reason"] for each in logs)


async def test_the_pages_give_nothing_away() -> None:
    """Neither caches nor frames nor referrers get hold of a state or a code, and no script runs."""
    async with visiting() as visit, visit.browser.get(visit.address + paths.INSTALL) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


async def test_a_cookie_for_https_is_secure() -> None:
    """Behind https the browser keeps the state to itself on any other line."""
    async with (
        visiting(public_url="https://paper.example.org") as visit,
        visit.browser.get(visit.address + paths.INSTALL) as answer,
    ):
        assert "Secure" in answer.headers["Set-Cookie"]


async def test_pages_below_a_path() -> None:
    """Behind a proxy that gives us a part of its addresses, the browser brings the state back, and links lead there."""
    async with visiting(public_url="https://example.org/paper") as visit:
        async with visit.browser.get(visit.address + paths.INSTALL) as answer:
            assert "Path=/paper/slack;" in answer.headers["Set-Cookie"]
        _, text = await visit.open(paths.REDIRECT)
        assert 'href="https://example.org/paper/slack/install"' in text


async def test_visits_that_lead_nowhere_are_forgotten() -> None:
    """States that nobody redeemed do not pile up."""
    keep, clock = FakeKeep(), FakeClock()
    states = States(keep, clock)
    issued = [await states.issue() for _ in range(5)]
    assert len(set(issued)) == 5
    clock.advance(timedelta(minutes=11))
    last = await states.issue()
    assert list(keep.texts) == [PREFIX + last]
    assert await states.redeem(issued[0]) is False
    assert await states.redeem(last) is True
    assert await states.redeem(last) is False
