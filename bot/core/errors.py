"""Errors as the product knows them; each edge turns what its libraries raise into one of these.

`str(error)` is one sentence that a person may read.
"""

from __future__ import annotations

from datetime import datetime, timedelta


class BroadsheetError(Exception):
    """Anything that went wrong in a way we have a sentence for."""


class Refused(BroadsheetError):
    """What was asked cannot be done as asked; the sentence says why and what would do."""


class NotANewsletter(BroadsheetError):
    """A text or file holds no newsletter; the sentence says what it holds instead."""


class NoSuchPaper(BroadsheetError):
    """The source was asked, answered, and has no such paper."""


class SourceDown(BroadsheetError):
    """The source did not give a usable answer: try later."""


class Unreadable(BroadsheetError):
    """A page cannot be read, or may not be asked for; the sentence says why."""


class StoreError(BroadsheetError):
    """The store cannot be used; the sentence says why and what would help."""


class SendLater(BroadsheetError):
    """The platform did not take a message and may take it later.

    uncertain: it may have taken it after all (a time-out, a broken connection).
    retry_after: how long the platform asked us to wait, if it did. everywhere: in all its channels, not this one alone.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: timedelta | None = None,
        uncertain: bool = False,
        everywhere: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.uncertain = uncertain
        self.everywhere = everywhere


class PictureRefused(BroadsheetError):
    """The platform would take the message, but not with its pictures."""


class Undeliverable(BroadsheetError):
    """The platform will never take this message as it is."""


class ChannelGone(BroadsheetError):
    """The channel cannot be posted to until somebody changes something there."""


class MessageGone(BroadsheetError):
    """The message has been deleted on the platform."""


class EditsSpent(BroadsheetError):
    """The platform takes no further edit of this message for a long while."""


class SlotTaken(BroadsheetError):
    """The slot has been dealt with already."""

    def __init__(self, slot: datetime) -> None:
        super().__init__(f"the slot {slot.isoformat()} has been dealt with already")
