from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.adapters.slack.connection import Connection
from bot.adapters.slack.installations import PREFIX, Installation, ManyWorkspaces, OneWorkspace
from bot.adapters.slack.refusals import SlackRefused
from bot.adapters.slack.vault import Sealed, Vault
from bot.core.errors import BroadsheetError, SendLater
from tests.adapters.slack.keeping import FakeKeep
from tests.fakes.slack_faults import Fault, garbled
from tests.fakes.slack_server import SlackServer

READERS = Installation("T1", "xoxb-secret", "UBOT", "BBOT", "Readers ünited", "E1", ("chat:write", "commands"))

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_token_is_not_shown() -> None:
    """Whoever prints an installation, in a log or a traceback, does not print its token."""
    assert "xoxb" not in repr(READERS)


def test_a_vault_opens_what_any_of_its_keys_closed() -> None:
    """The first key encrypts; those behind it still decrypt."""
    sealed = Vault([OLD]).seal("secret")
    assert "secret" not in sealed
    both = Vault([NEW, OLD])
    assert both.open(sealed) == "secret"
    renewed = both.renew(sealed)
    assert renewed is not None
    assert Vault([NEW]).open(renewed) == "secret"
    assert both.renew(renewed) is None


@pytest.mark.parametrize("text", ["", "nonsense", "gAAAAA", "\ud800", "ü"])
def test_what_no_key_opens(text: str) -> None:
    """Anything else is refused, whatever it looks like."""
    with pytest.raises(Sealed):
        Vault([NEW]).open(text)


@pytest.mark.parametrize("keys", [[], ["not a key"], [NEW, "short"], ["ü" * 44]])
def test_keys_that_are_none(keys: list[str]) -> None:
    """A bad key is one sentence, which says how to make a good one and does not repeat the bad one."""
    with pytest.raises(BroadsheetError, match="generate_key") as caught:
        Vault(keys)
    assert not any(each in str(caught.value) for each in keys)


async def test_installations_are_kept_encrypted() -> None:
    """What is kept tells nobody a token, and comes back as it was put in; a second one takes its place."""
    keep = FakeKeep()
    many = ManyWorkspaces(keep, Vault([NEW]))
    await many.add(READERS)
    await many.add(replace(READERS, team="T2", name="Others"))
    assert "xoxb" not in str(keep.texts)
    assert "Readers" not in str(keep.texts)
    assert await many.get("T1") == READERS
    assert await many.teams() == ("T1", "T2")
    await many.add(replace(READERS, token="xoxb-again"))
    again = await many.get("T1")
    assert again is not None
    assert again.token == "xoxb-again"


async def test_a_workspace_is_forgotten() -> None:
    """A workspace that removed the app leaves no token behind; forgetting it twice is no harm."""
    many = ManyWorkspaces(FakeKeep(), Vault([NEW]))
    await many.add(READERS)
    await many.forget("T1")
    await many.forget("T1")
    assert await many.get("T1") is None
    assert await many.teams() == ()


async def test_an_installation_opens_under_its_own_name_only() -> None:
    """A record that was put in another workspace's place gives nobody that workspace's rights."""
    keep = FakeKeep()
    many = ManyWorkspaces(keep, Vault([NEW]))
    await many.add(READERS)
    keep.texts[f"{PREFIX}T2"] = keep.texts[f"{PREFIX}T1"]
    assert await many.get("T2") is None


async def test_keys_are_rotated() -> None:
    """With a new key in front, what is kept moves to it, so that the old one can be dropped."""
    keep = FakeKeep()
    await ManyWorkspaces(keep, Vault([OLD])).add(READERS)
    await ManyWorkspaces(keep, Vault([NEW])).add(replace(READERS, team="T2"))
    keep.texts["slack state 1"] = "of no concern"
    assert await ManyWorkspaces(keep, Vault([NEW, OLD])).rotate() == 1
    assert await ManyWorkspaces(keep, Vault([NEW, OLD])).rotate() == 0
    assert await ManyWorkspaces(keep, Vault([NEW])).get("T1") == READERS
    assert keep.texts["slack state 1"] == "of no concern"


async def test_a_key_that_was_lost() -> None:
    """One token that no key opens holds nothing else up, and is left alone until its key comes back."""
    keep = FakeKeep()
    await ManyWorkspaces(keep, Vault([OLD])).add(READERS)
    await ManyWorkspaces(keep, Vault([NEW])).add(replace(READERS, team="T2"))
    many = ManyWorkspaces(keep, Vault([NEW]))
    with capture_logs() as logs:
        assert await many.rotate() == 0
    assert [each["log_level"] for each in logs] == ["error"]
    assert "T1" in logs[0]["event"]
    with pytest.raises(SendLater, match="former key"):
        await many.get("T1")
    assert await many.get("T2") is not None
    assert await ManyWorkspaces(keep, Vault([NEW, OLD])).get("T1") == READERS


async def test_the_settings_token_says_whose_it_is() -> None:
    """One call tells the workspace, the bot and the scopes; there is no second one."""
    async with SlackServer() as server:
        workspace = server.state.workspace("Readers", scopes=("chat:write", "commands"))
        one = OneWorkspace(f" {workspace.token}\n", Connection(server.api_url))
        found = await one.get(workspace.id)
        assert found == Installation(
            workspace.id,
            workspace.token,
            workspace.bot.id,
            workspace.bot.bot_id,
            "Readers",
            scopes=("chat:write", "commands"),
        )
        assert await one.get("T9") is None
        assert await one.teams() == (workspace.id,)
        assert len(server.calls("auth.test")) == 1


async def test_the_settings_token_is_asked_about_again() -> None:
    """After a failure, or once it was revoked, nothing that was known counts any more."""
    async with SlackServer() as server:
        workspace = server.state.workspace()
        one = OneWorkspace(workspace.token, Connection(server.api_url))
        odd = ("<html>", "[]", "null", '"ok"', '{"ok": true}', '{"ok": true, "team_id": "T1"}')
        server.script(Fault("auth.test", error="internal_error"), *(garbled("auth.test", each) for each in odd))
        for _ in range(1 + len(odd)):
            with pytest.raises(SendLater, match="Slack"):
                await one.get(workspace.id)
        assert await one.get(workspace.id) is not None
        server.accounts.revoke(workspace)
        await one.forget("T9")
        assert await one.get(workspace.id) is not None
        await one.forget(workspace.id)
        with pytest.raises(SlackRefused, match="the token in"):
            await one.learn()
        with pytest.raises(SendLater, match="the token in"):
            await one.teams()
