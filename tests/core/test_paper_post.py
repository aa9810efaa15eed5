"""A paper as a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.core.bibtex import bibtex
from bot.core.model import Extras, Issue, IssueState, Paper, Precision
from bot.core.paper_post import abstract_post, bibtex_post, choice_post, paper_post
from bot.core.papers import Lookup
from bot.core.plain import plain
from bot.core.post import Button, Code, Heading, Link, Post, Quote, Small, dump, load
from bot.core.references import ReferenceKind

NOW = datetime(2021, 4, 12, 9, tzinfo=UTC)
PAPER = Paper(
    "2103.06255",
    2,
    "Involution: Inverting the Inherence of Convolution for Visual Recognition",
    ("Duo Li", "Jie Hu", "Changhu Wang", "Xiangtai Li", "Qi She"),
    "Kernels for places.\n\nShared by channels.",
    datetime(2021, 3, 10, 18, 40, tzinfo=UTC),
    datetime(2021, 4, 11, 12, 30, tzinfo=UTC),
    ("cs.CV", "stat.ML", "cs.LG"),
)
LOOKUP = Lookup(PAPER, NOW)


def shown(
    lookup: Lookup = LOOKUP,
    *,
    on_ballot: int | None = None,
    issues: tuple[Issue, ...] = (),
    extras: Extras | None = None,
) -> Post:
    """The post of a look-up, which survives the outbox."""
    post = paper_post(lookup, now=NOW, on_ballot=on_ballot, issues=issues, extras=extras)
    assert load(dump(post)) == post
    return post


def of(paper: Paper) -> Lookup:
    """A fresh look-up of a paper."""
    return Lookup(paper, NOW)


def issue(number: int | None, title: str = "The Weekly") -> Issue:
    """A published issue of 22 March 2021."""
    return Issue(1, 1, number, title, date(2021, 3, 22), IssueState.PUBLISHED)


def labels(post: Post) -> list[str]:
    """What its buttons say."""
    return [button.label for button in post.buttons]


def test_a_paper_is_shown_with_what_one_wants_to_know() -> None:
    """Title, three authors and how many more, dates, version, fields, links."""
    assert plain(shown()).split("\n\n") == [
        f"{PAPER.title} <https://arxiv.org/abs/2103.06255>",
        "Duo Li, Jie Hu, Changhu Wang and 2 more",
        "10 March 2021 · v2, revised 11 April 2021 · Computer Vision and Pattern Recognition · Machine Learning",
        " · ".join(
            f"{label} <https://arxiv.org/{form}/2103.06255>"
            for label, form in (("arXiv", "abs"), ("PDF", "pdf"), ("HTML", "html"))
        ),
    ]
    assert shown().title == PAPER.title
    assert not shown().private


def test_the_title_is_the_link() -> None:
    """The heading leads to the paper."""
    assert shown().blocks[0] == Heading((Link(PAPER.title, PAPER.url),), 1)


def test_a_first_version_names_one_date() -> None:
    """There is nothing to say of revisions."""
    assert "10 March 2021 · Computer" in plain(shown(of(replace(PAPER, version=1))))


def test_three_authors_are_all_named() -> None:
    """And none are more; a paper without any says nothing of them."""
    assert "\n\nDuo Li, Jie Hu, Changhu Wang\n\n" in plain(shown(of(replace(PAPER, authors=PAPER.authors[:3]))))
    assert len(shown(of(replace(PAPER, authors=()))).blocks) == len(shown().blocks) - 1


def test_journal_and_doi_are_named() -> None:
    """Each where there is one; the DOI is a link."""
    both = of(replace(PAPER, journal="Journal of Kernels 2 (2021)", doi="10.1000/a b"))
    assert "Journal of Kernels 2 (2021) · doi:10.1000/a b <https://doi.org/10.1000/a%20b>" in plain(shown(both))
    assert Small(("J",)) in shown(of(replace(PAPER, journal="J"))).blocks
    assert Small((Link("doi:10.1/2", "https://doi.org/10.1/2"),)) in shown(of(replace(PAPER, doi="10.1/2"))).blocks


def test_a_comment_is_shown() -> None:
    """What the authors say of it, such as where it appears."""
    assert Small(("ICLR 2021",)) in shown(of(replace(PAPER, comment="ICLR 2021"))).blocks


def test_a_withdrawal_is_said_first() -> None:
    """Right below the title, with the reason, once; nobody is invited to nominate it."""
    post = shown(of(replace(PAPER, comment="Withdrawn: an error in section 2")))
    assert plain(post).split("\n\n")[1] == "Withdrawn by its authors. Withdrawn: an error in section 2"
    assert plain(post).count("section 2") == 1
    assert labels(post) == ["Abstract", "BibTeX"]


def test_buttons_run_commands() -> None:
    """Abstract and BibTeX ask for the same paper, Nominate gives its link."""
    assert shown().buttons == (
        Button("Abstract", "paper", (("reference", "2103.06255"), ("show", "abstract"))),
        Button("BibTeX", "paper", (("reference", "2103.06255"), ("show", "bibtex"))),
        Button("Nominate", "nominate", (("link", "https://arxiv.org/abs/2103.06255"),), primary=True),
    )


def test_a_paper_on_the_ballot_says_so() -> None:
    """With its number, and without the button that would put it there."""
    post = shown(on_ballot=3)
    assert "On the ballot now, as number 3." in plain(post)
    assert labels(post) == ["Abstract", "BibTeX"]


def test_a_paper_of_an_earlier_issue_says_so() -> None:
    """Issues go by number or by title; what an issue had cannot be nominated again."""
    post = shown(issues=(issue(12), issue(None, "Week 12"), issue(10), issue(9), issue(8)))
    assert (
        "It was in issue 12 of 22 March 2021, Week 12 of 22 March 2021, issue 10 of 22 March 2021, 2 others."
        in plain(post)
    )
    assert "Nominate" not in labels(post)


def test_an_old_answer_shows_its_date() -> None:
    """A stale answer says of when it is, a fresh one does not."""
    stale = Lookup(PAPER, NOW - timedelta(days=3), stale=True)
    assert "As arXiv had it on 9 April 2021, 3 days ago; it may have changed since." in plain(shown(stale))
    assert "As arXiv had it" not in plain(shown())


def test_an_older_version_names_the_newest_and_stays_itself() -> None:
    """Links and buttons lead to the version shown, nominations to the paper."""
    post = shown(Lookup(replace(PAPER, version=1), NOW, newest=7))
    assert "This is version 1; the newest is version 7 <https://arxiv.org/abs/2103.06255>." in plain(post)
    assert "https://arxiv.org/pdf/2103.06255v1" in plain(post)
    assert post.buttons[0].options[0] == ("reference", "2103.06255v1")
    assert post.buttons[2].options == (("link", "https://arxiv.org/abs/2103.06255"),)


def test_a_version_that_stands_in_says_so() -> None:
    """Nobody takes the second version for the first."""
    post = shown(Lookup(PAPER, NOW, stale=True, instead_of=1))
    assert "arXiv cannot be asked for version 1 just now: this is version 2." in plain(post)


def test_the_abstract_is_for_the_asker() -> None:
    """All of it, in its paragraphs."""
    post = abstract_post(LOOKUP)
    assert post.private
    assert post.blocks[1] == Quote(PAPER.abstract)
    assert "no abstract" in plain(abstract_post(of(replace(PAPER, abstract=""))))


def test_the_bibtex_entry_is_for_the_asker() -> None:
    """To be copied letter by letter."""
    post = bibtex_post(LOOKUP)
    assert post.private
    assert post.blocks[1] == Code(bibtex(PAPER))


def test_very_long_fields_are_cut() -> None:
    """No title, name or comment fills the channel."""
    long = replace(PAPER, title="T" * 5000, authors=("A" * 5000,) * 50, comment="c" * 5000, journal="j" * 5000)
    assert len(plain(shown(of(long)))) < 2000


ARTICLE = replace(
    PAPER, id="10.1038/nature14539", version=1, kind=ReferenceKind.DOI, doi="10.1038/nature14539", journal="Nature",
    volume="521", number="7553", pages="436-444", publisher="Springer", categories=(), pdf="https://nature.test/1.pdf",
    precision=Precision.MONTH,
)  # fmt: skip
TALK = replace(
    PAPER, id="YicbFdNTTy", version=1, kind=ReferenceKind.OPENREVIEW, venue="ICLR", decision="ICLR 2021 Oral",
    categories=(),
)  # fmt: skip


def test_an_article_says_where_it_appeared() -> None:
    """Journal, place in it, publisher and DOI; as much of the date as is known; the publisher's page and the file."""
    assert plain(shown(of(ARTICLE))).split("\n\n")[1:] == [
        "Duo Li, Jie Hu, Changhu Wang and 2 more",
        "March 2021",
        "Nature 521(7553), 436-444 · Springer · doi:10.1038/nature14539 <https://doi.org/10.1038/nature14539>",
        "doi.org <https://doi.org/10.1038/nature14539> · PDF <https://nature.test/1.pdf>",
    ]
    assert shown(of(ARTICLE)).buttons[0].options[0] == ("reference", "10.1038/nature14539")


