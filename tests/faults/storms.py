"""Faults on the wire, of every kind and by chance."""

from __future__ import annotations

import asyncio
import itertools

from tests.fakes import discord_faults, slack_faults
from tests.faults.paper import Paper

MOST = 8
"""So many requests a platform gets at most for each message that is written, on the average, in a storm."""

ANY = ""
JSON = "(GET|POST|PATCH) "
PAGE = b"<html>Sign in</html>"


class Storm:
    """Lets requests to both platforms meet each kind of fault; slow answers come after the next request.

    Of 5xx one kind comes when the work is done already, as a gateway's that lost patience.
    """

    def __init__(self, paper: Paper, rate: float, number: int) -> None:
        self._paper = paper
        self._never = asyncio.Event()
        self._slow = asyncio.Event()
        paper.discord.watch = lambda _: self._hurry()
        paper.slack.watch = lambda _: self._hurry()
        paper.discord.state.nonces_kept *= 0
        paper.discord.faults.by_chance(rate, *self._on_discord(), seed=number)
        paper.slack.faults.by_chance(rate, *self._on_slack(), seed=number)

    def _hurry(self) -> None:
        self._slow.set()
        self._slow.clear()

    def _on_discord(self) -> tuple[discord_faults.Fault, ...]:
        fault = discord_faults.Fault
        return (
            discord_faults.rate_limited(ANY, 0.01),
            discord_faults.rate_limited(ANY, 45),
            fault(ANY, 429, b"error code: 1015"),
            fault(ANY, 500, PAGE),
            fault(ANY, 502, PAGE, taken=True),
            fault(ANY, 503, PAGE),
            fault(ANY, wait=self._never),
            fault(ANY, reset=True),
            fault(ANY, reset=True, taken=True),
            fault(JSON, cut=9),
            fault(JSON, 200, PAGE, taken=True),
            fault(ANY, wait=self._slow),
        )

    def _on_slack(self) -> tuple[slack_faults.Fault, ...]:
        fault = slack_faults.Fault
        method = ".*"
        return (
            slack_faults.rate_limited(method, 0),
            slack_faults.rate_limited(method, 45),
            slack_faults.rate_limited(method, None),
            slack_faults.broken(method, 500),
            slack_faults.broken(method, 502, taken=True),
            slack_faults.broken(method, 503),
            fault(method, wait=self._never),
            slack_faults.reset(method),
            slack_faults.reset(method, taken=True),
            fault(method, cut=9),
            slack_faults.garbled(method),
            fault(method, wait=self._slow),
        )

    def end(self) -> None:
        """Let everything be well again."""
        self._never.set()
        self._paper.discord.faults.by_chance(0)
        self._paper.slack.faults.by_chance(0)


async def weeks(here: Paper, number: int) -> None:
    """Ballots with nominations, issues with corrections, notices; each is written while others are on their way."""
    names = itertools.count()
    for letter in range(1, 2 * number + 1, 2):
        for work in (
            here.ballot(),
            here.nominate(f"item {next(names)}"),
            here.letter(letter),
            here.nominate(f"item {next(names)}"),
            here.letter(letter, "What it really says."),
            here.ballot(),
            here.notice("The votes were counted."),
            here.letter(letter + 1),
        ):
            await work
            await here.step()
