"""The few words that tell what a heading, a link or a line is about, in English, Chinese and Japanese."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.core.references import ReferenceKind, reference


class Topic(StrEnum):
    """What a heading announces when it announces no items."""

    PAST = "past issues"
    ABOUT = "about the author"
    ELSEWHERE = "other blogs"
    SUBSCRIBE = "subscribe"
    CONTENTS = "contents"
    HIGHLIGHTS = "highlights"


_LETTER_EN = r"(?:news\s?letters?|issues?|editions?|numbers?|episodes?|digests?|posts?)"
_LETTER_ZH = (
    r"(?:时事通讯|时事通信|新闻通讯|新闻简报|新闻信|新闻稿|通讯|简讯|简报|通信|快讯|资讯|邮件|信件|周刊|周报|月刊|月报|期刊|专刊|刊物"
    r"|电子报|期|電子報|週刊|週報|月刊|通訊|簡報)"
)
_BEFORE_ZH = r"(?:过去|过往|往期|以往|以前|之前|历史|往届|上期|旧|早期|先前|過去|歷史|過往)"
_LIST_ZH = r"(?:列表|回顾|归档|存档|一览|目录|回顧|列表)"
_TOPICS = {
    Topic.PAST: (
        rf"(?:(?:our|my|all|the|see|read)\s)*(?:past|previous|older|earlier|prior|back)\s{_LETTER_EN}(?:\s.{{0,30}})?"
        rf"|(?:{_LETTER_EN}\s)?archives?(?:\sof\s{_LETTER_EN})?|last\s(?:week|month)'?s\s{_LETTER_EN}"
        rf"|(?:查看|阅读)?{_BEFORE_ZH}的?(?:每[周月]|所有)?{_LETTER_ZH}{_LIST_ZH}?"
        rf"|(?:往期|过往|往届)(?:的?(?:内容|文章|新闻|推荐|精选))?{_LIST_ZH}?|(?:过去|以往|以前|之前)的(?:新闻|内容|文章)"
        r"|(?:過去|以前|これまで)の(?:ニュースレター|メルマガ|号|記事|配信)?(?:一覧)?|バックナンバー.{0,4}|アーカイブ"
    ),
    Topic.ABOUT: (
        rf"about(?:\s(?:me|us|the\s(?:author|editor|writer)s?|(?:this\s)?{_LETTER_EN}))?|who\s(?:am\si|i\sam|we\sare)"
        r"|(?:contact|follow)(?:\s(?:me|us))?(?:\son\s\w{1,20})?"
        r"|关于(?:我|我们|作者|笔者|编辑|本刊|本人|自己)?|關於(?:我|我們|作者|筆者|本刊)?|作者(?:简介|介绍|簡介|介紹)|自我介[绍紹]"
        r"|联系(?:我|我们|方式)?|聯絡我們?|自己紹介|(?:私|著者|筆者|運営者)について|プロフィール|お問い合わせ"
    ),
    Topic.ELSEWHERE: (
        r"(?:my\s)?other\s(?:blogs?|blog\sposts?|writings?|publications)(?:\sby\sme)?|my\s(?:blogs?|articles)"
        r"|(?:我的)?其[他它](?:的)?(?:博客|博文|部落格)(?:文章)?|我的(?:博客|部落格)|(?:その)?他のブログ(?:記事)?"
    ),
    Topic.CONTENTS: (
        r"(?:table\sof\s)?contents?|in\sthis\s(?:issue|edition|news\s?letter)|目录|目錄|目次|本期目[录錄]|もくじ"
    ),
    Topic.HIGHLIGHTS: (
        r"(?:(?:this\s(?:week|month|issue)'?s?|the\sweek'?s)\s)?highlights?(?:\sof\s.{1,30})?|tl\s?;?\s?dr|at\sa\sglance"
        r"|key\s(?:points|takeaways)|(?:本[周月期])?(?:要点|亮点|速览|摘要|重点|要點|亮點|重點)"
        r"|(?:今[週月回]の)?(?:ハイライト|ポイント|要約)"
    ),
}
_TOPIC = {topic: re.compile(pattern, re.IGNORECASE) for topic, pattern in _TOPICS.items()}
_SUBSCRIBE = re.compile(r"subscrib|sign[\s-]?up|订阅|訂閱|购读|購読|登録", re.IGNORECASE)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_LONGEST_HEADING = 60

_LABELS = frozenset(
    """
    paper|papers|pdf|html|arxiv|abs|abstract|full paper|preprint|openreview|code|source code|source|github|gitlab|repo|
    repository|git|colab|demo|notebook|project|project page|website|site|web|home|homepage|page|blog|blog post|post|
    article|link|links|url|here|this|read|read more|learn more|more|details|full text|full story|continue reading|
    tweet|tweets|twitter|thread|mastodon|bluesky|linkedin|facebook|weibo|reddit|hn|hacker news|lobsters|lobste.rs|
    discuss|discussion|discussions|comments|comment|video|videos|youtube|talk|slides|recording|transcript|podcast|audio|
    data|dataset|datasets|model|models|weights|hugging face|huggingface|docs|documentation|release|release notes|
    changelog|announcement|press release|subscribe|unsubscribe|share|forward|donate|sponsor|view in browser|read online|
    论文|论文链接|论文地址|代码|代码地址|源码|项目|项目主页|项目地址|主页|博客|推文|推特|视频|演示|数据|数据集|模型|讨论|评论|链接|
    原文|原文链接|阅读|阅读全文|阅读原文|阅读更多|更多|详情|查看详情|这里|此处|点击这里|本文|该论文|订阅|知乎|微博|幻灯片|
    論文|連結|原文連結|程式碼|影片|コード|動画|記事|リンク|詳細|続きを読む|こちら|スライド|ブログ|デモ|データ|ツイート|元記事|議論|登録
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_COUNT = re.compile(r"[0-9]+[a-z]?")
_TALK = re.compile(
    r"(?:[0-9,.k]{1,8}\s)?(?:comments?|points?|upvotes?)|(?:discuss(?:ions?)?|comments?|thread|talk)\s(?:on|at|in|via)\s.{1,30}"
    r"|(?:hn|hacker\snews|reddit|lobsters|lobste\.rs|twitter|mastodon|forum|mailing\slist)\s(?:discussions?|threads?|comments?|posts?)"
    r"|rsvp|[0-9]{1,3}\smin(?:ute)?s?(?:\sread)?"
)
_POINTERS = frozenset({"here", "this", "本文", "该论文", "这里", "此处", "点击这里", "こちら"})
_LONGEST_LABEL = 80
_PAPER_LABELS = frozenset(
    {"paper", "papers", "pdf", "arxiv", "abs", "abstract", "full paper", "preprint", "openreview"}
    | {"论文", "论文链接", "论文地址", "論文"}
)

