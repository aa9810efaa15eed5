"""Where a paper's code is, as its authors say in the comment or the abstract."""

from __future__ import annotations

import re

from bot.core.model import Paper

MOST = 3

_REPOSITORY = re.compile(
    r"(?<![A-Za-z0-9.-])(?:www\.)?(?P<host>github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|gitee\.com|huggingface\.co)"
    r"/(?P<part>(?:datasets|spaces)/)?(?P<owner>[A-Za-z0-9][A-Za-z0-9_.-]{0,99})/(?P<name>[A-Za-z0-9_.-]{1,100})",
    re.IGNORECASE,
)
_NO_OWNERS = frozenset({"papers", "blog", "docs", "learn", "collections", "orgs", "topics", "search", "about"})


def code_links(paper: Paper) -> tuple[str, ...]:
    """The addresses of repositories that the paper names, in order of mention, each once, at most `MOST`."""
    found: dict[str, str] = {}
    for match in _REPOSITORY.finditer(f"{paper.comment}\n{paper.abstract}"):
        name = match["name"].rstrip(".-").removesuffix(".git")
        if name and match["owner"].lower() not in _NO_OWNERS:
            path = f"{(match['part'] or '').lower()}{match['owner']}/{name}"
            found.setdefault(path.lower(), f"https://{match['host'].lower()}/{path}")
    return tuple(found.values())[:MOST]
