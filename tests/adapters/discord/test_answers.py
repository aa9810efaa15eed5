from __future__ import annotations

from pathlib import Path

import structlog.testing

from bot.adapters.discord.answers import LARGEST_FILE
from tests.adapters.discord.town import answer, club, said, town

INVOLUTION = "Involution: Inverting the Inherence of Convolution for Visual Recognition"
READ = "https://example.org/a-good-long-read"


async def test_acknowledged_first(tmp_path: Path) -> None:
    """A command is acknowledged before anything else is done."""
    async with town(tmp_path) as here:
        readers = club(here)
        before = len(here.env.http_requests)
        await readers.ben.slash(readers.paper, "paper", reference="2103.06255")
        first, second = here.env.http_requests[before : before + 2]
        assert first.path.endswith("/callback")
        assert first.json == {"type": 5}
        assert second.method == "POST"
        assert second.path.startswith("/webhooks/")


async def test_a_refusal_is_for_the_asker_alone(tmp_path: Path) -> None:
    """Where everybody was to see the answer, a refusal still reaches the asker alone and leaves nothing behind."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        before = [each.id for each in readers.messages()]
        result = await readers.ben.slash(readers.paper, "nominate", link="nonsense")
        (told,) = result.followups
        assert told.ephemeral
        assert "is no link" in said(told)
        assert result.response is None
        assert [each.id for each in readers.messages()] == before


async def test_an_abstract_is_for_the_asker_alone(tmp_path: Path) -> None:
    """What a paper's buttons show, and /paper with show, is private from the start."""
    async with town(tmp_path) as here:
        readers = club(here)
        shown = await readers.ben.slash(readers.paper, "paper", reference="2103.06255")
        assert shown.response
        pressed = await readers.chen.click(shown.response, label="Abstract")
        typed = await readers.chen.slash(readers.paper, "paper", reference="2103.06255", show="bibtex")
        assert pressed.ephemeral
        assert typed.ephemeral
        assert "Turns convolution around." in answer(pressed)
        assert "2103.06255" in answer(typed)


async def test_buttons_nominate_and_show_the_standing(tmp_path: Path) -> None:
    """A paper's button nominates it for all to see, and the ballot's shows the standing to who pressed it."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        shown = await readers.ben.slash(readers.paper, "paper", reference="2103.06255")
        assert shown.response
        nominated = await readers.ben.click(shown.response, label="Nominate")
        await here.bot.work()
        standing = await readers.chen.click(readers.ballot(), label="Standing")
        assert not nominated.ephemeral
        assert "On the ballot as number 1" in answer(nominated)
        assert standing.ephemeral
        assert "0 votes" in answer(standing)


async def test_direct_messages(tmp_path: Path) -> None:
    """A paper can be looked up, and help be had, in a direct message; the rest needs a server."""
    async with town(tmp_path) as here:
        alone = here.env.create_user("eve", global_name="Eve")
        club(here).guild.add_member(alone)
        assert set(alone.available_commands()) == {"help", "paper"}
        looked_up = await alone.slash("paper", reference="2103.06255")
        helped = await alone.slash("help")
        assert INVOLUTION in answer(looked_up)
        assert "/paper" in answer(helped)
        assert looked_up.response
        pressed = await alone.click(looked_up.response, label="Nominate")
        assert "has no newsletter yet" in answer(pressed)


async def test_a_thread_stands_for_the_channel_above_it(tmp_path: Path) -> None:
    """In a thread, a command is about the newsletter of the channel that the thread is in."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        other = readers.guild.create_text_channel("another-paper")
        await readers.ada.slash(other, "newsletter setup", name="Another")
        talk = await readers.thread(readers.ballot())
        done = await readers.ben.slash(talk, "nominate", link=READ)
        assert "On the ballot as number 1" in answer(done)


