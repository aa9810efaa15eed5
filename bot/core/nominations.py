"""Nominations: from a link to an item on the open ballot."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import unquote, urlsplit

from bot.core.ballots import DEBOUNCE, refresh
from bot.core.errors import NoSuchPaper, Refused, SourceDown
from bot.core.model import Issue, Item, Kind, Member, Newsletter, Nomination
from bot.core.papers import Library
from bot.core.ports import Clock, Store
from bot.core.references import ReferenceKind, reference
from bot.core.text import clip, day, first_sentence, one_line, without_tail
from bot.core.urls import canonical, site

NOTE_LENGTH = 500
SUMMARY_LENGTH = 300

TITLE_WORDS = 3
"""Fewer words at the end of an address are an id or a file name rather than a title."""

_SITES = {
    Kind.REPOSITORY: ("github.com", "gitlab.com", "codeberg.org", "huggingface.co"),
    Kind.VIDEO: ("youtube.com", "youtu.be", "vimeo.com"),
    Kind.POST: ("twitter.com", "x.com", "reddit.com", "mastodon.social", "bsky.app", "news.ycombinator.com"),
    Kind.PAPER: ("arxiv.org", "openreview.net", "doi.org", "aclanthology.org", "proceedings.mlr.press"),
}

_SECTION_WORDS = {
    Kind.PAPER: ("paper", "research", "论文", "論文"),
    Kind.ARTICLE: ("article", "blog", "news", "reading", "文章", "記事"),
    Kind.REPOSITORY: ("tool", "code", "software", "repositor", "工具", "ツール"),
    Kind.VIDEO: ("video", "talk", "watch", "视频", "動画"),
    Kind.POST: ("post", "discussion", "topic", "article"),
}


def kind_of(url: str) -> Kind:
    """What sort of thing an address leads to, judged by its host."""
    host = site(url).removeprefix("www.")
    for kind, hosts in _SITES.items():
        if any(host == each or host.endswith("." + each) for each in hosts):
            return kind
    return Kind.ARTICLE


def section_for(kind: Kind, sections: tuple[str, ...]) -> str:
    """The section that a thing of this kind goes to when nobody names one: by its name, else the first."""
    for name in sections:
        if any(word in name.casefold() for word in _SECTION_WORDS[kind]):
            return name
    return sections[0]


def title_from(url: str) -> str:
    """A title for a page nobody has read: the last words of its path, else its address."""
    parts = urlsplit(url)
    words = unquote(parts.path.rstrip("/").rsplit("/", 1)[-1]).rsplit(".", 1)[0].replace("-", " ").replace("_", " ")
    readable = one_line(words)
    return (
        f"{readable[0].upper()}{readable[1:]}"
        if len(readable.split()) >= TITLE_WORDS
        else f"{parts.netloc}{parts.path}".rstrip("/")
    )


@dataclass(frozen=True, slots=True)
class Nominated:
    """What came of a nomination: the one on the ballot, and whether it is new there."""

    nomination: Nomination
    new: bool


class Nominations:
    """Puts what members propose on the open ballot, each thing once."""

    def __init__(self, store: Store, library: Library, clock: Clock, debounce: timedelta = DEBOUNCE) -> None:
        self._store = store
        self._library = library
        self._clock = clock
        self._debounce = debounce

    async def nominate(
        self, newsletter: Newsletter, link: str, member: Member, section: str = "", note: str = ""
    ) -> Nominated:
        """Nominate what the link leads to.

        section: the first fitting one when empty. note: why it is worth reading, at most `NOTE_LENGTH`
        characters of it are kept. Raises `Refused` where there is no link, no open ballot, or an earlier
        issue had the item.
        """
        item = await self.item(link)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            ballot = await tx.ballots.current(newsletter.id)
            if ballot is None:
                raise Refused("No ballot is open just now: an editor can start one with /newsletter setup.")
            earlier = await tx.issues.having(newsletter.id, item.url)
            if earlier:
                raise Refused(f"“{clip(item.title, 100)}” was in {_named(earlier[0])} already.")
            draft = await tx.issues.draft(newsletter.id)
            if draft and any(entry.url == item.url for entry in draft.entries):
                raise Refused(f"“{clip(item.title, 100)}” is in the issue that is about to come out.")
            item = await tx.items.ensure(item)
            there = next((n for n in await tx.ballots.nominations(ballot.id) if n.item.id == item.id), None)
            if there:
                await refresh(tx, newsletter, ballot, now + self._debounce)
                return Nominated(there, new=False)
            nomination = await tx.ballots.nominate(
                Nomination(
                    id=0,
                    ballot_id=ballot.id,
                    item=item,
                    position=0,
                    section=section or section_for(item.kind, newsletter.sections),
                    at=now,
                    by=member,
                    note=clip(one_line(note), NOTE_LENGTH),
                )
            )
            await refresh(tx, newsletter, ballot, now + self._debounce)
        return Nominated(nomination, new=True)

    async def item(self, link: str) -> Item:
        """The item that a link or a paper's reference stands for; raises `Refused` where it is neither."""
        found = reference(link)
        if found and found.kind is ReferenceKind.ARXIV:
            try:
                paper = (await self._library.look_up(replace(found, version=None))).paper
            except SourceDown:
                return Item(0, found.url, f"arXiv {found.id}", "arxiv.org", Kind.PAPER, paper=found.id)
            except NoSuchPaper as error:
                raise Refused(str(error)) from error
            if paper.withdrawn:
                raise Refused(f"“{clip(paper.title, 100)}” was withdrawn by its authors.")
            summary = first_sentence(paper.abstract, SUMMARY_LENGTH)
            return Item(0, found.url, paper.title, "arxiv.org", Kind.PAPER, summary, paper=paper.id)
        # DOIs are the same whatever their case (DOI Handbook, 2.4).
        url = replace(found, id=found.id.lower()).url if found and found.kind is ReferenceKind.DOI else ""
        url = url or (found.url if found else first_link(link))
        if not url:
            raise Refused(f"“{clip(link, 60)}” is no link: give one that begins with https:// or a paper's id.")
        return Item(0, url, clip(title_from(url), 200), site(url), kind_of(url))


def first_link(text: str) -> str:
    """The first http(s) address in a text, in its canonical form, or an empty string."""
    for word in text.replace("<", " ").replace(">", " ").split():
        match = re.search(r"https?://", word)
        url = canonical(without_tail(word[match.start() :])) if match else ""
        if _public_name(site(url)):
            return url
    return ""


def _public_name(host: str) -> bool:
    """Whether a host is named as one that others can reach: two words at least, and no blanks."""
    return bool(re.fullmatch(r"[^\s%./:@]+(\.[^\s%./:@]+)+", host))


def _named(issue: Issue) -> str:
    number = f"issue {issue.number}" if issue.number is not None else issue.title
    return f"{number} of {day(issue.dated)}"
