"""The page's server over real HTTP: who may ask, what comes back, and how it stops."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.adapters.web.server import PortTaken, serve
from bot.core.model import Channel, Member, Message
from bot.core.post import Post
from tests.adapters.web.fakes import MONDAY, PAPER, SUNDAY, Demo, FakeFront, ballot, demo

BEN: dict[str, object] = {"as": "ben", "channel": "the-paper"}


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Demo]:
    """A page that is served."""
    async with demo(tmp_path) as served:
        yield served


async def batches(served: Demo, viewer: str, last: str = "") -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """What the stream sends to a viewer: the id and the data of each event."""
    headers = {"Last-Event-ID": last} if last else {}
    async with served.session.get(f"{served.address}events?as={viewer}", headers=headers) as response:
        assert response.status == 200
        number = ""
        async for raw in response.content:
            name, _, value = raw.decode().strip().partition(": ")
            number = value if name == "id" else number
            if name == "data":
                yield number, json.loads(value)


async def first(served: Demo, viewer: str, last: str = "") -> tuple[str, dict[str, Any]]:
    """The first event of a stream."""
    stream = batches(served, viewer, last)
    try:
        return await anext(stream)
    finally:
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator


async def test_the_page_loads_nothing_from_elsewhere(page: Demo) -> None:
    """The policy allows the bot's own script and style, and the page names no other address."""
    async with page.session.get(page.address) as response:
        html = await response.text()
        policy = response.headers["Content-Security-Policy"]
        assert response.status == 200
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http://" not in html
    assert "https://" not in html
    assert " style=" not in html
    assert " onclick=" not in html


async def test_static_files_and_errors_carry_the_policy_too(page: Demo) -> None:
    """Whatever goes out has the security headers, what is not there included."""
    for path, status in (("static/page.js", 200), ("static/nothing.js", 404), ("nothing", 404), ("say", 405)):
        async with page.session.get(page.address + path) as response:
            assert response.status == status
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_figures_are_served_as_pictures_only(page: Demo) -> None:
    """A drawing comes with its type, unable to run anything; what is no picture is not there."""
    async with page.session.get(page.address + "figures/drawing.svg") as response:
        assert response.content_type == "image/svg+xml"
        assert "sandbox" in response.headers["Content-Security-Policy"]
    for name in ("notes.txt", "none.svg", "..%2Fserver.py"):
        async with page.session.get(page.address + "figures/" + name) as response:
            assert response.status == 404


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("", {"Host": "evil.example"}),
        ("", {"Host": "127.0.0.1:1"}),
        ("events?as=ada", {"Host": "evil.example"}),
        ("events?as=ada", {"Sec-Fetch-Site": "cross-site"}),
        ("events?as=ada", {"Origin": "https://evil.example"}),
    ],
)
async def test_reading_from_outside_pages_is_refused(page: Demo, path: str, headers: dict[str, str]) -> None:
    """A name that was made to lead here, or another page's script, gets nothing."""
    async with page.session.get(page.address + path, headers=headers) as response:
        assert response.status == 403
        assert "error" in await response.json()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_posts_from_outside_pages_are_refused(page: Demo, headers: dict[str, str]) -> None:
    """Another page cannot make a visitor's browser say anything here."""
    body = {**BEN, "text": "hello"}
    async with page.session.post(page.address + "say", json=body, headers=headers) as response:
        assert response.status == 403
    assert await page.room.latest("ben") == ()


