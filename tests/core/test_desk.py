"""The desk: every command as a member or an editor would use it, and everything that can be wrong with one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.model import Channel, Member, Message
from bot.core.post import Form
from bot.core.table import COMMANDS
from tests.world import ADA, BEN, CHEN, EDITORS, INVOLUTION, MONDAY, PAPER, SUNDAY, World, caller, said, world


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[World]:
    """A newsletter set up in a channel."""
    async with world(tmp_path) as made:
        await made.say("/newsletter setup The Paper sections:Papers, Articles, Tools picks:2", ADA)
        await made.work()
        yield made


async def test_setting_up_opens_the_first_ballot(tmp_path: Path) -> None:
    """One command in an empty channel makes a newsletter, schedules it and posts a ballot."""
    async with world(tmp_path) as town:
        told = await town.say("/newsletter setup Our Reading weekday:tue time:8:15 zone:asia/tokyo picks:7", ADA)
        assert "Our Reading comes to this channel" in told
        assert "Tuesday at 08:15, Asia/Tokyo" in told
        assert "up to 7 items with 2 votes or more" in told
        await town.work()
        assert "Nothing nominated yet" in town.texts()[0]


async def test_setting_up_again_changes_what_is_named_and_keeps_the_rest(town: World) -> None:
    """The second setup of a channel is a change: no second newsletter, no second ballot."""
    told = await town.say("/newsletter setup threshold:3", ADA)
    assert "The Paper is changed" in told
    assert "up to 2 items with 3 votes or more" in told
    await town.work()
    assert len(town.chat.sent) == 1


async def test_a_newsletter_comes_to_a_second_channel_by_its_name(town: World) -> None:
    """Setup in another channel with the name joins it; with another name it starts a newsletter beside it."""
    other, third = Channel("web", "town", "other"), Channel("web", "town", "third")
    assert "The Paper comes to this channel" in await town.say("/newsletter setup name:the paper", ADA, other)
    assert "Side Notes comes to this channel" in await town.say("/newsletter setup name:Side Notes", ADA, third)
    await town.work()
    assert [town.texts(each)[0].split("\n")[0] for each in (PAPER, other, third)] == [
        "The Paper: ballot 1",
        "The Paper: ballot 1",
        "Side Notes: ballot 1",
    ]
    told = await town.say("/newsletter setup name:The Paper", ADA, third)
    assert told == "There is a newsletter named The Paper here already: give this one another name."


async def test_a_channel_joins_a_newsletter_as_it_is(town: World) -> None:
    """What the form was filled in with by default does not reset the newsletter that is joined."""
    other = Channel("web", "town", "other")
    await town.say("/newsletter schedule weekday:Friday zone:Asia/Tokyo", ADA)
    told = await town.say("/newsletter setup name:The Paper weekday:Monday time:09:00 zone:UTC picks:9", ADA, other)
    assert "Friday at 09:00, Asia/Tokyo" in told
    assert "up to 2 items" in told


async def test_an_editor_of_one_newsletter_is_asked_before_it_comes_elsewhere(town: World) -> None:
    """Whoever runs the community but is no editor of the newsletter cannot change it by way of another channel."""
    await town.say("/newsletter editors members:<@ben|Ben>", ADA)
    await town.say("/newsletter setup name:Second", BEN, Channel("web", "town", "second"))
    told = await town.say("/newsletter setup name:The Paper picks:1", ADA, Channel("web", "town", "third"))
    assert told == "The Paper has editors of its own: ask one of them to bring it to this channel."


async def test_a_newsletter_without_a_channel_is_taken_up_by_its_name(town: World) -> None:
    """What was made from a shell gets its first channel by setup, with what it has."""
    async with town.store.transaction() as tx:
        made = await tx.newsletters.add(replace(town.desk.defaults, name="From The Shell"))
    other = Channel("web", "town", "other")
    await town.say("/newsletter setup name:from the shell", ADA, other)
    async with town.store.snapshot() as tx:
        assert await tx.newsletters.of_channel(other) is not None
        assert [each.id for each in await tx.newsletters.all()] == [1, made.id]


async def test_setup_without_options_asks_by_a_form_where_there_are_forms(town: World) -> None:
    """The form holds what the newsletter is now."""
    told = await town.say("/newsletter setup", ADA, forms=True)
    assert told.startswith("form newsletter setup: name=The Paper, weekday=Monday, time=09:00, zone=UTC")


async def test_what_is_left_out_is_asked_for(town: World) -> None:
    """A required option that is missing opens a form, or is named where there are none."""
    assert await town.say("/nominate", forms=True) == "form nominate: link=, section=, note="
    assert await town.say("/nominate") == "/nominate needs link: /nominate LINK [section] [note]"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/nominat x", "There is no command /nominat: /help lists what there is."),
        ("/ballot now", "I do not know what “now” is for: /ballot"),
        ("/issue twelve", "number takes a whole number from 0 to 1000000, not “twelve”."),
        ("/issue", "The Paper has no issue yet."),
        ("/issue 3", "The Paper has no issue yet."),
        ("/paper what is this", "“what is this” names no paper I know of: try an arXiv id such as 2103.06255."),
        ("/paper 2103.99999", "arXiv has no paper 2103.99999."),
        ("/nominate nothing", "“nothing” is no link: give one that begins with https:// or a paper's id."),
        ("/nominate https://a.org section:X", "section takes one of the sections Papers, Articles, Tools, not “X”."),
        ("/newsletter pause", "/newsletter pause is for the editors: /newsletter editors says who they are."),
        ("/item pin 1", "/item pin is for the editors: /newsletter editors says who they are."),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_one_friendly_sentence(town: World, line: str, told: str) -> None:
    """An unknown command, a wrong option or a missing right is named, with what would do."""
    assert await town.say(line) == told


async def test_a_channel_without_a_newsletter_says_how_to_get_one(tmp_path: Path) -> None:
    """Members learn that an editor can start one."""
    async with world(tmp_path) as town:
        for line in ("/ballot", "/issue", "/nominate https://a.org"):
            assert await town.say(line) == (
                "This channel has no newsletter yet: an editor can start one with /newsletter setup."
            )


async def test_another_channel_of_the_community_means_its_only_newsletter(town: World) -> None:
    """Commands work beside the newsletter's own channel, and not in another community."""
    beside, abroad = Channel("web", "town", "talk"), Channel("web", "abroad", "talk")
    assert "The Paper: how ballot 1 stands" in await town.say("/ballot", channel=beside)
    assert "no newsletter yet" in await town.say("/ballot", channel=abroad)


