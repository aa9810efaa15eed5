"""Items in one line: entries of lists, rows of tables, paragraphs that begin with their title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.sources.markdown.blocks import Entry, Line, Span, entry_links, wording, words
from bot.sources.markdown.drafts import Draft
from bot.sources.markdown.vocabulary import is_kind, is_label, is_paper_label

_NUMBER = re.compile(r"^\s*(?:[(（]?[0-9]{1,3}\s*[.)）、:：]|[-–—•●*·▪]|[0-9]{1,3}(?=\s*\|))\s*")
_TAG = re.compile(r"^\s*[\[【(（][^\[\]【】()（）]{1,30}[\]】)）]\s*")
_SEPARATOR_FIRST = re.compile(r"^(?:\s*[:：|—–―•·]|\s*[.。,，;；、](?=\s|$)|\s*-(?=\s)|\s*[(（]|\s*$)")
_SEPARATORS = " \t\n\u3000:：|—–―•·.。,，;；、*-"
_SEPARATORS_LAST = " \t\n\u3000:：|—–―•·,，;；、/(（[-"
_LABEL_LAST = re.compile(r"(?:[:：|—–―-]|[】\])）])\s*$")
_NEW_SENTENCE = re.compile(r"^\s+(?:[A-Z\"“‘'(]|[\u2e80-\u9fff\uac00-\ud7a3])")
_PART = re.compile(r"\s[|–—-]\s|\s{2,}|[:：]\s?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])")
_FIGURES_ONLY = re.compile(r"[\W\d_]*")
_EMPTY_BRACKETS = re.compile(r"[(（\[【][\s,|/·]*[)）\]】]")
_LONGEST_TITLE = 160
_MOST_TAGS = 4
_BETWEEN_CELLS = Span(" | ")


@dataclass(frozen=True, slots=True)
class _Parts:
    """A line cut at its main link: the text before, the link's own, the text after."""

    before: str
    link: str
    after: str
    bold: str


def read_entry(entry: Entry, section: int) -> Iterator[Draft]:
    """The items of a list's entry: one if it has a link, else those of the entries below it."""
    own = tuple(span for line in _spaced(entry.lines) for span in line)
    below = tuple(child for child in entry.children if entry_links(child))
    if any(span.url for span in own):
        draft = read_line(own, section)
        draft.texts += filter(None, (wording(child.lines) for child in entry.children))
        yield draft
    elif below and words(own) and all(map(is_link_only, below)):
        linked = (span for child in below for line in child.lines for span in line if span.url)
        yield read_line((*own, *(part for span in linked for part in (_BETWEEN_CELLS, span))), section)
    else:
        for child in below:
            yield from read_entry(child, section)


def read_row(cells: Sequence[Line], section: int) -> Draft | None:
    """The item of a table's row, or None if it has no link."""
    kept = [cell for cell in cells if any(span.url for span in cell) or not _FIGURES_ONLY.fullmatch(words(cell))]
    spans = tuple(span for at, cell in enumerate(kept) for span in ((_BETWEEN_CELLS, *cell) if at else cell))
    return read_line(spans, section) if any(span.url for span in spans) else None


def read_line(spans: Line, section: int) -> Draft:
    """The item that a line with a link is: title and summary are parted where the line parts them."""
    linked = [at for at, span in enumerate(spans) if span.url]
    named = [at for at in linked if not is_label(spans[at].text)]
    if named:
        main = named[0]
        parts = _parts(spans, main)
        title, summary = _of_named_link(parts)
    else:
        main = next((at for at in linked if is_paper_label(spans[at].text)), linked[0])
        parts = _parts(spans, main)
        title, summary = _of_label(parts, f"{parts.before} {parts.after}")
    return Draft(section, title or None, spans[main].url, texts=[summary] if summary else [])


def begins_with_bold_title(lines: tuple[Line, ...]) -> bool:
    """Whether a paragraph begins with bold words and has a link, as an item in one paragraph does."""
    first = next((span for span in lines[0] if span.text.strip()), None)
    return first is not None and first.strong and any(span.url for line in lines for span in line)


def is_link_only(entry: Entry) -> bool:
    """Whether an entry is but a link for the one above it: `Paper: https://…`."""
    linked = [span for line in entry.lines for span in line if span.url]
    rest = "".join(span.text for line in entry.lines for span in line if not span.url)
    return bool(linked) and all(is_label(span.text) for span in linked) and is_label(rest.strip().rstrip(":："))


def _parts(spans: Line, main: int) -> _Parts:
    """The line around its main link; links that only say `Code` or `Tweet` are left out."""
    url = spans[main].url
    end = main + 1
    while end < len(spans) and spans[end].url == url and not is_label(spans[end].text):
        end += 1
    bold = [span.text for span in spans if span.strong and not span.url]
    return _Parts(
        before=_text(spans[:main]),
        link="".join(span.text for span in spans[main:end]).strip(),
        after=_text(spans[end:]),
        bold="".join(bold).strip(),
    )


def _text(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans if not (span.url and is_kind(span.text)))


def _of_named_link(parts: _Parts) -> tuple[str, str]:
    """The title is the link's text, or the sentence that the link stands in."""
    lead = _without_marks(parts.before)
    if lead and not _LABEL_LAST.search(lead):
        return _sentence(f"{lead}{_gap(parts.before)}{parts.link}{parts.after}")
    if _SEPARATOR_FIRST.match(parts.after) or _NEW_SENTENCE.match(parts.after):
        return parts.link, _tidy(parts.after)
    return _sentence(f"{parts.link}{parts.after}")


def _of_label(parts: _Parts, text: str) -> tuple[str, str]:
    """The title is the bold text, or what stands before the line's first separator or sentence's end."""
    text = _without_marks(text)
    bold = _without_marks(parts.bold)
    if bold and text.startswith(bold):
        return _tidy(bold), _tidy(text[len(bold) :])
    part = _PART.search(text, 0, _LONGEST_TITLE)
    if part and text[: part.start()].strip():
        return _tidy(text[: part.start()]), _tidy(text[part.end() :])
    return _sentence(text)


def _sentence(text: str) -> tuple[str, str]:
    text = _tidy(text)
    end = _SENTENCE_END.search(text)
    first, rest = (text[: end.start()], text[end.end() :]) if end else (text, "")
    return (_tidy(first).rstrip(".。"), _tidy(rest)) if len(first) <= _LONGEST_TITLE else ("", text)


def _without_marks(text: str) -> str:
    """The text without the number, bullet and tags in front."""
    text = _NUMBER.sub("", text, count=1)
    for _ in range(_MOST_TAGS):
        text = _TAG.sub("", text, count=1)
    return text.lstrip(_SEPARATORS).rstrip()


def _gap(before: str) -> str:
    return " " if before[-1:].isspace() else ""


def _tidy(text: str) -> str:
    text = _EMPTY_BRACKETS.sub("", text) if "(" in text or "[" in text or "（" in text or "【" in text else text
    return text.lstrip(_SEPARATORS).rstrip(_SEPARATORS_LAST)


def _spaced(lines: Iterable[Line]) -> Iterator[Line]:
    for at, line in enumerate(lines):
        yield (Span(" "), *line) if at else line
