from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.slack.answers import LOOK_UP_PAPER, NOMINATE_LINK
from bot.adapters.slack.reading import words
from bot.core.desk import link_in
from tests.adapters.slack.town import OTHER, READ, Club, Town, club, town
from tests.fakes.slack_world import Json, Message


def with_button(readers: Club, label: str) -> Message:
    """The newest message that has this button."""
    buttons = [
        (each, button)
        for each in readers.messages()
        for block in each.blocks
        if block["type"] == "actions"
        for button in block["elements"]
        if button["text"]["text"] == label
    ]
    return buttons[-1][0]


async def test_a_message_s_link_is_nominated_from_its_menu(tmp_path: Path) -> None:
    """The first link of a message goes on the ballot, for all to see."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        spoken = await here.slack.write(readers.paper, readers.chen, f"Look at {READ}, and no further")
        told = await readers.shortcut(readers.ben, NOMINATE_LINK, spoken)
        assert "On the ballot as number 1" in told
        assert await here.standing(readers.workspace) == {"A good long read": 0}


async def test_a_message_without_a_link_asks_for_one(tmp_path: Path) -> None:
    """Where there is no link to nominate, the form of /nominate opens."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        spoken = await here.slack.write(readers.paper, readers.chen, "No link here")
        assert await readers.shortcut(readers.ben, NOMINATE_LINK, spoken) == ""
        (view,) = here.slack.open_views(readers.ben)
        await readers.submit(view, link=READ)
        assert await here.standing(readers.workspace) == {"A good long read": 0}


async def test_a_paper_is_looked_up_from_anywhere(tmp_path: Path) -> None:
    """The global shortcut asks which paper, and the answer comes in the conversation with the bot."""
    async with town(tmp_path) as here:
        readers = club(here)
        assert await readers.shortcut(readers.ben, LOOK_UP_PAPER) == ""
        (view,) = here.slack.open_views(readers.ben)
        assert view.title == "Look a paper up"
        await readers.submit(view, reference="2103.06255")
        assert "Involution" in readers.direct(readers.ben)[-1]


async def test_buttons_run_commands(tmp_path: Path) -> None:
    """A button does what its command does, its answer is private where the command's is, and its message stays."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.type(readers.ben, "/paper", "2103.06255")
        paper = with_button(readers, "Abstract")
        assert "Turns convolution around" in await readers.press(paper, "Abstract", readers.chen)
        assert "Turns convolution around" in readers.whispers(readers.chen)[-1]
        assert "On the ballot as number 1" in await readers.press(paper, "Nominate", readers.chen)
        assert paper.edits == 0
        assert not paper.deleted


async def test_buttons_that_are_not_known_say_so(tmp_path: Path) -> None:
    """An old button, or one of another making, is answered with one sentence."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.type(readers.ben, "/paper", "2103.06255")
        paper = with_button(readers, "Abstract")
        button = next(block for block in paper.blocks if block["type"] == "actions")["elements"][0]
        for value, told in (
            ("nonsense", "I do not know that any more"),
            ('{"command": "fly", "options": {}}', "There is no command /fly"),
            ('{"command": "paper", "options": {"reference": "2103.06255", "wings": "2"}}', "has no option wings"),
        ):
            button["value"] = value
            assert told in await readers.press(paper, button["text"]["text"], readers.chen)


async def test_a_button_that_needs_more_opens_a_form(tmp_path: Path) -> None:
    """What a button's command lacks is asked for."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await readers.type(readers.ben, "/paper", "2103.06255")
        paper = with_button(readers, "Abstract")
        button = next(block for block in paper.blocks if block["type"] == "actions")["elements"][0]
        button["value"] = '{"command": "nominate", "options": {"note": "Read this"}}'
        assert await readers.press(paper, button["text"]["text"], readers.chen) == ""
        assert here.slack.open_views(readers.chen)


async def test_a_shortcut_that_is_not_known(tmp_path: Path) -> None:
    """A shortcut of another version says so."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.shortcut(readers.ben, "fly_away")
        assert "I do not know that any more" in readers.direct(readers.ben)[-1]


