"""Who wins a vote: the rules, by property and by example."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.ballots import KEYCAPS, ballot_posts, elect
from bot.core.model import Ballot, Item, Kind, Newsletter, Nomination, Rules, Schedule
from bot.core.plain import plain
from bot.core.post import Card

START = datetime(2026, 11, 16, 9, tzinfo=UTC)


def nomination(number: int, votes: int = 0, section: str = "Papers", hours: int = 0, **more: bool) -> Nomination:
    item = Item(number, f"https://example.org/{number}", f"Item {number}", "example.org", Kind.ARTICLE)
    at = START + timedelta(hours=hours)
    return Nomination(number, 1, item, number, section, at, votes=votes, **more)  # type: ignore[arg-type]  # flags


@st.composite
def ballots(draw: st.DrawFn) -> tuple[Nomination, ...]:
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 6), st.sampled_from(["Papers", "Articles", "Tools"]), st.integers(0, 5),
                st.booleans(), st.booleans(),
            ),
            max_size=25,
        )
    )  # fmt: skip
    return tuple(
        nomination(n, votes, section, hours, pinned=pinned and votes == 6, dropped=dropped and votes == 5)
        for n, (votes, section, hours, pinned, dropped) in enumerate(rows, 1)
    )


rules = st.builds(Rules, st.integers(1, 8), st.integers(1, 5), st.integers(1, 4))


@given(ballots(), rules)
def test_winners_keep_every_limit(nominations: tuple[Nomination, ...], rules: Rules) -> None:
    """Winners have votes enough, are few enough, and no section has more than its share."""
    election = elect(nominations, rules)
    won = [each for each in election.winners if not each.pinned]
    assert all(each.votes >= rules.threshold and not each.dropped for each in won)
    assert len(won) <= rules.picks
    assert all(of_one <= rules.per_section for of_one in Counter(each.section for each in won).values())


@given(ballots(), rules)
def test_whoever_loses_has_a_reason(nominations: tuple[Nomination, ...], rules: Rules) -> None:
    """No loser could take a place: too few votes, no place left, or the section is full of better ones."""
    election = elect(nominations, rules)
    won = [each for each in election.winners if not each.pinned]
    for loser in election.rest:
        full = [each for each in won if each.section == loser.section]
        assert (
            loser.votes < rules.threshold
            or len(won) == rules.picks
            or (len(full) == rules.per_section and all(each.votes >= loser.votes for each in full))
        )


@given(ballots(), rules)
def test_each_nomination_ends_in_one_place(nominations: tuple[Nomination, ...], rules: Rules) -> None:
    """Everything that was not dropped either wins or is carried over, and the receipt names it."""
    election = elect(nominations, rules)
    ids = [each.id for each in (*election.winners, *election.rest)]
    assert sorted(ids) == [each.id for each in nominations if not each.dropped]
    receipt = "\n".join(election.receipt)
    assert all(each.heading in receipt for each in nominations)


@given(ballots(), rules, st.randoms())
def test_the_order_in_which_a_ballot_is_read_does_not_matter(
    nominations: tuple[Nomination, ...], rules: Rules, chance: random.Random
) -> None:
    """Shuffled nominations give the same winners in the same order."""
    shuffled = list(nominations)
    chance.shuffle(shuffled)
    pinned = [each.id for each in elect(nominations, rules).winners if not each.pinned]
    assert [each.id for each in elect(shuffled, rules).winners if not each.pinned] == pinned


@given(ballots(), rules)
def test_one_more_vote_never_costs_the_place(nominations: tuple[Nomination, ...], rules: Rules) -> None:
    """A winner that had got another vote would have won too."""
    for winner in elect(nominations, rules).winners:
        more = [replace(each, votes=each.votes + 1) if each is winner else each for each in nominations]
        assert winner.id in [each.id for each in elect(more, rules).winners]


def test_ties_go_to_the_earlier_nomination() -> None:
    """Of equal votes the one nominated first wins, wherever it stands, and the receipt says so."""
    late, early = nomination(1, votes=3, hours=5), nomination(2, votes=3, hours=1)
    election = elect((late, early), Rules(picks=1))
    assert election.winners == (early,)
    assert "Of equal votes, the earlier nomination went first." in election.receipt


def test_pinned_items_come_first_and_take_no_place() -> None:
    """What an editor pinned is in with no vote at all, beside as many winners as ever."""
    pinned = nomination(3, pinned=True)
    election = elect((nomination(1, votes=2), nomination(2, votes=4), pinned), Rules(picks=2))
    assert [each.id for each in election.winners] == [3, 2, 1]


def test_a_ballot_has_ten_nominations_a_message() -> None:
    """Twenty-one nominations make three messages, each with keycaps from one on, nothing lost."""
    newsletter = Newsletter(1, "The Paper", Schedule(0, START.time(), "UTC"), next_slot=START)
    ballot = Ballot(1, 1, 4, START)
    posts = ballot_posts(newsletter, ballot, [nomination(n) for n in range(1, 22)])
    assert [len(post.reactions) for post in posts] == [10, 10, 1]
    assert posts[2].reactions == KEYCAPS[:1]
    titles = [card.title[0].label for post in posts for card in post.blocks if isinstance(card, Card)]  # type: ignore[union-attr]  # a link
    assert titles == [f"Item {n}" for n in range(1, 22)]


def test_an_empty_ballot_says_how_to_nominate() -> None:
    """A ballot with nothing on it is one message that names the command, and asks for no votes."""
    newsletter = Newsletter(1, "The Paper", Schedule(0, START.time(), "UTC"))
    (post,) = ballot_posts(newsletter, Ballot(1, 1, 1, START), ())
    assert "/nominate" in plain(post)
    assert post.reactions == ()


def test_a_closed_ballot_shows_its_receipt_and_takes_no_votes() -> None:
    """Once closed, the message has no reactions to offer and says what was counted."""
    newsletter = Newsletter(1, "The Paper", Schedule(0, START.time(), "UTC"))
    election = elect([nomination(1, votes=2)], Rules())
    ballot = Ballot(1, 1, 1, START, START + timedelta(days=7), election.receipt)
    (post,) = ballot_posts(newsletter, ballot, [nomination(1, votes=2)])
    assert post.reactions == ()
    assert "In, with 2 votes: Item 1." in plain(post)
