"""What the outside must fulfil: the clock, the chat platforms, the paper source, the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.core.feeds import Feed, FeedAnswer, FeedEntry, Found
from bot.core.model import (
    Ballot,
    CachedExtras,
    CachedPaper,
    Channel,
    Delivery,
    DeliveryKind,
    Extras,
    Issue,
    Item,
    Member,
    Message,
    Newsletter,
    Nomination,
    Page,
    Paper,
    Subscription,
)
from bot.core.parsed import ParsedIssue
from bot.core.post import Post
from bot.core.references import Reference


class Clock(Protocol):
    """The present, which core never asks anyone else for."""

    def now(self) -> datetime:
        """The present, in UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return at the moment, or at once if it has passed; a clock that is moved counts."""
        ...


class Chat(Protocol):
    """A chat platform, as the core sees it.

    Every method raises `SendLater` where trying again may help, `ChannelGone` where it will not, and
    `MessageGone` where the message was deleted.
    """

    @property
    def platform(self) -> str:
        """The platform's name, as in `Channel.platform`."""
        ...

    async def send(self, channel: Channel, post: Post, key: str, thread: str | None = None) -> str:
        """Post a message that carries `key` unseen, in the thread below message `thread` if given.

        Returns the message's id. Raises `PictureRefused` too.
        """
        ...

    async def find(self, channel: Channel, key: str, since: datetime, thread: str | None = None) -> str | None:
        """The id of the message that carries `key` among those sent since then, or None."""
        ...

    async def edit(self, message: Message, post: Post) -> None:
        """Make the message show this post."""
        ...

    async def seed(self, message: Message, emojis: Sequence[str]) -> None:
        """Put the bot's own reactions on the message, in order; those that are there stay."""
        ...

    async def reactions(self, message: Message) -> Mapping[str, Collection[Member]]:
        """Who reacted with what, bots left out."""
        ...


Fits = Mapping[str, Callable[[Post], Sequence[Post]]]
"""By platform: a post as as many posts as messages are needed for it there, nothing lost."""


class PaperSource(Protocol):
    """Where papers are looked up."""

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        """The paper, in its newest version or the given one; raises `NoSuchPaper` or `SourceDown`."""
        ...


class PaperIndex(PaperSource, Protocol):
    """A source of papers that can be asked for many at once, and by their titles."""

    async def fetch_many(self, paper_ids: Sequence[str]) -> Mapping[str, Paper]:
        """The newest versions of those papers that it gives, by id; raises `SourceDown`.

        A paper that is left out may exist all the same.
        """
        ...

    async def search(self, title: str, limit: int) -> tuple[Paper, ...]:
        """Papers with a title like this, the likeliest first; raises `SourceDown`."""
        ...


class ExtrasSource(Protocol):
    """An index that adds to what a paper's source says."""

    async def fetch(self, reference: Reference) -> Extras:
        """What it says of the paper, nothing where it does not know it; raises `SourceDown`."""
        ...


class PageReader(Protocol):
    """Where pages are looked at that members link to."""

    async def read(self, url: str) -> Page:
        """What the page at an address says of itself; raises `Unreadable`."""
        ...


class NewsletterSource(Protocol):
    """Where newsletters that were written elsewhere are read.

    Every method raises `NotANewsletter` for what holds no items, and `Unreadable` where nothing comes.
    """

    async def read_file(self, name: str, content: bytes) -> Found:
        """What a file holds."""
        ...

    async def read_link(self, url: str, *, every: bool = False) -> Found:
        """The issue that an address leads to, or the latest of its feed; `every` reads all that the feed has."""
        ...

    async def ask(self, feed: Feed) -> FeedAnswer | None:
        """What a feed says, or None if nothing has changed since it was asked last."""
        ...

    async def read_entry(self, entry: FeedEntry) -> tuple[ParsedIssue, ...]:
        """The issue in an entry of a feed, or on its page."""
        ...


