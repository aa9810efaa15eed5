"""One interaction's answer: acknowledged once, followed up in as many messages as it takes."""

from __future__ import annotations

from contextlib import suppress

import discord

from bot.adapters.discord.forms import Slip
from bot.adapters.discord.limits import COMPONENTS
from bot.adapters.discord.render import fit, view
from bot.core.post import Post, sentence
from bot.core.publishing import without_pictures

REFUSED = 400
"""Discord's status for a message that it does not take as it is."""


class Reply:
    """Answers an interaction, to all or to its user alone.

    Discord wants to know which before there is an answer, and takes the first message as the acknowledgement's own.
    """

    def __init__(self, interaction: discord.Interaction) -> None:
        self.interaction = interaction
        self._public = False
        self._waiting = False

    async def acknowledge(self, *, public: bool) -> None:
        """Say that an answer will come: Discord waits three seconds for this, and fifteen minutes for the rest."""
        await self.interaction.response.defer(ephemeral=not public, thinking=True)
        self._public = public
        self._waiting = True

    async def ask(self, modal: discord.ui.Modal) -> None:
        """Open a modal, which has to be the first answer."""
        await self.interaction.response.send_modal(modal)

    async def give(self, post: Post, button: tuple[str, Slip] | None = None) -> None:
        """Send a post, below its last message the button; without pictures where Discord does not take them."""
        if not self.interaction.response.is_done():
            await self.acknowledge(public=not post.private)
        hidden = self._public and self._waiting and post.private
        if hidden:
            # A first message would be as public as the acknowledgement was; only one after it can be private.
            await self._send(sentence("…"), None, public=True)
        messages = fit(post)
        for number, each in enumerate(messages, 1):
            below = button if number == len(messages) else None
            await self._bravely(each, below, public=self._public and not post.private)
        if hidden:
            with suppress(discord.NotFound):
                await self.interaction.delete_original_response()

    async def _bravely(self, post: Post, button: tuple[str, Slip] | None, *, public: bool) -> None:
        try:
            await self._send(post, button, public=public)
        except discord.HTTPException as error:
            bare = without_pictures(post)
            if error.status != REFUSED or bare == post:
                raise
            await self._send(bare, button, public=public)

    async def _send(self, post: Post, button: tuple[str, Slip] | None, *, public: bool) -> None:
        layout = view(post)
        if button and layout.total_children_count + 2 <= COMPONENTS:
            label, slip = button
            row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
            layout.add_item(row.add_item(discord.ui.Button(label=label, custom_id=slip.custom_id)))
        # Buttons are answered by their custom_id, so discord.py need not remember them.
        layout.stop()
        mentions = discord.AllowedMentions.none()
        await self.interaction.followup.send(
            view=layout, ephemeral=not public, suppress_embeds=True, allowed_mentions=mentions
        )
        self._waiting = False
