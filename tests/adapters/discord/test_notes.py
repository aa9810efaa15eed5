from __future__ import annotations

from pathlib import Path

import discord

from tests.adapters.discord.town import answer, club, town

SILENT = discord.PermissionOverwrite(add_reactions=False, create_public_threads=False)
MUTE = discord.PermissionOverwrite(send_messages=False, add_reactions=False)


async def test_setup_names_the_permissions_that_are_missing(tmp_path: Path) -> None:
    """Setup and status say what the bot may not do in the channel, until it may."""
    async with town(tmp_path) as here:
        readers = club(here)
        me = readers.guild.me
        assert me
        silent = readers.guild.create_text_channel("silent", overwrites={me: SILENT})
        done = await readers.ada.slash(silent, "newsletter setup", name="Quiet")
        status = await readers.ada.slash(silent, "newsletter status")
        for each in (done, status):
            assert "In this channel I still need: Create Public Threads, Add Reactions." in answer(each)
        await readers.ada.slash(readers.paper, "newsletter setup", name="Loud")
        elsewhere = await readers.ada.slash(readers.paper, "newsletter status")
        assert "still need" not in answer(elsewhere)


async def test_status_looks_at_every_channel(tmp_path: Path) -> None:
    """Status names the newsletter's other channels too, setup only its own; editors' channels need little."""
    async with town(tmp_path) as here:
        readers = club(here)
        me = readers.guild.me
        assert me
        await readers.set_up()
        silent = readers.guild.create_text_channel("silent", overwrites={me: SILENT})
        desk = readers.guild.create_text_channel("desk", overwrites={me: MUTE})
        quiet_desk = readers.guild.create_text_channel("quiet-desk", overwrites={me: SILENT})
        readers.guild.create_text_channel("another", overwrites={me: SILENT})
        done = await readers.ada.slash(silent, "newsletter setup", name="Readers Weekly")
        assert "In this channel I still need" in answer(done)
        changed = await readers.ada.slash(readers.paper, "newsletter setup", picks=4)
        assert "still need" not in answer(changed)
        for each in (desk, quiet_desk):
            await readers.ada.slash(each, "newsletter editors", here=True)
        status = await readers.ada.slash(readers.paper, "newsletter status")
        assert [each for each in answer(status).splitlines() if "still need" in each] == [
            "-# In #silent I still need: Create Public Threads, Add Reactions.",
            "-# In #desk I still need: Send Messages.",
        ]


async def test_a_role_that_nobody_may_mention(tmp_path: Path) -> None:
    """Setup and status say when the role that issues mention would not be woken, and when it is gone."""
    async with town(tmp_path) as here:
        readers = club(here)
        owls, larks = (readers.guild.create_role(name, mentionable=name == "Larks") for name in ("Owls", "Larks"))
        channel = here.bot.client.get_channel(readers.paper.id)
        assert isinstance(channel, discord.TextChannel)
        await channel.set_permissions(channel.guild.me, mention_everyone=False)
        await here.env.settle()
        told = await readers.set_up(mention=owls.mention)
        status = await readers.ada.slash(readers.paper, "newsletter status")
        for each in (told, status):
            assert "Issues in this channel wake nobody of @Owls" in answer(each)
        other = await readers.ada.slash(readers.paper, "newsletter setup", mention=larks.mention)
        assert "wake nobody" not in answer(other)
        await channel.set_permissions(channel.guild.me, mention_everyone=True)
        await here.env.settle()
        allowed = await readers.ada.slash(readers.paper, "newsletter setup", mention=owls.mention)
        assert "wake nobody" not in answer(allowed)
        role = channel.guild.get_role(owls.id)
        assert role
        await role.delete()
        await here.env.settle()
        gone = await readers.ada.slash(readers.paper, "newsletter status")
        assert "The role that issues in this channel are to mention is gone" in answer(gone)