class Newsletters(Protocol):
    """Newsletters, the channels that get them, their editors and slots."""

    async def add(self, newsletter: Newsletter) -> Newsletter:
        """Keep a new newsletter; its id is given here."""
        ...

    async def save(self, newsletter: Newsletter) -> None:
        """Keep a changed newsletter."""
        ...

    async def get(self, newsletter_id: int) -> Newsletter:
        """The newsletter with this id."""
        ...

    async def all(self) -> tuple[Newsletter, ...]:
        """Every newsletter, oldest first."""
        ...

    async def due(self, now: datetime) -> tuple[Newsletter, ...]:
        """Newsletters whose `next_at` has come."""
        ...

    async def next_due(self) -> datetime | None:
        """The earliest `next_at` there is."""
        ...

    async def of_channel(self, channel: Channel) -> Newsletter | None:
        """The newsletter that this channel gets."""
        ...

    async def of_community(self, platform: str, community: str) -> tuple[Newsletter, ...]:
        """The newsletters with a channel in this community."""
        ...

    async def subscribe(self, subscription: Subscription) -> None:
        """Let a channel get a newsletter (or none but this one any more); lifts a suspension."""
        ...

    async def unsubscribe(self, channel: Channel) -> None:
        """Let the channel get nothing any more."""
        ...

    async def suspend(self, channel: Channel, reason: str) -> None:
        """Send nothing to the channel until it is subscribed again."""
        ...

    async def forget(self, newsletter_id: int) -> None:
        """Delete a newsletter and all that belongs to it."""
        ...

    async def subscriptions(self, newsletter_id: int) -> tuple[Subscription, ...]:
        """The newsletter's channels, suspended ones among them."""
        ...

    async def editors(self, newsletter_id: int, platform: str, community: str) -> tuple[Member, ...]:
        """The editors named in this community."""
        ...

    async def set_editors(self, newsletter_id: int, platform: str, community: str, editors: Sequence[Member]) -> None:
        """Name the community's editors, instead of those named before."""
        ...

    async def take_slot(self, newsletter_id: int, slot: datetime, outcome: str) -> None:
        """Mark a slot as dealt with; raises `SlotTaken` if it was. Outcome: draft, published, empty, skipped."""
        ...

    async def last_slot(self, newsletter_id: int) -> datetime | None:
        """The latest slot dealt with."""
        ...


class Communities(Protocol):
    """Communities that the bot was in, and what it keeps of them."""

    async def left(self, platform: str, community: str, at: datetime) -> None:
        """Note when the bot left a community; the first time stands until it returns."""
        ...

    async def returned(self, platform: str, community: str) -> None:
        """Forget that the bot had left."""
        ...

    async def left_before(self, moment: datetime) -> tuple[tuple[str, str], ...]:
        """The communities, as (platform, community), that the bot left before then and has not returned to."""
        ...

    async def forget(self, platform: str, community: str) -> None:
        """Delete the community's channels and editors, and the newsletters that no other community has."""
        ...


class Marks(Protocol):
    """Small facts that an adapter keeps from one start to the next, by key."""

    async def get(self, key: str) -> str | None:
        """The value kept under this key."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep a value, in place of the one before."""
        ...

    async def take(self, key: str) -> str | None:
        """The value kept under this key, which is kept no longer: of two who take it, one gets it."""
        ...

    async def under(self, prefix: str) -> Mapping[str, str]:
        """Every key that begins with the prefix, with its value."""
        ...


class Items(Protocol):
    """Items, one for each canonical URL."""

    async def ensure(self, item: Item) -> Item:
        """The kept item with this URL, made from `item` if there is none; a title that stood in for one is replaced."""
        ...

    async def by_url(self, url: str) -> Item | None:
        """The item with this canonical URL."""
        ...

    async def get(self, item_id: int) -> Item | None:
        """The item with this id."""
        ...


class Ballots(Protocol):
    """Ballots, nominations and the reactions that are votes."""

    async def open(self, newsletter_id: int, at: datetime) -> Ballot:
        """Open the newsletter's next ballot; the store refuses a second open one."""
        ...

    async def current(self, newsletter_id: int) -> Ballot | None:
        """The open ballot."""
        ...

    async def get(self, ballot_id: int) -> Ballot:
        """The ballot with this id."""
        ...

    async def last_closed(self, newsletter_id: int) -> Ballot | None:
        """The ballot closed last."""
        ...

    async def close(self, ballot_id: int, at: datetime, receipt: Sequence[str]) -> None:
        """Close the ballot, once: no vote counts from now on."""
        ...

    async def nominate(self, nomination: Nomination) -> Nomination:
        """Add a nomination at the ballot's next position (`position` and `id` are given here)."""
        ...

    async def save(self, nomination: Nomination) -> None:
        """Keep what an editor changed: title, summary, section, pinned, dropped."""
        ...

    async def nominations(self, ballot_id: int) -> tuple[Nomination, ...]:
        """The ballot's nominations by position, with their standing."""
        ...

    async def note(self, delivery_id: int, changes: Mapping[tuple[int, Member], bool]) -> tuple[int, int]:
        """Note reactions of one message, by nomination id and member, that stand (True) or stand no more (False).

        Returns how many votes were made by it and how many fell. A closed ballot takes none.
        """
        ...

    async def vote(self, delivery_id: int, nomination_id: int, member: Member) -> bool:
        """Note a reaction; True if it made a vote, False if one stood already or the ballot is closed."""
        ...

    async def withdraw(self, delivery_id: int, nomination_id: int, member: Member) -> bool:
        """Forget a reaction; True if the vote fell with it, False if another message still holds it."""
        ...

    async def reactions(self, delivery_id: int) -> frozenset[tuple[int, Member]]:
        """The reactions noted for one ballot message, as (nomination id, member)."""
        ...

    async def votes(self, ballot_id: int) -> frozenset[tuple[int, Member]]:
        """Every vote that stands, as (nomination id, member)."""
        ...


