from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.slack_server import MORNING
from tests.fakes.slack_town import Town, actions, asks, button, connected, error, modal, refused, section, town
from tests.fakes.slack_world import Json

NAME = {"type": "plain_text_input", "action_id": "name"}


def option(text: str) -> Json:
    """Something to choose."""
    return {"text": {"type": "plain_text", "text": text}, "value": text.lower()}


def select(*texts: str, **rest: Any) -> Json:
    """A select with these options."""
    return {"type": "static_select", "action_id": "day", "options": [option(each) for each in texts], **rest}


FORM = modal(
    asks("Name", NAME | {"max_length": 10}),
    asks("Day", select("Monday", "Friday")),
    asks("Editors", {"type": "multi_users_select", "action_id": "editors"}, optional=True),
    asks("File", {"type": "file_input", "action_id": "file"}, optional=True),
    callback_id="setup",
    private_metadata="C1",
)


async def opened(here: Town, view: Json) -> Any:
    """A view, opened for Ada."""
    return await here.client.views_open(trigger_id=here.server.views.trigger(here.ada), view=view)


async def test_a_trigger_is_exchanged_once_and_soon() -> None:
    """It lives three seconds by the server's clock, and opens one view; a view that is refused does not use it up."""
    async with town() as here:
        trigger = here.server.views.trigger(here.ada)
        broken = here.client.views_open(trigger_id=trigger, view=FORM | {"title": None})
        assert await error(broken) == "invalid_arguments"
        here.server.now = MORNING + timedelta(seconds=3)
        assert (await here.client.views_open(trigger_id=trigger, view=FORM))["view"]["callback_id"] == "setup"
        assert await error(here.client.views_open(trigger_id=trigger, view=FORM)) == "exchanged_trigger_id"
        late = here.server.views.trigger(here.ada)
        here.server.now += timedelta(seconds=4)
        assert await error(here.client.views_open(trigger_id=late, view=FORM)) == "expired_trigger_id"
        assert await error(here.client.views_open(trigger_id="1.2.3", view=FORM)) == "invalid_trigger_id"