async def test_a_failure_of_ours_is_a_sentence_with_a_number(town: World) -> None:
    """The asker reads no traceback, but a number that stands in the log too."""

    async def fail(*_: object) -> object:
        raise ZeroDivisionError

    broken = replace(town.desk, commands=(replace(COMMANDS[0], handler=fail),))  # type: ignore[arg-type]  # it never returns
    told = said(await broken.typed(caller(BEN), "/paper 2103.06255"))
    assert told.startswith("Something went wrong here; it is in the log as ")
    assert "ZeroDivisionError" not in told


async def test_a_paper_is_shown_and_says_where_it_stands(town: World) -> None:
    """Before, on the ballot, and after it was in an issue."""
    assert "Involution" in await town.say("/paper arxiv.org/abs/2103.06255v1")
    await town.say("/nominate 2103.06255")
    assert "ballot" in (await town.say("/paper 2103.06255")).casefold()
    await town.work()
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    assert "issue 1" in (await town.say("/paper 2103.06255")).casefold()


async def test_a_link_is_nominated_once_whatever_its_form(town: World) -> None:
    """Abstract page, PDF, another version and the bare id are one item; the second try names its place."""
    assert "On the ballot as number 1, in Papers." in await town.say("/nominate https://arxiv.org/pdf/2103.06255v2.pdf")
    for form in ("2103.06255", "https://arxiv.org/abs/2103.06255v1", "https://www.alphaxiv.org/abs/2103.06255"):
        assert "on the ballot already, as number 1" in await town.say(f"/nominate {form}")


