"""Newsletters in mails: files that end in .eml, as mail programs save them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue
from bot.core.text import one_line
from bot.core.urls import canonical, site
from bot.sources.decoding import decode
from bot.sources.furniture import offers_online
from bot.sources.html_newsletter import fields, read_html, with_date
from bot.sources.html_tree import parse_html
from bot.sources.markdown import read_newsletter
from bot.sources.page_facts import Facts
from bot.sources.redirects import is_counted, unwrapped

_FIRST_LINES = 40
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:")
_OF_MAILS = re.compile(
    rb"(?:from|subject|mime-version|received|delivered-to|return-path|message-id|date):", re.IGNORECASE
)
_MOST_PARTS = 200
_ANSWERED = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|tr|rv|转发|回复|轉寄)\s*[:：])+\s*", re.IGNORECASE)
_LONGEST_HEADER = 2_000
_ADDRESS = re.compile(r"https?://[^\s<>\[\]()\"']+")
_SOFT_END = re.compile(r" \n(?=\S)")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A text in a mail, and the mail that it belongs to, which may be attached to another one."""

    mail: Message
    text: str
    html: bool


def is_mail(content: bytes) -> bool:
    """Whether bytes begin as a mail does: with headers, among them such as only mails have."""
    lines = content[:20_000].lstrip(b"\xef\xbb\xbf\r\n").split(b"\n")[:_FIRST_LINES]
    headers = 0
    for line in lines:
        if not line.strip():
            break
        if not line.startswith((b" ", b"\t")) and not _HEADER.match(line):
            return False
        headers += _OF_MAILS.match(line) is not None
    return headers > 1


def read_mail(content: bytes) -> tuple[ParsedIssue, ...]:
    """Read the issue in a mail: its HTML if it has any, else its plain text. Raises NotANewsletter."""
    try:
        letters = list(_letters(message_from_bytes(content)))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotANewsletter("it is no mail that can be read") from error
    letter = max(letters, key=lambda each: (each.html, len(each.text)), default=None)
    if letter is None or not letter.text.strip():
        raise NotANewsletter("it is a mail without a text")
    title = _ANSWERED.sub("", _words(letter.mail, "Subject")) or None
    url, dated = _address(letter), _dated(letter.mail)
    if letter.html:
        return read_html(letter.text, base=None, title=title, url=url, dated=dated)
    text = _ADDRESS.sub(lambda match: unwrapped(match.group()), letter.text)
    issues = read_newsletter(fields(Facts(title, url, dated, article=True)) + text)
    return tuple(with_date(each, dated) for each in issues) if dated else issues


def _letters(mail: Message) -> Iterator[_Letter]:
    """The texts of a mail and of those attached to it, in order."""
    waiting: list[tuple[Message, Message]] = [(mail, mail)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        whole, part = waiting.pop(0)
        kind = part.get_content_type()
        inside = part.get_payload()
        if isinstance(inside, list):
            parts = [each for each in inside if isinstance(each, Message)]
            waiting = [(each if kind == "message/rfc822" else whole, each) for each in parts] + waiting
        elif kind in ("text/html", "text/plain") and part.get_content_disposition() != "attachment":
            yield _Letter(whole, _text(part), kind == "text/html")


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    named = part.get_content_charset()
    text = decode(content if isinstance(content, bytes) else b"", f"text/html; charset={named}" if named else "")
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _SOFT_END.sub("" if str(part.get_param("delsp", "")).lower() == "yes" else " ", text.replace("\r", ""))
    return text


def _words(mail: Message, name: str) -> str:
    """A header as people read it, or what can be made of it."""
    raw = str(mail.get(name, ""))[:_LONGEST_HEADER]
    try:
        return one_line(str(make_header(decode_header(raw))))
    except (LookupError, UnicodeError, HeaderParseError, ValueError):
        return one_line(raw)


def _dated(mail: Message) -> date | None:
    try:
        return parsedate_to_datetime(_words(mail, "Date")).date()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _address(letter: _Letter) -> str | None:
    """Where the mail can be read on the web: by its headers, or by a link that says so and is not counted."""
    named = [_words(letter.mail, name).strip("<>") for name in ("Snapshot-Content-Location", "List-Post")]
    if letter.html:
        offers = filter(offers_online, parse_html(letter.text).css("a[href]"))
        named += [unwrapped((link.attributes.get("href") or "").strip()) for link in offers]
    return next(
        (canonical(url) for url in named if site(url) and urlsplit(url).path.strip("/") and not is_counted(url)), None
    )
