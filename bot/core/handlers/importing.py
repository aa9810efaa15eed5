"""/newsletter import: what was found is shown first, and kept when an editor says so; feeds are followed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.core.commands import File, Request
from bot.core.errors import NotANewsletter, Refused, Unreadable
from bot.core.feeds import FeedAnswer, Found
from bot.core.import_post import COMMAND, doubts_about, kept_post, preview_post
from bot.core.importing import Kept
from bot.core.model import Issue, Newsletter
from bot.core.parsed import ParsedIssue
from bot.core.ports import Transaction
from bot.core.post import Answer, Field, Form, sentence
from bot.core.previews import keep_preview, take_preview
from bot.core.text import clip, without_tail

if TYPE_CHECKING:
    from bot.core.desk import Desk

_LINK = re.compile(r"https?://[^\s<>|]+", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,24}(?:/[^\s<>|]*)?", re.IGNORECASE)


async def import_issue(desk: Desk, request: Request) -> Answer:
    """Show what a link or a file holds, or keep what was shown; follow its feed, or follow it no longer."""
    if request.text("preview"):
        return await _keep(desk, request)
    link, file, follow = address_in(request.text("link")), request.file("file"), request.flag("follow")
    if follow is False:
        return await _unfollow(desk, request, link)
    if not link and file is None:
        if request.caller.forms and not request.text("link"):
            return import_form()
        raise Refused("Give a link to the newsletter, or attach it as a file.")
    if link and file:
        raise Refused("Give a link or a file, not both.")
    if file and follow:
        raise Refused("A file cannot be followed: give the newsletter's link.")
    every = request.text("issues") in ("all", "kept")
    found = await (_of_file(desk, file) if file else _of_link(desk, link, every=every))
    return await _show(desk, request.about, found, follow=bool(follow))


def import_form() -> Form:
    """The form that asks where the newsletter is."""
    fields = (Field("link", "Link"), Field("file", "File"), Field("follow", "Follow its new issues"))
    return Form("Read in a newsletter", COMMAND, fields)


def address_in(text: str) -> str:
    """The first address in what was typed, which may leave out `https://`, or an empty string."""
    if found := _LINK.search(text):
        return without_tail(found.group())
    bare = _HOST.fullmatch(text.strip())
    return f"https://{bare.group()}" if bare else ""


async def _of_file(desk: Desk, file: File) -> Found:
    try:
        return await desk.letters.read_file(file.name, file.content)
    except (NotANewsletter, Unreadable) as error:
        raise _not_read(clip(file.name, 60), error) from error


async def _of_link(desk: Desk, link: str, *, every: bool) -> Found:
    try:
        return await desk.letters.read_link(link, every=every)
    except (NotANewsletter, Unreadable) as error:
        raise _not_read(clip(link, 200), error) from error


def _not_read(name: str, error: NotANewsletter | Unreadable) -> Refused:
    return Refused(f"{name} was not read in: {str(error).removesuffix('.')}.")


async def _show(desk: Desk, newsletter: Newsletter, found: Found, *, follow: bool) -> Answer:
    feed, why = await _followable(desk, found.feed)
    async with desk.store.transaction() as tx:
        key = await keep_preview(tx, newsletter, replace(found, feed=feed), desk.clock.now())
        latest = found.issues[0]
        planned = await desk.importer.planned(tx, newsletter, latest)
        doubts = doubts_about(newsletter, latest, planned, await _had(tx, newsletter, planned))
    if follow and feed is None:
        doubts.append(f"It cannot be followed: {why}")
    return preview_post(planned, found.issues, doubts, key, feed, follow=follow)


async def _followable(desk: Desk, feed: FeedAnswer | None) -> tuple[FeedAnswer | None, str]:
    """The feed with the entries it has by now, which are not new to whoever follows it; or None, and why."""
    if feed is None:
        return None, "it names no feed."
    try:
        return await desk.following.baseline(feed), ""
    except (NotANewsletter, Unreadable) as error:
        return None, f"its feed was not read: {str(error).removesuffix('.')}."


async def _had(tx: Transaction, newsletter: Newsletter, planned: Kept) -> Sequence[tuple[str, Issue]]:
    """The items of an issue that other issues had, each by its title with the latest of those."""
    had = []
    for entry in planned.issue.entries:
        others = [each for each in await tx.issues.having(newsletter.id, entry.url) if each.id != planned.issue.id]
        if others:
            had.append((entry.title, others[0]))
    return had


async def _keep(desk: Desk, request: Request) -> Answer:
    newsletter, which, now = request.about, request.text("issues") or "latest", desk.clock.now()
    async with desk.store.transaction() as tx:
        preview = await take_preview(tx, newsletter, request.text("preview"), now)
        # The oldest first, so that numbers given here follow each other.
        chosen: Sequence[ParsedIssue] = preview.issues[:1] if which == "latest" else preview.issues[::-1]
        done = []
        for each in () if which == "none" else chosen:
            posted = which != "kept" or each is preview.issues[0]
            done.append(await desk.importer.keep_within(tx, newsletter, each, posted=posted))
        feed = None
        if request.flag("follow") and preview.feed:
            feed = await desk.following.follow(tx, newsletter, preview.feed, preview.title, preview.entries)
    return kept_post(done[::-1], feed)


async def _unfollow(desk: Desk, request: Request, link: str) -> Answer:
    async with desk.store.transaction() as tx:
        feeds = await tx.feeds.of(request.about.id)
        # Of a newsletter's site, what is known here is its feed, on the same host.
        meant = [each for each in feeds if not link or each.url == link or _host(each.url) == _host(link)]
        exact = [each for each in meant if each.url == link]
        if len(exact or meant) == 1:
            gone = (exact or meant)[0]
            await tx.feeds.unfollow(gone.id)
            return sentence(f"{gone.name} is followed no longer; its issues stay.")
    if not feeds:
        raise Refused(f"{request.about.name} follows no feed.")
    named = ", ".join(clip(each.url, 200) for each in feeds[:10])
    raise Refused(f"Say which: {request.about.name} follows {named}.")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].removeprefix("www.").casefold()
