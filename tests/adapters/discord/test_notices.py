from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import simcord

from bot.adapters.discord.render import fit
from bot.core.outbox import tell_editors
from bot.core.post import Button, Card, Paragraph, Post
from bot.core.week import Week
from tests.adapters.discord.test_week import MONDAY, READ
from tests.adapters.discord.town import Club, Town, club, said, town, vote

PREVIEW = Button("Preview", "newsletter preview")


async def newsroom(here: Town) -> tuple[Club, simcord.ChannelHandle]:
    """A club whose editors see each draft first, in a channel of their own."""
    readers = club(here)
    await readers.set_up()
    await readers.ada.slash(readers.paper, "newsletter schedule", review=24)
    desk = readers.guild.create_text_channel("desk")
    await readers.ada.slash(desk, "newsletter editors", here=True)
    return readers, desk


def told(desk: simcord.ChannelHandle) -> list[str]:
    """What the bot wrote to the editors, oldest first; answers to commands are hidden."""
    return [said(each) for each in desk.history() if not each.flags.ephemeral]


async def test_a_long_notice_takes_several_messages(tmp_path: Path) -> None:
    """A notice longer than a message loses no word, and its buttons stand below the last one."""
    async with town(tmp_path) as here:
        _, desk = await newsroom(here)
        cards = tuple(Card((f"Item {n}",), ((f"first{n} " + "word " * 150 + f"last{n}",),)) for n in range(12))
        post = Post("Ready", (Paragraph(("The draft is ready.",)), *cards), (PREVIEW,))
        async with here.bot.store.transaction() as tx:
            (newsletter,) = await tx.newsletters.all()
            await tell_editors(tx, newsletter, here.env.now(), "Ready", post, {"discord": fit})
        await here.bot.work()
        texts = told(desk)
        assert len(texts) > 1
        assert all(f"first{n} " in "".join(texts) and f"last{n}" in "".join(texts) for n in range(12))
        assert ["Preview" in each for each in texts] == [False] * (len(texts) - 1) + [True]


async def test_a_draft_is_fitted_for_its_editors(tmp_path: Path) -> None:
    """The notice of a draft goes through the platform's fit, like an issue."""
    async with town(tmp_path) as here:
        readers, desk = await newsroom(here)
        await readers.nominate(READ)
        for each in (readers.ben, readers.chen):
            await each.react(readers.ballot(), vote(1))
        await here.env.advance_time((MONDAY - here.env.now() + timedelta(seconds=1)).total_seconds())
        week = Week(here.bot.store, here.bot.voting, here.clock, {"discord": block_by_block})
        await week.work()
        await here.bot.publisher.work()
        texts = told(desk)
        assert len(texts) > 1
        assert "is ready" in texts[0]
        assert "Publish now" in texts[-1]


def block_by_block(post: Post) -> Sequence[Post]:
    first = [replace(post, blocks=(each,), buttons=()) for each in post.blocks]
    return (*first[:-1], replace(first[-1], buttons=post.buttons))
