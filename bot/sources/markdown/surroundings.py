"""What the blocks around a block make of it: a title whose preview follows, a heading above its paper's id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sources.markdown.blocks import Block, Card, Figure, Line, Text, links, wording
from bot.sources.markdown.idlines import read_id_line, stands_in_brackets
from bot.sources.markdown.plan import Plan
from bot.sources.markdown.titles import Title, is_surely_title, is_whole_title, may_be_title, read_title
from bot.sources.markdown.vocabulary import credits_picture, is_label, topic_of

_SENTENCE_END = re.compile(r"[。.!！;；:：]$")
_LONGEST_PLAIN_TITLE = 80
_MOST_CREDITS = 2


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The blocks of an issue, asked about by index.

    loose: a heading is a title if any link stands in the paragraphs below it.
    """

    blocks: Sequence[Block]
    plan: Plan
    loose: bool

    def at(self, index: int) -> Block | None:
        """The block at an index, or None past the end."""
        return self.blocks[index] if index < len(self.blocks) else None

    def previewed(self, at: int) -> bool:
        """Whether a picture or a link preview comes right after."""
        return isinstance(self.at(at + 1), Figure | Card)

    def text_follows(self, at: int) -> bool:
        """Whether a paragraph comes right after that is no title of another item."""
        following = self.at(at + 1)
        return isinstance(following, Text) and self.title(at + 1, following) is None

    def begins_item(self, at: int) -> bool:
        """Whether a heading without a link is a title: by the preview, the picture or the links that follow it."""
        if isinstance(self.at(at + 1), Card):
            return at not in self.plan.sections and self.card_with_summary(at)
        return self.paper_below(at) or self.address_below(at) is not None

    def card_with_summary(self, at: int) -> bool:
        """Whether a link preview and then a paragraph come after that can be an item's."""
        card, summary = self.at(at + 1), self.at(at + 2)
        return (
            isinstance(card, Card)
            and card.url is not None
            and isinstance(summary, Text)
            and self.title(at + 2, summary) is None
            and topic_of(wording(summary.lines)) is None
        )

    def address_below(self, at: int) -> str | None:
        """The address that the paragraph below a heading gives in links such as `Paper` or `Read more`."""
        if not self.loose:
            return None if at in self.plan.sections else self.labels_below(at)
        for index in range(at + 1, len(self.blocks)):
            block = self.blocks[index]
            if not isinstance(block, Text):
                break
            if found := links(block.lines):
                return found[0]
        return None

    def labels_below(self, at: int) -> str | None:
        """The first address in the paragraph after, if that is nothing but links that say `Paper` or the like."""
        below = self.at(at + 1)
        if self.plan.listed or not isinstance(below, Text) or not all(map(is_labels_only, below.lines)):
            return None
        return links(below.lines)[0]

    def paper_below(self, at: int) -> bool:
        """Whether a picture and then a line with a paper's id come after."""
        if not isinstance(self.at(at + 1), Figure):
            return False
        for block in self.blocks[at + 2 : at + 3 + _MOST_CREDITS]:
            if not isinstance(block, Text):
                break
            if read_id_line(block.lines, alone=False):
                return True
            if not credits_picture(wording(block.lines)):
                break
        return False

    def title(self, at: int, text: Text, *, below_figure: bool = False) -> Title | None:
        """The paragraph's first line as the title of a new item, or None."""
        title = None if self.plan.listed else read_title(text.lines[0])
        if title is None:
            return None
        previewed = len(text.lines) == 1 and self.previewed(at)
        if is_whole_title(title):
            sure = not below_figure or (previewed and title.strong)
            return title if sure and (title.text or previewed or isinstance(self.at(at + 1), Text)) else None
        if not may_be_title(title) or below_figure or len(text.lines) > 1:
            return None
        return title if previewed or is_surely_title(title) else None

    def is_plain_title(self, at: int, text: Text) -> bool:
        """Whether a short line that lost its link is a title, because a preview or a paper's id follows."""
        name = wording(text.lines)
        return (
            not self.plan.listed
            and len(text.lines) == 1
            and 0 < len(name) <= _LONGEST_PLAIN_TITLE
            and not links(text.lines)
            and not _SENTENCE_END.search(name)
            and not stands_in_brackets(text.lines[0])
            and not credits_picture(name)
            and not read_id_line(text.lines, alone=False)
            and (self.card_with_summary(at) or self.paper_below(at) or self._is_bold_above_labels(at, text))
        )

    def _is_bold_above_labels(self, at: int, text: Text) -> bool:
        return all(span.strong for span in text.lines[0] if span.text.strip()) and self.labels_below(at) is not None


def is_labels_only(line: Line) -> bool:
    """Whether a line is nothing but links that say what kind of page they lead to: `Paper | Code`."""
    return all(is_label(span.text) for span in line) and any(span.url for span in line)
