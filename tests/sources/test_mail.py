"""Newsletters in mails: quoted-printable or Base64, in any charset, with links through counters."""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import NotANewsletter
from bot.core.parsed import ParsedIssue
from bot.sources.mail import is_mail, read_mail
from bot.sources.newsletters import read_document

PAGES = Path(__file__).parent / "pages"
ITEMS = (
    "<h2>Papers</h2><ul><li><a href='https://a.org/1'>One</a>: first</li>"
    "<li><a href='https://a.org/2'>Two</a>: second</li></ul>"
)


def items(issue: ParsedIssue) -> list[tuple[str, str | None, str]]:
    """Section, title and address of each item."""
    names = {section.number: section.name for section in issue.sections}
    return [(names.get(each.section, ""), each.title, each.url) for each in issue.items]


def letter(subject: str = "Digest 7", html: str = f"<html><body>{ITEMS}</body></html>") -> EmailMessage:
    """A mail with plain text and HTML."""
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Date"] = "a@example.org", subject, "Sun, 10 May 2026 08:30:12 +0000"
    mail.set_content("The plain text has no links.")
    mail.add_alternative(html, subtype="html")
    return mail


def test_a_mail_of_substack() -> None:
    """Quoted-printable HTML with redirects: the items, the issue's own address, and nothing of the frame."""
    (issue,) = read_document((PAGES / "substack.eml").read_bytes())
    assert items(issue) == [
        (
            "Papers",
            "Efficient Memory Management for Large Language Model Serving with PagedAttention",
            "https://arxiv.org/abs/2309.06180",
        ),
        ("Papers", "GQA: Training Generalized Multi-Query Transformer Models", "https://arxiv.org/abs/2305.13245"),
        ("Code", "vLLM", "https://github.com/vllm-project/vllm"),
    ]
    assert (issue.title, issue.number, issue.dated) == ("Gradient Almanac #42: caches", 42, date(2026, 5, 10))
    assert issue.source_url == "https://almanac.substack.com/p/gradient-almanac-42"


def test_a_mail_of_a_mailing_service() -> None:
    """Base64 HTML laid out in tables, with counters: items by section, without its attachment and its footer."""
    (issue,) = read_document((PAGES / "digest.eml").read_bytes())
    assert items(issue) == [
        ("Research", "Attention Is All You Need", "https://arxiv.org/abs/1706.03762"),
        ("Research", "Mixture of Experts Explained", "https://huggingface.co/blog/moe"),
        ("Tools", "tinygrad (GitHub Repo)", "https://github.com/tinygrad/tinygrad"),
    ]
    assert (issue.title, issue.dated) == ("Chips, chairs and a compiler 🛠️", date(2026, 5, 12))
    assert issue.items[-1].summary == "A compiler for gradients in a few thousand lines."
    assert issue.source_url is None


def test_a_mail_in_chinese() -> None:
    """Headers and text in GB 2312, with a letter that only GB 18030 has."""
    (issue,) = read_document((PAGES / "chinese.eml").read_bytes())
    assert items(issue) == [
        ("论文", "内卷：反转卷积的固有特性", "https://arxiv.org/abs/2103.06255"),
        ("工具", "involution", "https://github.com/d-li14/involution"),
    ]
    assert (issue.title, issue.number, issue.dated) == ("视觉周报 第 12 期", 12, date(2021, 3, 22))
    assert issue.items[0].summary.endswith("鎔")