@pytest.mark.parametrize(
    ("view", "place"),
    [
        (modal(title={"type": "plain_text", "text": "x" * 25}), "/view/title/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(*[{"type": "divider"}] * 101), "/view/blocks"),
        (modal(asks("Name", NAME), submit=None), "/view"),
        (modal(asks("Day", select())), "/view/blocks/0/element/options"),
        (modal(asks("Day", select(*(f"{n}" for n in range(101))))), "/view/blocks/0/element/options"),
        (modal(asks("Day", select("x" * 76))), "/view/blocks/0/element/options/0/text/text"),
        (modal(asks("Day", select("A", initial_option=option("B")))), "/view/blocks/0/element/initial_option"),
        (modal(asks("At", {"type": "timepicker", "initial_time": "9:00"})), "/view/blocks/0/element/initial_time"),
        (modal(asks("Many", {"type": "number_input"})), "/view/blocks/0/element"),
        (modal(asks("Name", button())), "/view/blocks/0/element/type"),
    ],
)
async def test_views_that_are_refused(view: Json, place: str) -> None:
    """A view over a limit is invalid_arguments, and the answer points to where."""
    async with town() as here:
        answer = await refused(opened(here, view))
        assert answer["error"] == "invalid_arguments"
        assert answer["response_metadata"]["messages"][0].endswith(f"[json-pointer:{place}]")


async def test_a_form_is_filled_in_and_sent() -> None:
    """Values come by block and action; errors stand at their fields, and without any the form closes."""
    async with town() as here, connected(here) as app:
        sent: list[Json] = []

        async def setup(ack: Any, view: Json) -> None:
            sent.append(view)
            wrong = view["state"]["values"]["name"]["name"]["value"] == "No"
            await (ack(response_action="errors", errors={"name": "Another one"}) if wrong else ack())

        app.view("setup")(setup)
        await opened(here, FORM)
        (view,) = here.server.open_views(here.ada)
        file = here.server.attach(here.ada, "a.md", b"A")
        await here.server.submit(view, {"name": "No", "Day": "Friday"})
        assert view.errors == {"name": "Another one"}
        await here.server.submit(view, {"Name": "Yes", "day": "friday", "editors": [here.ben.id], "file": [file]})
        assert here.server.open_views(here.ada) == []
        values = sent[-1]["state"]["values"]
        assert values["name"]["name"] == {"type": "plain_text_input", "value": "Yes"}
        assert values["day"]["day"]["selected_option"]["value"] == "friday"
        assert values["editors"]["editors"]["selected_users"] == [here.ben.id]
        assert values["file"]["file"]["files"][0]["url_private"] == file["url_private"]
        assert sent[-1]["private_metadata"] == "C1"


@pytest.mark.parametrize(
    "values",
    [{"day": "Friday"}, {"name": "x" * 11, "day": "Friday"}, {"name": "x", "day": "Sunday"}, {"colour": "red"}],
)
async def test_forms_that_cannot_be_sent(values: dict[str, str]) -> None:
    """What Slack's window does not let a person send fails the test that tries."""
    async with town() as here, connected(here):
        await opened(here, FORM)
        with pytest.raises(AssertionError):
            await here.server.submit(here.server.open_views(here.ada)[0], values)


async def test_views_are_stacked_three_deep() -> None:
    """A third view may stand on two others, a fourth may not; an update needs the hash it knows to be right."""
    async with town() as here:
        first = (await opened(here, FORM))["view"]
        for _ in range(2):
            await here.client.views_push(trigger_id=here.server.views.trigger(here.ada), view=FORM)
        too_deep = here.client.views_push(trigger_id=here.server.views.trigger(here.ada), view=FORM)
        assert await error(too_deep) == "push_limit_reached"
        assert len({each.root for each in here.server.open_views(here.ada)}) == 1
        await here.client.views_update(view_id=first["id"], hash=first["hash"], view=modal(section("New")))
        late = here.client.views_update(view_id=first["id"], hash=first["hash"], view=FORM)
        assert await error(late) == "hash_conflict"
        assert await error(here.client.views_update(view_id="V404", view=FORM)) == "not_found"


@pytest.mark.parametrize(("action", "titles"), [("update", ["New"]), ("push", ["Title", "New"]), ("clear", [])])
async def test_answers_to_a_form(action: str, titles: list[str]) -> None:
    """A form that is sent may change, lay another on top, or close everything."""
    async with town() as here, connected(here) as app:

        async def answer(ack: Any) -> None:
            title = {"type": "plain_text", "text": "New"}
            view = {} if action == "clear" else {"view": modal(section("x"), title=title)}
            await ack(response_action=action, **view)

        app.view("setup")(answer)
        await opened(here, FORM)
        await here.server.submit(here.server.open_views(here.ada)[0], {"name": "x", "day": "Monday"})
        assert [each.title for each in here.server.open_views(here.ada)] == titles


async def test_suggestions() -> None:
    """A select with outside options asks for them with what is typed."""
    async with town() as here, connected(here) as app:

        async def zones(ack: Any, body: Json) -> None:
            await ack(options=[option(f"{body['value']}pe/London"), option(body["block_id"])])

        app.options("zone")(zones)
        zone = {"type": "external_select", "action_id": "zone"}
        await opened(here, modal(asks("Zone", zone)))
        (view,) = here.server.open_views(here.ada)
        assert await here.server.suggest(view, "zone", "Euro") == [option("Europe/London"), option("zone")]


async def test_the_home_of_a_person() -> None:
    """It is published for one person, who finds it when they open it, with buttons that work."""
    async with town() as here, connected(here) as app:
        pressed: list[Json] = []

        async def opened_home(event: Json, client: Any) -> None:
            view = {"type": "home", "blocks": [section("Welcome"), actions(button("Refresh"))]}
            await client.views_publish(user_id=event["user"], view=view)

        async def press(ack: Any, body: Json) -> None:
            await ack()
            pressed.append(body)

        app.event("app_home_opened")(opened_home)
        app.action("press")(press)
        await here.server.open_home(here.ada)
        await here.server.until(lambda: here.server.home(here.ada))
        home = here.server.home(here.ada)
        assert home
        assert home.blocks[0]["text"]["text"] == "Welcome"
        assert here.server.home(here.ben) is None
        await here.server.press(home, "Refresh")
        assert pressed[0]["container"] == {"type": "view", "view_id": home.id}


async def test_shortcuts() -> None:
    """One on a message brings the message, one that is everywhere brings only who used it."""
    async with town() as here, connected(here) as app:
        used: list[Json] = []

        async def note(ack: Any, body: Json) -> None:
            await ack()
            used.append(body)

        app.shortcut("nominate")(note)
        message = await here.server.write(here.channel, here.ada, "See https://example.org/a")
        await here.server.shortcut(here.ben, "nominate", message)
        await here.server.shortcut(here.ben, "nominate")
        assert [each["type"] for each in used] == ["message_action", "shortcut"]
        assert used[0]["message"]["text"] == "See <https://example.org/a>"
        assert "channel" not in used[1]
