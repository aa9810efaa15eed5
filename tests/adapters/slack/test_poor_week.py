from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.slack.town import READ, Club, Town, club, said, town
from tests.fakes.slack_world import Json, Message

POOR: dict[str, Any] = {"without": ("reactions.get",), "ignores_metadata": True, "ignores_paging": True}


def as_it_is(_: str, answer: Json) -> Json:
    """Answers as Slack's documentation has them."""
    return answer


def bare(method: str, answer: Json) -> Json:
    """Answers with as little in them as will do, and histories oldest first."""
    if method.startswith("chat."):
        return {name: answer[name] for name in ("ok", "ts")}
    for each in answer.get("messages", ()):
        for name in ("bot_id", "app_id", "team", "metadata"):
            each.pop(name, None)
    answer.get("messages", []).sort(key=lambda each: str(each["ts"]))
    answer.get("user", {}).pop("is_bot", None)
    return answer


def ballots(readers: Club) -> list[Message]:
    """The first ballot's messages."""
    return [each for each in readers.messages() if ": ballot 1" in each.text]


async def move_to_slot(here: Town, readers: Club) -> None:
    """Let the newsletter's hour come."""
    async with here.store.snapshot() as tx:
        (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
    assert newsletter.next_slot
    here.clock.move_to(newsletter.next_slot + timedelta(seconds=1))
    await here.work()


@pytest.mark.parametrize("alter", [as_it_is, bare])
@pytest.mark.parametrize("poverty", [{}, POOR, POOR | {"repeats_pages": True}], ids=str)
async def test_a_week_passes_on_the_poorest_server(
    tmp_path: Path, poverty: dict[str, Any], alter: Callable[[str, Json], Json]
) -> None:
    """Two pages of nominations, votes that came while nobody looked, the issue in its thread, the next ballot."""
    async with town(tmp_path, **poverty) as here:
        here.slack.alter = alter
        here.slack.poverty.users_shown = 100
        readers = club(here)
        robot = here.slack.state.user(readers.workspace, "Robot", bot=True)
        await readers.set_up("name:Weekly threshold:2")
        await readers.nominate(*(f"{READ}/{n}" for n in range(12)))
        first, second = ballots(readers)
        assert [len(first.reactions), len(second.reactions)] == [10, 2]
        await readers.react(first, readers.ada, "one")
        await readers.react(first, readers.ben, "three")
        await readers.react(first, robot, "two")
        assert list((await here.standing(readers.workspace)).values()) == [1, 0, 1, *[0] * 9]
        here.slack.state.emit = lambda *_: None
        for user, name in ((readers.ben, "one::skin-tone-4"), (robot, "four"), (readers.ada, "two")):
            here.slack.state.react(first, user, name)
        for user in (readers.ada, readers.chen):
            here.slack.state.react(second, user, "two")
        here.slack.state.unreact(first, readers.ben, "three")
        await here.desk.voting.catch_up("slack", [readers.workspace.id])
        assert list((await here.standing(readers.workspace)).values()) == [2, 1, *[0] * 9, 2]
        await move_to_slot(here, readers)
        (head,) = [each for each in readers.messages() if each.text.startswith("Weekly #1")]
        below = json.dumps([each.blocks for each in here.slack.messages(readers.paper.id, head.ts)])
        assert [n for n in range(12) if f'"{READ}/{n}"' in below] == [0, 11]
        assert all("Closed" in said(each.blocks) for each in ballots(readers))
        (following,) = [each for each in readers.messages() if ": ballot 2" in each.text]
        assert len(following.reactions) == 10
