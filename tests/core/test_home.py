from pathlib import Path

from bot.core.plain import plain
from tests.world import ADA, BEN, CHEN, DORA, MONDAY, World, world


async def home(town: World) -> str:
    return plain(await town.desk.home(BEN))


async def test_without_a_newsletter_home_says_how_to_begin(tmp_path: Path) -> None:
    """A community that has none yet is told what an editor can do."""
    async with world(tmp_path) as town:
        assert "/newsletter setup" in await home(town)


async def test_home_shows_the_standing_and_how_ones_own_nominations_fare(tmp_path: Path) -> None:
    """The most voted come first, with their links; one's own say whether they have a place."""
    async with world(tmp_path) as town:
        await town.say("/newsletter setup", ADA)
        await town.say("/nominate https://example.org/bees note:Bees", BEN)
        await town.say("/nominate https://example.org/wasps note:Wasps", CHEN)
        await town.say("/nominate https://example.org/ants", BEN)
        await town.work()
        await town.vote(2, ADA, BEN, CHEN)
        await town.vote(1, ADA, DORA)
        shown = await home(town)
    standing, own = shown.split("What you nominated")
    assert standing.index("wasps") < standing.index("bees") < standing.index("ants")
    assert "The vote ends" in standing
    assert "number 1, 2 votes, in as it stands" in own
    assert "number 3, 0 votes, 2 short of a place" in own
    assert "wasps" not in own


async def test_home_tells_in_which_issue_a_nomination_came_out(tmp_path: Path) -> None:
    """After the week, what won names its issue, and the issue is listed with the command that shows it."""
    async with world(tmp_path) as town:
        await town.say("/newsletter setup", ADA)
        await town.say("/nominate https://example.org/bees", BEN)
        await town.work()
        await town.vote(1, ADA, DORA)
        await town.at(MONDAY)
        shown = await home(town)
    assert "2 votes last time, in The Paper #1" in shown
    assert "The Paper #1, 23 November 2026, 1 item: /issue 1" in shown
