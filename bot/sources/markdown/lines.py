"""An item in one line: its title, its address and what the line says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.sources.markdown.blocks import Line, Span, joined, whole_links, words
from bot.sources.markdown.drafts import Draft
from bot.sources.markdown.naming import leads_to_discussion, names_page, names_person
from bot.sources.markdown.notices import says_none
from bot.sources.markdown.vocabulary import is_address, is_kind, is_paper_label

_NUMBER = re.compile(r"^\s*(?:[(（]?[0-9]{1,3}\s*[.)）、:：]|[-–—•●*·▪]|[0-9]{1,3}(?=\s*\|))\s*")
_TAG = re.compile(r"^\s*[\[【(（][^\[\]【】()（）]{1,30}[\]】)）]\s*")
_SEPARATOR_FIRST = re.compile(r"^(?:\s*[:：|—–―•·]|\s*[.。,，;；、](?=\s|$)|\s*-(?=\s)|\s*[(（]|\s*$)")
_SEPARATORS = " \t\n\u00a0\u3000:：|—–―•·.。,，;；、*-"
_SEPARATORS_LAST = " \t\n\u00a0\u3000:：|—–―•·,，;；、/(（[-"
_LEFT_OVER = " \t\n.,;|/·"
"""What links that are left out leave behind at a line's end."""
_LABEL_LAST = re.compile(r"(?:[:：|—–―-]|[】\])）])\s*$")
_NEW_SENTENCE = re.compile(r"^\s+(?:[A-Z\"“‘'(]|[\u2e80-\u9fff\uac00-\ud7a3])")
_BESIDE = re.compile(r"^\s+(?:by|from|via|at|on|in|with|for|through|featuring|feat\.|ft\.)\s", re.IGNORECASE)
_LOUD = re.compile(r"^[?!？！]+")
_PART = re.compile(r"\s[|–—-]\s|\s{2,}")
_COLON = re.compile(r"[:：]\s?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])")
_EMPTY_BRACKETS = re.compile(r"(?<!\S)[(（\[【][\s,|/·]*[)）\]】]")
_WORDLESS = re.compile(r"[\W_]*")
_LONGEST_TITLE = 160
_WHOLE_TITLE = 5
"""From how many words on a link that begins a line is its title, however the sentence goes on."""
_MOST_TAGS = 4


@dataclass(frozen=True, slots=True)
class _Parts:
    """A line cut at its main link: the text before, the link's own, the text after, the bold text at the beginning."""

    before: str
    link: str
    after: str
    bold: str


def read_line(spans: Line, section: int) -> Draft:
    """The item that a line with a link is: title and summary are parted where the line parts them."""
    spans = whole_links(spans)
    linked = [at for at, span in enumerate(spans) if span.url]
    named = [at for at in linked if names_page(spans[at])]
    if named:
        title, summary = _of_named_link(_parts(spans, main := _main(spans, named)))
    else:
        main = next((at for at in linked if is_paper_label(spans[at].text)), linked[0])
        title, summary = read_title_and_text(spans, main)
        if not title and not summary and not is_address(spans[main].text):
            title = spans[main].text.strip()
    return Draft(section, title or None, spans[main].url, texts=[summary] if summary else [])


def _main(spans: Line, named: list[int]) -> int:
    """Which link of those that name something is the item: the first that leads to no person and no discussion.

    A discussion is the item where the line begins with it.
    """
    pages = [at for at in named if not names_person(spans[at])]
    if not pages or begins_with_link(spans):
        return pages[0] if pages else named[0]
    return next((at for at in pages if not leads_to_discussion(spans[at])), pages[0])


def read_choice(lines: tuple[Line, ...], section: int) -> Draft | None:
    """The one thing that a paragraph says was chosen, or None: its first link, if that stands in a sentence."""
    spans = whole_links(joined(lines))
    chosen = next((span for span in spans if span.url and names_page(span) and not names_person(span)), None)
    if chosen is None or says_none(words(spans)) or chosen.text.strip() == words(spans).strip(" .!"):
        return None
    return Draft(section, chosen.text.strip(), chosen.url, texts=[words(spans)])


