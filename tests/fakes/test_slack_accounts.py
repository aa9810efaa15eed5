from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from tests.fakes.slack_server import MORNING
from tests.fakes.slack_town import connected, error, town
from tests.fakes.test_slack_socket import noting

# slack_sdk sends the app's secret by a class that newer releases of aiohttp warn of.
AUTH = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


@AUTH
async def test_an_installation_by_oauth() -> None:
    """A code is exchanged once, by those who know the app's secret, for a token that works."""
    async with town() as here:
        accounts, other = here.server.accounts, here.server.state.workspace("Others", installed=False)
        eve = here.server.state.user(other, "Eve")
        query = {
            "client_id": accounts.client_id,
            "scope": "chat:write,commands",
            "state": "s",
            "redirect_uri": "http://x/",
        }
        url = accounts.authorize(other, eve, query)
        assert url == "http://x/?code=1.code&state=s"
        exchange = {"client_id": accounts.client_id, "code": "1.code"}
        client = here.with_token(None)
        assert await error(client.oauth_v2_access(**exchange, client_secret="no")) == "bad_client_secret"
        given = await client.oauth_v2_access(**exchange, client_secret=accounts.client_secret)
        assert (given["team"]["id"], given["scope"], given["authed_user"]["id"]) == (
            other.id,
            "chat:write,commands",
            eve.id,
        )
        assert (await here.with_token(given["access_token"]).auth_test())["team_id"] == other.id
        again = client.oauth_v2_access(**exchange, client_secret=accounts.client_secret)
        assert await error(again) == "invalid_code"


@AUTH
async def test_codes_run_out() -> None:
    """A code is good for ten minutes."""
    async with town() as here:
        accounts = here.server.accounts
        accounts.authorize(here.workspace, here.ada, {"client_id": accounts.client_id})
        here.server.now = MORNING + timedelta(minutes=11)
        secrets = {"client_id": accounts.client_id, "client_secret": accounts.client_secret}
        assert await error(here.with_token(None).oauth_v2_access(code="1.code", **secrets)) == "code_expired"


async def test_slacks_page_sends_back() -> None:
    """Whoever opens the page that asks for leave is sent back with a code and the state."""
    async with town() as here, aiohttp.ClientSession() as session:
        query = {"client_id": here.server.accounts.client_id, "state": "s", "redirect_uri": "http://x/?y=1"}
        page = f"{here.server.root}/oauth/v2/authorize"
        async with session.get(page, params=query, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "http://x/?y=1&code=1.code&state=s"


async def test_a_token_that_is_given_back() -> None:
    """auth.revoke ends the token, and the bot is told so."""
    async with town() as here, connected(here) as app:
        told = noting(app, "tokens_revoked")
        assert (await here.client.auth_revoke())["revoked"]
        await here.server.delivery.settled()
        assert [each["event"]["tokens"]["bot"] for each in told] == [[here.workspace.bot.id]]
        assert await error(here.client.auth_test()) == "token_revoked"


async def test_a_workspace_that_removes_the_app() -> None:
    """The token is dead, the bot is told twice, and hears nothing from there any more."""
    async with town() as here, connected(here) as app:
        told, reactions = [noting(app, each) for each in ("app_uninstalled", "tokens_revoked")], noting(app)
        ts = await here.post()
        secrets = {"client_id": here.server.accounts.client_id, "client_secret": here.server.accounts.client_secret}
        await here.client.apps_uninstall(**secrets)
        await here.server.react(here.channel.messages[ts], here.ada, "one")
        assert [len(each) for each in told] == [1, 1]
        assert reactions == []
        assert await error(here.client.auth_test()) == "account_inactive"


async def test_workspaces_know_nothing_of_each_other() -> None:
    """A token reaches the channels, people and views of its own workspace alone."""
    async with town() as here:
        other = here.server.state.workspace("Others")
        theirs, eve = here.server.state.channel(other), here.server.state.user(other, "Eve")
        assert await error(here.client.chat_postMessage(channel=theirs.id, text="x")) == "channel_not_found"
        assert await error(here.client.users_info(user=eve.id)) == "user_not_found"
        await here.with_token(other.token).chat_postMessage(channel=theirs.id, text="x")
        assert [each.text for each in here.server.messages(theirs.id)] == ["x"]
        view = {"type": "home", "blocks": []}
        assert await error(here.client.views_publish(user_id=eve.id, view=view)) == "user_not_found"
        trigger = here.server.views.trigger(eve)
        assert await error(here.client.views_open(trigger_id=trigger, view=view)) == "invalid_trigger_id"


async def test_the_directory() -> None:
    """Workspaces, bots, groups, channels and their members can be looked up."""
    async with town() as here:
        client, bot = here.client, here.workspace.bot
        here.workspace.usergroups["S1"] = [here.ada.id]
        assert (await client.team_info())["team"]["name"] == "Readers"
        assert (await client.bots_info(bot=bot.bot_id))["bot"]["user_id"] == bot.id
        assert (await client.usergroups_list(include_users=True))["usergroups"][0]["users"] == [here.ada.id]
        info = (await client.conversations_info(channel=here.channel.id))["channel"]
        assert (info["name"], info["is_member"], info["is_archived"]) == ("papers", True, False)
        assert (await client.conversations_members(channel=here.channel.id))["members"] == [bot.id]
        direct = (await client.conversations_open(users=here.ada.id))["channel"]["id"]
        assert (await client.conversations_info(channel=direct))["channel"]["user"] == here.ada.id
        ts = await here.post()
        link = (await client.chat_getPermalink(channel=here.channel.id, message_ts=ts))["permalink"]
        assert link == f"https://readers.slack.com/archives/{here.channel.id}/p{ts.replace('.', '')}"


async def test_channels_change() -> None:
    """The bot is told when it is taken in or out, and when a channel is archived; a deleted one is gone."""
    async with town() as here, connected(here) as app:
        kinds = ("member_joined_channel", "channel_left", "channel_archive")
        here.server.delivery.subscribed |= set(kinds)
        told = [noting(app, each) for each in kinds]
        await here.server.remove(here.channel)
        await here.server.invite(here.channel, here.ada)
        await here.server.archive(here.channel, here.ada)
        assert [len(each) for each in told] == [1, 1, 1]
        assert told[0][0]["event"]["inviter"] == here.ada.id
        await here.server.unarchive(here.channel)
        await here.server.delete_channel(here.channel)
        assert await error(here.post()) == "channel_not_found"