class Issues(Protocol):
    """Issues: drafts, published ones, those read in from elsewhere."""

    async def add(self, issue: Issue) -> Issue:
        """Keep a new issue; its id is given here. The store refuses a second one for a slot or number."""
        ...

    async def save(self, issue: Issue) -> None:
        """Keep a changed issue, entries and all."""
        ...

    async def get(self, issue_id: int) -> Issue:
        """The issue with this id."""
        ...

    async def next_number(self, newsletter_id: int) -> int:
        """The number after the highest there is, drafts counted."""
        ...

    async def has_number(self, newsletter_id: int, number: int) -> bool:
        """Whether an issue, draft or published, has this number."""
        ...

    async def draft(self, newsletter_id: int) -> Issue | None:
        """The draft that waits for its editors."""
        ...

    async def latest(self, newsletter_id: int) -> Issue | None:
        """The published issue of the latest date."""
        ...

    async def recent(self, newsletter_id: int, limit: int) -> tuple[Issue, ...]:
        """Published issues, latest first."""
        ...

    async def numbered(self, newsletter_id: int, number: int) -> Issue | None:
        """The published issue of this number, else the latest one of this week of a year."""
        ...

    async def by_source(self, newsletter_id: int, source_url: str) -> Issue | None:
        """The issue read in from this address."""
        ...

    async def by_title(self, newsletter_id: int, title: str) -> Issue | None:
        """The issue read in under this title from no known address."""
        ...

    async def having(self, newsletter_id: int, url: str) -> tuple[Issue, ...]:
        """Published issues that print the item with this canonical URL, latest first."""
        ...


class Outbox(Protocol):
    """Deliveries: written by the transaction that decides on a message, sent by the publisher."""

    async def put(self, delivery: Delivery) -> Delivery:
        """Keep a new delivery; the store refuses a second one for (kind, subject, channel, part)."""
        ...

    async def notice(self, newsletter_id: int, at: datetime, text: str) -> int:
        """Keep a notice to the newsletter's editors; returns its id, a subject for deliveries."""
        ...

    async def notices(self, newsletter_id: int, limit: int) -> tuple[tuple[datetime, str], ...]:
        """The notices written last, latest first."""
        ...

    async def due(self, now: datetime, limit: int, platforms: Collection[str]) -> tuple[Delivery, ...]:
        """Deliveries to these platforms whose time has come, and which have nothing to wait for.

        A reply waits for its head, and a message for an earlier one of its channel that was tried and put off.
        """
        ...

    async def next_due(self, platforms: Collection[str]) -> datetime | None:
        """The earliest `next_at` there is, of deliveries that `due` would give."""
        ...

    async def release(self, now: datetime) -> int:
        """Have every delivery that was claimed, and not put off since, come up now; returns how many there were."""
        ...

    async def hold(self, channel: Channel, until: datetime) -> None:
        """Let nothing that waits for the channel come up before then."""
        ...

    async def get(self, delivery_id: int) -> Delivery:
        """The delivery with this id."""
        ...

    async def save(self, delivery: Delivery) -> None:
        """Keep what became of a delivery."""
        ...

    async def of(self, kind: DeliveryKind, subject: int) -> tuple[Delivery, ...]:
        """The deliveries of an issue, a ballot or a notice, by channel and part."""
        ...

    async def head(self, part: Delivery) -> str | None:
        """The id of the message in whose thread an issue's part stands."""
        ...

    async def by_message(self, message: Message) -> Delivery | None:
        """The delivery that this message is."""
        ...

    async def troubled(self, newsletter_id: int) -> tuple[Delivery, ...]:
        """Deliveries that failed, or were tried more than once and still wait."""
        ...