def read_title_and_text(spans: Line, main: int | None = None) -> tuple[str, str]:
    """Title and summary of a line whose links say only `Paper` or `Code`: what stands bold, or before a separator.

    main: the index of the link that is left out whatever it says.
    """
    parts = _parts(spans, main) if main is not None else _Parts(_text(spans), "", "", _bold(spans))
    text = without_marks(f"{parts.before} {parts.after}")
    bold = without_marks(parts.bold)
    if bold and text.startswith(bold):
        return _tidy(bold), _tidy(text[len(bold) :])
    part = _PART.search(text, 0, _LONGEST_TITLE) or _COLON.search(text, 0, _LONGEST_TITLE)
    if part and text[: part.start()].strip():
        return _tidy(text[: part.start()]), _tidy(text[part.end() :])
    return _sentence(text)


def begins_with_link(spans: Line) -> bool:
    """Whether nothing but a number, a bullet, tags or pictograms stand before a line's first link."""
    first = next((at for at, span in enumerate(spans) if span.url), None)
    return first is not None and _WORDLESS.fullmatch(without_marks(_text(spans[:first]))) is not None


def without_marks(text: str) -> str:
    """The text without the number, bullet and tags in front."""
    text = _NUMBER.sub("", text, count=1)
    for _ in range(_MOST_TAGS):
        text = _TAG.sub("", text, count=1)
    return text.lstrip(_SEPARATORS).rstrip()


def _parts(spans: Line, main: int) -> _Parts:
    """The line around its main link; links that only say `Code` or `Tweet` are left out."""
    url = spans[main].url
    end = main + 1
    while end < len(spans) and spans[end].url == url and names_page(spans[end]):
        end += 1
    link = "".join(span.text for span in spans[main:end]).strip()
    return _Parts(_text(spans[:main]), link, _text(spans[end:]), _bold(spans))


def _text(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans if not (span.url and is_kind(span.text)))


def _bold(spans: Line) -> str:
    """The first stretch of bold text that is no link."""
    bold: list[str] = []
    for span in spans:
        if span.strong and not span.url:
            bold.append(span.text)
        elif bold and span.text.strip():
            break
    return "".join(bold).strip()


def _of_named_link(parts: _Parts) -> tuple[str, str]:
    """The title is the link's text, or the sentence that the link stands in."""
    lead = without_marks(parts.before)
    if not _WORDLESS.fullmatch(lead) and not _LABEL_LAST.search(lead):
        return _sentence(f"{lead}{_gap(parts.before)}{parts.link}{parts.after}")
    if loud := _LOUD.match(parts.after):
        return parts.link + loud.group(), _tidy(parts.after[loud.end() :])
    apart = _SEPARATOR_FIRST.match(parts.after) or _NEW_SENTENCE.match(parts.after) or _BESIDE.match(parts.after)
    if apart or len(parts.link.split()) >= _WHOLE_TITLE:
        return parts.link, _tidy(parts.after)
    return _sentence(f"{parts.link}{parts.after}")


def _sentence(text: str) -> tuple[str, str]:
    text = _tidy(text)
    end = _SENTENCE_END.search(text)
    first, rest = (text[: end.start()], text[end.end() :]) if end else (text, "")
    return (_tidy(first).rstrip(".。"), _tidy(rest)) if len(first) <= _LONGEST_TITLE else ("", text)


def _gap(before: str) -> str:
    return " " if before[-1:].isspace() else ""


def _tidy(text: str) -> str:
    text = _EMPTY_BRACKETS.sub("", text) if "(" in text or "[" in text or "（" in text or "【" in text else text
    text = text.lstrip(_SEPARATORS).rstrip(_SEPARATORS_LAST)
    kept = text.rstrip(_LEFT_OVER)
    return f"{kept}." if any(map(str.isspace, text[len(kept) :])) else text
