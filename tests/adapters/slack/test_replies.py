from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bot.adapters.slack.commands import Prefixed
from bot.adapters.slack.connection import Connection
from bot.adapters.slack.hooks import MOST_POSTS, Hooks, Outcome
from bot.adapters.slack.replies import Asked, Reply
from bot.core.post import Bullets, Card, Paragraph, Picture, Post
from bot.core.table import COMMANDS
from tests.adapters.slack.town import Club, club, said, town
from tests.fakes.slack_world import Json

Answer = Callable[[web.Request], web.Response]


@asynccontextmanager
async def address(answers: list[Answer]) -> AsyncIterator[tuple[str, list[Json]]]:
    """A response_url that gives these answers in turn, the last one ever after, and what was posted to it."""
    taken: list[Json] = []

    async def take(request: web.Request) -> web.Response:
        taken.append(await request.json())
        return answers[min(len(taken), len(answers)) - 1](request)

    app = web.Application()
    app.add_routes([web.post("/response", take)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/response", taken
    finally:
        await runner.cleanup()


def plain(status: int, text: str) -> Answer:
    """An answer in plain words."""
    return lambda _: web.Response(status=status, text=text)


def broken(request: web.Request) -> web.Response:
    """No answer at all."""
    assert request.transport
    request.transport.abort()
    return web.Response()


FINE = plain(200, "ok")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (FINE, Outcome.TAKEN),
        (plain(200, '{"ok":true}'), Outcome.TAKEN),
        (plain(200, ""), Outcome.TAKEN),
        (plain(200, "received"), Outcome.TAKEN),
        (plain(200, "used_url"), Outcome.GONE),
        (plain(200, "<html>"), Outcome.GONE),
        (plain(200, '{"ok":false,"error":"invalid_blocks"}'), Outcome.REFUSED),
        (plain(400, "invalid_blocks"), Outcome.REFUSED),
        (plain(404, "expired_url"), Outcome.GONE),
        (plain(404, "used_url"), Outcome.GONE),
        (plain(429, "rate_limited"), Outcome.GONE),
        (plain(503, "<html>"), Outcome.UNCERTAIN),
        (broken, Outcome.UNCERTAIN),
    ],
)
async def test_what_became_of_a_post(answer: Answer, outcome: Outcome) -> None:
    """Each answer of a response_url says whether to go on, to change the post, or to take another way."""
    async with address([answer]) as (url, taken):
        assert await Hooks(Connection()).post(url, {"text": "Hello"}) is outcome
    assert taken == [{"text": "Hello"}]
    assert await Hooks(Connection()).post(url, {"text": "Hello"}) is Outcome.GONE


async def test_the_environments_proxy_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack is reached by the proxy of the settings or by none, as with every other call."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    async with address([FINE]) as (url, _):
        assert await Hooks(Connection()).post(url, {"text": "Hello"}) is Outcome.TAKEN


def reply(readers: Club, url: str, thread: str = "") -> Reply:
    """The reply to something that Ben did in the paper's channel."""
    here = readers.town
    asked = Asked(readers.workspace.id, readers.paper.id, readers.ben.id, url=url, thread=thread)
    return Reply(asked, here.wire, Hooks(Connection()), here.clock, Prefixed(COMMANDS, ""))


PUBLIC = Post("Nominated", (Paragraph(("It is nominated.",)),))


async def test_a_public_answer_that_slack_may_have_shown_is_not_shown_twice(tmp_path: Path) -> None:
    """When nobody knows whether all saw an answer, only the asker gets it again."""
    async with town(tmp_path) as here, address([broken]) as (url, _):
        readers = club(here)
        await reply(readers, url).give(PUBLIC)
        assert readers.messages() == []
        assert readers.whispers(readers.ben) == ["It is nominated."]


async def test_a_public_answer_that_slack_did_not_take_is_posted_by_the_bot(tmp_path: Path) -> None:
    """When the response_url takes no more, the bot posts the answer itself, in the thread that was asked in."""
    async with town(tmp_path) as here, address([plain(404, "used_url")]) as (url, _):
        readers = club(here)
        head = await here.slack.write(readers.paper, readers.ben, "Talk")
        await reply(readers, url, thread=head.ts).give(PUBLIC)
        assert [said(each.blocks) for each in here.slack.messages(readers.paper.id, head.ts)] == ["It is nominated."]


async def test_long_answers_go_on_when_the_address_is_used_up(tmp_path: Path) -> None:
    """A response_url takes five messages; what is left of a long answer comes by the bot, and nothing is lost."""
    lines = tuple((f"Line {number}: " + "word " * 200,) for number in range(100))
    long = Post("Long", (Bullets(lines),), private=True)
    async with town(tmp_path) as here, address([FINE]) as (url, taken):
        readers = club(here)
        await reply(readers, url).give(long)
        assert len(taken) == MOST_POSTS
        shown = "\n".join([*(said(each["blocks"]) for each in taken), *readers.whispers(readers.ben)])
        assert all(f"Line {number}:" in shown for number in range(100))
        assert len(readers.whispers(readers.ben)) > 0


async def test_an_answer_goes_without_a_picture_that_slack_does_not_take(tmp_path: Path) -> None:
    """A picture that cannot be fetched costs no answer, whichever way it goes."""
    card = Card(("A paper",), picture=Picture("https://example.org/figure.png", "A figure"))
    post = Post("Paper", (card,), private=True)
    async with town(tmp_path) as here, address([plain(400, "invalid_blocks"), FINE]) as (url, taken):
        readers = club(here)
        await reply(readers, url).give(post)
        assert ["image_url" in str(each) for each in taken] == [True, False]
        here.slack.pictures = lambda _: False
        await reply(readers, "").give(post)
        assert "A paper" in readers.whispers(readers.ben)[-1]


async def test_somebody_who_cannot_be_told_in_the_channel(tmp_path: Path) -> None:
    """Where the bot is not in the channel, the asker is told in the conversation with it."""
    async with town(tmp_path) as here:
        readers = club(here)
        readers.paper.private = True
        readers.paper.members.clear()
        await reply(readers, "").give(PUBLIC)
        assert readers.direct(readers.ben) == ["It is nominated."]
