from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.model import Channel, Subscription
from tests.adapters.slack.town import READ, Club, Town, club, said, town
from tests.fakes.slack_faults import Fault
from tests.fakes.slack_world import Channel as Room

NAMES = (
    *("not_in_channel", "channel_not_found", "is_archived", "token_revoked", "account_inactive", "missing_scope"),
    *("restricted_action", "restricted_action_read_only_channel", "no_permission", "ekm_access_denied"),
    *("team_access_not_granted", "enterprise_is_restricted", "two_factor_setup_required"),
)
MEETINGS = [
    *(("chat.postMessage", name) for name in NAMES),
    *(("chat.update", name) for name in ("is_inactive", "team_not_found", "channel_not_found")),
    *(("reactions.add", name) for name in ("missing_scope", "not_in_channel")),
]


async def editors_room(here: Town, readers: Club) -> Room:
    """A channel that gets what editors are told."""
    room = here.slack.state.channel(readers.workspace, "editors")
    async with here.store.transaction() as tx:
        (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
        channel = Channel("slack", readers.workspace.id, room.id)
        await tx.newsletters.subscribe(Subscription(newsletter.id, channel, editors=True))
    return room


async def suspended(here: Town, readers: Club) -> list[str]:
    """Why channels get nothing any more."""
    async with here.store.snapshot() as tx:
        (newsletter,) = await tx.newsletters.of_community("slack", readers.workspace.id)
        found = await tx.newsletters.subscriptions(newsletter.id)
    return [each.suspended for each in found if each.suspended]


@pytest.mark.parametrize(("method", "name"), MEETINGS)
async def test_what_keeps_the_bot_out_suspends_the_channel_and_is_told_once(
    tmp_path: Path, method: str, name: str
) -> None:
    """Whichever call meets it: nothing more is sent there, and the editors get one sentence with what to do."""
    async with town(tmp_path) as here:
        readers = club(here)
        if method != "chat.postMessage":
            await readers.set_up()
        else:
            await readers.type(readers.ada, "/newsletter", "setup name:Weekly")
        room = await editors_room(here, readers)
        here.slack.script(Fault(method, error=name))
        asked = len(here.slack.asked)
        await readers.nominate(READ, READ + "/2")
        await here.work()
        (reason,) = await suspended(here, readers)
        (message,) = here.slack.messages(room.id)
        told = said(message.blocks)
        assert reason in told
        assert "/newsletter setup" in reason
        failed = next(n for n, each in enumerate(here.slack.asked) if n >= asked and each.error == name)
        later = [each for each in here.slack.asked[failed + 1 :] if each.method.startswith(("chat.", "reactions."))]
        assert not [each for each in later if each.arguments["channel"] == readers.paper.id]
