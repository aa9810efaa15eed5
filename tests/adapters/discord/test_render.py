from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.discord.render import custom_id, fit, pressed, to_json, view
from bot.core.post import (
    Button,
    Card,
    Heading,
    Link,
    Paragraph,
    Post,
)
from tests.adapters.discord.posts import buttons, long_texts, posts, texts
from tests.adapters.discord.reader import texts as displays
from tests.fakes.discord_checks import check_message, units, walk


@given(posts(long_texts))
@settings(max_examples=60)
def test_every_message_is_within_the_limits(post: Post) -> None:
    """Whatever a post holds, each of its messages keeps to Discord's limits, counted here and by the fake's rules."""
    for message in fit(post):
        payload = to_json(message, key="0123456789abcdef0123")
        check_message(payload)
        everything = list(walk(payload["components"]))
        assert len(everything) <= 40
        assert sum(units(text) for text in displays(payload)) <= 4000
        assert payload["allowed_mentions"] == {"parse": []}
        assert view(message).total_children_count <= 40


@given(posts(long_texts))
@settings(max_examples=40)
def test_what_fits_is_left_alone(post: Post) -> None:
    """A post that was made to fit fits: it comes back as it is."""
    for message in fit(post):
        assert fit(message) == (message,)


@given(posts(texts), st.integers(0, 30))
@settings(max_examples=60)
def test_buttons_stand_below_the_last_message(post: Post, number: int) -> None:
    """Every button that has a custom_id is there once, in rows of five, below the last of the text."""
    extra = tuple(Button(f"B{n}", "paper", (("n", str(n)),)) for n in range(number))
    post = Post(post.title, post.blocks, (*post.buttons, *extra))
    messages = [to_json(message) for message in fit(post)]
    ids = [[each["custom_id"] for each in walk(message["components"]) if each["type"] == 2] for message in messages]
    shown = [pressed(each) for here in ids for each in here]
    for button in post.buttons:
        if custom_id(button) is not None:
            assert (button.command, dict(button.options)) in shown
    with_text = [n for n, message in enumerate(messages) if displays(message)]
    assert all(not here or n >= max(with_text, default=0) for n, here in enumerate(ids))


@given(buttons)
def test_a_custom_id_is_read_back(button: Button) -> None:
    """A button's custom_id is short and plain, and tells the command and its options again."""
    name = custom_id(button)
    if name is not None:
        assert name.isascii()
        assert len(name) <= 100
        assert pressed(name) == (button.command, dict(button.options))


@given(st.text())
def test_a_foreign_custom_id_is_not_ours(name: str) -> None:
    """What is no button of the bot's is told from one, and nothing in it is an error."""
    assert pressed(name) is None or name.startswith("bs:")
    pressed(f"bs:{name}")


def test_a_button_with_an_address_too_long_is_left_out() -> None:
    """An arXiv paper's address fits a custom_id; a button whose address does not is not shown."""
    paper = Button("Nominate", "nominate", (("link", "https://arxiv.org/abs/cond-mat.mtrl-sci/0301001v12"),))
    other = Button("Nominate", "nominate", (("link", "https://a.example/" + "x" * 100),))
    (message,) = fit(Post("", (Paragraph(("x",)),), (other, paper)))
    assert message.buttons == (paper,)
    assert custom_id(other) is None


def test_a_ballot_stays_one_message() -> None:
    """A ballot's page with long notes and addresses is shortened, never split: every item and reaction stays."""
    cards = tuple(
        Card(
            (Link(f"{n} " + "title " * 30, f"https://a.example/{n}/" + "x" * 900),),
            ((f"note {n} " + "y" * 490,),),
            ("Papers · a.example",),
            mark="1️⃣",
        )
        for n in range(10)
    )
    post = Post("Ballot", (Heading(("Ballot",), 1), *cards), (Button("Standing", "ballot"),), ("1️⃣", "2️⃣"))
    (message,) = fit(post)
    check_message(to_json(message))
    kept = [block for block in message.blocks if isinstance(block, Card)]
    titles = [node.label if isinstance(node, Link) else node for each in kept for node in each.title]
    assert [str(title)[:2] for title in titles] == [f"{n} " for n in range(10)]
    assert message.reactions == post.reactions
    assert message.buttons == post.buttons


def test_a_ballot_that_fits_is_not_shortened() -> None:
    """Nothing is taken from a ballot's page that is within the limits."""
    cards = tuple(Card((f"Title {n}",), (("note",),)) for n in range(10))
    post = Post("Ballot", cards, reactions=("1️⃣",))
    assert fit(post) == (post,)


def test_only_the_called_role_is_woken() -> None:
    """The role that a post calls is mentioned above its first message alone; what is written in a post wakes nobody."""
    post = Post("", (Paragraph(("@everyone <@&1> " * 600,)),), mention="4711", crosspost=True)
    first, *rest = fit(post)
    payload = to_json(first)
    assert payload["allowed_mentions"] == {"parse": [], "roles": [4711]}
    assert displays(payload)[0] == "<@&4711>"
    assert rest
    assert not any(each.mention or each.crosspost for each in rest)
    assert to_json(Post("", mention="S012SLACK"))["allowed_mentions"] == {"parse": []}


def test_an_empty_post_still_says_something() -> None:
    """Discord takes no empty message, so a post without blocks shows its title."""
    assert displays(to_json(Post("Nothing *yet*"))) == ["Nothing \\*yet\\*"]
    assert displays(to_json(Post("", (Paragraph(("\u0000",)),)))) == ["…"]
