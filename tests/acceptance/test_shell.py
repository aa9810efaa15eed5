"""The command line, run as a process: what it prints, what it says of mistakes, how it exits."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.model import Item, Kind, Newsletter, Nomination, Schedule
from bot.store import open_store
from tests.acceptance.shell import run
from tests.fakes.arxiv_server import ArxivServer
from tests.world import MONDAY

LETTER = """# Our Letter #7

## Papers

### [Involution](https://arxiv.org/abs/2103.06255?utm_source=mail)

Turns convolution around.

## Tools

### [nanoGPT](https://github.com/karpathy/nanoGPT)

Small enough to read.
"""


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A newsletter of two items in a file."""
    path = tmp_path / "letter.md"
    path.write_text(LETTER, encoding="utf-8")
    return path


async def test_a_newsletter_is_printed_as_json_lines(tmp_path: Path, letter: Path) -> None:
    """One object an issue, with the keys that are promised, links in their canonical form."""
    ended = await run(tmp_path, "import", str(letter), "--json")
    (line,) = ended.out.splitlines()
    issue = json.loads(line)
    assert ended.code == 0
    assert set(issue) == {
        "title", "number", "year", "week", "month", "source_url", "highlights", "sections", "items", "past_issues",
    }  # fmt: skip
    assert [item["url"] for item in issue["items"]] == [
        "https://arxiv.org/abs/2103.06255",
        "https://github.com/karpathy/nanoGPT",
    ]
    assert set(issue["items"][0]) == {
        "section", "title", "url", "arxiv_id", "paper_title", "image", "site", "summary",
    }  # fmt: skip
    assert not (tmp_path / "broadsheet.sqlite").exists()


async def test_what_is_no_newsletter_is_told_and_the_others_go_in(tmp_path: Path, letter: Path) -> None:
    """Empty, binary, huge and absent files get a line each and exit code 1; the good one is kept."""
    empty, binary, huge, absent = (tmp_path / name for name in ("empty.md", "binary.md", "huge.md", "absent.md"))
    empty.write_bytes(b"")
    binary.write_bytes(bytes(range(256)) * 8)
    with huge.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    ended = await run(tmp_path, "import", str(empty), str(binary), str(letter), str(huge), str(absent))
    assert ended.code == 1
    assert [line.split(": ")[0] for line in ended.err.splitlines()] == [str(p) for p in (empty, binary, huge, absent)]
    assert "Our Letter #7, 2 items, read in as issue 7 of Broadsheet" in ended.out


async def test_issues_of_one_file_are_numbered_in_their_order(tmp_path: Path) -> None:
    """The oldest first, whatever their order in the file; a name of two lines is told on one."""
    weeks = [f"## Week of {day} March 2021\n\n- [Paper {day}](https://a.test/{day}): it works.\n" for day in (22, 15)]
    many = tmp_path / "many\nweeks.md"
    many.write_text("\n".join(weeks), encoding="utf-8")
    told = (await run(tmp_path, "import", str(many))).out.splitlines()
    assert ["Week of 15 March" in each and "as issue 1 of" in each for each in told] == [True, False]
    assert ["Week of 22 March" in each and "as issue 2 of" in each for each in told] == [False, True]


async def test_an_import_is_kept_previewed_and_exported(tmp_path: Path, letter: Path) -> None:
    """What was read in is there for the next command; again it is brought up to date, not doubled."""
    assert "read in as issue 7" in (await run(tmp_path, "import", str(letter))).out
    assert "brought up to date as issue 7" in (await run(tmp_path, "import", str(letter))).out
    shown = await run(tmp_path, "preview", "issue", "--number", "7")
    assert "Turns convolution around." in shown.out
    page = await run(tmp_path, "preview", "issue", "--number", "7", "--platform", "web")
    assert 'href="https://arxiv.org/abs/2103.06255"' in page.out
    rows = [json.loads(line) for line in (await run(tmp_path, "export")).out.splitlines()]
    assert len([row for row in rows if row["table"] == "issues"]) == 1


async def test_a_page_and_a_mail_are_read_in_too(tmp_path: Path) -> None:
    """HTML by its name or its beginning, a mail by its headers; a file of several issues keeps each."""
    page = "<html><head><title>Our Page #8</title></head><body><article><h2>Papers</h2>{}</article></body></html>"
    entries = "".join(
        f'<h3><a href="https://example.org/{n}">Entry number {n}</a></h3><p>It says {n}.</p>' for n in range(4)
    )
    (tmp_path / "page.html").write_text(page.format(entries), encoding="utf-8")
    mail = "From: us@example.org\nSubject: Our Mail #9\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
    (tmp_path / "letter.eml").write_text(mail + page.format(entries), encoding="utf-8")
    ended = await run(tmp_path, "import", "page.html", "letter.eml", "--json")
    assert (ended.code, ended.err) == (0, "")
    issues = [json.loads(line) for line in ended.out.splitlines()]
    assert [len(each["items"]) for each in issues] == [4, 4]
    assert issues[0]["items"][0]["url"] == "https://example.org/0"


