"""What editors can do with a newsletter: set it up, schedule it, see and publish what is coming."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.ballots import refresh
from bot.core.commands import WEEKDAYS, Caller, Request
from bot.core.errors import Refused
from bot.core.import_post import feed_line
from bot.core.issues import issue_post, printed
from bot.core.model import Channel, Delivery, Issue, Member, Newsletter, Rules, Schedule, Subscription
from bot.core.ports import Transaction
from bot.core.post import (
    Answer,
    Block,
    Bullets,
    Button,
    Divider,
    Field,
    Form,
    Heading,
    Line,
    Moment,
    Paragraph,
    Post,
    Small,
    Strong,
    sentence,
)
from bot.core.schedule import next_slot
from bot.core.text import clip, count, one_line
from bot.core.week import schedule_next

if TYPE_CHECKING:
    from bot.core.desk import Desk


MOST_SECTIONS = 12


async def setup(desk: Desk, request: Request) -> Answer:
    """Start a newsletter in this channel, or change the one it has; without options, ask for them.

    A channel without one that names a newsletter of its community gets that newsletter too.
    """
    channel, now = request.caller.channel, desk.clock.now()
    async with desk.store.snapshot() as tx:
        there = await tx.newsletters.of_channel(channel)
    if not request.options and request.caller.forms:
        return setup_form(there or desk.defaults)
    known = there or await _named(desk, one_line(request.text("name")), request.caller)
    async with desk.store.transaction() as tx:
        # A channel that joins a newsletter takes it as it is: its form was filled in with somebody else's values.
        newsletter = changed(known or desk.defaults, request) if there or not known else known
        if known:
            await tx.newsletters.save(newsletter)
        else:
            newsletter = await tx.newsletters.add(newsletter)
        await _own_name(tx, newsletter, channel)
        await _subscribe(tx, newsletter, request)
        if not known or newsletter.schedule != known.schedule:
            newsletter = await _reschedule(desk, tx, newsletter)
        open_now = await tx.ballots.current(newsletter.id) or await tx.ballots.open(newsletter.id, now)
        await refresh(tx, newsletter, open_now, now)
    return settings_post(newsletter, "is changed" if there else "comes to this channel")


async def _subscribe(tx: Transaction, newsletter: Newsletter, request: Request) -> None:
    channel = request.caller.channel
    there = next((each for each in await tx.newsletters.subscriptions(newsletter.id) if each.channel == channel), None)
    base = there or Subscription(newsletter.id, channel)
    mention, crosspost = request.text("mention"), request.flag("crosspost")
    changed = replace(
        base,
        mention=role_in(mention) if mention else base.mention,
        crosspost=base.crosspost if crosspost is None else crosspost,
        suspended=None,
    )
    if changed != there:
        await tx.newsletters.subscribe(changed)


def role_in(text: str) -> str:
    """The id of the role that a text mentions, as platforms write it; `none` is no role. Raises `Refused`."""
    match = re.fullmatch(r"<@&([0-9]+)>|<!subteam\^([A-Za-z0-9]+)(?:\|[^>]*)?>|@?([A-Za-z0-9_.-]+)", text)
    if match is None:
        raise Refused("mention takes one role, mentioned as @role, or none.")
    role: str = match[1] or match[2] or match[3]
    return "" if role.casefold() == "none" else role


async def _named(desk: Desk, name: str, caller: Caller) -> Newsletter | None:
    """The newsletter of this name that the caller may bring to the channel: one from here, or one without a channel."""
    channel = caller.channel
    async with desk.store.snapshot() as tx:
        here = {each.id for each in await tx.newsletters.of_community(channel.platform, channel.community)}
        named = [each for each in await tx.newsletters.all() if name and each.name.casefold() == name.casefold()]
        free = {each.id for each in named if not await tx.newsletters.subscriptions(each.id)}
    found = next((each for each in named if each.id in here | free), None)
    if found and not await desk.may_edit(caller, found):
        raise Refused(f"{found.name} has editors of its own: ask one of them to bring it to this channel.")
    return found


async def _own_name(tx: Transaction, newsletter: Newsletter, channel: Channel) -> None:
    for each in await tx.newsletters.of_community(channel.platform, channel.community):
        if each.id != newsletter.id and each.name.casefold() == newsletter.name.casefold():
            raise Refused(f"There is a newsletter named {each.name} here already: give this one another name.")


def setup_form(newsletter: Newsletter) -> Form:
    """The form that asks for all that a newsletter is, filled in with what it is now."""
    values = _values(newsletter)
    labels = {
        "per_section": "At most from one section",
        "picks": "Items an issue takes",
        "threshold": "Votes needed",
    }
    fields = tuple(Field(name, labels.get(name, name.capitalize()), value) for name, value in values.items())
    return Form("Set the newsletter up", "newsletter setup", fields)


def _values(newsletter: Newsletter) -> Mapping[str, str]:
    return {
        "name": newsletter.name,
        "weekday": WEEKDAYS[newsletter.schedule.weekday],
        "time": f"{newsletter.schedule.at:%H:%M}",
        "zone": newsletter.schedule.zone,
        "sections": ", ".join(newsletter.sections),
        "picks": str(newsletter.rules.picks),
        "threshold": str(newsletter.rules.threshold),
        "per_section": str(newsletter.rules.per_section),
        "language": newsletter.language,
    }


def changed(newsletter: Newsletter, request: Request) -> Newsletter:
    """The newsletter with what the request names; the rest stays. Raises `Refused` for an empty name."""
    name = one_line(request.text("name")) or newsletter.name
    schedule, rules = newsletter.schedule, newsletter.rules
    weekday = request.whole("weekday")
    hours = request.whole("grace")
    review = request.whole("review")
    return replace(
        newsletter,
        name=clip(name, 80),
        language=request.text("language") or newsletter.language,
        schedule=Schedule(
            schedule.weekday if weekday is None else weekday,
            request.time("time") or schedule.at,
            request.text("zone") or schedule.zone,
        ),
        sections=section_names(request.text("sections")) or newsletter.sections,
        rules=Rules(
            request.whole("picks") or rules.picks,
            request.whole("threshold") or rules.threshold,
            request.whole("per_section") or rules.per_section,
            rules.carry,
        ),
        grace=newsletter.grace if hours is None else timedelta(hours=hours),
        review=newsletter.review if review is None else timedelta(hours=review) if review else None,
    )


def section_names(text: str) -> tuple[str, ...]:
    """Section names as typed, parted by commas; each once. Raises `Refused` for more than twelve."""
    names = tuple(dict.fromkeys(clip(one_line(part), 60) for part in re.split(r"[,，、;\n]", text) if part.strip()))
    if len(names) > MOST_SECTIONS:
        raise Refused(f"A newsletter has {MOST_SECTIONS} sections at most.")
    return names


async def schedule(desk: Desk, request: Request) -> Answer:
    """Change when issues are due."""
    return await _change(desk, request, "is scheduled")


async def sections(desk: Desk, request: Request) -> Answer:
    """Name the sections, in their order."""
    return await _change(desk, request, "has its sections")


async def _change(desk: Desk, request: Request, what: str) -> Answer:
    there = request.about
    if not request.options:
        return settings_post(there, "as it is")
    async with desk.store.transaction() as tx:
        base = await tx.newsletters.get(there.id)
        newsletter = changed(base, request)
        await tx.newsletters.save(newsletter)
        if newsletter.schedule != base.schedule:
            newsletter = await _reschedule(desk, tx, newsletter)
        current = await tx.ballots.current(newsletter.id)
        if current:
            await refresh(tx, newsletter, current, desk.clock.now())
    return settings_post(newsletter, what)


async def _reschedule(desk: Desk, tx: Transaction, newsletter: Newsletter, *, resumed: bool = False) -> Newsletter:
    due = newsletter.next_slot is not None and newsletter.next_slot <= desk.clock.now()
    if due and not newsletter.paused and not resumed:
        # A slot that has come is dealt with first; the new schedule holds from the next one on.
        return await schedule_next(tx, newsletter)
    last = await tx.newsletters.last_slot(newsletter.id)
    following = next_slot(newsletter.schedule, desk.clock.now(), last)
    return await schedule_next(tx, replace(newsletter, next_slot=following))


def settings_post(newsletter: Newsletter, what: str) -> Post:
    """A newsletter's settings, for the editor who changed or asked for them."""
    title = f"{newsletter.name} {what}"
    when = newsletter.schedule
    rules = newsletter.rules
    lines: list[Line] = [
        (Strong("Every "), f"{WEEKDAYS[when.weekday]} at {when.at:%H:%M}, {when.zone}"),
        (Strong("Language: "), newsletter.language),
        (Strong("Sections: "), ", ".join(newsletter.sections)),
        (
            Strong("The vote: "),
            f"up to {count(rules.picks, 'item')} with {count(rules.threshold, 'vote')} or more",
            f", at most {rules.per_section} of one section",
        ),
        (
            Strong("Review: "),
            f"{_hours(newsletter.review)} before it goes out" if newsletter.review else "off",
        ),
        (Strong("Late: "), f"posted up to {_hours(newsletter.grace)} after its hour"),
    ]
    return Post(title, (Heading((title,), 2), Bullets(tuple(lines)), Small(_next_line(newsletter))), private=True)


