"""A paper as a message: what it is, where to read it, what became of it here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.bibtex import bibtex
from bot.core.categories import category_names
from bot.core.code_links import code_links
from bot.core.model import Extras, Issue, Paper, Precision
from bot.core.paper_pages import SHORT, short_name
from bot.core.papers import Lookup, source_name
from bot.core.post import (
    Block,
    Button,
    Card,
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
from bot.core.urls import site

AUTHORS = 3
CATEGORIES = 4
ISSUES = 3

_TITLE = 300
_LINE = 300


def paper_post(
    lookup: Lookup,
    *,
    now: datetime,
    on_ballot: int | None = None,
    issues: Sequence[Issue] = (),
    extras: Extras | None = None,
) -> Post:
    """The paper looked up, with what to do next.

    on_ballot: its number on the open ballot. issues: the published ones that had it, latest first. extras: what
    others say of it. It can be nominated from here unless it is on the ballot, was in an issue, or was withdrawn.
    """
    paper = lookup.paper
    blocks: list[Block] = [_heading(lookup), *_withdrawal(paper)]
    blocks += [Paragraph((_authors(paper),))] if paper.authors else []
    facts = [each for each in (_dates(paper), *category_names(paper.categories)[:CATEGORIES]) if each]
    blocks += [Small((" · ".join(facts),))] if facts else []
    blocks += [Paragraph((Strong("TL;DR: "), extras.tldr))] if extras and extras.tldr else []
    if paper.comment and not paper.withdrawn:
        blocks.append(Small((clip(paper.comment, _LINE),)))
    blocks += [Small(line) for line in (*_published_in(paper), *_versions(lookup), *_said(paper, extras))]
    blocks += [Small((text,)) for text in _here(on_ballot, issues)]
    blocks += [Small(_age(lookup, now))] if lookup.stale else []
    blocks.append(Paragraph(_links(lookup)))
    may_nominate = on_ballot is None and not issues and not paper.withdrawn
    return Post(clip(paper.title, _TITLE), tuple(blocks), _buttons(lookup, nominate=may_nominate))


def choice_post(title: str, papers: Sequence[Paper]) -> Post:
    """The papers with a title like this, each with a button that shows it, for whoever asks."""
    said = f"Papers called “{clip(title, 100)}”"
    cards = tuple(
        Card(
            (f"{place}. ", Link(clip(each.title, _TITLE), each.url)),
            small=(" · ".join(filter(None, (_authors(each), _dated(each), str(each.reference)))),),
        )
        for place, each in enumerate(papers, 1)
    )
    buttons = tuple(
        Button(f"{place}. {clip(each.title, 50)}", "paper", (("reference", str(each.reference)),))
        for place, each in enumerate(papers, 1)
    )
    return Post(said, (Heading((said,), 1), *cards), buttons, private=True)


def abstract_post(lookup: Lookup) -> Post:
    """The paper's abstract, for whoever asks."""
    paper = lookup.paper
    body: Block = (
        Quote(paper.abstract)
        if paper.abstract
        else Paragraph((f"I know no abstract of it from {source_name(paper.reference)}.",))
    )
    return Post(f"Abstract: {clip(paper.title, _TITLE)}", (_heading(lookup), body), private=True)


def bibtex_post(lookup: Lookup) -> Post:
    """The paper's BibTeX entry, for whoever asks."""
    paper = lookup.paper
    return Post(f"BibTeX: {clip(paper.title, _TITLE)}", (_heading(lookup), Code(bibtex(paper))), private=True)


def _heading(lookup: Lookup) -> Heading:
    return Heading((Link(clip(lookup.paper.title, _TITLE), _address(lookup)),), 1)


def _withdrawal(paper: Paper) -> list[Block]:
    if not paper.withdrawn:
        return []
    said = "Retracted." if "retract" in paper.decision.lower() else "Withdrawn by its authors."
    return [Paragraph((Strong(said), *([f" {clip(paper.comment, _LINE)}"] if paper.comment else [])))]


