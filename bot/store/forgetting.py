"""Deleting a newsletter with all that belongs to it, in the order in which rows refer to each other."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.store import schema
from bot.store.rows import Rows
from bot.store.schema import ballots, deliveries, entries, issues, newsletters, nominations, notices, reactions, votes


async def forget_newsletter(rows: Rows, newsletter_id: int) -> None:
    """Delete the newsletter, its channels, editors, slots, ballots, votes, issues, deliveries, notices and feeds."""
    its_ballots = select(ballots.c.id).where(ballots.c.newsletter_id == newsletter_id)
    its_issues = select(issues.c.id).where(issues.c.newsletter_id == newsletter_id)
    its_nominations = select(nominations.c.id).where(nominations.c.ballot_id.in_(its_ballots))
    await rows.change(delete(votes).where(votes.c.ballot_id.in_(its_ballots)))
    await rows.change(delete(reactions).where(reactions.c.nomination_id.in_(its_nominations)))
    await rows.change(delete(entries).where(entries.c.issue_id.in_(its_issues)))
    its_feeds = select(schema.feeds.c.id).where(schema.feeds.c.newsletter_id == newsletter_id)
    await rows.change(delete(schema.feed_entries).where(schema.feed_entries.c.feed_id.in_(its_feeds)))
    await rows.change(delete(nominations).where(nominations.c.ballot_id.in_(its_ballots)))
    its = (schema.slots, schema.editors, schema.subscriptions, schema.feeds, schema.previews)
    for table in (deliveries, notices, issues, ballots, *its):
        await rows.change(delete(table).where(table.c.newsletter_id == newsletter_id))
    await rows.change(delete(newsletters).where(newsletters.c.id == newsletter_id))