_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?")
_CONTAINED_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?![a-z])", re.IGNORECASE)
_LONGEST_HOST = 80
_BRACKETS = re.compile(r"[【】\[\]［］()（）「」〔〕*]+")
_AROUND_DOT = re.compile(r"[ \t]*\.[ \t]*")

_SOURCE = re.compile(
    r"(?:原文(?:链接|地址|出处|連結)?|来源|來源|出处|出處|出典|元記事|引用元|source|original(?:ly)?(?:\s(?:post|article|issue|published)"
    r"(?:\s(?:at|on|in))?)?|permalink|(?:read|view)\s(?:it\s|this\s\w{1,12}\s)?(?:online|in\s(?:your\s)?browser)"
    r"|(?:在线|在浏览器中)阅读|ブラウザで(?:読む|見る))(?![a-z])",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"[\s(（「【\[*]*(?:"
    r"(?:[这這该本此上下][张張个幅]?)?(?:图片?|图像|照片|截图|圖片?|插图|影像|画像|図|写真).{0,15}?"
    r"(?:引自|引用|来自|來自|来源|來源|摘自|转自|取自|出自|源自|改编自|由.{1,40}(?:拍摄|提供|绘制)|出典|転載|提供|より[。)）]?$)"
    r"|(?:引自|摘自|转自|取自)|作者(?:的|提供的|制作的|自制)?(?:图片?|图像|插图|照片)"
    r"|(?:来源|來源|出处|图源|圖源|出典|引用元)\s?[:：]"
    r"|(?:(?:figure|fig\.|image|picture|photo|screenshot|illustration)s?(?:\s[0-9]{1,3})?(?:\s(?:is|was|are))?\s)?"
    r"(?:(?:sources?|credits?)\s?[:：]|courtesy\sof\s|(?:taken|quoted|cited|adapted)\sfrom\s)"
    r"|(?:figure|fig\.|image|picture|photo|screenshot|illustration)s?(?:\s[0-9]{1,3})?\s(?:by|via|from)\s"
    r")",
    re.IGNORECASE,
)
_LONGEST_CREDIT = 80
_LONGEST_LINKED_CREDIT = 300


