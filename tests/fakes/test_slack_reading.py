from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.slack_server import MORNING
from tests.fakes.slack_town import Town, error, town
from tests.fakes.slack_world import Json

METADATA = {"event_type": "broadsheet_delivery", "event_payload": {"key": "issue:1"}}


async def fill(here: Town, count: int = 5) -> list[str]:
    """So many messages, a second apart."""
    found = []
    for number in range(count):
        here.server.now = MORNING + timedelta(seconds=number)
        found.append(await here.post(f"{number}"))
    return found


async def pages(here: Town, **arguments: Any) -> list[str]:
    """The texts of each page of the channel's history, put together."""
    found, cursor = [], None
    while True:
        answer = await here.client.conversations_history(channel=here.channel.id, cursor=cursor, **arguments)
        found.append("".join(each["text"] for each in answer["messages"]))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        assert answer["has_more"] is bool(cursor)
        if not cursor:
            return found


async def test_pages_go_from_new_to_old() -> None:
    """Every message comes once, the newest first."""
    async with town() as here:
        await fill(here)
        assert await pages(here, limit=2) == ["43", "21", "0"]
        assert await pages(here) == ["43210"]


async def test_pages_from_an_oldest_go_forward() -> None:
    """With nothing but an oldest, the first page is the one next to it; each has its newest message first."""
    async with town() as here:
        all_of_them = await fill(here)
        assert await pages(here, oldest=all_of_them[0], limit=2) == ["21", "43"]


async def test_bounds() -> None:
    """The bounds themselves are in only where that is asked for."""
    async with town() as here:
        all_of_them = await fill(here)
        within = {"oldest": all_of_them[1], "latest": all_of_them[3]}
        assert await pages(here, **within) == ["2"]
        assert await pages(here, **within, inclusive=True) == ["321"]
        assert await pages(here, latest=all_of_them[2], limit=1, inclusive=True) == ["2", "1", "0"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"limit": 1001}, "invalid_limit"),
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "now"}, "invalid_ts_latest"),
    ],
)
async def test_what_is_not_asked_well(arguments: dict[str, Any], expected: str) -> None:
    """An argument that is none is refused by name."""
    async with town() as here:
        assert await error(here.client.conversations_history(channel=here.channel.id, **arguments)) == expected


async def test_where_the_bot_may_not_read() -> None:
    """It has to be in a channel to read it."""
    async with town() as here:
        elsewhere = here.server.state.channel(here.workspace, "elsewhere", joined=False)
        assert await error(here.client.conversations_history(channel=elsewhere.id)) == "not_in_channel"


async def test_metadata_only_where_it_is_asked_for() -> None:
    """A history has a message's metadata with include_all_metadata alone; a poorer server never has it."""
    for poor in (False, True):
        async with town(ignores_metadata=poor) as here:
            await here.post(metadata=METADATA)
            for wanted in (False, True):
                answer = await here.client.conversations_history(channel=here.channel.id, include_all_metadata=wanted)
                assert ("metadata" in answer["messages"][0]) is (wanted and not poor)


async def test_a_thread_comes_with_its_head() -> None:
    """Each page of replies has the message on top, then the replies from old to new."""
    async with town() as here:
        head = await here.post("Head")
        for number in range(3):
            await here.post(f"{number}", thread_ts=head)
        answer = await here.client.conversations_replies(channel=here.channel.id, ts=head, limit=2)
        assert [each["text"] for each in answer["messages"]] == ["Head", "0", "1"]
        cursor = answer["response_metadata"]["next_cursor"]
        answer = await here.client.conversations_replies(channel=here.channel.id, ts=head, limit=2, cursor=cursor)
        assert [each["text"] for each in answer["messages"]] == ["Head", "2"]
        gone = here.client.conversations_replies(channel=here.channel.id, ts="1.000000")
        assert await error(gone) == "thread_not_found"


async def test_a_server_without_paging() -> None:
    """It gives everything whatever is asked, replies too; at its worst it says that there is more, for ever."""
    async with town(ignores_paging=True, repeats_pages=True) as here:
        all_of_them = await fill(here)
        await here.post("reply", thread_ts=all_of_them[0])
        answer = await here.client.conversations_history(channel=here.channel.id, limit=1, oldest=all_of_them[4])
        again = await here.client.conversations_history(
            channel=here.channel.id, cursor=answer["response_metadata"]["next_cursor"]
        )
        assert len(answer["messages"]) == len(again["messages"]) == 6


async def reacted(here: Town, ts: str, **arguments: Any) -> list[Json]:
    """The reactions of a message, as reactions.get has them."""
    answer = await here.client.reactions_get(channel=here.channel.id, timestamp=ts, **arguments)
    found: list[Json] = answer["message"].get("reactions", [])
    return found


async def test_reactions_come_and_go() -> None:
    """The bot's own and those of people are there, each once."""
    async with town() as here:
        ts = await here.post()
        where = {"channel": here.channel.id, "timestamp": ts}
        await here.client.reactions_add(**where, name="one")
        (message,) = here.server.messages(here.channel.id)
        await here.server.react(message, here.ada, "one")
        await here.server.react(message, here.ada, "thumbsup::skin-tone-4")
        one, tone = await reacted(here, ts)
        assert one == {"name": "one", "users": [here.workspace.bot.id, here.ada.id], "count": 2}
        assert tone["name"] == "thumbsup::skin-tone-4"
        assert await error(here.client.reactions_add(**where, name="one")) == "already_reacted"
        assert await error(here.client.reactions_add(**where, name="no_such_thing")) == "invalid_name"
        await here.client.reactions_remove(**where, name="one")
        assert await error(here.client.reactions_remove(**where, name="one")) == "no_reaction"


async def test_only_full_names_everybody() -> None:
    """Without `full` an answer names some of the people, and counts them all."""
    async with town() as here:
        ts = await here.post()
        (message,) = here.server.messages(here.channel.id)
        for number in range(30):
            await here.server.react(message, here.server.state.user(here.workspace, f"P{number}"), "one")
        ((some,), (all_of_them,)) = await reacted(here, ts), await reacted(here, ts, full=True)
        assert (len(some["users"]), some["count"]) == (25, 30)
        assert len(all_of_them["users"]) == 30


async def test_how_many_emojis_a_message_takes() -> None:
    """A message takes fifty emojis, and twenty-three from one person."""
    async with town() as here:
        ts = await here.post()
        (message,) = here.server.messages(here.channel.id)
        names = [f"ours{number}" for number in range(51)]
        here.workspace.emojis.update(names)
        for number, name in enumerate(names[:50]):
            await here.server.react(
                message, (here.ada, here.ben, here.server.state.user(here.workspace, "C"))[number % 3], name
            )
        add = here.client.reactions_add
        assert await error(add(channel=here.channel.id, timestamp=ts, name=names[50])) == "too_many_emoji"
        for name in names[:23]:
            await add(channel=here.channel.id, timestamp=ts, name=name)
        assert await error(add(channel=here.channel.id, timestamp=ts, name=names[23])) == "too_many_reactions"


async def test_reactions_need_a_message() -> None:
    """To what is not there nobody reacts."""
    async with town() as here:
        add = here.client.reactions_add
        assert await error(add(channel=here.channel.id, timestamp="1.000000", name="one")) == "message_not_found"
        assert await error(add(channel=here.channel.id, timestamp="soon", name="one")) == "bad_timestamp"
        assert await error(add(name="one", channel=here.channel.id, timestamp="")) == "no_item_specified"