def test_a_paper_of_a_conference_says_what_was_decided() -> None:
    """Its buttons and its heading lead to the forum."""
    post = shown(of(TALK))
    assert Small(("ICLR · ICLR 2021 Oral",)) in post.blocks
    assert post.blocks[0] == Heading((Link(TALK.title, "https://openreview.net/forum?id=YicbFdNTTy"),), 1)
    assert post.buttons[1].options[0] == ("reference", "openreview.net/forum?id=YicbFdNTTy")


def test_a_date_is_shown_as_far_as_it_is_known() -> None:
    """A year alone, or nothing at all."""
    assert Small(("2021",)) in shown(of(replace(ARTICLE, precision=Precision.YEAR))).blocks
    undated = shown(of(replace(ARTICLE, precision=Precision.NONE)))
    assert len(undated.blocks) == len(shown(of(ARTICLE)).blocks) - 1


def test_a_retraction_is_said_first() -> None:
    """The publisher's decision, once."""
    post = shown(of(replace(ARTICLE, decision="Retracted")))
    assert plain(post).split("\n\n")[1] == "Retracted."
    assert plain(post).count("Retracted") == 1
    assert "Nominate" not in labels(post)


def test_an_old_answer_of_another_source_names_it() -> None:
    """Not everything is arXiv's."""
    stale = Lookup(TALK, NOW - timedelta(days=3), stale=True)
    assert "As OpenReview had it on 9 April 2021" in plain(shown(stale))
    assert "from OpenReview" in plain(abstract_post(of(replace(TALK, abstract=""))))


