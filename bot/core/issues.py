"""Issues: composed from an election or from a newsletter read in, and laid out as posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlsplit

from bot.core.model import (
    Ballot,
    DeliveryKind,
    Entry,
    Highlight,
    Issue,
    IssueState,
    Kind,
    Newsletter,
    Nomination,
    Subscription,
)
from bot.core.outbox import waiting
from bot.core.parsed import ParsedIssue, ParsedItem
from bot.core.ports import Fits, Transaction
from bot.core.post import (
    Block,
    Bullets,
    Card,
    Divider,
    Heading,
    Line,
    Link,
    Moment,
    Picture,
    Post,
    Small,
    Strong,
)
from bot.core.text import clip, count, day, one_line

HIGHLIGHTS = 3
"""So many of an issue's first entries stand on top of it."""


WHOLE_LINK = 120
"""A highlight no longer than this is its link's label; a longer one has the links behind it."""


def compose(
    newsletter: Newsletter, winners: Sequence[Nomination], number: int, slot: datetime, ballot: Ballot
) -> Issue:
    """The draft of the issue for a slot: entries by section, the pinned and the most voted on top."""
    entries = tuple(_entry(each) for each in winners)
    highlights = tuple(Highlight(entry.title, (entry.url,)) for entry in entries[:HIGHLIGHTS])
    return Issue(
        id=0,
        newsletter_id=newsletter.id,
        number=number,
        title=f"{newsletter.name} #{number}",
        dated=slot.astimezone(newsletter.schedule.tz).date(),
        state=IssueState.DRAFT,
        highlights=highlights,
        sections=_sections(newsletter, entries),
        entries=entries,
        slot=slot,
        ballot_id=ballot.id,
    )


def printed(newsletter: Newsletter, draft: Issue) -> Issue:
    """The draft as it would go out: without what was dropped, what is pinned first, highlights to fit."""
    entries = tuple(sorted((each for each in draft.entries if not each.dropped), key=lambda each: not each.pinned))
    highlights = tuple(Highlight(each.title, (each.url,)) for each in entries[:HIGHLIGHTS])
    return replace(draft, entries=entries, sections=_sections(newsletter, entries), highlights=highlights)


def _entry(nomination: Nomination) -> Entry:
    item = nomination.item
    return Entry(
        section=nomination.section,
        url=item.url,
        title=nomination.heading,
        site=item.site,
        kind=item.kind,
        summary=nomination.summary or nomination.note or item.summary,
        figure=item.figure,
        paper=item.paper,
        votes=nomination.votes,
        by=nomination.by.name if nomination.by else "",
        pinned=nomination.pinned,
    )


def _sections(newsletter: Newsletter, entries: Sequence[Entry]) -> tuple[str, ...]:
    used = {entry.section for entry in entries}
    known = [name for name in newsletter.sections if name in used]
    return (*known, *sorted(used.difference(newsletter.sections)))


def read_in(newsletter: Newsletter, parsed: ParsedIssue, number: int, now: datetime) -> Issue:
    """An issue written elsewhere, as an issue of this newsletter.

    number: what it gets when its text names none. Its date is the week's Monday or the month's first
    where the text names one, else today.
    """
    names = {section.number: section.name for section in parsed.sections}
    entries = tuple(_parsed_entry(item, names) for item in parsed.items)
    used = {entry.section for entry in entries}
    return Issue(
        id=0,
        newsletter_id=newsletter.id,
        number=number if parsed.number is None else parsed.number,
        title=parsed.title or newsletter.name,
        dated=parsed.dated or _dated(parsed) or now.astimezone(newsletter.schedule.tz).date(),
        state=IssueState.PUBLISHED,
        highlights=tuple(Highlight(each.text, each.urls, each.group) for each in parsed.highlights),
        sections=tuple(dict.fromkeys(name for name in (*names.values(), *sorted(used)) if name in used)),
        entries=entries,
        published_at=now,
        source_url=parsed.source_url,
        week=parsed.week,
        past_issues=parsed.past_issues,
    )


def _parsed_entry(item: ParsedItem, names: Mapping[int | None, str]) -> Entry:
    return Entry(
        section=names.get(item.section, "") or "Items",
        url=item.url,
        title=item.title or item.paper_title or item.url,
        site=item.site,
        kind=Kind.PAPER if item.arxiv_id else Kind.ARTICLE,
        summary=item.summary,
        figure=item.image,
        paper=item.arxiv_id,
    )


def _dated(parsed: ParsedIssue) -> date | None:
    try:
        if parsed.year and parsed.week:
            return date.fromisocalendar(parsed.year, parsed.week, 1)
        return date(parsed.year, parsed.month, 1) if parsed.year and parsed.month else None
    except ValueError:
        return None


def issue_posts(newsletter: Newsletter, issue: Issue) -> tuple[Post, ...]:
    """The issue as its head message and a message for each section."""
    return (_head(newsletter, issue), *(_section(issue, name) for name in issue.sections))