@pytest.mark.parametrize("charset", ["utf-8", "shift_jis", "euc_jp", "iso2022_jp", "utf-16"])
@pytest.mark.parametrize("transfer", ["base64", "quoted-printable"])
def test_a_charset_that_is_named_is_read(charset: str, transfer: str) -> None:
    """Japanese text comes out the same in every charset and transfer encoding."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.org", "週報 7"
    html = "<html><body><h2>論文</h2><ul><li><a href='https://a.org/1'>畳み込みを裏返す</a>：新しい層の話。</li></ul></body></html>"
    mail.set_content(html, subtype="html", charset=charset, cte=transfer)
    (issue,) = read_mail(mail.as_bytes())
    assert [(each.title, each.summary) for each in issue.items] == [("畳み込みを裏返す", "新しい層の話。")]


def test_html_is_preferred_to_plain_text() -> None:
    """A mail with both is read by its HTML; one with plain text alone is read as Markdown."""
    (issue,) = read_mail(letter().as_bytes())
    assert [each.title for each in issue.items] == ["One", "Two"]
    plain = EmailMessage()
    plain["From"], plain["Subject"] = "a@example.org", "Digest 8"
    plain.set_content(
        "# Papers\n\n* [One](https://click.example.org/?url=https://a.org/1): first\n* [Two](https://a.org/2): second\n"
    )
    (issue,) = read_mail(plain.as_bytes())
    assert [each.url for each in issue.items] == ["https://a.org/1", "https://a.org/2"]
    assert issue.number == 8


def test_a_forwarded_mail_is_read() -> None:
    """Forwarded as an attachment or in the text, its title loses the mark of forwarding."""
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "b@example.org", "Fwd: look"
    outer.set_content("See below.")
    outer.add_attachment(letter("Digest 9"))
    (issue,) = read_mail(outer.as_bytes())
    assert (issue.title, issue.number) == ("Digest 9", 9)
    (issue,) = read_mail(letter("Fwd: Re: Digest 9").as_bytes())
    assert issue.title == "Digest 9"


def test_the_issues_own_address_is_taken_from_the_mail() -> None:
    """A link to read it online names it, unless it only leads through a counter."""
    online = "<p><a href='{}'>View this email in your browser</a></p>"
    own = letter(html=online.format("https://letters.example.org/p/7?utm_source=mail") + ITEMS)
    assert read_mail(own.as_bytes())[0].source_url == "https://letters.example.org/p/7"
    counted = letter(html=online.format("https://click.letters.example.org/abc") + ITEMS)
    assert read_mail(counted.as_bytes())[0].source_url is None


def test_a_mail_is_told_from_other_texts() -> None:
    """Markdown, front matter and pages are no mails, whatever their first lines look like."""
    assert is_mail(letter().as_bytes())
    for text in (
        "# Digest\n\n- [One](https://a.org)",
        "---\ntitle: x\ndate: y\n---\n",
        "<html></html>",
        "Subject: hello\n\nx",
        "",
    ):
        assert not is_mail(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        "From: a\nSubject: b\n\n",
        "From: a\nSubject: b\nContent-Type: image/png\n\nx",
        "From: a\nSubject: b\n"
        + "".join(f"Content-Type: multipart/mixed; boundary=x{n}\n\n--x{n}\n" for n in range(3_000)),
        "From: a\nSubject: b\n" + "Content-Type: message/rfc822\n\n" * 5_000,
        "From: a\nSubject: " + "=?utf-8?q?a?= " * 50_000 + "\nDate: " + "1 " * 50_000 + "\n\nhi",
        "From: a\nSubject: =?nonsense?b?////?=\nContent-Type: text/html; charset=nonsense\n\n<p>hi",
        "From: a\nSubject: b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n!!!!",
    ],
    ids=["empty", "picture", "nested", "mails in mails", "long headers", "charset", "base64"],
)
def test_what_is_no_newsletter_is_refused(content: str) -> None:
    """Whatever a mail holds, it is read or refused with a reason, in a moment."""
    with pytest.raises(NotANewsletter):
        read_document(content.encode())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_no_mail_raises_anything_else(tail: bytes) -> None:
    """Any bytes behind the headers of a mail are read or refused."""
    for head in (b"From: a\nSubject: b\n", b"From: a\nSubject: b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"):
        try:
            read_document(head + tail)
        except NotANewsletter:
            continue
