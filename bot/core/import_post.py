"""What an editor sees of a newsletter that was read in, before and after it becomes an issue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.core.feeds import Feed, FeedAnswer
from bot.core.importing import Kept, is_dated
from bot.core.model import Issue, Newsletter
from bot.core.parsed import ParsedIssue
from bot.core.post import Block, Bullets, Button, Heading, Line, Link, Moment, Paragraph, Post, Small, Strong
from bot.core.text import clip, count, day, one_line

SHOWN = 6
"""So many of the first items are shown, and so many of what is listed otherwise."""

COMMAND = "newsletter import"


def preview_post(
    planned: Kept,
    issues: Sequence[ParsedIssue],
    doubts: Sequence[str],
    key: str,
    feed: FeedAnswer | None,
    *,
    follow: bool,
) -> Post:
    """What was found, the latest issue first, with what is doubtful and the buttons that post it.

    planned: what the latest would be kept as. key: what the buttons name the preview by. feed: the feed that can be
    followed; follow: whether that was asked for.
    """
    issue = planned.issue
    title = f"Found: {clip(issue.title, 150)}"
    blocks: list[Block] = [Heading((title,), 2), Small(_dateline(issue))]
    if len(issues) > 1:
        others = count(len(issues) - 1, "earlier issue")
        blocks.append(Paragraph((f"There are {others} too; this is the latest.",)))
    blocks.append(Bullets(tuple(_section(issue, name) for name in issue.sections)))
    blocks += [Heading(("It begins with",), 3), Bullets(tuple(_first(issue)))]
    if doubts:
        blocks += [Heading(("Doubtful",), 3), Bullets(tuple((each,) for each in doubts))]
    blocks.append(Small(("Nothing of it is an issue yet. The buttons work for half an hour, also after a restart.",)))
    return Post(title, tuple(blocks), tuple(_buttons(planned, len(issues), key, feed, follow=follow)), private=True)


def _dateline(issue: Issue) -> Line:
    source: Line = (" · from ", Link(clip(issue.source_url, 80), issue.source_url)) if issue.source_url else ()
    return (f"{day(issue.dated)} · issue {issue.number} · {count(len(issue.entries), 'item')}", *source)


def _section(issue: Issue, name: str) -> Line:
    return (Strong(clip(name, 100)), f": {count(len(issue.in_section(name)), 'item')}")


def _first(issue: Issue) -> list[Line]:
    shown: list[Line] = []
    for entry in issue.entries[:SHOWN]:
        summary = clip(one_line(entry.summary), 120)
        shown.append((Link(clip(entry.title, 150), entry.url), f": {summary}" if summary else ""))
    return shown


def _buttons(planned: Kept, number: int, key: str, feed: FeedAnswer | None, *, follow: bool) -> list[Button]:
    post = "Post it" if planned.new else "Bring it up to date"

    def button(label: str, issues: str, *, following: bool, primary: bool = False) -> Button:
        options = (("preview", key), ("issues", issues), *((("follow", "yes"),) if following else ()))
        return Button(label, COMMAND, options, primary)

    buttons = [button(post, "latest", following=False, primary=not (follow and feed))]
    if feed:
        buttons.append(button(f"{post}, and follow", "latest", following=True, primary=follow))
    if feed and follow:
        buttons.append(button("Only follow", "none", following=True))
    if number > 1:
        buttons.append(button(f"Post all {number}", "all", following=False))
        buttons.append(button("Keep all, post the latest", "kept", following=False))
    return sorted(buttons, key=lambda each: not each.primary)


def doubts_about(
    newsletter: Newsletter, parsed: ParsedIssue, planned: Kept, had: Sequence[tuple[str, Issue]]
) -> list[str]:
    """What an editor should look at before an issue is posted, each as a sentence.

    had: titles of its items that issues had before, each with the latest of those.
    """
    issue, doubts = planned.issue, []
    if not planned.new:
        doubts.append(f"This is issue {issue.number} of {newsletter.name} already: it would be brought up to date.")
    if not is_dated(parsed) and planned.new:
        doubts.append(f"It does not say when it is from: it would be dated today, {day(issue.dated)}.")
    if planned.new and parsed.number is not None and parsed.number != issue.number:
        doubts.append(
            f"It calls itself issue {parsed.number}, which {newsletter.name} has: it would be {issue.number}."
        )
    if parsed.title is None:
        doubts.append("It has no title.")
    doubts += filter(None, (_untitled(parsed), _unsectioned(parsed), _unsaid(parsed), _twice(parsed)))
    if had:
        named = "; ".join(f"“{clip(title, 60)}” in issue {other.number}" for title, other in had[:SHOWN])
        more = f"; and {len(had) - SHOWN} more" if len(had) > SHOWN else ""
        doubts.append(f"{count(len(had), 'item was', 'items were')} in an earlier issue: {named}{more}.")
    return doubts


def _untitled(parsed: ParsedIssue) -> str:
    bare = [each.url for each in parsed.items if not (each.title or each.paper_title)]
    named = ", ".join(clip(url, 60) for url in bare[:SHOWN])
    return f"{count(len(bare), 'item has', 'items have')} no title: {named}." if bare else ""


def _unsectioned(parsed: ParsedIssue) -> str:
    names = {each.number: each.name.strip() for each in parsed.sections}
    bare = sum(not names.get(each.section) for each in parsed.items)
    if not bare:
        return ""
    return f"{count(bare, 'item stands', 'items stand')} in no section with a name: the section is called Items."


def _unsaid(parsed: ParsedIssue) -> str:
    bare = sum(not each.summary.strip() for each in parsed.items)
    return f"{count(bare, 'item has', 'items have')} no text." if bare else ""


def _twice(parsed: ParsedIssue) -> str:
    twice = [url for url, times in Counter(each.url for each in parsed.items).items() if times > 1]
    named = ", ".join(clip(url, 60) for url in twice[:SHOWN])
    return f"{count(len(twice), 'link is', 'links are')} there more than once: {named}." if twice else ""


def kept_post(done: Sequence[Kept], feed: Feed | None) -> Post:
    """What became of the issues that were read in, and which feed is followed now."""
    shown: list[Line] = [
        (
            Strong(clip(each.issue.title, 150)),
            f": {count(len(each.issue.entries), 'item')} in {count(len(each.issue.sections), 'section')}, ",
            f"{'read in' if each.new else 'brought up to date'} as issue {each.issue.number}.",
        )
        for each in done[:SHOWN]
    ]
    if len(done) > SHOWN:
        shown.append((f"And {len(done) - SHOWN} more.",))
    if feed:
        shown.append(("New issues of ", Strong(clip(feed.name, 150)), " come here by themselves from now on."))
    return Post("Read in", (Bullets(tuple(shown)),), private=True)


def feed_line(feed: Feed, zone: str) -> Line:
    """A followed feed, for the newsletter's status."""
    again: Line = (", asked again ", Moment(feed.next_at, zone=zone)) if feed.next_at else ()
    failing: Line = ()
    if feed.failing_since:
        failing = (", not readable since ", Moment(feed.failing_since, zone=zone), f": {clip(feed.reason, 200)}")
    return (Link(clip(feed.name, 100), feed.url), *again, *failing)
