"""A paper as a message: what it is, where to read it, what became of it here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.bibtex import bibtex
from bot.core.categories import category_names
from bot.core.model import Issue, Paper
from bot.core.papers import Lookup
from bot.core.post import (
    Block,
    Button,
    Code,
    Heading,
    Line,
    Link,
    Moment,
    MomentStyle,
    Paragraph,
    Post,
    Quote,
    Small,
    Strong,
)
from bot.core.references import Reference, ReferenceKind
from bot.core.text import clip, count, day

AUTHORS = 3
CATEGORIES = 4
ISSUES = 3

_TITLE = 300
_LINE = 300


def paper_post(lookup: Lookup, *, now: datetime, on_ballot: int | None = None, issues: Sequence[Issue] = ()) -> Post:
    """The paper looked up, with what to do next.

    on_ballot: its number on the open ballot. issues: the published ones that had it, latest first. It can be
    nominated from here unless it is on the ballot, was in an issue, or was withdrawn.
    """
    paper = lookup.paper
    blocks: list[Block] = [_heading(lookup)]
    if paper.withdrawn:
        blocks.append(Paragraph((Strong("Withdrawn by its authors."), f" {clip(paper.comment, _LINE)}")))
    blocks += [Paragraph((_authors(paper),))] if paper.authors else []
    blocks.append(Small((" · ".join((_dates(paper), *category_names(paper.categories)[:CATEGORIES])),)))
    if paper.comment and not paper.withdrawn:
        blocks.append(Small((clip(paper.comment, _LINE),)))
    blocks += [Small(line) for line in (*_published_in(paper), *_versions(lookup))]
    blocks += [Small((text,)) for text in _here(on_ballot, issues)]
    blocks += [Small(_age(lookup, now))] if lookup.stale else []
    blocks.append(Paragraph(_links(lookup)))
    may_nominate = on_ballot is None and not issues and not paper.withdrawn
    return Post(clip(paper.title, _TITLE), tuple(blocks), _buttons(lookup, nominate=may_nominate))


def abstract_post(lookup: Lookup) -> Post:
    """The paper's abstract, for whoever asks."""
    paper = lookup.paper
    body: Block = Quote(paper.abstract) if paper.abstract else Paragraph(("arXiv has no abstract of it.",))
    return Post(f"Abstract: {clip(paper.title, _TITLE)}", (_heading(lookup), body), private=True)


def bibtex_post(lookup: Lookup) -> Post:
    """The paper's BibTeX entry, for whoever asks."""
    paper = lookup.paper
    return Post(f"BibTeX: {clip(paper.title, _TITLE)}", (_heading(lookup), Code(bibtex(paper))), private=True)


def _heading(lookup: Lookup) -> Heading:
    return Heading((Link(clip(lookup.paper.title, _TITLE), _address(lookup, "abs")),), 1)


def _named(lookup: Lookup) -> Reference:
    """The paper as to be asked for again: with its version only where it is not the newest."""
    version = lookup.paper.version if lookup.newest else None
    return Reference(ReferenceKind.ARXIV, lookup.paper.id, version)


def _address(lookup: Lookup, form: str) -> str:
    return f"https://arxiv.org/{form}/{_named(lookup)}"


def _authors(paper: Paper) -> str:
    names = [clip(name, 80) for name in paper.authors[:AUTHORS]]
    more = len(paper.authors) - AUTHORS
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _dates(paper: Paper) -> str:
    first = day(paper.published)
    return first if paper.version == 1 else f"{first} · v{paper.version}, revised {day(paper.updated)}"


def _published_in(paper: Paper) -> list[Line]:
    journal = clip(paper.journal, _LINE)
    link = Link(f"doi:{clip(paper.doi, _LINE)}", Reference(ReferenceKind.DOI, paper.doi).url)
    if not paper.doi:
        return [(journal,)] if journal else []
    return [(f"{journal} · ", link)] if journal else [(link,)]


def _versions(lookup: Lookup) -> list[Line]:
    paper = lookup.paper
    newest = lookup.newest
    if lookup.instead_of is not None:
        return [(f"arXiv cannot be asked for version {lookup.instead_of} just now: this is version {paper.version}.",)]
    if newest is None:
        return []
    return [(f"This is version {paper.version}; the newest is ", Link(f"version {newest}", paper.url), ".")]


def _here(on_ballot: int | None, issues: Sequence[Issue]) -> list[str]:
    ballot = [] if on_ballot is None else [f"On the ballot now, as number {on_ballot}."]
    named = [clip(each.title, 80) if each.number is None else f"issue {each.number}" for each in issues[:ISSUES]]
    dated = [f"{name} of {day(each.dated)}" for name, each in zip(named, issues, strict=False)]
    more = [count(len(issues) - ISSUES, "other")] if len(issues) > ISSUES else []
    return ballot + ([f"It was in {', '.join((*dated, *more))}."] if issues else [])


def _age(lookup: Lookup, now: datetime) -> Line:
    days = (now - lookup.fetched_at).days
    ago = "" if days < 1 else f", {count(days, 'day')} ago"
    return ("As arXiv had it on ", Moment(lookup.fetched_at, MomentStyle.DATE), f"{ago}; it may have changed since.")


def _links(lookup: Lookup) -> Line:
    abstract, pdf, html = (
        Link(label, _address(lookup, form)) for label, form in (("arXiv", "abs"), ("PDF", "pdf"), ("HTML", "html"))
    )
    return (abstract, " · ", pdf, " · ", html)


def _buttons(lookup: Lookup, *, nominate: bool) -> tuple[Button, ...]:
    reference = ("reference", str(_named(lookup)))
    shown = (
        Button("Abstract", "paper", (reference, ("show", "abstract"))),
        Button("BibTeX", "paper", (reference, ("show", "bibtex"))),
    )
    return (*shown, Button("Nominate", "nominate", (("link", lookup.paper.url),), primary=True)) if nominate else shown
