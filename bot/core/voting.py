"""Voting: how reactions on ballot messages become votes, as they come in and as they are read again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog

from bot.core.ballots import KEYCAPS, PAGE, SUCCESSOR, is_deleted, post_anew
from bot.core.errors import BroadsheetError, ChannelGone, MessageGone, Refused, SendLater, StoreError
from bot.core.model import Delivery, DeliveryKind, Member, Message
from bot.core.ports import Chat, Store, Transaction
from bot.core.together import Together
from bot.core.unread import Unread

log = structlog.get_logger()

ANSWER = timedelta(minutes=5)
"""A platform that has not told its reactions by then is asked again later. Discord gives 100 members a request,
some four requests a second: 20,000 voters take a minute for each emoji."""

ABREAST = 8
"""So many messages are read at the same time; each platform's adapter keeps its pace by itself."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction that came, or went."""

    message: Message
    emoji: str
    member: Member
    added: bool


@dataclass(frozen=True, slots=True)
class Recount:
    """What reading reactions again came to.

    added: votes that were missing. removed: votes withdrawn unseen. deleted: ballot messages that are gone, whose
    votes stay as they were noted. unread: why messages could not be read.
    """

    added: int = 0
    removed: int = 0
    deleted: int = 0
    unread: tuple[BroadsheetError, ...] = ()

    def __add__(self, other: Recount) -> Recount:
        return Recount(
            self.added + other.added,
            self.removed + other.removed,
            self.deleted + other.deleted,
            self.unread + other.unread,
        )