def _hours(span: timedelta) -> str:
    return count(int(span.total_seconds() // 3600), "hour")


def _next_line(newsletter: Newsletter) -> Line:
    if newsletter.paused:
        return ("Paused: /newsletter resume starts it again.",)
    if newsletter.next_slot is None:
        return ("Not scheduled yet.",)
    return ("Next issue: ", Moment(newsletter.next_slot, zone=newsletter.schedule.zone))


async def editors(desk: Desk, request: Request) -> Answer:
    """Name this community's editors; `here` makes this channel the one that editors are told things in."""
    newsletter = request.about
    caller = request.caller
    where = (newsletter.id, caller.channel.platform, caller.channel.community)
    async with desk.store.transaction() as tx:
        if request.text("members"):
            await tx.newsletters.set_editors(*where, members_in(request.text("members"), caller))
        if request.flag("here") is not None:
            await _editors_here(tx, newsletter, caller, here=request.flag("here") is True)
        named = await tx.newsletters.editors(*where)
    who = ", ".join(each.name or each.id for each in named) or "nobody: whoever runs this community edits"
    here = " This channel gets the editors' notices." if request.flag("here") else ""
    return sentence(f"Editors of {newsletter.name}: {who}.{here}")


async def _editors_here(tx: Transaction, newsletter: Newsletter, caller: Caller, *, here: bool) -> None:
    there = {each.channel: each for each in await tx.newsletters.subscriptions(newsletter.id)}.get(caller.channel)
    if not here:
        if there and there.editors:
            await tx.newsletters.unsubscribe(caller.channel)
        return
    if there and not there.editors:
        raise Refused("This channel gets the issues: use /newsletter editors in a channel of the editors' own.")
    await tx.newsletters.subscribe(Subscription(newsletter.id, caller.channel, editors=True))


_MENTION = re.compile(r"<@!?([A-Za-z0-9]+)(?:\|([^>]*))?>|@([\w.-]+)")


def members_in(text: str, caller: Caller) -> tuple[Member, ...]:
    """The members mentioned in a text, as platforms write mentions, or nobody for `none`; else raises `Refused`."""
    if text.casefold() == "none":
        return ()
    found = {
        (match[1] or match[3]): Member(
            caller.channel.platform, caller.member.community, match[1] or match[3], match[2] or ""
        )
        for match in _MENTION.finditer(text)
    }
    if not found:
        raise Refused("Name the editors by mentioning them, members:@ada @grace, or name nobody: members:none.")
    return tuple(found.values())


async def preview(desk: Desk, request: Request) -> Answer:
    """Show the issue as it would come out now."""
    newsletter = request.about
    async with desk.store.snapshot() as tx:
        coming = await desk.week.coming(tx, newsletter)
    if coming is None:
        raise Refused("There would be no issue now: nothing on the ballot has votes enough, nothing is pinned.")
    shown = issue_post(newsletter, printed(newsletter, coming))
    when = _next_line(newsletter)
    if coming.deadline and not newsletter.paused:
        when = ("The draft goes out ", Moment(coming.deadline, zone=newsletter.schedule.zone))
    note = Small(("A preview, for you alone. ", *when))
    by_number = _by_number(coming) if coming.deadline else ()
    return replace(shown, blocks=(note, *shown.blocks, *by_number))


def _by_number(draft: Issue) -> tuple[Block, ...]:
    """What /item calls the draft's items, as long as the draft waits."""
    states = [" (dropped)" if each.dropped else " (pinned)" if each.pinned else "" for each in draft.entries]
    lines = tuple((f"{clip(each.title, 100)}{state}",) for each, state in zip(draft.entries, states, strict=True))
    return (Divider(), Heading(("By number, for /item",), 3), Bullets(lines, numbered=True))


async def publish(desk: Desk, request: Request) -> Answer:
    """Publish the draft that waits, or the coming issue ahead of its hour."""
    issue = await desk.week.publish_now(request.about, request.whole("number"))
    return sentence(f"{issue.title} is on its way.")


async def pause(desk: Desk, request: Request) -> Answer:
    """Publish nothing until /newsletter resume; votes and nominations go on."""
    return await _set_paused(desk, request, paused=True)


async def resume(desk: Desk, request: Request) -> Answer:
    """Take the weekly hour up again."""
    return await _set_paused(desk, request, paused=False)


async def _set_paused(desk: Desk, request: Request, *, paused: bool) -> Answer:
    async with desk.store.transaction() as tx:
        newsletter = replace(await tx.newsletters.get(request.about.id), paused=paused)
        newsletter = await _reschedule(desk, tx, newsletter, resumed=True)
        current = await tx.ballots.current(newsletter.id)
        if current:
            await refresh(tx, newsletter, current, desk.clock.now())
    return Post(newsletter.name, (Paragraph((Strong(newsletter.name), ". ", *_next_line(newsletter))),), private=True)


async def forget(desk: Desk, request: Request) -> Answer:
    """Delete the newsletter with everything it has, once that is confirmed."""
    newsletter = request.about
    if request.text("confirm") != newsletter.name:
        text = f"This deletes {newsletter.name} with its ballots, votes and issues for good; what was posted stays. "
        text += "To go on, confirm with its name."
        button = Button("Delete it all", "newsletter forget", (("confirm", newsletter.name),))
        return Post(text, (Paragraph((text,)),), (button,), private=True)
    async with desk.store.transaction() as tx:
        await tx.newsletters.forget(newsletter.id)
    return sentence(f"{newsletter.name} is deleted.")


async def status(desk: Desk, request: Request) -> Answer:
    """Show the next issue, the channels, the feeds followed, what went wrong and why, and the last notices."""
    newsletter = request.about
    async with desk.store.snapshot() as tx:
        draft = await tx.issues.draft(newsletter.id)
        subscriptions = await tx.newsletters.subscriptions(newsletter.id)
        troubled = await tx.outbox.troubled(newsletter.id)
        notices = await tx.outbox.notices(newsletter.id, 5)
        feeds = await tx.feeds.of(newsletter.id)
    title = f"{newsletter.name}: status"
    blocks: list[Block] = [Heading((title,), 2), Paragraph(_next_line(newsletter))]
    if draft and draft.deadline:
        goes_out = Moment(draft.deadline, zone=newsletter.schedule.zone)
        blocks.append(Paragraph((f"The draft of {draft.title} waits for its editors; it goes out ", goes_out)))
    blocks.append(Bullets(tuple(_channel_line(each) for each in subscriptions)))
    if feeds:
        followed = tuple(feed_line(each, newsletter.schedule.zone) for each in feeds[:10])
        blocks += [Heading((f"Followed: {count(len(feeds), 'feed')}",), 3), Bullets(followed)]
    trouble = tuple(_trouble_line(each) for each in troubled[:10])
    if trouble:
        blocks += [Heading((f"In trouble: {count(len(troubled), 'message')}",), 3), Bullets(trouble)]
    else:
        blocks.append(Small(("No message is in trouble.",)))
    if notices:
        told: tuple[Line, ...] = tuple((Moment(at, zone=newsletter.schedule.zone), f": {text}") for at, text in notices)
        blocks += [Heading(("Told to the editors",), 3), Bullets(told)]
    return Post(title, tuple(blocks), private=True)


def _channel_line(subscription: Subscription) -> Line:
    role = "editors' notices" if subscription.editors else "issues and ballots"
    state = f", suspended: {subscription.suspended}" if subscription.suspended else ""
    return (Strong(f"{subscription.channel.platform} {subscription.channel.id}"), f": {role}{state}")


def _trouble_line(delivery: Delivery) -> Line:
    tries = count(delivery.attempts, "try", "tries")
    return (f"{clip(delivery.post.title, 80)}: {delivery.state}, {tries}: {delivery.error or 'no answer yet'}",)
