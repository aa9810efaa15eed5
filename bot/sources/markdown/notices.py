"""Lines of a newsletter that are about itself: that a section is empty, where to subscribe, what it chose this week."""

from __future__ import annotations

import re

_LONGEST = 400
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_NONE = re.compile(
    r"(?:there\s(?:were|are|was|is)\s)?(?:no|none|nothing|sadly)\b(?P<rest>.*)|(?:本[周期月]|今天)?(?:暂无|没有).{0,20}"
    r"|.{0,20}(?:ありません|なし)",
    re.IGNORECASE | re.DOTALL,
)
_THIS_TIME = re.compile(
    r"\b(?:this|last|the\spast)\s(?:week|month|time|issue|edition|year|day)\b|\b(?:were|was|are|is)\s(?:\w{1,20}\s){0,3}"
    r"(?:issued|submitted|approved|proposed|selected|made|published|found|created|received|announced|planned)\b",
    re.IGNORECASE,
)
_PLACE = (
    r"(?:git(?:hub|lab)|reddit|r/\w{1,20}|hacker\snews|hn|lobsters|twitter|x|facebook|linkedin|mastodon|bluesky"
    r"|discord|slack)"
)
_OURS = r"(?:our|my|this|the)"
_OWN = re.compile(
    r"(?:please\s)?(?:"
    rf"(?:un)?subscribe(?:\s(?:here|now|via\s.{{1,20}}|by\s.{{1,20}}|to\s{_OURS}\s.{{1,40}}))?"
    rf"|sign[\s-]?up(?:\s(?:here|now|for\s{_OURS}\s.{{1,40}}))?"
    r"|(?:follow|join|find|tweet|support|contact|email|message|sponsor)\s(?:at\s)?(?:us|me)(?:\s(?:on|at)\s.{1,30})?"
    rf"|join\s{_OURS}\s(?:\w{{1,20}}\s)?(?:discord|slack|mailing\slist|newsletter|channel|server)"
    r"|(?:share|forward|send)\s(?:this|it)(?:\s(?:on|to|with)\s.{1,30})?|share|forward|donate|advertise(?:\swith\sus)?"
    r"|become\san?\s(?:sponsor|patron|member|supporter)"
    r"|(?:submit|send|open|make)\s(?:us\s)?(?:an?|your)\s(?:pr|pull\srequest|link|issue|suggestion)s?(?:\s(?:here|on\s.{1,20}))?"
    rf"|(?:contribute|edit|view|star|fork|discuss|improve)(?:\s(?:us|it|this(?:\s\w{{1,20}})?))?\son\s{_PLACE}"
    r"|suggest\san?\s(?:link|edit|article|item)|(?:rss|atom)(?:\sfeed)?|mailing\slist|archives?"
    r"|(?:view|read|open)\s(?:(?:it|this)\s)?(?:\w{1,12}\s)?(?:online|in\s(?:your\s)?browser)"
    r"|privacy\s(?:policy|notice)|imprint|code\sof\sconduct|back\sto\s(?:the\s)?(?:top|contents|main|home)"
    r"|订阅|退订|关注我们|分享|返回顶部|購読|登録|シェア"
    r")",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"(?:the\s)?(?P<what>[^\W\d_][\w\s/&-]{0,38})\sof\sthe\s(?:week|month|day|issue|fortnight)|(?:本[周期月])(?:之|最佳).{1,12}"
    r"|今[週月]の.{1,12}",
    re.IGNORECASE,
)
_NOT_CHOSEN = re.compile(r"quot|joke|meme|tweet|名言|links?|news|papers?|state|end|start", re.IGNORECASE)


def says_none(text: str) -> bool:
    """Whether a line only says that a section has nothing this time: `No calls were issued this week by …`."""
    match = _NONE.fullmatch(_EDGES.sub("", text)) if len(text) <= _LONGEST else None
    return match is not None and (match["rest"] is None or _THIS_TIME.search(match["rest"]) is not None)


def is_own_notice(text: str) -> bool:
    """Whether a link's whole text asks what a newsletter asks of its readers: to subscribe, to follow, to share."""
    return len(text) <= _LONGEST and _OWN.fullmatch(_EDGES.sub("", " ".join(text.split()))) is not None


def announces_choice(heading: str) -> bool:
    """Whether a heading announces one thing that was chosen: `Tool of the week`; a quotation is none."""
    match = _CHOSEN.fullmatch(_EDGES.sub("", heading)) if len(heading) <= _LONGEST else None
    return match is not None and not _NOT_CHOSEN.search(heading)