async def test_what_an_issue_had_is_not_nominated_again(town: World) -> None:
    """The refusal names the issue and its day."""
    await town.say("/nominate 2103.06255")
    await town.work()
    await town.vote(1, BEN, CHEN)
    await town.at(MONDAY)
    assert "was in issue 1 of 23 November 2026 already." in await town.say("/nominate 2103.06255")


async def test_a_paper_is_nominated_even_when_its_source_is_down(town: World) -> None:
    """Without arXiv the ballot shows the id in place of the title."""
    town.source.down = True
    assert "arXiv 2103.06255" in await town.say("/nominate 2103.06255")


async def test_a_newspaper_reaction_nominates_the_link_of_a_message(town: World) -> None:
    """📰 on any message with a link puts it on the ballot; without one it says so; others mean nothing."""
    message = Message(PAPER, "m99")
    post = await town.desk.reacted(message, "📰", BEN, True, "read <https://arxiv.org/abs/2103.06255>!")
    assert post is not None
    assert "On the ballot as number 1" in said(post)
    post = await town.desk.reacted(message, "📰", BEN, True, "nothing here")
    assert post is not None
    assert said(post) == "I found no link in that message to nominate."
    assert await town.desk.reacted(message, "👍", BEN, True, "https://a.org") is None
    assert await town.desk.reacted(message, "📰", BEN, False, "https://a.org") is None


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://en.wikipedia.org/wiki/Attention_(machine_learning)", "/wiki/Attention_(machine_learning)>"),
        ("(https://example.org/a),", "https://example.org/a>"),
        ("https://web.archive.org/web/2020/http://example.org/old", "https://web.archive.org/web/2020/http://example.org/old>"),
    ],
)  # fmt: skip
async def test_a_link_is_taken_whole(town: World, link: str, shown: str) -> None:
    """Brackets and addresses inside it belong to it, the sentence's punctuation does not."""
    assert shown in await town.say(f"/nominate {link}")


@pytest.mark.parametrize("link", ["https://%20/", "http://localhost:8080/admin", "https://x/", "javascript:alert(1)"])
async def test_what_nobody_else_can_open_is_not_nominated(town: World, link: str) -> None:
    """An address without a public name is refused."""
    assert "is no link" in await town.say(f"/nominate {link}")


async def test_a_title_that_stood_in_is_replaced_when_the_source_is_back(town: World) -> None:
    """Nominated while arXiv was down, a paper gets its own title the next time somebody names it."""
    town.source.down = True
    await town.say("/nominate 2103.06255")
    town.source.down = False
    assert "Involution" in await town.say("/nominate 2103.06255")
    await town.work()
    assert "Involution" in town.texts()[0]


async def test_a_withdrawn_paper_is_not_nominated(town: World) -> None:
    """The refusal says that its authors withdrew it."""
    town.source.papers["2103.06255"] = replace(INVOLUTION, comment="This paper has been withdrawn.")
    assert "was withdrawn by its authors" in await town.say("/nominate 2103.06255")


async def test_reactions_that_are_no_options_change_nothing(town: World) -> None:
    """An emoji beyond the nominations, or a heart, is no vote."""
    await town.say("/nominate https://example.org/a")
    await town.work()
    ballot = town.ballot()
    for emoji in ("2️⃣", "🔟", "❤️", "📰"):
        await town.desk.reacted(Message(ballot.channel, ballot.id), emoji, BEN, True, "https://example.org/b")
    assert "0 votes" in await town.say("/ballot")
    assert "2." not in await town.say("/ballot")


async def test_votes_fall_when_all_reactions_are_cleared_at_once(town: World) -> None:
    """A message whose reactions were cleared is read again, and its votes are gone."""
    await town.say("/nominate https://example.org/a")
    await town.work()
    await town.vote(1, BEN, CHEN)
    ballot = town.ballot()
    ballot.reactions.clear()
    ballot.seeded.clear()
    await town.voting.reread(Message(ballot.channel, ballot.id), town.clock.now())
    assert "0 votes" in await town.say("/ballot")
    await town.work()
    assert ballot.seeded == ["1️⃣"]


