"""The items of an issue, read block by block: what opens an item, what belongs to it, what ends it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.sources.markdown.blocks import (
    Block,
    Card,
    Entry,
    Figure,
    Heading,
    Line,
    Listing,
    Row,
    Rule,
    Text,
    entry_links,
    is_bold,
    joined,
    links,
    wording,
    words,
)
from bot.sources.markdown.drafts import Draft
from bot.sources.markdown.entries import begins_with_bold_link, begins_with_bold_title, read_entry
from bot.sources.markdown.idlines import IdLine, read_id_line, stands_in_brackets
from bot.sources.markdown.lines import read_choice, read_line
from bot.sources.markdown.notices import announces_choice
from bot.sources.markdown.plan import Named, Plan, heading_name
from bot.sources.markdown.rows import read_row
from bot.sources.markdown.surroundings import Surroundings, is_labels_only
from bot.sources.markdown.titles import Title, read_title
from bot.sources.markdown.vocabulary import Topic, credits_picture, topic_of

_AFTER_ITEMS = frozenset({Topic.PAST, Topic.ABOUT, Topic.ELSEWHERE})
_SHORTEST_SOURCE = 8


@dataclass(slots=True)
class Body:
    """What was read: sections and items in order, links to earlier issues, lists of highlights by index."""

    sections: list[Named] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    highlights: list[int] = field(default_factory=list)


class BodyReader:
    """Reads the blocks of one issue from where its items may begin.

    loose: headings and paragraphs that begin in bold are items too if some link stands below or in them.
    """

    def __init__(self, blocks: Sequence[Block], plan: Plan, *, loose: bool = False) -> None:
        self._around = Surroundings(blocks, plan, loose)
        self._plan = plan
        self._loose = loose
        self._body = Body()
        self._draft: Draft | None = None
        self._topic: Topic | None = None
        self._figure: str | None = None
        self._below_figure = False
        self._choice = False

    def read(self) -> Body:
        """Everything that the blocks hold."""
        for at in range(self._plan.body, len(self._around.blocks)):
            self._block(at, self._around.blocks[at])
        return self._body

    def _block(self, at: int, block: Block) -> None:
        if not isinstance(block, Figure | Text):
            self._figure, self._below_figure = None, False
        match block:
            case Heading():
                self._heading(at, block)
            case Text():
                self._text(at, block)
            case Figure():
                self._picture(block)
            case Card():
                self._card(at, block)
            case Rule():
                self._draft = None
            case Listing():
                self._listing(at, block)
            case Row() if self._topic is None:
                self._keep(read_row(block, self._section))

    @property
    def _section(self) -> int:
        return len(self._body.sections) - 1

    @property
    def _ended(self) -> bool:
        """Whether the part after the items has begun, which only a section that is certain ends."""
        last = _AFTER_ITEMS if self._plan.level is None else _AFTER_ITEMS | {Topic.SUBSCRIBE}
        return self._topic in last and bool(self._body.drafts)

    def _keep(self, draft: Draft | None) -> None:
        if draft:
            self._body.drafts.append(draft)

    def _open(self, draft: Draft) -> None:
        self._keep(draft)
        self._draft = draft

    def _heading(self, at: int, heading: Heading) -> None:
        name = words(heading.line)
        title, topic = read_title(heading.line), topic_of(name)
        if topic is Topic.HIGHLIGHTS and not isinstance(self._around.at(at + 1), Listing):
            topic = None
        begins_item = self._around.begins_item(at)
        self._draft = None
        self._choice = self._plan.listed and announces_choice(name)
        if at in self._plan.sections and not begins_item:
            self._begin_section(self._plan.sections[at])
        elif topic and not title and not (topic is Topic.SUBSCRIBE and begins_item):
            self._topic = topic
        elif self._ended:
            self._topic = Topic.ELSEWHERE
        elif title and at not in self._plan.linked:
            self._topic = None
            self._open(Draft(self._section, title.text, title.url))
        elif begins_item and not title:
            self._topic = None
            self._open(Draft(self._section, heading_name(name).name or None, self._around.address_below(at)))
        elif self._plan.level is None or heading.level <= self._plan.level:
            self._begin_section(heading_name(name))

    def _begin_section(self, named: Named) -> None:
        self._topic = None
        self._body.sections.append(named)

    def _text(self, at: int, text: Text) -> None:
        below_figure = self._below_figure
        more = len(text.lines) > 1 or isinstance(self._around.at(at + 1), Text)
        if below_figure and more and credits_picture(wording(text.lines[:1])):
            text = replace(text, lines=text.lines[1:])
        self._below_figure = below_figure and not text.lines
        if not text.lines:
            return
        choice, self._choice = self._choice, False
        if choice and not text.quoted:
            self._keep(read_choice(text.lines, self._section))
            return
        topic = None if links(text.lines) else topic_of(wording(text.lines))
        if topic in _AFTER_ITEMS and self._body.drafts:
            self._draft, self._topic = None, topic
        elif self._topic is not None:
            self._note(links(text.lines))
        else:
            self._title_or_more(at, text, below_figure=below_figure)

    def _title_or_more(self, at: int, text: Text, *, below_figure: bool) -> None:
        """Open an item with a paragraph that is a title, or add the paragraph to the item above it."""
        title = self._around.title(at, text, below_figure=below_figure)
        if title and not self._is_of_item_above(title, at, text):
            self._open(Draft(self._section, title.text, title.url))
            self._add(replace(text, lines=text.lines[1:]), at)
        elif (self._draft is None or self._draft.texts) and self._around.is_plain_title(at, text):
            self._open(Draft(self._section, wording(text.lines), self._around.labels_below(at)))
        elif (self._loose and begins_with_bold_title(text.lines)) or self._is_bold_item(text):
            self._open(read_line(joined(text.lines), self._section))
            if self._plan.listed and self._body.drafts[-1].texts:
                self._draft = None
        elif not title:
            self._add(text, at, below_figure=below_figure)

    def _is_bold_item(self, text: Text) -> bool:
        """Whether a paragraph among lists of items is one itself, as it begins with a link in bold."""
        return self._plan.listed and not text.quoted and begins_with_bold_link(text.lines[0])

    def _is_of_item_above(self, title: Title, at: int, text: Text) -> bool:
        """Whether a link in a paragraph of its own repeats the item's, or is the last word of its summary."""
        if self._draft is None or len(text.lines) > 1:
            return False
        if not self._draft.texts:
            return self._draft.url == title.url
        return not title.strong and not isinstance(self._around.at(at + 1), Text | Figure | Card)

    def _add(self, text: Text, at: int, *, below_figure: bool = False) -> None:
        """Add what a paragraph says to the item above it, or to the one whose paper it names."""
        more = self._around.text_follows(at)
        if self._plan.listed and is_bold(text):
            self._draft = None
        elif id_line := read_id_line(text.lines, alone=not more):
            self._add_id_line(id_line)
        elif text.lines and self._draft and not stands_in_brackets(text.lines[0]):
            lines = tuple(line for line in text.lines if not is_labels_only(line))
            if lines and not self._draft.texts:
                lines = _without_source(lines, more=more, shown=below_figure)
            self._draft.texts += filter(None, [wording(lines)])
            self._figure = None

    def _add_id_line(self, line: IdLine) -> None:
        """Give a paper's id and title to the item above, or open the item whose title and link were lost."""
        draft = self._draft
        if draft is None or (line.paper != draft.arxiv_id and (draft.texts or draft.paper)):
            if draft and draft.image == self._figure:
                draft.image = None
            draft = Draft(self._section, None, image=self._figure)
            self._open(draft)
        if draft.paper is None:
            draft.paper, draft.paper_title = line.paper, line.title
            draft.texts += filter(None, [line.rest])

    def _picture(self, figure: Figure) -> None:
        if self._topic is None:
            self._figure, self._below_figure = figure.source, True
            if self._draft and self._draft.image is None:
                self._draft.image = figure.source

    def _card(self, at: int, card: Card) -> None:
        if self._topic is not None:
            self._note([card.url] if card.url else [])
        elif self._draft is not None:
            self._draft.url = self._draft.url or card.url
        elif at - 1 in self._plan.sections and self._around.card_with_summary(at - 1):
            self._open(Draft(self._section, None, card.url))

    def _listing(self, at: int, listing: Listing) -> None:
        if self._topic is Topic.HIGHLIGHTS:
            self._body.highlights.append(at)
        elif self._topic is not None:
            self._note(url for entry in listing.entries for url in entry_links(entry))
        elif self._draft and not self._plan.listed:
            self._draft.texts += filter(None, map(_entry_wording, listing.entries))
        else:
            for entry in listing.entries:
                self._body.drafts.extend(read_entry(entry, self._section))

    def _note(self, urls: Iterable[str]) -> None:
        if self._topic is Topic.PAST:
            self._body.past.extend(urls)


def _entry_wording(entry: Entry) -> str:
    return " ".join(filter(None, (wording(entry.lines), *map(_entry_wording, entry.children))))


def _without_source(lines: tuple[Line, ...], *, more: bool, shown: bool) -> tuple[Line, ...]:
    """A summary's lines without the title of the linked page in italics before them.

    more: another paragraph follows. shown: a picture stands right above.
    """
    said = [span for span in lines[0] if span.text.strip()]
    if said and all(span.emphasis for span in said):
        return lines[1:] if len(lines) > 1 or more else lines
    slanted = next((at for at, span in enumerate(lines[0]) if span.text.strip() and not span.emphasis), 0)
    if shown and len(words(lines[0][:slanted])) >= _SHORTEST_SOURCE:
        return (lines[0][slanted:], *lines[1:])
    return lines