class Lanes(Protocol):
    """Ways to outside services that one may take at a time, over all processes that share the store."""

    async def take(self, name: str, now: datetime, until: datetime) -> datetime:
        """Take the lane until then at the latest, if it is free.

        Returns `now` where it was, else when it will be, which may turn out earlier. No clock that is set back
        makes anyone wait for longer than was meant.
        """
        ...

    async def free(self, name: str, now: datetime, at: datetime) -> None:
        """Let the next one take the lane from `at` on."""
        ...


class Papers(Protocol):
    """Papers looked up before."""

    async def get(self, paper_id: str, version: int | None = None) -> CachedPaper | None:
        """The paper as kept: this version, or the newest one kept."""
        ...

    async def put(self, paper: Paper, fetched_at: datetime, *, newest: bool) -> None:
        """Keep a paper; `newest` when it answers for the paper without a version."""
        ...

    async def extras(self, paper: Reference) -> CachedExtras | None:
        """The paper's extras as kept."""
        ...

    async def put_extras(self, paper: Reference, extras: Extras, fetched_at: datetime) -> None:
        """Keep a paper's extras."""
        ...


class Feeds(Protocol):
    """Feeds that newsletters follow, and the entries of each that have been dealt with."""

    async def follow(self, feed: Feed, known: Collection[str]) -> Feed:
        """Follow a feed, whose entries so far are known; one that the newsletter follows already is kept as it is."""
        ...

    async def unfollow(self, feed_id: int) -> None:
        """Follow the feed no longer."""
        ...

    async def of(self, newsletter_id: int) -> tuple[Feed, ...]:
        """The feeds that a newsletter follows, oldest first."""
        ...

    async def due(self, now: datetime) -> tuple[Feed, ...]:
        """Feeds whose `next_at` has come, the one that waits longest first."""
        ...

    async def next_due(self) -> datetime | None:
        """The earliest `next_at` there is."""
        ...

    async def get(self, feed_id: int) -> Feed | None:
        """The feed with this id, if it is still followed."""
        ...

    async def save(self, feed: Feed) -> None:
        """Keep what became of asking a feed; one that is followed no longer stays so."""
        ...

    async def known(self, feed_id: int) -> frozenset[str]:
        """The ids of the entries that have been dealt with."""
        ...

    async def take(self, feed_id: int, entry: str) -> bool:
        """Mark an entry as dealt with; False if it was, or if its feed is followed no longer."""
        ...


class Previews(Protocol):
    """What was read in and shown to an editor, who has not said yet what becomes of it."""

    async def put(self, newsletter_id: int, key: str, at: datetime, content: str) -> None:
        """Keep a preview."""
        ...

    async def take(self, newsletter_id: int, key: str) -> str | None:
        """The preview of this key, which is kept no longer: of two who take it, one gets it."""
        ...

    async def forget(self, before: datetime) -> None:
        """Delete the previews of every newsletter that were kept before then."""
        ...


class Transaction(Protocol):
    """One transaction over everything kept: all of it happens, or none."""

    @property
    def newsletters(self) -> Newsletters:
        """Newsletters and their channels."""
        ...

    @property
    def items(self) -> Items:
        """Items."""
        ...

    @property
    def ballots(self) -> Ballots:
        """Ballots and votes."""
        ...

    @property
    def issues(self) -> Issues:
        """Issues."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Deliveries and notices."""
        ...

    @property
    def communities(self) -> Communities:
        """Communities that the bot has left."""
        ...

    @property
    def marks(self) -> Marks:
        """Small facts by key."""
        ...

    @property
    def lanes(self) -> Lanes:
        """Ways to outside services."""
        ...

    @property
    def papers(self) -> Papers:
        """Papers looked up before."""
        ...

    @property
    def feeds(self) -> Feeds:
        """Feeds that newsletters follow."""
        ...

    @property
    def previews(self) -> Previews:
        """Newsletters read in that wait for an editor's word."""
        ...


class Store(Protocol):
    """Where everything is kept."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Read and write; commits at the end of the block, rolls back when it raises."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Read one consistent state; what is written in it is refused."""
        ...