async def test_the_page_itself_may_post(page: Demo) -> None:
    """With the headers that a browser sends for the page's own requests."""
    headers = {"Origin": page.address.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    async with page.session.post(page.address + "say", json={**BEN, "text": "hi"}, headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 100_000,
        b'{"as": "ben"}',
        b"\xff\xfe",
        b"{" + b" " * 70_000 + b"}",
        b'{"as": ["ben"], "channel": "the-paper", "text": "x"}',
        b'{"as": "nobody", "channel": "the-paper", "text": "x"}',
        b'{"as": "ben", "channel": "attic", "text": "x"}',
        b'{"as": "ben", "channel": "the-paper", "text": " "}',
        b'{"as": "ben", "channel": "the-paper", "text": 7}',
        b'{"as": "ben", "channel": "the-paper", "text": "x", "thread": "one"}',
        b'{"as": "ben", "channel": "the-paper", "text": "x", "thread": 99}',
        b'{"as": "ben", "channel": "the-paper", "text": "x", "thread": 1e400}',
        json.dumps({**BEN, "text": "x" * 4001}).encode(),
    ],
)
@pytest.mark.parametrize("path", ["say", "react", "press", "complete", "dismiss", "clock", "submit"])
async def test_hostile_bodies_get_one_sentence(page: Demo, path: str, body: bytes) -> None:
    """Whatever is sent, the answer is a client error with a sentence, and nothing is said in the room."""
    headers = {"Content-Type": "application/json"}
    async with page.session.post(page.address + path, data=body, headers=headers) as response:
        answer = await response.json()
        if path == "complete" and response.status == 200:
            return
        assert response.status == 400
    assert len(answer["error"].splitlines()) == 1
    assert "Traceback" not in answer["error"]
    assert await page.room.latest("ben") == ()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Transfer-Encoding: weird\r\n\r\na\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
        ),
        ("multipart/form-data; boundary=" + "x" * 200, b"--x--"),
        ("application/x-www-form-urlencoded", b"as=ben&channel=the-paper&command=ballot"),
        ("text/plain", b"hello"),
    ],
)
async def test_hostile_forms_get_one_sentence(page: Demo, kind: str, body: bytes) -> None:
    """A form that no page would send is refused with a sentence."""
    async with page.session.post(page.address + "submit", data=body, headers={"Content-Type": kind}) as response:
        assert response.status == 400
        assert len((await response.json())["error"].splitlines()) == 1
    assert page.front.invoked == []


async def test_what_is_said_comes_with_the_stream(page: Demo) -> None:
    """A message said by one person reaches the stream of another, rendered and escaped."""
    stream = batches(page, "ada")
    number, start = await anext(stream)
    assert (start["reset"], start["messages"], start["next"]) == (True, [], MONDAY.isoformat())
    assert await page.post("say", **BEN, text="<b>hello</b> https://example.org") == (200, {"message": 1})
    later, batch = await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    assert number != later
    assert batch["reset"] is False
    html = batch["messages"][0]["html"]
    assert "&lt;b&gt;hello&lt;/b&gt;" in html
    assert 'href="https://example.org"' in html


async def test_a_stream_goes_on_where_it_left_off(page: Demo) -> None:
    """With the last event's id, a page gets only what it missed; another room's id starts it afresh."""
    await page.post("say", **BEN, text="one")
    number, _ = await first(page, "ada")
    await page.post("say", **BEN, text="two")
    _, missed = await first(page, "ada", number)
    assert missed["reset"] is False
    assert [each["summary"] for each in missed["messages"]] == ["Ben: two"]
    for unknown in ("0123456789abcdef-1", "rubbish", number + "x", "-"):
        _, fresh = await first(page, "ada", unknown)
        assert fresh["reset"] is True
        assert len(fresh["messages"]) == 2


async def test_a_private_answer_reaches_its_asker_alone(page: Demo) -> None:
    """The answer to a command that is private is in one person's stream, until it is dismissed."""
    _, answer = await page.post("say", **BEN, text="/paper 2103.06255")
    assert "Only you can see this" in (await first(page, "ben"))[1]["messages"][0]["html"]
    assert (await first(page, "ada"))[1]["messages"] == []
    for thing in ({"button": 0}, {"emoji": "👍", "on": True}):
        path = "press" if "button" in thing else "react"
        assert (await page.post(path, **{"as": "ada"}, message=answer["message"], **thing))[0] == 400
    assert (await page.post("dismiss", **{"as": "ada"}, message=answer["message"]))[0] == 400
    assert (await page.post("dismiss", **{"as": "ben"}, message=answer["message"]))[0] == 200
    assert (await first(page, "ben"))[1]["messages"] == []


async def test_the_front_is_told_who_asks_and_where(page: Demo) -> None:
    """A command's caller is the person in the channel; the editor runs the community; forms can be opened."""
    await page.post("say", **BEN, text="/ballot")
    await page.post("say", **{"as": "ada", "channel": "talk"}, text="/ballot")
    ben, ada = page.front.callers[0], page.front.callers[-1]
    assert (ben.member, ben.channel, ben.admin, ben.forms) == (Member("web", "demo", "ben"), PAPER, False, True)
    assert (ada.channel, ada.admin, ada.member.name) == (Channel("web", "demo", "talk"), True, "Ada Lovelace")