def _named(lookup: Lookup) -> Reference:
    """The paper as to be asked for again: with its version only where it is not the newest."""
    version = lookup.paper.version if lookup.newest else None
    return Reference(lookup.paper.kind, lookup.paper.id, version)


def _address(lookup: Lookup, form: str = "abs") -> str:
    """The paper's address; on arXiv in a form of it, and in the version shown."""
    paper = lookup.paper
    return f"https://arxiv.org/{form}/{_named(lookup)}" if paper.kind is ReferenceKind.ARXIV else paper.url


def _authors(paper: Paper) -> str:
    names = [clip(name, 80) for name in paper.authors[:AUTHORS]]
    more = len(paper.authors) - AUTHORS
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _dates(paper: Paper) -> str:
    first = _dated(paper)
    return first if paper.version == 1 else f"{first} · v{paper.version}, revised {day(paper.updated)}"


def _dated(paper: Paper) -> str:
    """The date, as far as it is known."""
    moment = paper.published
    match paper.precision:
        case Precision.DAY:
            return day(moment)
        case Precision.MONTH:
            return f"{moment:%B} {moment.year}"
        case Precision.YEAR:
            return str(moment.year)
        case Precision.NONE:
            return ""


def _published_in(paper: Paper) -> list[Line]:
    """Where it appeared: journal or proceedings with the place in them, what was decided, who published it, the DOI."""
    number = f"{paper.volume}({paper.number})" if paper.volume and paper.number else paper.volume or paper.number
    place = ", ".join(filter(None, (number, paper.pages)))
    held_in = " ".join(filter(None, (paper.journal or paper.venue, place)))
    decision = "" if paper.withdrawn else paper.decision
    publisher = "" if paper.publisher in (paper.journal, paper.venue) else paper.publisher
    said = " · ".join(clip(each, _LINE) for each in (held_in, decision, publisher) if each)
    link = Link(f"doi:{clip(paper.doi, _LINE)}", Reference(ReferenceKind.DOI, paper.doi).url)
    if not paper.doi:
        return [(said,)] if said else []
    return [(f"{said} · ", link)] if said else [(link,)]


def _said(paper: Paper, extras: Extras | None) -> list[Line]:
    """What others add: how often it is cited, where it appeared if its source does not say, where its code is."""
    lines: list[Line] = []
    if extras and extras.citations is not None:
        cited = f"{extras.citations:,} {'citation' if extras.citations == 1 else 'citations'}"
        venue = "" if paper.journal or paper.venue else clip(extras.venue, _LINE)
        counted = Link(cited, extras.url) if extras.url else cited
        lines.append(("Semantic Scholar: ", counted, *([f" · {venue}"] if venue else [])))
    code = code_links(paper)
    if code:
        parted = [part for url in code for part in (", ", Link(url.removeprefix("https://"), url))]
        lines.append(("Code: ", *parted[1:]))
    return lines


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
    name = source_name(lookup.paper.reference)
    return (f"As {name} had it on ", Moment(lookup.fetched_at, MomentStyle.DATE), f"{ago}; it may have changed since.")


def _links(lookup: Lookup) -> Line:
    paper = lookup.paper
    if paper.kind is not ReferenceKind.ARXIV:
        there = Link("OpenReview" if paper.kind is ReferenceKind.OPENREVIEW else site(paper.url), paper.url)
        return (there, " · ", Link("PDF", paper.pdf)) if paper.pdf else (there,)
    abstract, pdf, html = (
        Link(label, _address(lookup, form)) for label, form in (("arXiv", "abs"), ("PDF", "pdf"), ("HTML", "html"))
    )
    return (abstract, " · ", pdf, " · ", html)


def _buttons(lookup: Lookup, *, nominate: bool) -> tuple[Button, ...]:
    reference = ("reference", short_name(_named(lookup)))
    shown = (
        Button("Abstract", "paper", (reference, ("show", "abstract"))),
        Button("BibTeX", "paper", (reference, ("show", "bibtex"))),
    )
    if not nominate:
        return shown
    url = lookup.paper.url
    link = url if len(url) <= SHORT else short_name(lookup.paper.reference)
    return (*shown, Button("Nominate", "nominate", (("link", link),), primary=True))