async def test_a_vote_on_a_closed_ballot_does_not_count(town: World) -> None:
    """What is clicked after the count changes neither the closed ballot nor the new one."""
    await town.say("/nominate https://example.org/a")
    await town.work()
    await town.vote(1, BEN, CHEN)
    closed = town.ballot()
    await town.at(MONDAY)
    await town.desk.reacted(Message(closed.channel, closed.id), "1️⃣", ADA, True, "")
    async with town.store.snapshot() as tx:
        assert len(await tx.ballots.votes(1)) == 2


async def test_editors_are_whom_the_community_names(town: World) -> None:
    """Until somebody is named the community's admins edit; then only those named, but admins may name again."""
    told = await town.say("/newsletter editors @ben", ADA)
    assert told == "Editors of The Paper: ben."
    assert "Next issue" in await town.say("/newsletter status", BEN)
    assert "is for the editors" in await town.say("/newsletter status", ADA)
    assert await town.say("/newsletter editors members:<@ada|Ada>, <@!chen>", ADA) == "Editors of The Paper: Ada, chen."
    assert "is for the editors" in await town.say("/newsletter status", BEN)


async def test_the_channel_of_the_issues_is_not_the_editors_own(town: World) -> None:
    """Notices to editors are kept out of the channel that everybody reads."""
    assert "in a channel of the editors' own" in await town.say("/newsletter editors here:yes", ADA)
    assert "This channel gets the editors' notices." in await town.say("/newsletter editors here:yes", ADA, EDITORS)


async def test_items_are_edited_moved_dropped_and_pinned(town: World) -> None:
    """What editors do to an item shows on the ballot and decides the issue."""
    for word in ("one", "two", "three"):
        await town.say(f"/nominate https://example.org/{word}")
    assert await town.say("/item edit 1 title:A better title summary:Worth it.", ADA) == "“A better title” is changed."
    assert "moved to Tools" in await town.say("/item move 1 Tools", ADA)
    assert await town.say("/item pin 1", ADA) == "“A better title” is pinned."
    assert await town.say("/item drop 2", ADA) == "“example.org/two” is dropped."
    preview = await town.say("/newsletter preview", ADA)
    assert "A better title" in preview
    assert "Worth it." in preview
    assert "Tools: 1 item" in preview
    await town.work()
    await town.vote(2, BEN, CHEN)
    await town.vote(3, BEN, CHEN)
    await town.at(MONDAY)
    head = next(text for text in town.texts() if text.startswith("The Paper #1"))
    assert "A better title" in head
    assert "example.org/three" in head
    assert "example.org/two" not in head
    assert await town.say("/item pin 9", ADA) == "There is no number 9 on the ballot: /ballot shows what there is."


async def test_what_was_dropped_or_pinned_can_be_undone(town: World) -> None:
    """The same command again takes it back."""
    await town.say("/nominate https://example.org/one")
    assert await town.say("/item drop 1", ADA) == "“example.org/one” is dropped."
    assert await town.say("/item drop 1", ADA) == "“example.org/one” is back in."
    assert await town.say("/item pin 1", ADA) == "“example.org/one” is pinned."
    assert await town.say("/item pin 1", ADA) == "“example.org/one” is no longer pinned."


async def test_a_newsletter_is_forgotten_only_when_confirmed(town: World) -> None:
    """The first time asks and names what is lost; the button deletes, and the channel is free again."""
    assert "This deletes The Paper" in await town.say("/newsletter forget", ADA)
    assert "ballot 1 stands" in await town.say("/ballot")
    assert await town.press("newsletter forget", ADA, confirm="The Paper") == "The Paper is deleted."
    assert "no newsletter yet" in await town.say("/ballot")


async def test_pressing_delete_twice_deletes_one_newsletter(town: World) -> None:
    """The second press finds another newsletter in its place, and leaves it alone."""
    await town.say("/newsletter setup name:Second", ADA, Channel("web", "town", "second"))
    await town.press("newsletter forget", ADA, confirm="The Paper")
    assert "This deletes Second" in await town.press("newsletter forget", ADA, confirm="The Paper")
    assert "ballot 1 stands" in await town.say("/ballot")


