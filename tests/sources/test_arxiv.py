"""arXiv through the real library `arxiv`, over real HTTP, against a server on loopback."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NoSuchPaper, SourceDown
from bot.core.lanes import OwnLanes
from bot.sources.arxiv import AT_ONCE, FOUND, PACE, ArxivSource
from bot.sources.arxiv_answer import hold, read_feed
from bot.sources.arxiv_http import LARGEST, Answer, in_thread
from bot.sources.arxiv_pace import TRIES
from bot.sources.arxiv_titles import title_query
from tests.fakes.arxiv_feeds import INVOLUTION, LARGE_N, FeedPaper, error_feed, feed
from tests.fakes.arxiv_server import ArxivServer, Reply
from tests.fakes.clock import START, FakeClock

LIMIT = timedelta(seconds=5)
SHORT = timedelta(seconds=0.1)
WHOLE = feed([INVOLUTION])


@pytest.fixture
async def server() -> AsyncIterator[ArxivServer]:
    """A server that knows the project's own papers."""
    async with ArxivServer() as server:
        yield server


def chance(seed: int) -> random.Random:
    """Chance that is the same each time."""
    return random.Random(seed)  # noqa: S311 # jitter, not secrets


def source(server: ArxivServer, clock: FakeClock | None = None, limit: timedelta = LIMIT) -> ArxivSource:
    """The source on that server; without a clock of the test's own, waits are over at once."""
    return ArxivSource(server.url, limit, clock or FakeClock(hurried=True), chance=chance(1))


async def test_a_paper_arrives_with_all_its_facts(server: ArxivServer) -> None:
    """Version, authors, dates, categories, comment, DOI and journal are those of the feed."""
    paper = await source(server).fetch("hep-th/9711200")
    assert (paper.id, paper.version, paper.title) == ("hep-th/9711200", 3, LARGE_N.title)
    assert paper.authors == ("Juan M. Maldacena",)
    assert (paper.published, paper.updated) == (LARGE_N.published, LARGE_N.updated)
    assert paper.abstract.startswith("Theories with many colours, N → ∞, are shown")
    assert (paper.categories, paper.comment, paper.doi, paper.journal, paper.withdrawn) == (
        ("hep-th",),
        "20 pages",
        "10.1023/A:1026654312961",
        "Adv.Theor.Math.Phys.2:231-252,1998",
        False,
    )


async def test_texts_come_as_plain_text(server: ArxivServer) -> None:
    """LaTeX is made readable, line breaks are gone, paragraphs stay, and so does everything hostile."""
    paper = await source(server).fetch("2112.99999")
    assert paper.title == 'A & B < C: "Quoted" *stars* `ticks` @everyone & O(n^2) in Gödel\'s 数学'
    assert paper.authors == ("Ana Müller", "J. Świft & Co.", "李雷", "<b>Bold</b> Name")
    assert paper.abstract.split("\n\n") == [
        "First, for all x<y & y>z, that 1/n∑_{i=1}^n w_i ≤ α.",
        "Second, <@123456789012345678>, <!channel> and <script>alert(1)</script> at 5%.",
        "Third, 日本語 and a right-to-left mark \u200f.",
    ]


async def test_per_cent_signs_in_an_abstract_end_nothing(server: ArxivServer) -> None:
    """An abstract with `1.6%` goes on after it."""
    paper = await source(server).fetch("2103.06255")
    assert paper.abstract.endswith("right 1.6% more often, and costs 66% as much.")
    assert "\n" not in paper.abstract


async def test_a_version_is_asked_for_by_name(server: ArxivServer) -> None:
    """Without a version the newest comes; with one, that one."""
    papers = source(server)
    assert (await papers.fetch("2103.06255")).version == 2
    first = await papers.fetch("2103.06255", 1)
    assert (first.version, first.abstract) == (1, "An earlier telling of the same.")
    assert server.asked == ["2103.06255", "2103.06255v1"]


