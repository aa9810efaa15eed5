from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.slack.buttons import decode, usable, value
from bot.adapters.slack.fitting import fit
from bot.adapters.slack.render import fallback, message, to_blocks
from bot.core.post import Button, Card, Heading, Link, Paragraph, Post
from tests.adapters.slack.posts import buttons, long_texts, posts, texts
from tests.adapters.slack.reader import read, strings
from tests.fakes.slack_blocks import check_message

KEY = "0123456789abcdef0123"


def pressed(post: Post) -> list[tuple[str, dict[str, str]] | None]:
    """What the buttons of one message run."""
    actions = [each for each in to_blocks(post) if each["type"] == "actions"]
    return [decode(button["value"]) for each in actions for button in each["elements"]]


@given(posts(long_texts))
@settings(max_examples=60)
def test_every_message_is_within_the_limits(post: Post) -> None:
    """Whatever a post holds, each of its messages keeps to Slack's limits, counted here and by the fake's rules."""
    for each in fit(post):
        payload = message(each, KEY)
        check_message(payload["blocks"], lambda _: True)
        assert len(payload["blocks"]) <= 50
        assert len(json.dumps(payload["blocks"])) <= 13_000
        assert max(map(len, strings(payload))) <= 3000
        assert payload["text"].strip()
        assert (payload["unfurl_links"], payload["unfurl_media"]) == (False, False)


@given(posts(long_texts))
@settings(max_examples=40)
def test_what_fits_is_left_alone(post: Post) -> None:
    """A post that was made to fit fits: it comes back as it is."""
    for each in fit(post):
        assert fit(each) == (each,)


@given(posts(texts), st.integers(0, 30))
@settings(max_examples=60)
def test_buttons_stand_below_the_last_message(post: Post, number: int) -> None:
    """Every button that Slack can show is there once, below the last of the text."""
    extra = tuple(Button(f"B{n}", "paper", (("n", str(n)),)) for n in range(number))
    post = Post(post.title, post.blocks, (*post.buttons, *extra))
    messages = fit(post)
    shown = [each for here in messages for each in pressed(here)]
    assert shown == [(each.command, dict(each.options)) for each in usable(post.buttons)]
    with_text = [n for n, each in enumerate(messages) if each.blocks]
    assert all(not each.buttons or n >= max(with_text, default=0) for n, each in enumerate(messages))


@given(buttons)
def test_a_buttons_value_is_read_back(button: Button) -> None:
    """A button's value is short, and tells the command and its options again."""
    made = value(button)
    if made is not None:
        assert len(made) <= 2000
        assert decode(made) == (button.command, dict(button.options))


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_a_foreign_value_is_not_ours(foreign: str) -> None:
    """What is no button of the bot's is told from one, and nothing in it is an error."""
    assert decode(foreign) is None
    assert decode("[" * 100_000) is None
    assert decode('{"command": "ballot", "options": {"n": 1}}') is None


def test_a_button_with_an_address_too_long_is_left_out() -> None:
    """A button whose options are longer than Slack keeps them is not shown; the others are."""
    paper = Button("Nominate", "nominate", (("link", "https://arxiv.org/abs/2103.06255"),), primary=True)
    other = Button("Nominate", "nominate", (("link", "https://a.example/" + "x" * 2000),))
    (made,) = fit(Post("", (Paragraph(("x",)),), (other, paper)))
    assert made.buttons == (paper,)
    (button,) = to_blocks(made)[-1]["elements"]
    assert (button["action_id"], button["style"], button["text"]["text"]) == ("command:0", "primary", "Nominate")


def test_a_ballot_stays_one_message() -> None:
    """A ballot's page with long notes and addresses is shortened, never split: every item and reaction stays."""
    cards = tuple(
        Card(
            (Link(f"{n} " + "题目 " * 60, f"https://a.example/{n}/" + "x" * 900),),
            ((f"note {n} " + "注" * 490,),),
            ("Papers · a.example",),
            mark="1️⃣",
        )
        for n in range(10)
    )
    post = Post("Ballot", (Heading(("Ballot",), 1), *cards), (Button("Standing", "ballot"),), ("1️⃣", "2️⃣"))
    (made,) = fit(post)
    check_message(to_blocks(made, KEY), lambda _: True)
    kept = [block for block in made.blocks if isinstance(block, Card)]
    titles = [node.label if isinstance(node, Link) else node for each in kept for node in each.title]
    assert [str(title)[:2] for title in titles] == [f"{n} " for n in range(10)]
    assert (made.reactions, made.buttons) == (post.reactions, post.buttons)


def test_a_ballot_of_ten_is_not_shortened() -> None:
    """Ten nominations with titles, notes and pictures as people leave them are one message as they are."""
    cards = tuple(
        Card((Link("A title of some eighty letters, as titles of papers tend to have " + str(n), f"https://arxiv.org/abs/2103.0{n}"),),
             (("A note of a sentence or two, that says why the others should read it as well. " * 2,),),
             ("Papers · arxiv.org · nominated by Ada Lovelace",), mark="1️⃣")
        for n in range(10)
    )  # fmt: skip
    post = Post("Ballot", (Heading(("Ballot 7",), 1), *cards), (Button("Standing", "ballot"),), reactions=("1️⃣",))
    assert fit(post) == (post,)


def test_only_the_called_group_is_woken() -> None:
    """The user group that a post calls is mentioned above its first message alone; a role of elsewhere is not."""
    post = Post("", (Paragraph(("<!channel> <!subteam^S1> " * 900,)),), mention="S012AB3CD", crosspost=True)
    first, *rest = fit(post)
    assert to_blocks(first)[0]["elements"][0]["elements"] == [{"type": "usergroup", "usergroup_id": "S012AB3CD"}]
    assert rest
    assert not any(each.mention or each.crosspost for each in rest)
    assert read(to_blocks(first)).active["usergroup"] == 1
    assert to_blocks(Post("", (Paragraph(("x",)),), mention="4711"))[0]["elements"][0]["elements"][0]["text"] == "x"


def test_the_key_travels_twice() -> None:
    """A delivery's key stands in the message's metadata, and in the id of its first block."""
    payload = message(Post("Head", (Paragraph(("x",)),)), KEY)
    assert payload["metadata"] == {"event_type": "broadsheet_delivery", "event_payload": {"key": KEY}}
    assert payload["blocks"][0]["block_id"] == f"broadsheet-{KEY}"
    assert "metadata" not in message(Post("Head"))


def test_an_empty_post_still_says_something() -> None:
    """Slack takes no empty message, so a post without blocks shows its title."""
    assert read(to_blocks(Post("Nothing *yet*"))).text.strip() == "Nothing *yet*"
    assert read(to_blocks(Post("\u0000", (Paragraph(("\u0000",)),)))).text.strip() == "…"
    assert fallback(Post("")) == "…"


def test_the_stand_in_text_says_the_title_once() -> None:
    """Notifications and screen readers get the title and then the words, links written out, within Slack's limit."""
    post = Post("Paper #12", (Heading(("Paper #12",), 1), Paragraph(("Read ", Link("this", "https://a.example/?a&b")))))
    assert fallback(post) == "Paper #12\n\nRead this &lt;https://a.example/?a&amp;b&gt;"
    assert len(fallback(Post("&" * 9000))) <= 3000