def test_extras_are_shown_with_who_says_so() -> None:
    """The sentence, the citations with a link, and where it appeared if the paper does not say so itself."""
    extras = Extras(12_345, "Turns convolution round.", "CVPR", "https://www.semanticscholar.org/paper/x")
    said = plain(shown(extras=extras))
    assert "TL;DR: Turns convolution round." in said
    assert "Semantic Scholar: 12,345 citations <https://www.semanticscholar.org/paper/x> · CVPR" in said
    assert "Semantic Scholar: 1 citation" in plain(shown(of(ARTICLE), extras=Extras(1, venue="Nature")))
    assert "· Nature" not in plain(shown(of(ARTICLE), extras=Extras(1, venue="Nature")))
    assert shown(extras=Extras()) == shown()


def test_code_is_linked() -> None:
    """As the authors say in the abstract."""
    post = shown(of(replace(PAPER, abstract="Code: https://github.com/a/b and gitlab.com/c/d.")))
    assert "Code: github.com/a/b <https://github.com/a/b>, gitlab.com/c/d <https://gitlab.com/c/d>" in plain(post)


def test_a_title_gives_a_choice_of_papers() -> None:
    """Each with its authors, date and id, and a button that shows it; for the asker alone."""
    post = choice_post("involution", [PAPER, replace(PAPER, id="2103.00001", title="T" * 200)])
    assert post.private
    assert post.buttons[0] == Button(
        "1. Involution: Inverting the Inherence of Convolutio…", "paper", (("reference", "2103.06255"),)
    )
    assert len(post.buttons) == 2
    assert max(len(each.label) for each in post.buttons) <= 75
    assert "Duo Li, Jie Hu, Changhu Wang and 2 more · 10 March 2021 · 2103.06255" in plain(post)
    assert load(dump(post)) == post
