"""The platforms' sides of the bot: each with the chat that the core posts through, and what takes its events in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot import locale
from bot.adapters import discord
from bot.adapters.discord.chat import DiscordChat
from bot.adapters.slack.app import make_app
from bot.adapters.slack.chat import SlackChat
from bot.adapters.slack.commands import Prefixed
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.house import House as SlackHouse
from bot.adapters.slack.installations import ManyWorkspaces, OneWorkspace
from bot.adapters.slack.options import SlackOptions
from bot.adapters.slack.running import run as run_slack
from bot.adapters.slack.vault import Vault
from bot.adapters.slack.wire import Wire
from bot.config import DiscordSettings, Settings, SlackSettings
from bot.core.desk import Desk
from bot.core.model import Channel, Message, Subscription
from bot.core.ports import Chat, Clock, Store
from bot.core.table import COMMANDS


@dataclass(frozen=True, slots=True)
class Side:
    """One platform.

    chat: what the core posts through. run: take its events to the desk until cancelled. ready: return as soon as the
    chat can be used.
    """

    chat: Chat
    run: Callable[[Desk], Coroutine[Any, Any, None]]
    ready: Callable[[], Awaitable[object]]


def sides(settings: Settings, store: Store, clock: Clock) -> Mapping[str, Side]:
    """The sides that the settings name, by platform."""
    found: dict[str, Side] = {}
    if settings.discord.token.get_secret_value():
        found["discord"] = discord_side(settings.discord, store)
    if slack_named(settings.slack):
        found["slack"] = slack_side(settings.slack, store, clock)
    return found


def slack_named(settings: SlackSettings) -> bool:
    """Whether the settings name Slack: by a workspace's token, or by the app that workspaces install."""
    return bool(settings.bot_token.get_secret_value() or settings.client_id)


def discord_side(settings: DiscordSettings, store: Store) -> Side:
    """Discord, through one client."""
    client = discord.make_client(discord_options(settings))

    async def run(desk: Desk) -> None:
        client.attend(desk, discord_house(store, desk))
        await discord.run(client, settings.token.get_secret_value())

    return Side(DiscordChat(client), run, client.logged_in.wait)


def discord_options(settings: DiscordSettings) -> discord.DiscordOptions:
    """How Discord is reached, as the adapter takes it."""
    return discord.DiscordOptions(
        api_url=settings.api_url,
        gateway_url=settings.gateway_url,
        proxy=settings.proxy or None,
        guild_id=settings.guild_id or None,
        shard_ids=settings.shard_ids or None,
        shard_count=settings.shard_count or None,
        message_content=settings.message_content,
        languages=locale.commands(),
    )


def discord_house(store: Store, desk: Desk) -> discord.House:
    """What else the adapter for Discord asks of the program, out of the store."""

    async def read_digest() -> str | None:
        async with store.snapshot() as tx:
            return await tx.marks.get("discord commands")

    async def write_digest(digest: str) -> None:
        async with store.transaction() as tx:
            await tx.marks.put("discord commands", digest)

    async def recount(message: Message) -> None:
        await desk.voting.reread(message, desk.clock.now())
        desk.wake()

    async def returned(communities: Collection[str]) -> None:
        await desk.communities.present("discord", communities)
        await desk.voting.catch_up("discord", communities)

    async def subscriptions(channel: Channel) -> Collection[Subscription]:
        newsletter = await desk.newsletter(channel)
        async with store.snapshot() as tx:
            found = await tx.newsletters.subscriptions(newsletter.id) if newsletter else ()
        here = (channel.platform, channel.community)
        return [each for each in found if (each.channel.platform, each.channel.community) == here]

    return discord.House(
        recount=recount,
        returned=returned,
        joined=partial(desk.communities.joined, "discord"),
        left=partial(desk.communities.left, "discord"),
        known=partial(desk.communities.known, "discord"),
        subscriptions=subscriptions,
        read_digest=read_digest,
        write_digest=write_digest,
    )


def slack_side(settings: SlackSettings, store: Store, clock: Clock) -> Side:
    """Slack, in one workspace or in many."""
    options = slack_options(settings)
    options.check()
    connection = Connection(options.api_url, options.proxy)
    installations = (
        ManyWorkspaces(KeptMarks(store), Vault(options.encryption_keys))
        if options.many
        else OneWorkspace(options.bot_token, connection)
    )
    wire = Wire(installations, clock, connection)

    async def run(desk: Desk) -> None:
        house = slack_house(desk)
        app = make_app(desk, house, wire, installations, connection, clock, options.command_prefix)
        await run_slack(app, options, installations, house, connection, clock)

    say = Prefixed(COMMANDS, options.command_prefix)
    return Side(SlackChat(wire, clock, say), run, partial(asyncio.sleep, 0))


def slack_options(settings: SlackSettings) -> SlackOptions:
    """How Slack is reached, as the adapter takes it."""
    return SlackOptions(
        mode=settings.mode,
        api_url=settings.api_url or SlackOptions().api_url,
        bot_token=settings.bot_token.get_secret_value(),
        app_token=settings.app_token.get_secret_value(),
        signing_secret=settings.signing_secret.get_secret_value(),
        client_id=settings.client_id,
        client_secret=settings.client_secret.get_secret_value(),
        encryption_keys=tuple(each.get_secret_value() for each in settings.encryption_keys),
        command_prefix=settings.command_prefix,
        ping_interval=settings.ping_interval,
        proxy=settings.proxy or None,
        host=settings.host,
        port=settings.port,
        public_url=settings.public_url,
    )


def slack_house(desk: Desk) -> SlackHouse:
    """What else the adapter for Slack asks of the program."""

    async def returned(communities: Collection[str]) -> None:
        await desk.communities.present("slack", communities)
        await desk.voting.catch_up("slack", communities)

    async def first_time(community: str) -> bool:
        key = f"slack greeted {community}"
        async with desk.store.transaction() as tx:
            known = await tx.marks.get(key)
            await tx.marks.put(key, "yes")
        return known is None

    return SlackHouse(
        returned=returned,
        joined=partial(desk.communities.joined, "slack"),
        left=partial(desk.communities.left, "slack"),
        first_time=first_time,
    )


@dataclass(frozen=True, slots=True)
class KeptMarks:
    """The store's marks, each looked at or changed in a transaction of its own."""

    store: Store

    async def get(self, key: str) -> str | None:
        """The text kept under this key."""
        async with self.store.snapshot() as tx:
            return await tx.marks.get(key)

    async def put(self, key: str, value: str) -> None:
        """Keep a text, in place of the one before."""
        async with self.store.transaction() as tx:
            await tx.marks.put(key, value)

    async def take(self, key: str) -> str | None:
        """The text kept under this key, which is kept no longer."""
        async with self.store.transaction() as tx:
            return await tx.marks.take(key)

    async def under(self, prefix: str) -> Mapping[str, str]:
        """Every key that begins with the prefix, with its text."""
        async with self.store.snapshot() as tx:
            return await tx.marks.under(prefix)
