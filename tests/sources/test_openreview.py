"""OpenReview through both of its APIs, over real HTTP, against servers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NoSuchPaper, SourceDown
from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind
from bot.sources.openreview import OpenReviewSource, paper_of
from tests.fakes.clock import FakeClock
from tests.fakes.openreview_server import (
    ADAM,
    CHALLENGE,
    FORBIDDEN,
    IMAGE_WORDS,
    MAMBA,
    NONE,
    SWE_BENCH,
    WITHDRAWN,
    OpenReviewServer,
    second,
)

JSON_OF_ANY_KIND = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@dataclass
class Room:
    """Both APIs, and a source that asks them."""

    new: OpenReviewServer
    old: OpenReviewServer
    source: OpenReviewSource


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """The second API with papers of 2024, the first with those before."""
    async with AsyncExitStack() as stack:
        new = await stack.enter_async_context(OpenReviewServer(MAMBA, SWE_BENCH, WITHDRAWN))
        old = await stack.enter_async_context(OpenReviewServer(IMAGE_WORDS, ADAM))
        source = OpenReviewSource(new.url, old.url, timedelta(seconds=5), FakeClock(hurried=True))
        stack.push_async_callback(source.close)
        yield Room(new, old, source)


async def test_a_paper_of_the_second_api_arrives_with_all_its_facts(room: Room) -> None:
    """Title, authors, date, decision, proceedings and file are those of the note; the first API is not asked."""
    paper = await room.source.fetch("VTF8yNQM66")
    assert paper == Paper(
        id="VTF8yNQM66",
        version=1,
        title="SWE-bench: Can Language Models Resolve Real-world Github Issues?",
        authors=("Carlos E Jimenez", "John Yang"),
        abstract="It says so.",
        published=datetime(2024, 1, 16, 12, 57, 52, tzinfo=UTC),
        updated=datetime(2024, 1, 16, 12, 57, 52, tzinfo=UTC),
        kind=ReferenceKind.OPENREVIEW,
        venue="The Twelfth International Conference on Learning Representations",
        decision="ICLR 2024 oral",
        pdf="https://openreview.net/pdf?id=VTF8yNQM66",
    )
    assert paper.url == "https://openreview.net/forum?id=VTF8yNQM66"
    assert room.old.asked == []


async def test_a_paper_of_the_first_api_is_found_there(room: Room) -> None:
    """The fields stand bare there; the abstract keeps its paragraphs, and its formulas are readable."""
    paper = await room.source.fetch("YicbFdNTTy")
    assert paper.title.startswith("An Image is Worth 16x16 Words")
    assert paper.abstract == "Pictures are cut into patches.\n\nA transformer reads 16 × 16 of them as words."
    assert (paper.decision, paper.venue) == ("ICLR 2021 Oral", "International Conference on Learning Representations")
    assert len(room.new.asked) == len(room.old.asked) == 1


async def test_a_decision_that_only_a_reply_has_is_found(room: Room) -> None:
    """Notes name their venue since 2021 only."""
    assert (await room.source.fetch("ryQu7f-RZ")).decision == "Accept (Oral)"


async def test_a_submission_is_in_no_proceedings(room: Room) -> None:
    """What was only submitted has its state, and no book."""
    paper = await room.source.fetch("AL1fq05o7H")
    assert (paper.decision, paper.venue, paper.withdrawn) == ("Submitted to ICLR 2024", "", False)


async def test_a_withdrawal_shows(room: Room) -> None:
    """The venue says so."""
    assert (await room.source.fetch("abcdeFGH01")).withdrawn


@pytest.mark.parametrize("empty", [NONE, (404, {"name": "NotFoundError"})])
async def test_what_neither_api_has_is_no_paper(room: Room, empty: tuple[int, Any]) -> None:
    """Both are asked before that is said."""
    room.new.unknown = room.old.unknown = empty
    with pytest.raises(NoSuchPaper, match=r"^OpenReview has no paper YicbFdNTT0\.$"):
        await room.source.fetch("YicbFdNTT0")
    assert len(room.new.asked) == len(room.old.asked) == 1


async def test_a_paper_that_is_not_public_is_said_to_be(room: Room) -> None:
    """A refusal by OpenReview is no outage."""
    room.new.unknown = FORBIDDEN
    with pytest.raises(NoSuchPaper, match="does not show YicbFdNTT0 to everybody"):
        await room.source.fetch("YicbFdNTT0")


@pytest.mark.parametrize(
    "answer", [CHALLENGE, (403, b"<html>Just a moment</html>"), (200, b"<html>"), (200, {"error": 1}), (418, {})]
)
async def test_what_is_no_answer_proves_nothing(room: Room, answer: tuple[int, Any]) -> None:
    """A challenge, a page in place of JSON or an odd status is an outage, in one sentence."""
    room.new.script(answer)
    with pytest.raises(SourceDown, match=r"^OpenReview cannot help just now: .* again in a few minutes\.$"):
        await room.source.fetch("VTF8yNQM66")


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_is_tried_again(room: Room, status: int) -> None:
    """Once, and then it is said."""
    room.new.script((status, {}))
    assert (await room.source.fetch("VTF8yNQM66")).decision == "ICLR 2024 oral"
    room.new.script((status, {}), (status, {}))
    with pytest.raises(SourceDown, match=f"status {status}"):
        await room.source.fetch("VTF8yNQM66")


async def test_nobody_there_is_said() -> None:
    """The cause is kept."""
    async with OpenReviewServer() as gone:
        pass
    source = OpenReviewSource(gone.url, gone.url, timedelta(seconds=5), FakeClock(hurried=True))
    with pytest.raises(SourceDown, match="cannot be reached") as caught:
        await source.fetch("VTF8yNQM66")
    assert caught.value.__cause__
    await source.close()


@pytest.mark.parametrize("paper_id", ["", "a b", "x" * 50, "../groups"])
async def test_what_is_no_id_is_not_asked(room: Room, paper_id: str) -> None:
    """No request is made."""
    with pytest.raises(NoSuchPaper):
        await room.source.fetch(paper_id)
    assert room.new.asked == []


def test_a_review_is_no_paper() -> None:
    """A note in another's forum, or without a title, is none."""
    assert paper_of(second("reply12345", "A Review", "") | {"forum": "VTF8yNQM66"}, "reply12345") is None
    assert paper_of(second("reply12345", " ", ""), "reply12345") is None


