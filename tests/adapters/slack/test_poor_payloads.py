from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.slack.answers import LOOK_UP_PAPER, NOMINATE_LINK
from tests.adapters.slack.town import OTHER, READ, club, said, town
from tests.fakes.slack_faults import Fault

SPARED = frozenset(
    {
        *("enterprise_id", "enterprise_name", "enterprise", "api_app_id", "app_id", "is_enterprise_install", "token"),
        *("domain", "team_domain", "response_urls", "container", "authorizations", "event_context", "event_time"),
        *("context_team_id", "context_enterprise_id", "is_ext_shared_channel", "app_installed_team_id", "bot_id"),
        *("channel_name", "user_name", "username", "action_ts", "message_ts", "is_cleared", "hash", "root_view_id"),
        *("item_user", "previous_view_id", "external_id", "state_hash"),
    }
)
"""Fields that Slack sends and that nothing here may lean on."""


def poor(value: Any) -> Any:
    """A payload without what can be spared, at any depth."""
    if isinstance(value, dict):
        return {name: poor(each) for name, each in value.items() if name not in SPARED}
    return [poor(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_payloads_that_say_no_more_than_they_must(tmp_path: Path, mode: str) -> None:
    """Commands, forms, buttons, shortcuts, reactions and the Home tab work without what only the real Slack sends."""
    async with town(tmp_path, mode) as here:
        here.slack.delivery.trim = poor
        readers = club(here)
        user = {"id": readers.ada.id, "name": "ada", "is_admin": True}
        here.slack.script(Fault("users.info", 200, json.dumps({"ok": True, "user": user})))
        view = await readers.form(readers.ada, "/newsletter", "setup")
        await readers.submit(view, name="Weekly")
        assert "Weekly comes to this channel" in readers.whispers(readers.ada)[-1]
        await here.work()
        await readers.nominate(READ)
        await readers.react(readers.ballot(), readers.ben, "one")
        assert list((await here.standing(readers.workspace)).values()) == [1]
        nominated = readers.messages()[-1]
        assert "how ballot 1 stands" in await readers.press(nominated, "Standing", readers.chen)
        spoken = await here.slack.write(readers.paper, readers.chen, f"Look at {OTHER}")
        assert "On the ballot as number 2" in await readers.shortcut(readers.ben, NOMINATE_LINK, spoken)
        await readers.shortcut(readers.ben, LOOK_UP_PAPER)
        await readers.submit(here.slack.open_views(readers.ben)[-1], reference="2103.06255")
        assert "Involution" in readers.direct(readers.ben)[-1]
        await here.slack.open_home(readers.ben)
        await here.idle()
        home = here.slack.home(readers.ben)
        assert home
        assert "How ballot 1 stands" in said(home.blocks)
