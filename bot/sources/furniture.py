"""What stands around an article on its page or in its mail: menus, share links, boxes to subscribe in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from bot.core.text import one_line
from bot.core.urls import site
from bot.sources.html_tree import tags

_TAGS = (
    "script, style, noscript, template, nav, footer, form, dialog, button, input, textarea, iframe, object, svg, menu,"
    " body > header, article > header, header:has(h1), header:has(nav), aside:not(.kg-callout-card),"
    " [hidden], [role=navigation], [role=banner], [role=contentinfo], [role=complementary], [role=search],"
    " [role=dialog], [role=menu], [role=toolbar]"
)
_NAMES = re.compile(
    r"(?:"
    # What is asked of readers: to subscribe, to share, to comment, to pay.
    r"subscri(?:be|ption)(?:[-_](?:widget|box|form|cta|footer|dialog|prompt|button|banner|section|wrap).*)?"
    r"|(?:newsletter|email|mail)[-_]?(?:signup|sign-up|form|box|cta|subscribe.*)|sign-?up(?:[-_].*)?|kg-(?:signup|cta|header|button|product)-card"
    r"|(?:social|share|sharing|sharedaddy)(?:[-_]?(?:this|post|buttons?|links?|icons?|bar|row|dialog|list|wrapper|container|media|share))*"
    r"|addtoany.*|jp-relatedposts|like-button.*|post-ufi.*|clap.*|speechify-ignore|captioned-button-wrap|button-wrapper"
    r"|(?:pw-)?(?:post-)?subtitle(?:[-_].*)?|footnote|kg-callout-emoji|image-link-expand|header-anchor-widget|paywall.*|install-substack-app|poll-embed"
    r"|comments?(?:[-_](?:section|list|area|page|form|respond))?|discussion|respond|disqus_thread|responses"
    # What leads elsewhere on the site.
    r"|(?:main|site|top|page|global)-?(?:menu|nav|navigation|header|footer)|nav(?:bar|igation|[-_]links?)?|menu|breadcrumbs?|pagination|pager"
    r"|(?:post|entry|article)[-_](?:footer|header|meta|navigation|nav|tags|author|share|byline|info)|byline|author-?(?:bio|box|card|info)"
    r"|(?:gh-)?(?:post-)?(?:related|read-?(?:next|more)|recommended|recommendations|more-?posts)(?:[-_].*)?|gh-(?:foot|head|navigation|subscribe|comments|article-meta)"
    r"|sidebar|widget-area|site-info|skip-link|screen-reader-text|visually-hidden|sr-only|cookie.*|consent.*|gdpr.*|popup|modal|toast"
    r"|footer(?:[-_].*)?|unsubscribe.*|gmail_attr|preheader|preview-?text|mcnpreviewtext|web-header"
    r")",
    re.IGNORECASE,
)
_DATA = (
    "[data-testid=authorPhoto], [data-testid=authorName], [data-testid=publicationName],"
    " [data-component-name*=Subscribe], [data-component-name*=Button]"
)
_UNSEEN = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|mso-hide\s*:\s*all|opacity\s*:\s*0\s*(?:;|!|$)"
    r"|font-size\s*:\s*[01](?:px)?\s*(?:;|!|$))",
    re.IGNORECASE,
)
_LARGEST_SHARE = 0.4
"""What holds more than this part of a text is no furniture, however it is called."""

_LINK = re.compile(
    r"(?:mailto|tel|sms|javascript|data|whatsapp):"
    r"|https?://(?:[^/]*\.)?(?:twitter\.com|x\.com)/(?:intent|share)\b|https?://(?:[^/]*\.)?facebook\.com/(?:sharer|share|dialog)\b"
    r"|https?://(?:[^/]*\.)?linkedin\.com/(?:share|sharing|cws/share)|https?://(?:[^/]*\.)?(?:wa\.me|api\.whatsapp\.com)/(?:send)?"
    r"|https?://(?:[^/]*\.)?reddit\.com/(?:r/[^/]+/)?submit|https?://news\.ycombinator\.com/submit(?:link)?\b"
    r"|https?://(?:t\.me|telegram\.me)/share/|https?://(?:[^/]*\.)?pinterest\.[a-z.]+/pin/create|https?://bsky\.app/intent/"
    r"|https?://[^?#]*/(?:un)?subscribe(?:/[^/?#]*)?/?(?:[?#]|$)|https?://[^?#]*/(?:disable_email|unsub(?:scribe)?|optout|opt-out|manage[-_]?preferences|preferences|app-link/post|sign-?up)\b"
    r"|https?://[^#]*[?&](?:action=(?:share|restack|subscribe|unsubscribe)|comments=true|utm_campaign=email-(?:share|subscribe|unsubscribe|restack)[^&]*)"
    r"|https?://[^?#]*list-manage\.com/(?:unsubscribe|profile|subscribe)",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"https?://[^?#]*/(?:unsub(?:scribe)?|disable_email|opt-?out|manage[-_]?(?:subscription|preferences)|preferences)\b"
    r"|https?://[^?#]*list-manage\.com/(?:unsubscribe|profile)",
    re.IGNORECASE,
)
_ONLINE = re.compile(
    r"\W*(?:(?:view|read|open|see)\s(?:\w{1,12}\s){0,3}(?:online|(?:in|on|with)\s(?:your\s|a\s|the\s)?(?:web\s)?"
    r"(?:browser|app|web))|web\sversion|view\sas\sa\sweb\s?page|(?:在)?浏览器(?:中)?(?:查看|打开|阅读)|在线阅读"
    r"|ブラウザで(?:読む|見る|表示))\W*",
    re.IGNORECASE,
)
_LONGEST_LABEL = 60
_LONGEST_FOOTER = 800
_FOOTERS_SHARE = 0.3
_LONGEST_NOTICE = 240
_HEADINGS = frozenset({"h1", "h2", "h3"})
_BLOCKS = tags("p li h1 h2 h3 h4 h5 h6 td div section figure blockquote center")


def is_furniture(url: str) -> bool:
    """Whether a link only shares a page, subscribes to it, ends that, or writes to its people."""
    return _LINK.match(url) is not None


def offers_online(link: LexborNode) -> bool:
    """Whether a link's text offers a mail to be read on the web."""
    said = one_line(link.text(deep=True))
    return len(said) <= _LONGEST_LABEL and _ONLINE.fullmatch(said) is not None