async def test_an_answer_in_a_thread_stays_there(page: Demo) -> None:
    """What is asked in a thread is answered in it."""
    _, said = await page.post("say", **BEN, text="hello")
    _, answer = await page.post("say", **BEN, text="/ballot", thread=said["message"])
    assert (await page.room.message(answer["message"])).thread == said["message"]


async def test_a_button_runs_its_command(page: Demo) -> None:
    """Pressing a button invokes its command with its options; a button that is not there is a sentence."""
    number = await page.chat.send(PAPER, ballot(), "key")
    status, answer = await page.post("press", **{"as": "chen"}, message=int(number), button=0)
    assert (status, page.front.invoked) == (200, [("ballot", {})])
    assert (await page.room.message(answer["message"])).viewer == "chen"
    for body in ({"message": int(number), "button": 1}, {"message": 99, "button": 0}, {"message": int(number)}):
        status, answer = await page.post("press", **{"as": "chen"}, **body)
        assert status == 400
        assert answer["error"].endswith(".")


async def test_a_reaction_is_told_once_with_the_messages_text(page: Demo) -> None:
    """The front hears of each change with the message's links; its answer is for the one who reacted."""
    number = await page.chat.send(PAPER, ballot(), "key")
    for on in (True, True, False):
        assert (await page.post("react", **{"as": "ben"}, message=int(number), emoji="👍", on=on))[0] == 200
    assert [(each.emoji, each.added) for each in page.front.reactions] == [("👍", True), ("👍", False)]
    assert page.front.reactions[0].message == Message(PAPER, number)
    assert "https://example.org/paper" in page.front.reactions[0].text
    _, answer = await page.post("react", **{"as": "ben"}, message=int(number), emoji="📰", on=True)
    told = await page.room.message(answer["message"])
    assert isinstance(told.content, Post)
    assert (told.viewer, told.content.title) == ("ben", "Nominated what Ben liked.")
    assert (await page.post("react", **{"as": "ben"}, message=int(number), emoji="🦀🦀", on=True))[0] == 400


async def test_the_bots_own_reactions_are_not_counted(page: Demo) -> None:
    """A seeded reaction shows without a number; with somebody's it shows one, and by whom."""
    number = await page.chat.send(PAPER, ballot(), "key")
    await page.chat.seed(Message(PAPER, number), ("1️⃣",))
    html = (await first(page, "ben"))[1]["messages"][0]["html"]
    assert 'class="count"' not in html
    assert 'aria-label="1️⃣, 0 people"' in html
    await page.post("react", **{"as": "ben"}, message=int(number), emoji="1️⃣", on=True)
    html = (await first(page, "ben"))[1]["messages"][0]["html"]
    assert '<span class="count">1</span>' in html
    assert 'aria-label="1️⃣, 1 person: Ben"' in html
    assert 'aria-pressed="true"' in html
    assert (
        'data-react="1️⃣" data-key="react 1️⃣" aria-pressed="false"' in (await first(page, "ada"))[1]["messages"][0]["html"]
    )


async def test_a_form_has_the_widgets_of_its_options(page: Demo) -> None:
    """A command that lacks something is answered with a form; each option has the widget of its kind."""
    _, answer = await page.post("say", **BEN, text="/newsletter setup")
    form = answer["form"]
    for piece in ('<select id="field-weekday"', 'type="time" id="field-time"', 'min="1" max="50"', "required"):
        assert piece in form
    _, answer = await page.post("say", **BEN, text="/newsletter import")
    assert 'type="file" id="field-file"' in answer["form"]
    _, answer = await page.post("say", **BEN, text="/nominate")
    assert 'data-complete="section"' in answer["form"]
    assert await page.room.latest("ben") == ()


def form(**options: str) -> aiohttp.FormData:
    """A filled form as the page sends it."""
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in {**BEN, "command": "newsletter setup"}.items():
        data.add_field(name, str(value))
    for name, value in options.items():
        data.add_field(f"option:{name}", value)
    return data


