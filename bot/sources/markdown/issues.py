"""Issues put together: one of a whole text, or one under each heading that dates one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.core.parsed import ParsedHighlight, ParsedIssue, ParsedItem, ParsedSection
from bot.sources.markdown.blocks import Block, Entry, Heading, Listing, Text, entry_links, is_bold, wording, words
from bot.sources.markdown.body import Body, BodyReader
from bot.sources.markdown.dates import Marks, is_dated, read_marks
from bot.sources.markdown.plan import Named, Plan, heading_name, make_plan
from bot.sources.markdown.vocabulary import topic_of
from bot.sources.markdown.years import years_of

_LONGEST_DATE_LINE = 120
_LEVELS = range(1, 7)
_FEWEST_ISSUES = 2
_MOST_ITEMS = 0.75
"""Which part of a text's items must be under dated headings for the text to hold several issues."""
_ONE_ISSUE = frozenset({"number", "issue", "date"})


def read_issues(blocks: Sequence[Block], fields: Mapping[str, str], source: str | None) -> tuple[ParsedIssue, ...]:
    """The issues of a text: several where headings of one level date them, else one, or none without items."""
    whole = _issue(blocks, fields, source)
    if whole is None or not _ONE_ISSUE.isdisjoint(fields):
        return (whole,) if whole else ()
    for level in _LEVELS:
        issues = _several(blocks, level)
        if len(issues) >= _FEWEST_ISSUES and sum(len(each.items) for each in issues) >= _MOST_ITEMS * len(whole.items):
            return issues
        if any(isinstance(block, Heading) and block.level == level and _dates_issue(block) for block in blocks):
            break
    return (whole,)


def _several(blocks: Sequence[Block], level: int) -> tuple[ParsedIssue, ...]:
    """The issues under the dated headings of one level."""
    starts = [at for at, block in enumerate(blocks) if isinstance(block, Heading) and block.level == level]
    dated = [at for at in starts if _dates_issue(blocks[at])]
    if len(dated) < _FEWEST_ISSUES:
        return ()
    issues = []
    years = years_of(blocks, dated)
    for at in dated:
        issue = _issue(blocks[at : _end(blocks, at, level)], {}, None, years.get(at))
        if issue:
            issues.append(issue)
    return tuple(issues)


def _dates_issue(block: Block) -> bool:
    return (
        isinstance(block, Heading)
        and not any(span.url for span in block.line)
        and heading_name(words(block.line)).number is None
        and topic_of(words(block.line)) is None
        and is_dated(words(block.line))
    )


def _end(blocks: Sequence[Block], at: int, level: int) -> int:
    return next(
        (
            later
            for later in range(at + 1, len(blocks))
            if isinstance(block := blocks[later], Heading) and block.level <= level
        ),
        len(blocks),
    )


def _issue(
    blocks: Sequence[Block], fields: Mapping[str, str], source: str | None, year: int | None = None
) -> ParsedIssue | None:
    """The issue of some blocks, or None if they hold no item; `year` is the one that its title leaves out."""
    plan = make_plan(blocks, titled=bool(fields.get("title")))
    body = BodyReader(blocks, plan).read()
    if not body.drafts:
        body = BodyReader(blocks, plan, loose=True).read()
    sections = _numbered(body)
    items = tuple(_items(body, sections))
    if not items:
        return None
    title = fields.get("title") or (None if plan.title is None else _heading(blocks[plan.title]))
    marks = _marks(title, fields, blocks[: max(plan.body, 1)], year)
    return ParsedIssue(
        title=title or None,
        number=marks.number,
        year=marks.year,
        week=marks.week,
        month=marks.month,
        source_url=source,
        highlights=tuple(_highlights(blocks, plan, body)),
        sections=tuple(ParsedSection(number, named.name) for number, named in sections.values()),
        items=items,
        past_issues=tuple(dict.fromkeys(body.past)),
        dated=marks.day,
    )


def _items(body: Body, sections: Mapping[int, tuple[int, Named]]) -> Iterator[ParsedItem]:
    for draft in body.drafts:
        item = draft.item(sections[draft.section][0] if draft.section in sections else None)
        if item:
            yield item


def _numbered(body: Body) -> dict[int, tuple[int, Named]]:
    """The sections that count, by place, each with a number of its own: its heading's, or the next that is free."""
    used = {draft.section for draft in body.drafts if draft.url or draft.paper}
    taken = {named.number for named in body.sections if named.number is not None}
    numbers: dict[int, tuple[int, Named]] = {}
    given: set[int] = set()
    last = 0
    for place, named in enumerate(body.sections):
        if named.number is None and place not in used:
            continue
        if named.number is not None and named.number not in given:
            last = named.number
        else:
            last += 1
            while last in taken or last in given:
                last += 1
        given.add(last)
        numbers[place] = (last, named)
    return numbers


def _heading(block: Block) -> str:
    return words(block.line) if isinstance(block, Heading) else ""


def _marks(title: str | None, fields: Mapping[str, str], before: Sequence[Block], year: int | None) -> Marks:
    """Number and date: those of the title, completed by the fields and by lines of a date near the top."""
    marks = read_marks(title or "", last_number=True, year=year)
    number = fields.get("number") or fields.get("issue") or ""
    if number.strip("#").isdecimal():
        marks = replace(marks, number=int(number.strip("#")[:9]))
    for line in (fields.get("date", ""), *_lines_before(before)):
        other = read_marks(line)
        if marks.week is None and marks.month is None and other.dated:
            marks = Marks(
                marks.number if marks.number is not None else other.number,
                marks.year or other.year,
                other.week,
                None if marks.day else other.month,
                marks.day or other.day,
            )
    return marks


def _lines_before(blocks: Sequence[Block]) -> Iterator[str]:
    """Short lines between the title and the first list."""
    for block in blocks:
        if isinstance(block, Listing):
            return
        text = wording(block.lines) if isinstance(block, Text) and not block.quoted else _heading(block)
        if 0 < len(text) <= _LONGEST_DATE_LINE:
            yield text


def _highlights(blocks: Sequence[Block], plan: Plan, body: Body) -> Iterator[ParsedHighlight]:
    """The entries of lists with bullets before the items, and of lists under a heading that says so."""
    group, highlights = None, set(body.highlights)
    for at, block in enumerate(blocks):
        if isinstance(block, Heading) and at != plan.title:
            group = words(block.line) or None
        elif isinstance(block, Text) and at < plan.body and is_bold(block):
            group = wording(block.lines)
        elif at == plan.contents:
            continue
        elif isinstance(block, Listing) and (at in highlights or (at < plan.body and not block.ordered)):
            for entry in block.entries:
                text = _entry_wording(entry)
                if text:
                    yield ParsedHighlight(group, text, entry_links(entry))


def _entry_wording(entry: Entry) -> str:
    return " ".join(filter(None, (wording(entry.lines), *map(_entry_wording, entry.children))))