def issue_post(newsletter: Newsletter, issue: Issue) -> Post:
    """The whole issue in one private post, for whoever asks."""
    head, *sections = issue_posts(newsletter, issue)
    blocks = [block for section in sections for block in (Divider(), *section.blocks)]
    return Post(head.title, (*head.blocks, *blocks), private=True)


def _head(newsletter: Newsletter, issue: Issue) -> Post:
    blocks: list[Block] = [Heading((issue.title,), 1), Small(_dateline(issue))]
    if issue.late_since:
        slot = Moment(issue.late_since, zone=newsletter.schedule.zone)
        blocks.append(Small(("This issue is late: it was due ", slot, " and could not go out then.")))
    for group, highlights in groupby(issue.highlights, key=lambda each: each.group):
        blocks += [Heading((group or "Highlights",), 3), Bullets(tuple(_highlight(each) for each in highlights))]
    if issue.sections:
        contents = ((Strong(name), f": {count(len(issue.in_section(name)), 'item')}") for name in issue.sections)
        blocks += [Heading(("In this issue",), 3), Bullets(tuple(contents))]
    return Post(issue.title, tuple(blocks))


def _dateline(issue: Issue) -> Line:
    number: Line = (f" · issue {issue.number}",) if issue.number is not None else ()
    source: Line = (" · from ", Link(_host(issue.source_url), issue.source_url)) if issue.source_url else ()
    return (day(issue.dated), *number, f" · {count(len(issue.entries), 'item')}", *source)


def _highlight(highlight: Highlight) -> Line:
    if len(highlight.links) == 1 and len(highlight.text) <= WHOLE_LINK:
        return (Link(highlight.text, highlight.links[0]),)
    links = [node for url in highlight.links for node in (" ", Link(_host(url), url))]
    return (one_line(highlight.text), *links)


def _section(issue: Issue, name: str) -> Post:
    cards = tuple(_card(entry) for entry in issue.in_section(name))
    return Post(f"{issue.title}: {name}", (Heading((name,), 2), *cards))


def _card(entry: Entry) -> Card:
    votes = [count(entry.votes, "vote")] if entry.votes else []
    by = [f"nominated by {entry.by}"] if entry.by else []
    shown = entry.figure and entry.figure.startswith(("https://", "http://", "/"))
    return Card(
        (Link(clip(entry.title, 250), entry.url),),
        body=((one_line(entry.summary),),) if entry.summary else (),
        small=(" · ".join((entry.site, *votes, *by)),),
        picture=Picture(entry.figure, f"Figure: {clip(entry.title, 150)}") if shown and entry.figure else None,
    )


def _host(url: str) -> str:
    return urlsplit(url).netloc or url


async def send_out(tx: Transaction, fits: Fits, newsletter: Newsletter, issue: Issue) -> None:
    """Write the deliveries of a published issue: head and sections, to every channel of the newsletter."""
    assert issue.published_at is not None
    for subscription in await tx.newsletters.subscriptions(newsletter.id):
        if subscription.editors or subscription.suspended:
            continue
        messages = _messages(fits, newsletter, issue, subscription)
        for part, post in enumerate(messages):
            delivery = waiting(
                DeliveryKind.ISSUE,
                issue.id,
                newsletter.id,
                subscription.channel,
                part,
                post,
                issue.published_at,
            )
            await tx.outbox.put(delivery)


def _messages(fits: Fits, newsletter: Newsletter, issue: Issue, subscription: Subscription) -> list[Post]:
    fit = fits.get(subscription.channel.platform, one_message)
    head, *sections = issue_posts(newsletter, issue)
    head = replace(head, mention=subscription.mention, crosspost=subscription.crosspost)
    return [part for post in (head, *sections) for part in fit(post)]


async def send_again(tx: Transaction, fits: Fits, newsletter: Newsletter, issue: Issue, at: datetime) -> None:
    """Have the messages of an issue that is out show it as it is now; sections that are new follow below."""
    there = {(each.channel, each.part): each for each in await tx.outbox.of(DeliveryKind.ISSUE, issue.id)}
    got = {channel for channel, _ in there}
    for subscription in await tx.newsletters.subscriptions(newsletter.id):
        channel = subscription.channel
        if channel not in got or subscription.suspended:
            continue
        for part, post in enumerate(_messages(fits, newsletter, issue, subscription)):
            known = there.get((channel, part))
            if known is None:
                await tx.outbox.put(waiting(DeliveryKind.ISSUE, issue.id, newsletter.id, channel, part, post, at))
            elif known.post != post:
                await tx.outbox.save(replace(known, post=post, revision=known.revision + 1, next_at=at))


def one_message(post: Post) -> tuple[Post, ...]:
    """The fit of a platform whose messages know no limit."""
    return (post,)
