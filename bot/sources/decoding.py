"""Bytes of a page as text, whatever its server and the page itself say of their character set.

What they say is wrong often enough (a server that calls everything ISO-8859-1 or UTF-8, a page moved from one to the
other), so it is a hint: what counts is whether the bytes fit, and whether the letters that come out are common ones.
"""

from __future__ import annotations

import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

_MANY_BYTES = ("gb18030", "cp932", "euc_jp", "cp949", "big5hkscs")
_CYRILLIC = ("cp1251", "koi8-r")
_ONE_BYTE = re.compile(r"cp(?:125[0-8]|874|866)|iso8859-[0-9]+|koi8-[ru]|mac-[a-z]+")
_ESCAPED = re.compile(rb"\x1b\$[@B]")
_SAMPLE = 65_536
_BONUS = 0.1
"""How much more common letters another character set must give than one that was named."""

_ENOUGH = 0.3
"""The share of common letters in a text that is read rightly; read wrongly it is about a tenth."""

_WORD = 2.5
"""Bytes in a row that are not ASCII: more where letters of one byte make up the words."""

_ACCENT = 1.5
"""The same: fewer where they are accents in words."""

# The letters that make up about half of what is written in Chinese (both scripts), Japanese, Korean and Russian.
_HAN = """
    的一是不了在人有我他这個个们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於着著下自之年过過发發后後
    作里用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些主样樣理心本前开開但因只从從
    想实實日军軍者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并物手应應战戰
    向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内內信表化老给給世位次度门門任常先海通教儿兒原东東声聲提
    立及比员員解水名真论論处處走义義各入几幾口认認条條系气氣题題活尔更别打女变變四神总總何电電数數安少报報才结結反受目太量再感建
    气気対発会実体読書語話見円図駅売価学数経済
"""
_HANGUL = """
    이다는을가에의고하지로한도나사기리어인자대아그부서시있것해수은를들스정상주보라게일원만제면장여전니성요으치구모마소경드안조오우
    동문세국비했않진습과적와신무선공없내바방음관때유러물생중년트할된간연계위거되려회말미교재식
"""
_COMMON = frozenset("".join((*_HAN.split(), *_HANGUL.split(), "оеаинтсрвлкмдпуяыьгзбч", "、。，「」・（）：！？")))
_KANA = range(0x3041, 0x30FF)


def decode(content: bytes, content_type: str = "", *, cut: bool = False) -> str:
    """The text of a page.

    content_type: the header, with the character set that the server names. cut: the last letter may be half of one.
    No bytes make it raise; what cannot be read becomes U+FFFD.
    """
    marked, mark = read_bom(content)
    if marked and mark:
        return content[len(mark) :].decode(marked, "replace")
    named = [http_content_type_encoding(content_type), html_body_declared_encoding(content)]
    names = [name for name in named if name]
    if names and names[0].startswith("utf-16"):
        return content.decode(names[0] if names[0] != "utf-16" else "utf-16-le", "replace")
    if any(name.startswith("iso2022") for name in names) or _ESCAPED.search(content[:_SAMPLE]):
        return content.decode("iso2022_jp_2", "replace")
    if _fits(content, "utf-8", cut=cut):
        return content.decode("utf-8", "replace")
    return content.decode(_best(content, names), "replace")


def _best(content: bytes, names: list[str]) -> str:
    """The character set that gives the most common letters, with a bonus for being named."""
    first = next((at for at, byte in enumerate(content) if byte > 0x7F), 0)  # noqa: PLR2004 # the last of ASCII
    # From the first letter that is not ASCII, where no character of several bytes can be under way.
    sample = content[first : first + _SAMPLE]
    run = _run(sample)
    guesses = _MANY_BYTES + (_CYRILLIC if run > _WORD else ())
    fitting = [name for name in guesses if _fits(sample, name, cut=True)]
    scores = {name: _share(sample, name) + _BONUS * (name in names) for name in fitting}
    best = max(scores, key=lambda name: scores[name], default="")
    if best and scores[best] >= _ENOUGH:
        return best
    several = _MANY_BYTES if run > _ACCENT else ()
    return next((name for name in names if name in several or _ONE_BYTE.fullmatch(name)), "cp1252")


def _run(sample: bytes) -> float:
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return sum(map(len, runs)) / len(runs) if runs else 0.0


def _fits(content: bytes, name: str, *, cut: bool) -> bool:
    """Whether the bytes are text in a character set, but for a slip here and there."""
    text = content.decode(name, "replace")
    wrong = text.count("\ufffd") - cut
    return wrong <= 0 or wrong * 200 < sum(map(len, re.findall(r"[^\x00-\x7f]+", text)))


def _share(sample: bytes, name: str) -> float:
    """The share of common letters among those that are not ASCII."""
    letters = re.sub(r"[\x00-\x7f]+", "", sample.decode(name, "replace"))
    common = sum(each in _COMMON or ord(each) in _KANA for each in letters)
    return common / len(letters) if letters else 0.0
