"""What a member finds at home: how the ballots stand, the last issues, how their own nominations fare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.ballots import elect
from bot.core.model import Ballot, Issue, Member, Newsletter, Nomination
from bot.core.ports import Transaction
from bot.core.post import Block, Bullets, Button, Divider, Heading, Line, Link, Moment, Paragraph, Post, Small, Strong
from bot.core.text import clip, count, day

FIRST = 5
"""So many of the ballot's first nominations stand at home; the rest is a button away."""

ISSUES = 3
NEWSLETTERS = 4


async def home_post(tx: Transaction, member: Member) -> Post:
    """The member's home: each newsletter of the community with its vote, its last issues and what is theirs in it."""
    newsletters = await tx.newsletters.of_community(member.platform, member.community)
    blocks: list[Block] = []
    for newsletter in newsletters[:NEWSLETTERS]:
        blocks += [Divider()] if blocks else []
        blocks += await _newsletter(tx, newsletter, member)
    if not blocks:
        start = "No newsletter comes out here yet: an editor can start one in a channel with /newsletter setup."
        return Post("Home", (Heading(("The weekly paper",), 1), Paragraph((start,))), (Button("Help", "help"),))
    return Post("Home", tuple(blocks), (Button("Help", "help"),))


async def _newsletter(tx: Transaction, newsletter: Newsletter, member: Member) -> list[Block]:
    ballot = await tx.ballots.current(newsletter.id)
    before = await tx.ballots.last_closed(newsletter.id)
    running = await tx.ballots.nominations(ballot.id) if ballot else ()
    counted = await tx.ballots.nominations(before.id) if before else ()
    issues = await tx.issues.recent(newsletter.id, ISSUES)
    printed = {entry.url: issue for issue in reversed(issues) for entry in issue.entries}
    return [
        Heading((newsletter.name,), 1),
        *_standing(newsletter, ballot, running),
        *_own(newsletter, running, counted, printed, member),
        *_issues(issues),
    ]


def _standing(newsletter: Newsletter, ballot: Ballot | None, nominations: Sequence[Nomination]) -> list[Block]:
    if ballot is None:
        return [Paragraph(("No ballot is open just now.",))]
    if not nominations:
        invitation = "Nothing is nominated yet. Put something up with /nominate and a link."
        return [Paragraph((invitation,)), *_end(newsletter)]
    ranked = sorted((each for each in nominations if not each.dropped), key=lambda each: (-each.votes, each.at))
    more = len(ranked) - FIRST
    lines = [
        (Strong(count(each.votes, "vote")), " for ", Link(clip(each.heading, 120), each.item.url))
        for each in ranked[:FIRST]
    ]
    return [
        Heading((f"How ballot {ballot.number} stands",), 3),
        Bullets(tuple(lines)),
        *([Small((f"and {count(more, 'nomination')} more: /ballot shows them all.",))] if more > 0 else []),
        *_end(newsletter),
    ]


def _end(newsletter: Newsletter) -> list[Block]:
    if newsletter.paused:
        return [Small(("The newsletter is paused.",))]
    if newsletter.next_slot is None:
        return []
    end: datetime = newsletter.next_slot
    return [Small(("The vote ends ", Moment(end, zone=newsletter.schedule.zone), "."))]


def _own(
    newsletter: Newsletter,
    running: Sequence[Nomination],
    counted: Sequence[Nomination],
    printed: dict[str, Issue],
    member: Member,
) -> list[Block]:
    ahead = {each.id for each in elect(running, newsletter.rules).winners}
    here = {each.item.url for each in running}
    lines: list[Line] = [
        (_title(each), f": number {each.position}, {count(each.votes, 'vote')}", _fate(each, ahead, newsletter))
        for each in running
        if each.by == member
    ]
    lines += [
        (_title(each), f": {count(each.votes, 'vote')} last time, {_became(printed.get(each.item.url))}")
        for each in counted
        if each.by == member and each.item.url not in here
    ]
    return [Heading(("What you nominated",), 3), Bullets(tuple(lines))] if lines else []


def _title(nomination: Nomination) -> Link:
    return Link(clip(nomination.heading, 120), nomination.item.url)


def _fate(nomination: Nomination, ahead: set[int], newsletter: Newsletter) -> str:
    if nomination.dropped:
        return ", dropped by the editors"
    if nomination.pinned:
        return ", in for certain"
    missing = newsletter.rules.threshold - nomination.votes
    if missing > 0:
        return f", {missing} short of a place"
    return ", in as it stands" if nomination.id in ahead else ", others are ahead"


def _became(issue: Issue | None) -> str:
    return f"in {issue.title}" if issue else "without a place"


def _issues(issues: Sequence[Issue]) -> list[Block]:
    if not issues:
        return []
    lines = [
        (Strong(issue.title), f", {day(issue.dated)}, {count(len(issue.entries), 'item')}: /issue {issue.number}")
        for issue in issues
    ]
    return [Heading(("The last issues",), 3), Bullets(tuple(lines))]
