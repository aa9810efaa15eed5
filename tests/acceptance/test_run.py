"""The bot as a process on a Discord of its own: it comes up, gives its commands, posts, and stops when told to."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from bot.core.model import Channel, Newsletter, Schedule, Subscription
from bot.store import open_store
from tests.acceptance.shell import PATIENCE, run, variables
from tests.fakes.discord_server import TOKEN, DiscordServer
from tests.world import MONDAY


def settings(server: DiscordServer, token: str = TOKEN) -> dict[str, str]:
    """The variables that point the bot at the server."""
    return {
        "BROADSHEET_DISCORD__TOKEN": token,
        "BROADSHEET_DISCORD__API_URL": server.api_url,
        "BROADSHEET_DISCORD__GATEWAY_URL": server.gateway_url,
    }


async def test_it_comes_up_posts_what_waits_and_stops_when_told_to(tmp_path: Path) -> None:
    """Connected, it gives Discord its commands and delivers what a shell read in; SIGTERM ends it with exit code 0."""
    async with DiscordServer(now=None) as server:
        guild = server.state.guild()
        channel = server.state.channel(guild)
        async with open_store(tmp_path / "broadsheet.sqlite") as store, store.transaction() as tx:
            made = await tx.newsletters.add(Newsletter(0, "The Paper", Schedule(0, MONDAY.time(), "UTC")))
            await tx.newsletters.subscribe(Subscription(made.id, Channel("discord", str(guild.id), str(channel.id))))
        letter = tmp_path / "letter.md"
        letter.write_text(
            "# Our Letter #7\n\n## Papers\n\n### [A](https://example.org/a)\n\nWords.\n", encoding="utf-8"
        )
        assert (await run(tmp_path, "import", str(letter))).code == 0
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=tmp_path, env=variables(settings(server)),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            posted = f"POST /channels/{channel.id}/messages"
            async with asyncio.timeout(PATIENCE):
                await server.requests(
                    lambda asked: sum("/messages" in e.path and e.method == "POST" for e in asked) >= 2
                )
            routes = server.routes()
            assert any(route.startswith("PUT /applications/") for route in routes)
            assert any(route.startswith(posted) for route in routes)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 10) == 0
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def test_a_wrong_token_is_one_line(tmp_path: Path) -> None:
    """It says what to do about it and ends, instead of trying for ever."""
    async with DiscordServer() as server:
        ended = await run(tmp_path, "run", settings=settings(server, "MTIz.wrong.token"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[-1] == (
        "Discord refuses the token in discord.token: copy it anew from the developer portal, page Bot."
    )


async def test_the_invitation_asks_for_what_is_needed(tmp_path: Path) -> None:
    """The link names the application that the token is for, its scopes and its permissions."""
    ended = await run(tmp_path, "invite", settings={"BROADSHEET_DISCORD__TOKEN": "MTIz.abc.def"})
    assert ended.out.startswith("https://discord.com/oauth2/authorize?client_id=123&scope=bot+applications.commands")
    assert "permissions=" in ended.out
    refused = await run(tmp_path, "invite")
    assert refused.code == 1
    assert "--client-id" in refused.err
