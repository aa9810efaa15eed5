from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.slack_town import actions, button, error, refused, section, town
from tests.fakes.slack_world import Json

PICTURE: Json = {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A"}


def header(text: str) -> Json:
    """A block with a heading."""
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def rich(*elements: Json) -> Json:
    """A block of rich text."""
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


TAKEN: dict[str, list[Json]] = {
    "a long text": [section("x" * 3000)],
    "a long heading": [header("x" * 150)],
    "fifty blocks": [section("x")] * 50,
    "a picture": [PICTURE],
    "a picture beside a text": [section("x", accessory=PICTURE)],
    "buttons": [actions(button("x" * 75, value="x" * 2000), button(action_id="other"))],
    "one action_id in two blocks": [actions(button()), actions(button())],
    "rich text": [
        rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "link", "url": "https://x.org"})
    ],
    "a date": [rich({"type": "date", "timestamp": 1, "format": "{date}", "fallback": "x"})],
    "a divider": [{"type": "divider"}],
}

REFUSED: dict[str, tuple[list[Json], str]] = {
    "too long a text": ([section("x" * 3001)], "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    "no text": ([section("")], "more than 0 characters [json-pointer:/blocks/0/text/text]"),
    "too long a heading": ([header("x" * 151)], "less than 151 characters [json-pointer:/blocks/0/text/text]"),
    "too many blocks": ([section("x")] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "no alt text": ([PICTURE | {"alt_text": ""}], "[json-pointer:/blocks/0/alt_text]"),
    "no address": ([PICTURE | {"image_url": "a.png"}], "invalid url [json-pointer:/blocks/0/image_url]"),
    "long label": ([actions(button("x" * 76))], "[json-pointer:/blocks/0/elements/0/text/text]"),
    "long value": ([actions(button(value="x" * 2001))], "[json-pointer:/blocks/0/elements/0/value]"),
    "long action_id": ([actions(button(action_id="x" * 256))], "[json-pointer:/blocks/0/elements/0/action_id]"),
    "long block_id": ([section("x", block_id="x" * 256)], "[json-pointer:/blocks/0/block_id]"),
    "an action_id twice": ([actions(button(), button())], "[json-pointer:/blocks/0/elements]"),
    "a block_id twice": ([section("x", block_id="a")] * 2, "`block_id` must be unique [json-pointer:/blocks]"),
    "too many buttons": ([actions(*(button(action_id=f"{n}") for n in range(26)))], "no more than 25"),
    "no buttons": ([actions()], "at least 1 item [json-pointer:/blocks/0/elements]"),
    "another kind": ([{"type": "poem"}], "unsupported type: poem [json-pointer:/blocks/0/type]"),
    "a form": ([{"type": "input"}], "unsupported type: input [json-pointer:/blocks/0/type]"),
    "empty rich text": ([rich({"type": "text", "text": ""})], "missing required field: text"),
    "a link nowhere": ([rich({"type": "link", "text": "x"})], "missing required field: url"),
}


@pytest.mark.parametrize("name", TAKEN)
async def test_blocks_that_are_taken(name: str) -> None:
    """What is within the limits, to the letter, is posted."""
    async with town() as here:
        assert await here.post(blocks=TAKEN[name])


@pytest.mark.parametrize("name", REFUSED)
async def test_blocks_that_are_refused(name: str) -> None:
    """What is over a limit is invalid_blocks, and the answer points to it."""
    blocks, problem = REFUSED[name]
    async with town() as here:
        answer = await refused(here.post(blocks=blocks))
        assert answer["error"] == "invalid_blocks"
        assert problem in answer["errors"][0]
        assert answer["response_metadata"]["messages"][0] == f"[ERROR] {answer['errors'][0]}"
        assert here.server.messages(here.channel.id) == []


async def test_pictures_that_cannot_be_had() -> None:
    """A picture that Slack cannot fetch costs the message, with Slack's own words for it."""
    async with town() as here:
        here.server.pictures = lambda url: "gone" not in url
        gone = PICTURE | {"image_url": "https://example.org/gone.png"}
        for blocks, place in (([PICTURE, gone], "1"), ([section("x", accessory=gone)], "0/accessory")):
            answer = await refused(here.post(blocks=blocks))
            problem = f"[ERROR] downloading image failed [json-pointer:/blocks/{place}/image_url]"
            assert answer["response_metadata"]["messages"] == [problem]


async def test_a_message_that_is_too_long_in_all() -> None:
    """About 13,000 letters in all is what a message takes, however many blocks there are."""
    async with town() as here:
        assert await here.post(blocks=[section("x" * 2500)] * 5)
        assert await error(here.post(blocks=[section("x" * 3000)] * 5)) == "msg_blocks_too_long"


@pytest.mark.parametrize("blocks", ["text", {"type": "divider"}, [1]])
async def test_what_are_no_blocks(blocks: Any) -> None:
    """Blocks are a list of objects."""
    async with town() as here:
        call = here.client.api_call("chat.postMessage", json={"channel": here.channel.id, "blocks": blocks})
        assert await error(call) == "invalid_blocks_format"
