"""HTML parsed into a tree, thinned out first, so that no page costs more time than its length is worth.

The parser's time grows with the square of the depth of a page and of the number of attributes in a tag.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser

from bot.core.errors import NotANewsletter

DEEPEST = 150
"""So many elements may stand inside each other, those left out whose end may be left out; a long mail has about 40."""

MOST_TAGS = 60_000
"""A long newsletter has some thousands, the list of all issues of three years 25,000."""

_LONGEST_TAG = 1_000
"""Characters of a tag outside its quoted values; 200 are many."""


def tags(names: str) -> frozenset[str]:
    """Names as a set; they are written with blanks between them."""
    return frozenset(names.split())


_TAG = re.compile(
    r"<!--(?:>|->|.*?--!?>|.*)"
    r"|<(?P<raw>script|style|textarea|noembed|noframes|xmp|iframe)\b[^>]*>?(?:(?!</(?P=raw)\b).)*"
    r"|<(?P<end>/?)(?P<name>[a-z][^\s/>]*)(?P<rest>(?:=\s*+\"[^\"]*+\"?|=\s*+'[^']*+'?|[^>])*+)>?",
    re.DOTALL | re.IGNORECASE,
)
_QUOTED = re.compile(r"=\s*+(?:\"[^\"]*+\"?|'[^']*+'?)")
_END_LEFT_OUT = tags(
    "p li dt dd tr td th tbody thead tfoot caption colgroup rp rt html head body area base br col embed hr img "
    "input link meta param source track wbr path rect circle line"
)
_FORMATTING = tags("b big code em font i nobr s small strike strong tt u")
_MOST_FORMATTING = 10
"""What is left open of these is opened again in each paragraph that follows."""
_UNREAD = tags("select option optgroup")


@dataclass(slots=True)
class _Thinning:
    """What is open while the tags go by, by name."""

    opened: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    tags: int = 0

    def tag(self, match: re.Match[str]) -> str:
        """What stays of a tag or a comment."""
        name = match["name"]
        if name is None:
            return " "
        self.tags += not match["end"]
        if self.tags > MOST_TAGS:
            raise NotANewsletter(f"it is a page of more than {MOST_TAGS:,} tags")
        name = name.lower()
        if name in _UNREAD:
            return " "
        if match["rest"] and len(match["rest"]) > _LONGEST_TAG and len(_QUOTED.sub("", match["rest"])) > _LONGEST_TAG:
            return " "
        if name in _END_LEFT_OUT:
            return match.group()
        return self._closed(name, match.group()) if match["end"] else self._opened(name, match.group())

    def _opened(self, name: str, tag: str) -> str:
        if name in _FORMATTING and sum(self.opened[each] for each in _FORMATTING) >= _MOST_FORMATTING:
            return " "
        self.opened[name] += 1
        self.depth += 1
        return tag if self.depth <= DEEPEST else " "

    def _closed(self, name: str, tag: str) -> str:
        if not self.opened[name]:
            return " " if self.depth >= DEEPEST else tag
        self.opened[name] -= 1
        self.depth -= 1
        return tag if self.depth < DEEPEST else " "


def parse_html(text: str) -> LexborHTMLParser:
    """The tree of a page, without scripts, styles and comments; raises NotANewsletter for a page of too many tags."""
    return LexborHTMLParser(_TAG.sub(_Thinning().tag, text))