async def test_a_withdrawal_shows(server: ArxivServer) -> None:
    """What arXiv says in the comment alone makes the paper a withdrawn one."""
    assert (await source(server).fetch("1905.00828")).withdrawn


async def test_the_subject_class_of_an_old_id_is_not_asked_for(server: ArxivServer) -> None:
    """The API finds nothing under `math.GT/0309136`, so the class is dropped."""
    assert (await source(server).fetch("math.GT/0309136")).id == "math/0309136"
    assert server.asked == ["math/0309136"]


@pytest.mark.parametrize(("paper_id", "version"), [("abc", None), ("", None), ("2113.00001", None), ("2103.06255", 0)])
async def test_what_is_no_id_is_not_asked(server: ArxivServer, paper_id: str, version: int | None) -> None:
    """The API would refuse it, so no request is made."""
    with pytest.raises(NoSuchPaper):
        await source(server).fetch(paper_id, version)
    assert server.asked == []


@pytest.mark.parametrize(
    ("paper_id", "version", "text"),
    [
        ("2103.11111", None, "arXiv has no paper 2103.11111."),
        ("2103.06255", 9, "arXiv has no version 9 of 2103.06255."),
    ],
)
async def test_an_empty_feed_means_no_such_paper(
    server: ArxivServer, paper_id: str, version: int | None, text: str
) -> None:
    """The API answered, and has none: said in a sentence, after one request."""
    with pytest.raises(NoSuchPaper) as caught:
        await source(server).fetch(paper_id, version)
    assert str(caught.value) == text
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("published", [True, False])
async def test_a_refused_id_means_no_such_paper(server: ArxivServer, status: int, published: bool) -> None:
    """An error entry about an id, dated or not, with either status, is no paper and no outage."""
    server.script(Reply(error_feed("incorrect id format for 2103.06255", published=published), status))
    with pytest.raises(NoSuchPaper):
        await source(server).fetch("2103.06255")
    assert len(server.asked) == 1