async def test_papers_are_summed_up_line_by_line(tmp_path: Path) -> None:
    """Each abstract gives its sentence; a line that is none ends it with the line's number."""
    paper = {
        "title": "Sort",
        "abstract": "Sorting is old. We propose a method that sorts lists in linear time. It works.",
    }
    ended = await run(tmp_path, "tldr", given=json.dumps(paper).encode() + b"\n")
    assert json.loads(ended.out) == {"tldr": "We propose a method that sorts lists in linear time."}
    bad = await run(tmp_path, "tldr", given=b'{"abstract": 5}\n')
    assert (bad.code, bad.out) == (1, "")
    assert bad.err.startswith("Line 1 ")


async def test_votes_are_checked_from_a_shell(tmp_path: Path) -> None:
    """A ballot whose standing is the number of its votes is right; one that was tampered with ends in exit code 1."""
    async with open_store(tmp_path / "broadsheet.sqlite") as store, store.transaction() as tx:
        made = await tx.newsletters.add(Newsletter(0, "The Paper", Schedule(0, MONDAY.time(), "UTC")))
        ballot = await tx.ballots.open(made.id, MONDAY)
        item = await tx.items.ensure(Item(0, "https://example.org/a", "A", "example.org", Kind.ARTICLE))
        await tx.ballots.nominate(Nomination(0, ballot.id, item, 0, "Papers", MONDAY))
    right = await run(tmp_path, "check", "votes")
    assert (right.code, right.out.splitlines()[-1]) == (0, "1 ballot checked, 0 wrong")
    with closing(sqlite3.connect(tmp_path / "broadsheet.sqlite")) as file, file:
        file.execute("UPDATE nominations SET votes = 3")
    wrong = await run(tmp_path, "check", "votes")
    assert wrong.code == 1
    assert "The Paper, ballot 1: 3 votes kept, 0 counted" in wrong.out


async def test_a_paper_is_looked_up_and_then_known_without_a_network(tmp_path: Path) -> None:
    """The first answer comes from the source, the second from the store alone."""
    async with ArxivServer() as server:
        first = await run(
            tmp_path, "paper", "arxiv.org/abs/2103.06255", "--json", settings={"BROADSHEET_ARXIV__API_URL": server.url}
        )
        assert server.asked == ["2103.06255"]
    paper = json.loads(first.out)
    assert (paper["id"], paper["version"], paper["withdrawn"]) == ("2103.06255", 2, False)
    again = await run(tmp_path, "paper", "2103.06255", settings={"BROADSHEET_ARXIV__API_URL": "http://127.0.0.1:9/"})
    assert again.code == 0
    assert paper["title"] in again.out


async def test_references_come_line_by_line(tmp_path: Path) -> None:
    """Each line of text gives one JSON list, bad bytes and all."""
    text = "see 2103.06255v2 and 10.1145/3368089.3409741\n\nnothing\n\xff hep-th/9711200".encode("latin-1")
    ended = await run(tmp_path, "refs", given=text)
    assert [json.loads(line) for line in ended.out.splitlines()] == [
        [
            {"kind": "arxiv", "id": "2103.06255", "version": 2},
            {"kind": "doi", "id": "10.1145/3368089.3409741", "version": None},
        ],
        [],
        [],
        [{"kind": "arxiv", "id": "hep-th/9711200", "version": None}],
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "Broadsheet has no platform to run on yet."),
        (["paper", "nothing"], "“nothing” names no paper: give an arXiv id or link, such as 2103.06255, or a title."),
        (["preview"], "The store has no newsletter yet."),
        (["check", "everything"], "Check takes votes."),
        (["preview", "letter"], "Preview shows issue or ballot, for text or web or discord or slack."),
        (["export", "--config", "none.toml"], "none.toml: there is no such file"),
    ],
)
async def test_a_mistake_is_told_on_standard_error(tmp_path: Path, words: list[str], told: str) -> None:
    """Exit code 1, nothing on standard output, no traceback."""
    ended = await run(tmp_path, *words)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(told)
    assert "Traceback" not in ended.err


async def test_a_store_that_is_no_database_is_one_line(tmp_path: Path, letter: Path) -> None:
    """A file of something else is refused and left as it is."""
    store = tmp_path / "broadsheet.sqlite"
    store.write_text("this is no database " * 100)
    ended = await run(tmp_path, "import", str(letter))
    assert ended.code == 1
    assert len(ended.err.splitlines()) == 1
    assert store.read_text() == "this is no database " * 100


async def test_each_command_has_help_worth_reading(tmp_path: Path) -> None:
    """Every command is listed with a sentence, and each one's own help says what it does."""
    overview = (await run(tmp_path, "--help")).out
    for command in ("run", "demo", "import", "paper", "refs", "preview", "export"):
        assert command in overview
    assert "JSON Lines" in (await run(tmp_path, "import", "--help")).out


async def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    """The demo names the port and the option that chooses another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = await run(tmp_path, "demo", "--port", str(port), "--data", str(tmp_path / "demo"))
    assert ended.code == 1
    (line,) = ended.err.splitlines()
    assert str(port) in line
    assert "--port" in line
