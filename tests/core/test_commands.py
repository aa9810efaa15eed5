"""Commands: from a typed line to options with values."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.commands import Command, File, Option, OptionKind, Request, find, parse, place, read
from bot.core.errors import Refused
from bot.core.post import Answer, sentence

SECTIONS = ("Papers", "Machine learning", "Machine tools")


async def _nothing(_: object, __: Request) -> Answer:
    return sentence("done")


NOMINATE = Command(
    "nominate",
    "",
    _nothing,
    (
        Option("link", "", OptionKind.LINK, required=True),
        Option("section", "", OptionKind.SECTION),
        Option("note", ""),
    ),
)
SETUP = Command(
    "newsletter setup",
    "",
    _nothing,
    (
        Option("name", ""),
        Option("weekday", "", OptionKind.WEEKDAY),
        Option("time", "", OptionKind.TIME),
        Option("zone", "", OptionKind.ZONE),
        Option("picks", "", OptionKind.WHOLE, minimum=1, maximum=50),
        Option("review", "", OptionKind.FLAG),
        Option("file", "", OptionKind.FILE),
    ),
)
PAPER = Command("paper", "", _nothing, (Option("reference", "", OptionKind.REFERENCE, required=True),))
MOVE = Command(
    "item move",
    "",
    _nothing,
    (
        Option("item", "", OptionKind.NOMINATION, required=True, minimum=1),
        Option("section", "", OptionKind.SECTION, required=True),
    ),
)
TABLE = (NOMINATE, SETUP, PAPER, MOVE, Command("help", "", _nothing))


def placed(line: str) -> dict[str, str]:
    return place(parse(TABLE, line), SECTIONS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/nominate https://example.org", {"link": "https://example.org"}),
        (
            "/nominate https://example.org machine learning so good",
            {"link": "https://example.org", "section": "machine learning", "note": "so good"},
        ),
        (
            "/nominate https://example.org Papersmith wrote it",
            {"link": "https://example.org", "note": "Papersmith wrote it"},
        ),
        ("/nominate https://example.org Note:so good", {"link": "https://example.org", "note": "so good"}),
        ("/nominate https://example.org so good", {"link": "https://example.org", "note": "so good"}),
        (
            "/nominate note:so: good section:Papers link:https://a.b",
            {"link": "https://a.b", "section": "Papers", "note": "so: good"},
        ),
        ('/nominate https://a.b note:"quoted words"', {"link": "https://a.b", "note": "quoted words"}),
        ("/paper the one  arXiv:2103.06255 v2", {"reference": "the one  arXiv:2103.06255 v2"}),
        ("/item move 2 Papers", {"item": "2", "section": "Papers"}),
        ("/ITEM Move 2 nowhere", {"item": "2", "section": "nowhere"}),
        ("/help", {}),
        (
            "/newsletter setup The Paper of ours weekday:Tuesday time:9:30",
            {"name": "The Paper of ours", "weekday": "Tuesday", "time": "9:30"},
        ),
    ],
)
def test_words_find_their_options(line: str, expected: dict[str, str]) -> None:
    """Loose words fill options in order, named ones take all up to the next name, sections may have blanks."""
    assert placed(line) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/nominat x", "There is no command /nominat"),
        ("/newsletter", "/newsletter takes a second word: /newsletter setup."),
        ("/newsletter stup", "There is no command /newsletter stup: there are /newsletter setup."),
        ("/", "That is no command"),
        ("", "That is no command"),
        ("/help me", "I do not know what “me” is for: /help"),
    ],
)
def test_what_is_no_command_is_said_in_a_sentence(line: str, said: str) -> None:
    """An unknown command, or words that nothing takes, are named together with what there is."""
    with pytest.raises(Refused) as refused:
        placed(line)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("weekday", "mon", 0),
        ("weekday", "SUNDAY", 6),
        ("time", "9:05", time(9, 5)),
        ("time", "23.59", time(23, 59)),
        ("zone", "europe/berlin", "Europe/Berlin"),
        ("zone", "america/new york", "America/New_York"),
        ("picks", "50", 50),
        ("review", "Yes", True),
        ("review", "off", False),
        ("name", " A ", "A"),
    ],
)
def test_values_are_read_by_kind(option: str, value: str, expected: object) -> None:
    """A value comes out as its kind has it, whatever its case."""
    found = SETUP.option(option)
    assert found is not None
    assert read(found, value, SECTIONS) == expected


@pytest.mark.parametrize(
    ("option", "value", "takes"),
    [
        ("weekday", "mo", "a weekday such as Monday"),
        ("time", "24:00", "a time such as 09:00"),
        ("zone", "Mars/Base", "an IANA time zone such as Europe/Berlin"),
        ("picks", "51", "a whole number from 1 to 50"),
        ("picks", "٣", "a whole number from 1 to 50"),
        ("review", "maybe", "yes or no"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_do(option: str, value: str, takes: str) -> None:
    """The sentence names the option, the value and what it takes."""
    found = SETUP.option(option)
    assert found is not None
    with pytest.raises(Refused) as refused:
        read(found, value, SECTIONS)
    assert str(refused.value) == f"{option} takes {takes}, not “{value}”."


def test_a_section_is_known_by_its_beginning_unless_two_share_it() -> None:
    """“papers” and “machine l” name sections; “machine” could be either and names none."""
    section = NOMINATE.option("section")
    assert section is not None
    assert read(section, "papers", SECTIONS) == "Papers"
    assert read(section, "machine l", SECTIONS) == "Machine learning"
    with pytest.raises(Refused, match="one of the sections Papers, Machine learning, Machine tools"):
        read(section, "machine", SECTIONS)


@given(st.text())
def test_any_line_is_placed_or_refused(text: str) -> None:
    """Whatever is typed gives options of the command or one sentence, never anything else."""
    for line in (text, f"/nominate {text}", f"/newsletter setup {text}", f"/item move {text}"):
        try:
            values = placed(line)
        except Refused:
            continue
        else:
            assert set(values) <= {option.name for command in TABLE for option in command.options}


def test_usage_shows_what_may_be_left_out() -> None:
    """Required options stand in capitals, the others in brackets."""
    assert NOMINATE.usage == "/nominate LINK [section] [note]"
    assert find(TABLE, "help").usage == "/help"


def test_a_request_gives_options_by_type() -> None:
    """An option that was left out, or has another type, is empty."""
    file = File("a.md", b"")
    request = Request(None, SETUP, {"picks": 3, "review": True, "time": time(9), "file": file})  # type: ignore[arg-type]  # no caller needed
    assert (request.whole("picks"), request.flag("review"), request.time("time")) == (3, True, time(9))
    assert (request.text("name"), request.whole("name"), request.file("file")) == ("", None, file)
