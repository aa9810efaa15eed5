"""Pages in every character set: the text comes out right, also where server or page name the wrong one."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.decoding import decode

CHINESE = "这是一个关于机器学习的新闻，我们在这里介绍最新的研究成果。"
TAIWAN = "這是一個關於機器學習的新聞，我們在這裡介紹最新的研究成果。"
JAPANESE = "これは機械学習の新しい研究についての記事です。今年の成果を紹介する。"
KOREAN = "이것은 기계 학습에 관한 새로운 연구를 소개하는 기사입니다."
RUSSIAN = "Это новая статья о машинном обучении и последних исследованиях."
FRENCH = "Un été à la plage : les élèves préfèrent où ça l'était déjà, c’est vu."

WRITTEN = [
    (CHINESE, "gb18030"),
    (CHINESE, "gb2312"),
    (TAIWAN, "big5"),
    (JAPANESE, "shift_jis"),
    (JAPANESE, "euc_jp"),
    (KOREAN, "euc_kr"),
    (KOREAN, "cp949"),
    (RUSSIAN, "windows-1251"),
    (RUSSIAN, "koi8-r"),
    (FRENCH, "windows-1252"),
    *((text, "utf-8") for text in (CHINESE, TAIWAN, JAPANESE, KOREAN, RUSSIAN, FRENCH)),
]


def _page(text: str, named: str = "") -> str:
    meta = f'<meta charset="{named}">' if named else ""
    return f"<!doctype html><html><head>{meta}<title>{text}</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(("text", "charset"), WRITTEN)
def test_what_the_header_names_is_used(text: str, charset: str) -> None:
    """A page whose server names its character set is read by it."""
    page = _page(text)
    assert decode(page.encode(charset), f"text/html; charset={charset}") == page


@pytest.mark.parametrize(("text", "charset"), WRITTEN)
def test_what_the_page_names_is_used(text: str, charset: str) -> None:
    """A page that names its own character set is read by it, where the server is silent."""
    page = _page(text, charset)
    assert decode(page.encode(charset), "text/html") == page


@pytest.mark.parametrize(
    "header", ["iso-8859-1", "utf-8", "us-ascii", "gb2312", "shift_jis", "nonsense", "hex", "utf-7"]
)
@pytest.mark.parametrize(("text", "charset"), WRITTEN[:-7])
def test_a_wrong_header_does_no_harm(text: str, charset: str, header: str) -> None:
    """What the server names counts less than whether letters come out that people write."""
    page = _page(text)
    assert decode(page.encode(charset), f"text/html; charset={header}") == page


@pytest.mark.parametrize(("text", "charset"), WRITTEN)
def test_a_page_that_nobody_names_is_recognised(text: str, charset: str) -> None:
    """Without a word from server or page the letters themselves tell."""
    page = _page(text)
    assert decode(page.encode(charset)) == page


@pytest.mark.parametrize(
    ("mark", "charset"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_wins(mark: bytes, charset: str) -> None:
    """A mark at the beginning says what the page is, whatever else is said, and is no part of it."""
    page = _page(JAPANESE, "iso-8859-1")
    assert decode(mark + page.encode(charset), "text/html; charset=euc-kr") == page


def test_escapes_and_half_words() -> None:
    """Japanese in seven bits, UTF-16 named by the header alone, and the header's quotes are read."""
    assert decode(_page(JAPANESE).encode("iso2022_jp")) == _page(JAPANESE)
    assert decode(_page(KOREAN).encode("utf-16-le"), "text/html; charset=UTF-16LE") == _page(KOREAN)
    assert decode(_page(CHINESE).encode("gbk"), 'text/html; charset="GBK"') == _page(CHINESE)


@pytest.mark.parametrize(("text", "charset"), WRITTEN)
def test_a_page_that_is_cut_off_is_read_to_there(text: str, charset: str) -> None:
    """Half a letter at the end of what was fetched does not make the rest another character set."""
    whole = _page(text * 20).encode(charset)
    for end in range(len(whole) // 2, len(whole) // 2 + 4):
        assert decode(whole[:end], cut=True).startswith(_page(text * 20)[:100])


def test_a_slip_is_forgiven() -> None:
    """One broken letter in a long page is one broken letter."""
    content = _page(CHINESE * 30).encode("utf-8") + b"\xff"
    assert decode(content) == _page(CHINESE * 30) + "\ufffd"


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_make_it_raise(content: bytes, header: str) -> None:
    """Whatever comes, a text comes out that can be encoded again."""
    decode(content, f"text/html; charset={header}").encode("utf-8")