def test_a_note_without_a_date_has_none() -> None:
    """Nor does one whose date makes no sense."""
    note = second("VTF8yNQM66", "T", "") | {"pdate": -5, "cdate": "soon"}
    paper = paper_of(note, "VTF8yNQM66")
    assert paper
    assert paper.precision is Precision.NONE


@given(st.dictionaries(st.sampled_from(("content", "forum", "details", "cdate", "invitation")), JSON_OF_ANY_KIND))
def test_any_note_is_a_paper_or_none(note: dict[str, Any]) -> None:
    """No note, however odd, raises."""
    paper_of(note, "VTF8yNQM66")


@given(st.dictionaries(st.sampled_from(("title", "authors", "abstract", "venue", "_bibtex", "pdf")), JSON_OF_ANY_KIND))
def test_any_content_is_a_paper_or_none(content: dict[str, Any]) -> None:
    """No field, in either form, raises."""
    paper_of({"content": content, "details": {"directReplies": [content, 1]}}, "VTF8yNQM66")


def test_a_paper_came_out_in_the_year_of_its_bibtex() -> None:
    """Submitted in one year and published in the next: the venue's year counts, once the paper is accepted."""
    content = {"title": "T", "venue": "ICLR 2021 Oral", "_bibtex": "@inproceedings{a,\nyear={2021}\n}"}
    note: dict[str, Any] = {"id": "abcdefgh", "cdate": 1_601_308_800_000, "content": content}
    taken, sent = (
        paper_of(note, "abcdefgh"),
        paper_of({**note, "content": {**content, "venue": "Submitted to X"}}, "abcdefgh"),
    )
    assert taken
    assert sent
    assert (taken.published.year, taken.precision) == (2021, Precision.YEAR)
    assert (sent.published.year, sent.precision) == (2020, Precision.DAY)