async def test_the_home_tab(tmp_path: Path) -> None:
    """Whoever opens the bot's Home finds how the ballot stands and what became of their own nominations."""
    async with town(tmp_path) as here:
        readers = club(here)
        assert "No newsletter comes out here yet" in await home(here, readers)
        await readers.set_up()
        await readers.nominate(READ)
        told = await home(here, readers)
        assert "How ballot 1 stands" in told
        assert "What you nominated" in told
        view = here.slack.home(readers.ben)
        assert view
        await readers.press(view, "Help")
        assert "What I can do" in readers.direct(readers.ben)[-1]


async def test_an_open_home_follows_what_its_member_does(tmp_path: Path) -> None:
    """After a nomination or a vote the Home shows it; nobody's Home is made who never opened it."""
    async with town(tmp_path) as here:
        readers = club(here)
        await readers.set_up()
        await home(here, readers)
        await readers.nominate(READ)
        view = here.slack.home(readers.ben)
        assert view
        assert "0 votes" in str(view.blocks)
        await readers.react(readers.ballot(), readers.ben, "one")
        assert "1 vote" in str(view.blocks)
        await readers.react(readers.ballot(), readers.chen, "one")
        form = await readers.form(readers.ben, "/nominate")
        await readers.submit(form, link=OTHER)
        assert "Some other long read" in str(view.blocks)
        assert here.slack.home(readers.chen) is None


async def test_the_messages_tab_publishes_no_home(tmp_path: Path) -> None:
    """Only the Home tab is shown anew."""
    async with town(tmp_path) as here:
        readers = club(here)
        event = {"type": "app_home_opened", "user": readers.ben.id, "channel": "D1", "tab": "messages"}
        here.slack.state.emit(readers.workspace.id, event | {"event_ts": "1.000001"})
        await here.idle()
        assert here.slack.home(readers.ben) is None


async def home(here: Town, readers: Club) -> str:
    """What Ben's Home shows once it is opened."""
    await here.slack.open_home(readers.ben)
    await here.idle()
    view = here.slack.home(readers.ben)
    assert view
    return str(view.blocks)


@pytest.mark.parametrize(
    "message",
    [
        {"text": f"Look: <{READ}|read this>"},
        {"text": f"Look: {READ}"},
        {"text": "", "attachments": [{"title": "A read", "title_link": READ, "fallback": "A read"}]},
        {"text": "", "attachments": [{"from_url": READ, "text": "Something"}]},
        {"text": "Shared", "attachments": [{"message_blocks": [{"message": {"blocks": [{"url": READ}]}}]}]},
        {
            "text": "",
            "files": [{"is_external": True, "url_private": READ, "permalink": "https://x.slack.com/files/F1"}],
        },
        {
            "text": "",
            "blocks": [
                {
                    "type": "rich_text",
                    "elements": [{"type": "rich_text_section", "elements": [{"type": "link", "url": READ}]}],
                }
            ],
        },
        {"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"<{READ}|here>"}}]},
    ],
)
def test_links_are_found_wherever_they_stand(message: Json) -> None:
    """A message's link may be in its text, its blocks, its attachments or its files."""
    assert link_in(words(message)) == READ


def test_messages_of_any_shape_are_read() -> None:
    """Nothing that a message may hold makes reading it fail, or take long."""
    deep: Json = {"text": "x"}
    for _ in range(500):
        deep = {"elements": [deep]}
    hostiles: list[Json] = [
        {"text": None, "blocks": "none", "attachments": [1, None, {"fields": {"value": 1}}], "files": {}},
        {"text": "<" * 100_000, "blocks": [deep]},
        {"text": "&amp;" * 100_000 + "<|>" * 10_000, "attachments": [{"title_link": 3, "blocks": [[[]]]}]},
        {},
    ]
    assert all(isinstance(words(each), str) for each in hostiles)