async def test_a_community_that_removes_the_bot_may_think_better_of_it_for_a_month(town: World) -> None:
    """Its channels are suspended at once and taken up again on return; after thirty days all is deleted."""
    communities = town.desk.communities
    await communities.left("web", "town")
    assert "suspended: the bot was removed" in await town.say("/newsletter status", ADA)
    await communities.joined("web", "town")
    assert "suspended" not in await town.say("/newsletter status", ADA)
    await communities.left("web", "town")
    town.clock.move_to(SUNDAY + timedelta(days=1))
    await communities.present("web", ["town", "elsewhere"])
    assert "suspended" not in await town.say("/newsletter status", ADA)
    await communities.left("web", "town")
    town.clock.move_to(SUNDAY + timedelta(days=31))
    assert await communities.work() == 0
    town.clock.move_to(SUNDAY + timedelta(days=31, seconds=1))
    assert await communities.work() == 1
    assert "no newsletter yet" in await town.say("/ballot")


async def test_a_role_is_called_in_its_channel_alone(town: World) -> None:
    """The mention and the passing on that editors switch on stand on the issue's head in that channel."""
    other = Channel("web", "town", "other")
    await town.say("/newsletter setup name:The Paper mention:<@&42> crosspost:yes", ADA, other)
    await town.say("/nominate https://example.org/one")
    await town.work()
    for page in (town.ballot(), town.ballot(channel=other)):
        await town.desk.reacted(Message(page.channel, page.id), "1️⃣", BEN, True, "")
        await town.desk.reacted(Message(page.channel, page.id), "1️⃣", CHEN, True, "")
        page.reactions["1️⃣"] = {BEN, CHEN}
    await town.at(MONDAY)
    heads = {each.channel: each.post for each in town.chat.titled("The Paper #1")}
    assert (heads[other].mention, heads[other].crosspost) == ("42", True)
    assert (heads[PAPER].mention, heads[PAPER].crosspost) == ("", False)
    assert [each.post.mention for each in town.chat.sent if each.thread] == ["", ""]


async def test_help_lists_what_the_asker_may_use(town: World) -> None:
    """Members see the members' commands, editors all of them."""
    members, editors = await town.say("/help"), await town.say("/help", ADA)
    assert all(command.usage in editors for command in COMMANDS)
    assert "/nominate LINK" in members
    assert "/newsletter" not in members


async def test_an_option_is_completed_from_what_there_is(town: World) -> None:
    """Sections, zones, the ballot's items and issue numbers are offered as typed."""
    await town.say("/nominate https://example.org/one")
    asker = caller(ADA)

    async def offered(command: str, option: str, typed: str) -> list[str]:
        return [each.value for each in await town.desk.complete(asker, command, option, typed)]

    assert await offered("nominate", "section", "a") == ["Articles", "Papers"]
    assert await offered("newsletter schedule", "zone", "europe/ber") == ["Europe/Berlin"]
    assert await offered("newsletter schedule", "weekday", "S") == [
        "Saturday",
        "Sunday",
        "Tuesday",
        "Wednesday",
        "Thursday",
    ]
    assert await offered("item pin", "item", "") == ["1"]
    assert await offered("issue", "number", "") == []
    assert await offered("nominate", "nothing", "") == []
    assert await offered("nothing", "nothing", "") == []
    assert len(await offered("newsletter schedule", "zone", "")) == 25


async def test_text_from_people_stays_text(town: World) -> None:
    """Markup and mentions in a note reach the ballot letter for letter, as plain strings."""
    note = "@everyone **bold** <!channel> [x](javascript:alert(1)) `tick` \u202eevil"
    await town.say(f"/nominate https://example.org/one note:{note}")
    await town.work()
    assert note in town.texts()[0]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.text(max_size=80), name=st.sampled_from([each.name for each in COMMANDS]))
async def test_nothing_that_is_typed_breaks_anything(town: World, line: str, name: str) -> None:
    """Any text after any command gives a post or a form, and never an error of ours."""
    stranger = Member("web", "town", "zed", "Zed")
    for who in (stranger, ADA):
        answer = await town.desk.typed(caller(who), f"/{name} {line}")
        assert isinstance(answer, Form) or "Something went wrong" not in said(answer)