async def test_an_answer_that_discord_refuses(tmp_path: Path) -> None:
    """The asker gets a sentence with the number that the log has, too."""
    async with town(tmp_path) as here:
        readers = club(here)
        here.env.inject_error("POST", "/webhooks/*", status=500)
        with structlog.testing.capture_logs() as lines:
            result = await readers.ben.slash(readers.paper, "help")
        (line,) = [each for each in lines if each["log_level"] == "error"]
        assert answer(result) == f"Discord did not take my answer; it is in the log as {line['error_id']}."


async def test_an_interaction_that_has_run_out(tmp_path: Path) -> None:
    """Acknowledging too late is one line in the log and nothing more."""
    async with town(tmp_path) as here:
        readers = club(here)
        here.env.inject_error("POST", "/interactions/*", status=404, code=10062, message="Unknown interaction")
        with structlog.testing.capture_logs() as lines:
            result = await readers.ben.slash(readers.paper, "help")
        assert not result.acknowledged
        assert [each["event"] for each in lines] == ["an interaction was not answered in time"]


async def test_a_command_that_is_gone(tmp_path: Path) -> None:
    """A command that Discord still shows, but the bot has no longer, is answered in a sentence."""
    async with town(tmp_path) as here:
        readers = club(here)
        here.bot.client.tree.remove_command("ballot")
        result = await readers.ben.slash(readers.paper, "ballot")
        assert len(here.env.errors) == 1
        assert "have just changed" in answer(result)


async def test_a_file_too_large_is_not_fetched(tmp_path: Path) -> None:
    """A file's size is looked at before its content."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        large = ("large.md", b"#" * (LARGEST_FILE + 1))
        refused = await readers.ada.slash(readers.paper, "newsletter import", file=large)
        assert answer(refused) == "large.md is too large: I read files of up to 5 MB."


async def test_a_file_that_is_no_newsletter(tmp_path: Path) -> None:
    """A file that cannot be read in is refused in a sentence that names it."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        refused = await readers.ada.slash(
            readers.paper, "newsletter import", file=("cat.png", b"\x89PNG\r\n\x1a\n\x00")
        )
        assert answer(refused).startswith("cat.png was not read in")


async def test_a_long_answer_takes_several_messages(tmp_path: Path) -> None:
    """An issue too long for one message comes in several, all for the asker alone, and loses no item."""
    items = "\n".join(f"- [Number {n} of many](https://example.org/{n}): {'words ' * 40}" for n in range(60))
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.take_in("digest.md", f"# Digest, week 1\n\n## Papers\n\n{items}\n".encode())
        before = len(readers.messages())
        result = await readers.ben.slash(readers.paper, "issue")
        assert len(result.followups) > 2
        assert all(each.ephemeral for each in result.followups)
        assert all(f"Number {n} of many" in answer(result) for n in range(60))
        assert len(readers.messages()) == before


async def test_an_answer_whose_pictures_discord_refuses_comes_without_them(tmp_path: Path) -> None:
    """Where Discord does not take an answer with its pictures, it gets it without."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        digest = b"# Digest, week 1\n\n## Papers\n\n### [One](https://example.org/1)\n\n![A chart](https://example.org/1.png)\n\nGood.\n"
        await readers.take_in("digest.md", digest)
        shown = await readers.ben.slash(readers.paper, "issue")
        assert "1.png" in str(shown.response and shown.response.components)
        here.env.inject_error("POST", "/webhooks/*", status=400, code=50035, message="Invalid Form Body")
        bare = await readers.ben.slash(readers.paper, "issue")
        assert "One" in answer(bare)
        assert "1.png" not in str(bare.response and bare.response.components)


async def test_nothing_is_remembered_of_answers(tmp_path: Path) -> None:
    """However many answers with buttons are given, discord.py keeps none of them in memory."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.ben.slash(readers.paper, "paper", reference="2103.06255")
        await readers.ada.slash(readers.paper, "newsletter setup")
        assert here.bot.client.persistent_views == []
