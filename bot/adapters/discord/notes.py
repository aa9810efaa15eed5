"""What only Discord's own settings can mend, said below the answers that editors get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import discord

from bot.adapters.discord.callers import caller
from bot.adapters.discord.front import House
from bot.adapters.discord.invite import missing
from bot.core.model import Channel, Subscription
from bot.core.post import Post, Small

SETUP, STATUS = "newsletter setup", "newsletter status"
"""Commands whose answers say which permissions the bot lacks: in this channel, or in all of the newsletter's here."""

UNSEEN = (
    "Editors who may not manage this server see my commands for editors once an admin allows it, in Server Settings, "
    "Integrations."
)


class Notes:
    """Puts below an answer what stands in the newsletter's way."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def below(
        self, interaction: discord.Interaction, command: str, given: Mapping[str, object], post: Post
    ) -> Post:
        """The answer to a command, with its notes."""
        if post.refused:
            return post
        notes: list[str] = []
        if command in (SETUP, STATUS):
            notes += await self._in_the_way(interaction, everywhere=command == STATUS)
        if command == "newsletter editors" and "members" in given:
            notes.append(UNSEEN)
        return replace(post, blocks=(*post.blocks, *(Small((each,)) for each in notes)))

    async def _in_the_way(self, interaction: discord.Interaction, *, everywhere: bool) -> list[str]:
        guild, here = interaction.guild, caller(interaction).channel
        if guild is None or guild.unavailable:
            return []
        notes: list[str] = []
        for each in await self._house.subscriptions(here):
            if each.channel == here:
                notes += _notes(guild, each, "this channel", interaction.app_permissions)
            elif everywhere and (place := _place(guild, each.channel)):
                notes += _notes(guild, each, f"#{place.name}", place.permissions_for(guild.me))
        return notes


def _place(guild: discord.Guild, channel: Channel) -> discord.abc.GuildChannel | None:
    return guild.get_channel(int(channel.id)) if channel.id.isdecimal() else None


def _notes(guild: discord.Guild, subscription: Subscription, where: str, may: discord.Permissions) -> Iterator[str]:
    lacking = missing(may, editors=subscription.editors)
    if lacking:
        yield f"In {where} I still need: {', '.join(lacking)}."
    if not subscription.mention.isdecimal():
        return
    role = guild.get_role(int(subscription.mention))
    if role is None:
        yield f"The role that issues in {where} are to mention is gone: choose another with /newsletter setup."
    elif not (role.mentionable or may.mention_everyone):
        yield (
            f"Issues in {where} wake nobody of @{role.name}: let anyone mention that role, in Server Settings, Roles, "
            "or give me Mention Everyone there."
        )