def furniture(part: LexborNode, led: Callable[[str], str]) -> set[int]:
    """The elements of a part of a page that are no part of its text, by their ids.

    led: where the address of a link leads. Nothing is taken out of the tree.
    """
    measures = _measured(part)
    length = measures.lengths[part.mem_id]
    most = max(int(_LARGEST_SHARE * length), _LONGEST_NOTICE)
    found = [*part.css(_TAGS), *part.css(_DATA), *filter(_is_marked, part.css("[class], [id], [style]"))]
    out = {node.mem_id for node in found if node.mem_id != part.mem_id and measures.lengths[node.mem_id] <= most}
    notices: dict[int, bool] = {}
    for node in part.css("a[href]"):
        url = led(node.attributes.get("href") or "")
        if measures.lengths[node.mem_id] <= _LONGEST_LABEL and offers_online(node):
            bar = _paragraph(node, part)
            out.add(bar.mem_id if bar and measures.lengths[bar.mem_id] <= _LONGEST_NOTICE else node.mem_id)
        elif _ENDING.match(url):
            out.add(_footer(node, part, measures, min(_LONGEST_FOOTER, int(_FOOTERS_SHARE * length))))
        elif is_furniture(url) and (block := _paragraph(node, part)):
            short = measures.lengths[block.mem_id] <= _LONGEST_NOTICE
            if block.mem_id not in notices:
                notices[block.mem_id] = short and _is_notice(block, led)
    return out | {block for block, alone in notices.items() if alone}


@dataclass(frozen=True, slots=True)
class _Measures:
    """The length of the text in each element, and the elements that hold a heading, by their ids."""

    lengths: dict[int, int]
    headed: set[int]


def _measured(part: LexborNode) -> _Measures:
    """Measure every element of a part, each once, from the innermost outwards."""
    lengths: dict[int, int] = {}
    headed: set[int] = set()
    waiting: list[tuple[LexborNode, bool]] = [(part, False)]
    while waiting:
        node, ready = waiting.pop()
        children = _children(node)
        if not ready:
            waiting.append((node, True))
            waiting += [(each, False) for each in children]
            continue
        own = len(node.text_content or "") if node.is_text_node else 0
        lengths[node.mem_id] = own + sum(lengths[each.mem_id] for each in children)
        if node.tag in _HEADINGS or any(each.mem_id in headed for each in children):
            headed.add(node.mem_id)
    return _Measures(lengths, headed)


def _children(node: LexborNode) -> list[LexborNode]:
    children = []
    child = node.child
    while child is not None:
        children.append(child)
        child = child.next
    return children


def _is_marked(node: LexborNode) -> bool:
    """Whether an element is named as furniture, or kept from view."""
    said = node.attributes
    if node.tag in ("body", "main", "article", "html"):
        return False
    if any(map(_NAMES.fullmatch, f"{said.get('class') or ''} {said.get('id') or ''}".split()[:40])):
        return True
    return _UNSEEN.search(said.get("style") or "") is not None


def _footer(link: LexborNode, part: LexborNode, measures: _Measures, longest: int) -> int:
    """What stands around a link that ends a subscription, up to where more than a footer would go; its id."""
    footer, above = link, link.parent
    while above is not None and above.mem_id != part.mem_id:
        if measures.lengths[above.mem_id] > longest or above.mem_id in measures.headed:
            break
        footer, above = above, above.parent
    return footer.mem_id


def _paragraph(link: LexborNode, part: LexborNode) -> LexborNode | None:
    """The paragraph, or the like, around a link."""
    block = link.parent
    while block is not None and block.tag not in _BLOCKS and block.mem_id != part.mem_id:
        block = block.parent
    return None if block is None or block.mem_id == part.mem_id else block


def _is_notice(block: LexborNode, led: Callable[[str], str]) -> bool:
    """Whether nothing but links to share, to subscribe and the like stand in a paragraph."""
    urls = (led(each.attributes.get("href") or "") for each in block.css("a[href]"))
    return not any(site(url) and not is_furniture(url) for url in urls)
