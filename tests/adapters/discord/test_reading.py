from __future__ import annotations

from pathlib import Path

import discord

from bot.adapters.discord.reading import LONGEST, words
from bot.core.desk import link_in
from tests.adapters.discord.town import club, town

READ = "https://example.org/a-good-long-read"


async def test_a_message_is_read_with_all_that_it_holds(tmp_path: Path) -> None:
    """Text, embeds, what was forwarded and what components say: a link is found in any of them."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.nominate(READ)
        spoken = await readers.ben.send(readers.paper, f"See <{READ}>.")
        forwarded = await readers.ben.forward(spoken, readers.paper)
        hook = readers.guild.create_webhook(readers.paper, "feed")
        embedded = await hook.send(embed=discord.Embed(title="New").add_field(name="Where", value=READ))
        for message in (spoken, forwarded, embedded, readers.ballot()):
            assert link_in(words(message)) == READ


async def test_a_message_without_words(tmp_path: Path) -> None:
    """A message that is nothing but a picture says nothing, and an endless one is cut."""
    async with town(tmp_path) as here:
        readers = club(here)
        wordless = await readers.ben.send(readers.paper, attachments=[("cat.png", b"meow")])
        assert words(wordless).strip() == ""
        wordless.content = "x" * (LONGEST + 1)
        assert len(words(wordless)) == LONGEST
