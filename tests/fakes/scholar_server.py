"""Semantic Scholar's API on loopback; the sentences are the project's own."""

from __future__ import annotations

from tests.fakes.json_server import JsonServer

ATTENTION = {
    "paperId": "204e3073870fae3d05bcbc2f6a8e263d9b72e776",
    "url": "https://www.semanticscholar.org/paper/204e3073870fae3d05bcbc2f6a8e263d9b72e776",
    "venue": "Neural Information Processing Systems",
    "citationCount": 100_000,
    "tldr": {"model": "tldr@v2.0.0", "text": "One mechanism is enough to translate."},
}


def scholar() -> JsonServer:
    """The API with one paper, by the names that it goes by."""
    server = JsonServer(
        {
            "/paper/arXiv:1706.03762": (200, ATTENTION),
            "/paper/DOI:10.1038%2Fnature14539": (200, {"citationCount": 7, "tldr": None, "venue": "Nature"}),
            "/paper/ACL:N18-3011": (200, {"citationCount": 1, "tldr": None, "venue": None, "url": "javascript:x"}),
        }
    )
    server.unknown = (404, {"error": "Paper with id x not found"})
    return server
