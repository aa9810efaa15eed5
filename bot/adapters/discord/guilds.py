"""Joining a server: one short hello where the bot may write."""

from __future__ import annotations

import discord
import structlog

from bot.adapters.discord.failures import TROUBLE, reason
from bot.adapters.discord.render import view
from bot.core.post import Paragraph, Post, Small, Strong

log = structlog.get_logger()

HELLO = Post(
    "Hello",
    (
        Paragraph(("Hello! I run a weekly paper: nominate what you read, vote, and once a week I post what won.",)),
        Paragraph(
            (
                "Whoever manages this server can start with ",
                Strong("/newsletter setup"),
                " in the channel that is to get it.",
            )
        ),
        Small(("/paper looks up a paper right away; /help says what else I can do.",)),
    ),
)


def greeting_channel(guild: discord.Guild) -> discord.TextChannel | None:
    """Where a hello goes: the system channel, else the first channel that the bot may write to."""
    candidates = [guild.system_channel, *sorted(guild.text_channels, key=lambda each: (each.position, each.id))]
    for channel in candidates:
        if channel:
            may = channel.permissions_for(guild.me)
            if may.view_channel and may.send_messages:
                return channel
    return None


async def greet(guild: discord.Guild) -> None:
    """Say hello, once, if there is where."""
    channel = greeting_channel(guild)
    if channel is None:
        return
    layout = view(HELLO)
    layout.stop()
    try:
        await channel.send(
            view=layout, silent=True, suppress_embeds=True, allowed_mentions=discord.AllowedMentions.none()
        )
    except TROUBLE as error:
        log.warning("a hello did not reach Discord", guild=guild.id, reason=reason(error))