async def test_a_form_is_sent_with_its_files(page: Demo) -> None:
    """Options go to the front by name, a file with its name and bytes; a file nobody chose is left empty."""
    data = form(name="The Paper")
    data.add_field("option:file", b"# Issue\x00\xff", filename="issue.md", content_type="text/markdown")
    data.add_field("option:other", b"", filename="", content_type="application/octet-stream")
    async with page.session.post(page.address + "submit", data=data) as response:
        assert response.status == 200
    ((command, values),) = page.front.invoked
    assert (command, values["name"], values["other"]) == ("newsletter setup", "The Paper", "")
    file = values["file"]
    assert not isinstance(file, str)
    assert (file.name, file.content) == ("issue.md", b"# Issue\x00\xff")


async def test_a_refusal_stays_in_the_form(page: Demo) -> None:
    """What was refused goes back to the form, with its sentence, instead of the channel."""
    async with page.session.post(page.address + "submit", data=form(name="bad")) as response:
        assert await response.json() == {"sentence": "A newsletter needs a better name."}
    assert await page.room.latest("ben") == ()


async def test_a_file_that_is_too_large_is_refused(page: Demo) -> None:
    """Ten megabytes are the most; more gets a sentence."""
    data = form()
    data.add_field("option:file", io.BytesIO(b"x" * (10 * 1024 * 1024 + 1)), filename="big.md")
    async with page.session.post(page.address + "submit", data=data) as response:
        assert response.status == 400
        assert "10240 KiB" in (await response.json())["error"]


async def test_options_are_completed(page: Demo) -> None:
    """The front's choices come back; members are the room's people, added to those already named."""

    async def complete(option: str, typed: str, command: str = "newsletter editors") -> list[str]:
        status, answer = await page.post("complete", **BEN, command=command, option=option, typed=typed)
        assert status == 200
        return [each["value"] for each in answer["choices"]]

    assert await complete("section", "a", "nominate") == ["Articles"]
    assert await complete("members", "") == ["@ada", "@ben", "@chen"]
    assert await complete("members", "@ada @c") == ["@ada @chen"]
    assert await complete("nothing", "x") == []


async def test_the_clock_moves_for_everyone(page: Demo) -> None:
    """A move is in the stream at once; the past, nonsense and the far future are refused with a sentence."""
    stream = batches(page, "ada")
    await anext(stream)
    assert (await page.post("clock", to="2026-11-23T10:00:00+01:00"))[0] == 200
    _, batch = await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    assert batch["now"] == MONDAY.isoformat()
    assert batch["next"] == (MONDAY + timedelta(days=7)).isoformat()
    assert (await page.post("clock", hours=24))[0] == 200
    assert page.clock.now() == MONDAY + timedelta(days=1)
    for body in (
        {"to": SUNDAY.isoformat()},
        {"to": "2026-11-30T09:00"},
        {"to": "9999-12-31T23:59:59-23:59"},
        {"to": "soon"},
        {"hours": -1},
        {"hours": 10**6},
        {"hours": True},
        {},
    ):
        status, answer = await page.post("clock", **body)
        assert (status, len(answer["error"].splitlines())) == (400, 1)


async def test_a_front_that_breaks_is_a_sentence(page: Demo) -> None:
    """What nobody foresaw is logged under a number and told without a traceback."""
    page.front.commands = ()
    page.front.typed = None  # type: ignore[method-assign,assignment]  # whatever is called, it breaks
    status, answer = await page.post("say", **BEN, text="/ballot")
    assert status == 500
    assert "in the log as" in answer["error"]


async def test_stopping_ends_open_streams_at_once(tmp_path: Path) -> None:
    """With pages open and an answer under way, the server stops within two seconds."""
    front = FakeFront()
    front.hold.clear()
    loop = asyncio.get_running_loop()
    async with demo(tmp_path, front) as served:
        streams = [batches(served, person) for person in ("ada", "ben")]
        for stream in streams:
            await anext(stream)
        waiting = asyncio.create_task(served.post("say", **BEN, text="/ballot"))
        await asyncio.sleep(0)
        began = loop.time()
    assert loop.time() - began < 2
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_port_that_is_taken_is_one_clear_line(page: Demo) -> None:
    """The line names the port and the option that chooses another."""
    port = int(page.address.rstrip("/").rsplit(":", 1)[1])

    async def never() -> None:
        return None

    with pytest.raises(PortTaken) as raised:
        async with serve(page.front, page.room, page.clock, "127.0.0.1", port, {}, never):
            pass
    assert str(raised.value) == f"Port {port} on 127.0.0.1 is taken: stop what uses it, or choose another with --port."