PASSING = {
    "rate exceeded, with 200": Reply(b"Rate exceeded.", content_type="text/plain"),
    "an empty body": Reply(b""),
    "a page of HTML": Reply(b"<!DOCTYPE html><html><body>Maintenance</body></html>", content_type="text/html"),
    "a page of XHTML": Reply(b"<html xmlns='http://www.w3.org/1999/xhtml'/>", content_type="text/html"),
    "a feed that broke off": Reply(WHOLE[: len(WHOLE) // 2]),
    "a feed that broke off after the paper": Reply(feed([INVOLUTION, LARGE_N])[:-200]),
    "no feed of the paper it found": Reply(feed(total=1)),
    "a declaration of entities": Reply(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + WHOLE),
    "an encoding nobody knows": Reply(b"<?xml version='1.0' encoding='x-none'?><feed/>"),
    "status 429": Reply(b"Rate exceeded.", 429),
    "status 503": Reply(b"", 503),
    "status 406": Reply(b"Not acceptable", 406),
    "status 403, with a paper": Reply(WHOLE, 403),
    "a connection closed at once": Reply(reset=True),
    "a connection closed half-way": Reply(WHOLE, cut=300),
    "a connection closed before the body": Reply(WHOLE, cut=0),
    "a body without an end": Reply(b" " * (LARGEST + 1)),
}


@pytest.mark.parametrize("name", PASSING)
async def test_what_is_no_answer_is_asked_for_again(server: ArxivServer, name: str) -> None:
    """An answer that is none proves nothing: the next one counts."""
    server.script(PASSING[name])
    assert (await source(server).fetch("2103.06255")).version == 2
    assert len(server.asked) == 2


@pytest.mark.parametrize("name", PASSING)
async def test_without_an_answer_arxiv_is_down(server: ArxivServer, name: str) -> None:
    """After a few tries the error is `SourceDown`, in a sentence that names no library."""
    server.script(*[PASSING[name]] * TRIES)
    with pytest.raises(SourceDown, match=r"^arXiv cannot help just now: .* try again in a few minutes\.$"):
        await source(server).fetch("2103.06255")
    assert len(server.asked) == TRIES


FINAL = {
    "status 404": Reply(b"", 404),
    "an error that is not about the id": Reply(error_feed("max_results must be non-negative"), 400),
    "another paper": Reply(feed([LARGE_N])),
    "another version": Reply(feed([FeedPaper("2103.06255", 7)])),
    "an entry without a date": Reply(WHOLE.replace(b"published>", b"printed>")),
    "an entry with a bad date": Reply(WHOLE.replace(b"2021-03-10T18:40:46Z", b"Wed, 10 Mar 2021")),
    "an entry without an id": Reply(WHOLE.replace(b"http://arxiv.org/abs/2103.06255v2", b"")),
    "an entry without a title": Reply(feed([FeedPaper("2103.06255", 2, title=" ")])),
}


@pytest.mark.parametrize("name", FINAL)
async def test_an_answer_that_would_stay_the_same_is_not_asked_for_again(server: ArxivServer, name: str) -> None:
    """A refusal, or a feed without what we need, is `SourceDown` at once."""
    server.script(FINAL[name])
    with pytest.raises(SourceDown):
        await source(server).fetch("2103.06255", 2)
    assert len(server.asked) == 1


async def test_results_go_by_their_id_not_their_place(server: ArxivServer) -> None:
    """Of several entries ours is taken, wherever it stands, with no second request."""
    server.script(Reply(feed([LARGE_N, INVOLUTION], total=7)))
    assert (await source(server).fetch("2103.06255")).title == INVOLUTION.title
    assert len(server.asked) == 1


async def test_the_primary_category_comes_first(server: ArxivServer) -> None:
    """Categories keep their order behind the primary one, each once."""
    body = feed([FeedPaper("2103.00001", categories=("cs.AI", "cs.LG"))])
    server.script(Reply(body.replace(b'primary_category term="cs.AI"', b'primary_category term="cs.LG"')))
    assert (await source(server).fetch("2103.00001")).categories == ("cs.LG", "cs.AI")


async def test_a_redirect_is_followed(server: ArxivServer) -> None:
    """An address that moved costs one request more."""
    server.script(Reply(status=301, headers={"Location": f"{server.url}?id_list=2103.06255"}))
    assert (await source(server).fetch("2103.06255")).version == 2


async def test_the_cause_is_kept() -> None:
    """Whatever the libraries raise is the cause of our error; nobody listens, and that is said."""
    async with ArxivServer() as gone:
        papers = source(gone)
    with pytest.raises(SourceDown, match="cannot be reached") as caught:
        await papers.fetch("2103.06255")
    assert type(caught.value.__cause__).__name__ == "ConnectionError"


async def test_a_server_that_says_nothing_is_given_up(server: ArxivServer) -> None:
    """The limit holds for an answer that does not come."""
    never = asyncio.Event()
    server.script(*[Reply(wait=never)] * TRIES)
    with pytest.raises(SourceDown, match="in time") as caught:
        await source(server, limit=SHORT).fetch("2103.06255")
    assert isinstance(caught.value.__cause__, Exception)


async def test_a_server_that_trickles_is_given_up(server: ArxivServer) -> None:
    """The limit holds for the whole answer, however often a byte of it comes."""
    server.script(*[Reply(WHOLE, trickle=0.001)] * TRIES)
    with pytest.raises(SourceDown, match="in time"):
        await source(server, limit=SHORT).fetch("2103.06255")


async def test_requests_keep_their_distance(server: ArxivServer) -> None:
    """Two at once are sent one after the other, `PACE` apart."""
    clock = FakeClock()
    papers = source(server, clock)
    both = asyncio.gather(papers.fetch("2103.06255"), papers.fetch("hep-th/9711200"))
    await clock.somebody_sleeps()
    assert len(server.asked) == 1
    assert clock.sleepers == (START + PACE,)
    clock.advance(PACE)
    assert [each.id for each in await both] == ["2103.06255", "hep-th/9711200"]


async def test_a_clock_set_back_does_not_stop_the_lane(server: ArxivServer) -> None:
    """After the clock was set back an hour, the next request waits for `PACE` at most."""
    clock = FakeClock(hurried=True)
    papers = source(server, clock)
    await papers.fetch("2103.06255")
    clock.move_to(START - timedelta(hours=1))
    await papers.fetch("hep-th/9711200")
    assert clock.slept == [PACE]


async def test_waits_between_tries_grow_and_differ(server: ArxivServer) -> None:
    """The second wait is longer than the first, and chance shifts both."""
    waits = []
    for seed in (1, 2):
        clock = FakeClock(hurried=True)
        server.script(*[Reply(status=503)] * 3)
        papers = ArxivSource(server.url, LIMIT, clock, pace=timedelta(0), chance=chance(seed))
        with pytest.raises(SourceDown):
            await papers.fetch("2103.06255")
        waits.append(clock.slept)
    assert all(first < second for first, second in waits)
    assert waits[0] != waits[1]


@pytest.mark.parametrize("value", ["20", "Mon, 22 Mar 2021 09:00:20 GMT"])
async def test_retry_after_is_obeyed(server: ArxivServer, value: str) -> None:
    """Seconds or a date: not before then."""
    clock = FakeClock()
    server.script(Reply(status=429, headers={"Retry-After": value}))
    answer = asyncio.create_task(source(server, clock).fetch("2103.06255"))
    await clock.somebody_sleeps()
    assert clock.sleepers == (START + timedelta(seconds=20),)
    clock.advance(timedelta(seconds=20))
    assert (await answer).version == 2


async def test_retry_after_holds_for_everyone(server: ArxivServer) -> None:
    """Somebody else's look-up does not go ahead while arXiv wants to be left alone."""
    clock = FakeClock()
    papers = source(server, clock)
    server.script(Reply(status=429, headers={"Retry-After": "20"}))
    both = asyncio.gather(papers.fetch("2103.06255"), papers.fetch("hep-th/9711200"))
    await clock.somebody_sleeps(2)
    assert clock.sleepers == (START + timedelta(seconds=20),) * 2
    clock.advance(timedelta(seconds=20))
    await clock.somebody_sleeps()
    clock.advance(PACE)
    assert [each.id for each in await both] == ["2103.06255", "hep-th/9711200"]


async def test_a_long_retry_after_holds_everyone_back(server: ArxivServer) -> None:
    """Nobody waits ten minutes for an answer, and nobody asks in them."""
    clock = FakeClock(hurried=True)
    papers = source(server, clock)
    server.script(Reply(status=503, headers={"Retry-After": "600"}))
    for paper_id in ("2103.06255", "hep-th/9711200"):
        with pytest.raises(SourceDown):
            await papers.fetch(paper_id)
    assert len(server.asked) == 1
    clock.advance(timedelta(seconds=600))
    assert (await papers.fetch("hep-th/9711200")).version == 3


async def test_a_queue_before_a_dead_server_is_let_go(server: ArxivServer) -> None:
    """Who waited too long behind others that got no answer is told at once."""
    clock = FakeClock(hurried=True)
    papers = ArxivSource(server.url, LIMIT, clock, patience=timedelta(seconds=5))
    server.script(*[Reply(status=503)] * 20)
    answers = await asyncio.gather(*(papers.fetch("2103.06255") for _ in range(10)), return_exceptions=True)
    assert all(isinstance(each, SourceDown) for each in answers)
    assert len(server.asked) < 6


async def test_whoever_gives_up_leaves_the_lane_free(server: ArxivServer) -> None:
    """A cancelled look-up holds nobody up."""
    papers = source(server, FakeClock(hurried=True))
    hanging = asyncio.Event()
    server.script(Reply(WHOLE, wait=hanging))
    first = asyncio.create_task(papers.fetch("2103.06255"))
    await server.requests(1)
    first.cancel()
    assert (await papers.fetch("hep-th/9711200")).version == 3
    hanging.set()


async def test_a_closed_source_asks_nothing(server: ArxivServer) -> None:
    """After `close` there is no request."""
    papers = source(server)
    await papers.close()
    with pytest.raises(SourceDown):
        await papers.fetch("2103.06255")
    assert server.asked == []


async def test_the_work_is_done_in_a_thread_that_keeps_nothing_alive() -> None:
    """A lost answer does not keep the process from ending: the thread is a daemon."""
    assert await in_thread(lambda: threading.current_thread().daemon)


async def test_many_papers_cost_one_request(server: ArxivServer) -> None:
    """Several ids, in any order and of any style, are told apart in one answer; what is no id is not asked."""
    papers = source(server)
    found = await papers.fetch_many(["2103.06255", "abc", "hep-th/9711200", "2103.11111", "math.GT/0309136"])
    assert {each: paper.id for each, paper in found.items()} == {
        each: each for each in ("2103.06255", "hep-th/9711200", "math/0309136")
    }
    assert found["2103.06255"].version == 2
    assert server.asked == ["2103.06255,hep-th/9711200,2103.11111,math/0309136"]
    assert await papers.fetch_many(["nothing", ""]) == {}
    assert len(server.asked) == 1


async def test_very_many_papers_are_asked_for_in_parts(server: ArxivServer) -> None:
    """No address grows beyond `AT_ONCE` ids, each request waits its turn, and nobody is asked for twice."""
    clock = FakeClock(hurried=True)
    ids = [f"2101.{number:05}" for number in range(1, AT_ONCE + 2)]
    server.papers |= {each: FeedPaper(each) for each in ids}
    found = await source(server, clock).fetch_many(ids * 2)
    assert list(found) == sorted(ids[:-1], reverse=True) + ids[-1:]
    assert [len(each.split(",")) for each in server.asked] == [AT_ONCE, 1]
    assert clock.slept == [PACE]


async def test_a_batch_that_is_no_answer_is_asked_for_again(server: ArxivServer) -> None:
    """Throttling is no proof that there are no such papers; nor is a batch of entries that say too little."""
    server.script(Reply(b"Rate exceeded."))
    assert len(await source(server).fetch_many(["2103.06255", "hep-th/9711200"])) == 2
    server.script(Reply(feed([INVOLUTION, LARGE_N]).replace(b"published>", b"printed>")))
    with pytest.raises(SourceDown):
        await source(server).fetch_many(["2103.06255", "hep-th/9711200"])


async def test_an_entry_that_says_too_little_spoils_no_other(server: ArxivServer) -> None:
    """Of a batch with a broken entry the others arrive."""
    server.script(Reply(feed([INVOLUTION]).replace(b"</entry>", b"</entry><entry><id>x</id></entry>")))
    assert list(await source(server).fetch_many(["2103.06255", "hep-th/9711200"])) == ["2103.06255"]


async def test_papers_are_found_by_their_title(server: ArxivServer) -> None:
    """The one with just this title comes first, then those that begin with it, wherever arXiv puts them."""
    server.papers = {
        each: FeedPaper(each, title=title)
        for each, title in (
            ("2101.00001", "Why Attention is All you Need in a Name"),
            ("2101.00002", "Attention Is All You Need in Speech"),
            ("1706.03762", "Attention Is All You Need"),
        )
    }
    hits = await source(server).search("attention is ALL you need!", 2)
    assert [each.id for each in hits] == ["1706.03762", "2101.00002"]
    assert server.asked == ['ti:"attention is all you need" OR (ti:attention AND ti:need)']
    assert server.queries[0]["max_results"] == str(FOUND)


async def test_a_title_that_nobody_gave_is_not_found(server: ArxivServer) -> None:
    """An empty list is an answer; signs without a word are not even asked."""
    assert await source(server).search("no such title", 5) == ()
    assert await source(server).search('"):(', 5) == ()
    assert len(server.asked) == 1


async def test_a_search_that_broke_off_is_tried_again(server: ArxivServer) -> None:
    """Hits that were counted and not sent prove nothing."""
    server.script(*[Reply(feed(total=4))] * TRIES)
    with pytest.raises(SourceDown):
        await source(server).search("involution", 5)


async def test_processes_share_one_lane(server: ArxivServer) -> None:
    """Two sources with the same lanes ask one after the other, `PACE` apart."""
    clock = FakeClock()
    lanes = OwnLanes()
    first, second = (ArxivSource(server.url, LIMIT, clock, lanes=lanes, chance=chance(1)) for _ in range(2))
    hanging = asyncio.Event()
    server.script(Reply(WHOLE, wait=hanging))
    one = asyncio.create_task(first.fetch("2103.06255"))
    await server.requests(1)
    two = asyncio.create_task(second.fetch("hep-th/9711200"))
    await clock.somebody_sleeps()
    clock.advance(PACE)
    await clock.somebody_sleeps()
    assert len(server.asked) == 1
    hanging.set()
    await one
    clock.advance(PACE)
    assert (await two).id == "hep-th/9711200"


async def test_what_arxiv_asks_of_one_process_holds_for_all(server: ArxivServer) -> None:
    """A long `Retry-After` keeps another process from asking too."""
    clock = FakeClock(hurried=True)
    lanes = OwnLanes()
    server.script(Reply(status=429, headers={"Retry-After": "600"}))
    for _ in range(2):
        with pytest.raises(SourceDown):
            await ArxivSource(server.url, LIMIT, clock, lanes=lanes, chance=chance(1)).fetch("2103.06255")
    assert len(server.asked) == 1


async def test_a_process_that_died_holds_nobody_up_for_long(server: ArxivServer) -> None:
    """A lane that was taken and never given back is free when a request's longest time is over."""
    clock = FakeClock(hurried=True)
    lanes = OwnLanes()
    await lanes.take("arxiv", START, START + LIMIT)
    assert (await ArxivSource(server.url, LIMIT, clock, lanes=lanes).fetch("2103.06255")).version == 2
    assert clock.now() == START + LIMIT


@given(st.text(max_size=60))
def test_any_title_makes_a_query_that_means_no_more(title: str) -> None:
    """Only words, `ti:`, `AND`, `OR` and the quotes and brackets around them are in it."""
    query = title_query(title)
    assert re.fullmatch(r'(?:ti:"[^\W_]+(?: [^\W_]+)*"(?: OR \(ti:[^\W_]+(?: AND ti:[^\W_]+)+\))?)?', query)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("", None), ("0", None), ("soon", None), ("-1", None), ("9" * 99, None), ("7", 7), ("9" * 9, 86400)),
        *(("Mon, 22 Mar 2021 08:00:00 GMT", None), ("Mon, 22 Mar 2021 09:01:00 -0000", 60)),
    ],
)
def test_retry_after_is_read_with_care(value: str, seconds: int | None) -> None:
    """Nonsense and the past ask for nothing; no wait is longer than a day."""
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert hold(Answer(429, {"Retry-After": value}, b""), START) == expected


@given(st.text(max_size=40))
def test_any_retry_after_is_taken(value: str) -> None:
    """No header, however odd, raises or asks for less than nothing."""
    held = hold(Answer(429, {"Retry-After": value}, b""), START)
    assert held is None or timedelta(0) < held <= timedelta(days=1)


@given(st.binary(max_size=200) | st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end]))
def test_any_body_is_a_whole_feed_or_none(body: bytes) -> None:
    """Only the whole of a feed is one."""
    assert (read_feed(body) is not None) == (body == WHOLE)