def topic_of(heading: str) -> Topic | None:
    """What a heading announces that is no section of items, or None."""
    if len(heading) > _LONGEST_HEADING:
        return None
    text = _EDGES.sub("", " ".join(heading.split()))
    named = next((topic for topic, pattern in _TOPIC.items() if pattern.fullmatch(text)), None)
    return named or (Topic.SUBSCRIBE if _SUBSCRIBE.search(text) else None)


def is_kind(text: str) -> bool:
    """Whether a text is a word for a kind of page, and no part of a sentence: `Paper`, `Code`, `Discussion`."""
    word = _EDGES.sub("", " ".join(text.split())).lower() if len(text) <= _LONGEST_LABEL else ""
    return (word in _LABELS or _TALK.fullmatch(word) is not None) and word not in _POINTERS


def is_label(text: str) -> bool:
    """Whether a link's text says only what kind of thing it leads to: `Paper`, `Code`, a bare address, a number."""
    if len(text) > _LONGEST_LABEL:
        return "://" in text and len(text.split(None, 1)) == 1
    word = _EDGES.sub("", " ".join(text.split())).lower()
    labelled = not word or _COUNT.fullmatch(word) is not None or word in _LABELS or _TALK.fullmatch(word) is not None
    return labelled or "://" in text or is_host(text) or is_id(text)


def is_address(text: str) -> bool:
    """Whether a text is no word but an address, a host, a paper's id or a number."""
    return "://" in text or not any(map(str.isalpha, text)) or is_host(text) or is_id(text)


def is_paper_label(text: str) -> bool:
    """Whether a link's text says that it leads to a paper."""
    return len(text) <= _LONGEST_LABEL and _EDGES.sub("", text).lower() in _PAPER_LABELS


def is_id(text: str) -> bool:
    """Whether a text is a paper's id and nothing else."""
    found = reference(text) if len(text) < _LONGEST_HOST else None
    if not found or found.kind is not ReferenceKind.ARXIV:
        return False
    return re.fullmatch(r"\W*(?:arxiv\W*)?(?:[a-z-]+\.?\w*/)?[0-9.]+(?:v\d+)?\W*", text, re.IGNORECASE) is not None


def is_host(text: str) -> bool:
    """Whether a text is a host, as a reader sees it through brackets and blanks that a translator put in."""
    return len(text) < _LONGEST_HOST and _HOST.fullmatch(_host(text)) is not None


def _host(text: str) -> str:
    return _AROUND_DOT.sub(".", _BRACKETS.sub("", text.strip())).strip().lower()


def names_host(text: str) -> bool:
    """Whether a host is somewhere in a short text."""
    return len(text) < _LONGEST_HOST and _CONTAINED_HOST.search("".join(_BRACKETS.sub("", text).split())) is not None


def announces_source(text: str) -> bool:
    """Whether a line says where the newsletter itself was published: `Source:`, `原文：`."""
    return _SOURCE.match(text.lstrip("*_ ([（【")) is not None


def credits_picture(text: str) -> bool:
    """Whether a line under a picture says where the picture is from."""
    longest = _LONGEST_LINKED_CREDIT if "://" in text else _LONGEST_CREDIT
    return len(text) <= longest and _CREDIT.match(text) is not None
