"""The command /paper, over the real core and store: ids, links, titles, pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import NoSuchPaper
from bot.core.extras import ExtrasShelf
from bot.core.model import Extras, Kind, Paper
from bot.core.nominations import Nominations
from bot.core.paper_pages import SHORT
from bot.core.papers import Library
from bot.core.post import Post
from bot.core.references import Reference, ReferenceKind
from tests.world import BEN, INVOLUTION, SUNDAY, World, caller, said, world

PAGE = "https://proceedings.mlr.press/v97/tan19a.html"
LONG = (
    "https://openaccess.thecvf.com/content/CVPR2021/html/"
    "Li_Involution_Inverting_the_Inherence_of_Convolution_for_Visual_Recognition_CVPR_2021_paper.html"
)
EFFICIENT = replace(
    INVOLUTION, id=PAGE, version=1, kind=ReferenceKind.PAGE, title="EfficientNet", venue="ICML", categories=()
)
ARTICLE = replace(
    INVOLUTION, id="10.1038/nature14539", version=1, kind=ReferenceKind.DOI, title="Deep learning", journal="Nature"
)


class Shelf:
    """Every kind of source in one, with the papers it is given."""

    def __init__(self, *papers: Paper) -> None:
        self.papers = {each.id: each for each in papers}

    async def fetch(self, paper_id: str, version: int | None = None) -> Paper:
        if paper_id not in self.papers:
            raise NoSuchPaper(f"There is no {paper_id}.")
        return self.papers[paper_id]

    async def fetch_many(self, paper_ids: Sequence[str]) -> Mapping[str, Paper]:
        return {each: self.papers[each] for each in paper_ids if each in self.papers}

    async def search(self, title: str, limit: int) -> tuple[Paper, ...]:
        return tuple(each for each in self.papers.values() if title.lower() in each.title.lower())[:limit]


class Cited:
    """Says the same of every paper."""

    async def fetch(self, reference: Reference) -> Extras:
        return Extras(7, "It turns.")


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[World]:
    """A bot that knows papers of three kinds, and what others say of them."""
    async with world(tmp_path, SUNDAY) as made:
        source = Shelf(INVOLUTION, replace(INVOLUTION, id="2106.00001", title="Involution Again"))
        library = Library(
            made.store,
            source,
            made.clock,
            index=source,
            elsewhere={
                ReferenceKind.DOI: Shelf(ARTICLE),
                ReferenceKind.PAGE: Shelf(EFFICIENT, replace(EFFICIENT, id=LONG)),
            },
            extras=ExtrasShelf(made.store, Cited(), made.clock),
        )
        yield replace(made, desk=replace(made.desk, library=library))
        await library.close()


async def paper(room: World, reference: str) -> Post:
    """The answer to `/paper`."""
    answer = await room.desk.typed(caller(BEN), f"/paper {reference}")
    assert isinstance(answer, Post)
    return answer


async def test_a_title_gives_a_choice_and_a_button_the_paper(room: World) -> None:
    """Pressing a button shows the paper it names."""
    choice = await paper(room, "involution")
    assert [each.label[:3] for each in choice.buttons] == ["1. ", "2. "]
    button = choice.buttons[1]
    shown = await room.desk.invoke(caller(BEN), button.command, dict(button.options))
    assert said(shown).startswith("Involution Again <https://arxiv.org/abs/2106.00001>")


@pytest.mark.parametrize(
    ("reference", "title"),
    [
        ("2103.06255", INVOLUTION.title),
        ("https://huggingface.co/papers/2103.06255", INVOLUTION.title),
        ("doi:10.1038/NATURE14539", "Deep learning"),
        ("https://proceedings.mlr.press/v97/tan19a/tan19a.pdf", "EfficientNet"),
        (PAGE, "EfficientNet"),
    ],
)
async def test_papers_of_every_kind_are_shown(room: World, reference: str, title: str) -> None:
    """By id, mirror, DOI, file or page; its buttons lead to the same paper again."""
    shown = await paper(room, reference)
    assert shown.title == title
    again = await room.desk.invoke(caller(BEN), "paper", dict(shown.buttons[1].options))
    assert said(again).splitlines()[2].startswith("@")


async def test_buttons_of_a_paper_with_a_long_address_are_short(room: World) -> None:
    """A platform's buttons hold few letters: a short name stands for the address, and is understood again."""
    shown = await paper(room, LONG)
    assert all(len(value) <= SHORT for button in shown.buttons for _, value in button.options)
    again = await room.desk.invoke(caller(BEN), "paper", dict(shown.buttons[1].options))
    assert LONG in said(again)
    link = dict(shown.buttons[2].options)["link"]
    assert await room.desk.library.meant(link) == LONG
    assert await room.desk.library.meant("page:0123456789abcdef") == "page:0123456789abcdef"


async def test_extras_are_part_of_the_answer(room: World) -> None:
    """When they are at hand."""
    text = said(await paper(room, "2103.06255"))
    assert "TL;DR: It turns." in text
    assert "Semantic Scholar: 7 citations" in text


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("2113.99999", "names no paper I know of"),
        ("see https://a.org/ and https://b.org/", "names no paper I know of"),
        ("nothing like it", "arXiv has no paper called “nothing like it”"),
        ("https://blog.org/post", "There is no https://blog.org/post."),
        ("openreview.net/forum?id=YicbFdNTTy", "cannot look that paper up here"),
    ],
)
async def test_what_names_no_paper_is_said(room: World, reference: str, answer: str) -> None:
    """In one sentence, to the asker alone."""
    shown = await paper(room, reference)
    assert shown.refused
    assert shown.private
    assert answer in said(shown)


@pytest.mark.parametrize(
    ("link", "url", "name"),
    [
        ("2103.06255", "https://arxiv.org/abs/2103.06255", "2103.06255"),
        ("doi:10.1038/NATURE14539", "https://doi.org/10.1038/nature14539", "10.1038/nature14539"),
        ("https://proceedings.mlr.press/v97/tan19a/tan19a.pdf", PAGE, PAGE),
    ],
)
async def test_papers_of_every_kind_are_nominated_as_papers(room: World, link: str, url: str, name: str) -> None:
    """Whatever form the link has, the item has the paper's address, and the name by which it is looked up again."""
    item = await Nominations(room.store, room.desk.library, room.clock).item(link)
    assert (item.url, item.paper, item.kind) == (url, name, Kind.PAPER)
    assert item.title in (INVOLUTION.title, "Deep learning", "EfficientNet")


async def test_a_paper_that_its_source_does_not_have_is_nominated_by_its_address(room: World) -> None:
    """A DOI that others registered, and one of a kind that is not looked up here, are things to read all the same."""
    nominations = Nominations(room.store, room.desk.library, room.clock)
    assert (await nominations.item("10.1234/none")).url == "https://doi.org/10.1234/none"
    forum = "https://openreview.net/forum?id=YicbFdNTTy"
    assert (await nominations.item(forum)).url == forum