class Voting:
    """Reactions on ballot messages, as they come in and as they are read again."""

    def __init__(self, store: Store, chats: Mapping[str, Chat]) -> None:
        self._store = store
        self._chats = chats
        self._together = Together(store, self._write)
        self._meanwhile: dict[Message, set[tuple[str, Member]]] = {}
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._abreast = asyncio.Semaphore(ABREAST)
        self._unread = Unread()

    async def reacted(self, message: Message, emoji: str, member: Member, *, added: bool) -> bool:
        """Note a reaction that came or went; False where the message is no ballot's.

        Returns once it is committed, together with all that came at the same time; of one member's reactions
        the later one is noted later. Raises `StoreError` when it could not be kept.
        """
        if emoji not in KEYCAPS:
            async with self._store.snapshot() as tx:
                return await _ballots_delivery(tx, message) is not None
        if message in self._meanwhile:
            self._meanwhile[message].add((emoji, member))
        return await self._together.put(Reaction(message, emoji, member, added))

    async def _write(self, tx: Transaction, reactions: Sequence[Reaction]) -> list[bool]:
        deliveries = {each: await _ballots_delivery(tx, each) for each in dict.fromkeys(r.message for r in reactions)}
        found = {message: delivery for message, delivery in deliveries.items() if delivery}
        options = {message: await _options(tx, delivery) for message, delivery in found.items()}
        changes: dict[int, dict[tuple[int, Member], bool]] = {each.id: {} for each in found.values()}
        for each in reactions:
            if each.message in found and each.emoji in options[each.message]:
                key = (options[each.message][each.emoji], each.member)
                changes[found[each.message].id][key] = each.added
        for delivery_id, noted in changes.items():
            await tx.ballots.note(delivery_id, noted)
        return [each.message in found for each in reactions]

    async def recount(self, ballot_id: int) -> Recount:
        """Read the ballot's reactions again and repair the votes both ways, message by message.

        A message that was deleted keeps its votes, and one that cannot be read keeps them for now; `work` sees to
        both.
        """
        async with self._store.snapshot() as tx:
            deliveries = await tx.outbox.of(DeliveryKind.BALLOT, ballot_id)
        read = await asyncio.gather(*(self._read_again(each) for each in deliveries if each.message_id is not None))
        result = sum(read, Recount(deleted=sum(map(is_deleted, deliveries))))
        log.info(
            "votes read again",
            ballot=ballot_id,
            added=result.added,
            removed=result.removed,
            deleted=result.deleted,
            unread=len(result.unread),
        )
        return result

    async def _read_again(self, delivery: Delivery) -> Recount:
        try:
            async with self._abreast, self._locks.setdefault(delivery.id, asyncio.Lock()):
                result = await self._repair(delivery)
        except MessageGone:
            self._unread.put(delivery.id, timedelta(0))
            return Recount(deleted=1)
        except StoreError:
            raise
        except BroadsheetError as error:
            log.warning("votes not read", delivery=delivery.id, reason=str(error))
            if isinstance(error, SendLater):
                self._unread.put(delivery.id, error.retry_after)
            return Recount(unread=(error,))
        self._unread.done(delivery.id)
        return result

    async def _repair(self, delivery: Delivery) -> Recount:
        assert delivery.message_id is not None
        message = Message(delivery.channel, delivery.message_id)
        # What an event tells while the platform is asked is newer than its answer, and left alone.
        meanwhile = self._meanwhile[message] = set()
        try:
            await self._together.settled()
            seen = await self._ask(message)
            async with self._store.transaction() as tx:
                options = await _options(tx, delivery)
                noted = await tx.ballots.reactions(delivery.id)
                truth = {(options[emoji], each) for emoji, there in seen.items() if emoji in options for each in there}
                newer = {(options[emoji], each) for emoji, each in meanwhile if emoji in options}
                changes = dict.fromkeys(truth - noted - newer, True) | dict.fromkeys(noted - truth - newer, False)
                return Recount(*await tx.ballots.note(delivery.id, changes))
        finally:
            del self._meanwhile[message]

    async def _ask(self, message: Message) -> Mapping[str, Collection[Member]]:
        chat = self._chats.get(message.channel.platform)
        if chat is None:
            raise ChannelGone(f"nobody here speaks to {message.channel.platform}")
        try:
            async with asyncio.timeout(ANSWER.total_seconds()):
                return await chat.reactions(message)
        except TimeoutError as error:
            raise SendLater("there was no answer in time") from error

    async def reread(self, message: Message, now: datetime) -> None:
        """Read one ballot message's reactions again, after more of them changed than events tell.

        The bot's own may have gone with them: they are put back from `now` on.
        """
        async with self._store.snapshot() as tx:
            delivery = await _ballots_delivery(tx, message)
        if delivery is None:
            return
        await self._read_again(delivery)
        async with self._store.transaction() as tx:
            fresh = await tx.outbox.get(delivery.id)
            if fresh.next_at is None and fresh.post.reactions and not is_deleted(fresh):
                await tx.outbox.save(replace(fresh, next_at=now))

    async def deleted(self, message: Message, now: datetime) -> None:
        """Take in that a message was deleted: a ballot's is posted again, its votes kept, and the editors are told."""
        async with self._store.snapshot() as tx:
            delivery = await _ballots_delivery(tx, message)
        if delivery is not None:
            await self._post_anew(delivery.id, now)

    async def _post_anew(self, delivery_id: int, now: datetime) -> None:
        async with self._store.transaction() as tx:
            await post_anew(tx, delivery_id, now)
        self._unread.done(delivery_id)

    async def catch_up(self, platform: str, communities: Collection[str]) -> None:
        """Read the open ballots of these communities again, as their events may have been missed.

        What cannot be read now is read later: `work` sees to it.
        """
        async with self._store.snapshot() as tx:
            found = {each.id for here in communities for each in await tx.newsletters.of_community(platform, here)}
            ballots = [ballot for each in sorted(found) if (ballot := await tx.ballots.current(each))]
        for ballot in ballots:
            await self.recount(ballot.id)

    async def read_all(self) -> None:
        """Read every open ballot again."""
        async with self._store.snapshot() as tx:
            ballots = [await tx.ballots.current(each.id) for each in await tx.newsletters.all()]
        for ballot in ballots:
            if ballot:
                await self.recount(ballot.id)

    async def work(self, now: datetime) -> None:
        """Read again what could not be read before and is due; post anew what turned out to be deleted."""
        await asyncio.gather(*(self._again(each, now) for each in self._unread.due(now)))

    def next_due(self, now: datetime) -> datetime | None:
        """When `work` has something to do again."""
        return self._unread.next_due(now)

    async def _again(self, delivery_id: int, now: datetime) -> None:
        try:
            async with self._store.snapshot() as tx:
                delivery = await tx.outbox.get(delivery_id)
                ballot = await tx.ballots.get(delivery.subject)
        except Refused:
            self._unread.done(delivery_id)
            return
        if delivery.message_id is None or ballot.closed_at is not None:
            self._unread.done(delivery_id)
        elif (await self._read_again(delivery)).deleted:
            await self._post_anew(delivery_id, now)


async def _ballots_delivery(tx: Transaction, message: Message) -> Delivery | None:
    delivery = await tx.outbox.by_message(message)
    return delivery if delivery and delivery.kind is DeliveryKind.BALLOT else None


async def _options(tx: Transaction, delivery: Delivery) -> dict[str, int]:
    """The nominations on this page of the ballot, by the emoji that votes for them."""
    first = delivery.part % SUCCESSOR * PAGE + 1
    return {
        KEYCAPS[each.position - first]: each.id
        for each in await tx.ballots.nominations(delivery.subject)
        if first <= each.position < first + PAGE
    }
