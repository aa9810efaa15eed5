"""OpenReview's APIs on loopback, with notes in the form of each.

Ids, titles, authors, venues and dates are facts of real papers; the abstracts are the project's own sentences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.json_server import JsonServer

IMAGE_WORDS: dict[str, Any] = {
    "id": "YicbFdNTTy",
    "forum": "YicbFdNTTy",
    "invitation": "ICLR.cc/2021/Conference/-/Blind_Submission",
    "cdate": 1601308245000,
    "tcdate": 1601308245000,
    "content": {
        "title": "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "authors": ["Alexey Dosovitskiy", "Lucas Beyer", "Alexander Kolesnikov"],
        "abstract": "Pictures are cut into patches.\n\nA transformer reads $16 \\times 16$ of them as words.",
        "pdf": "/pdf/3d3d.pdf",
        "venue": "ICLR 2021 Oral",
        "_bibtex": "@inproceedings{\nd2021an,\ntitle={An Image},\n"
        "booktitle={International Conference on Learning Representations},\nyear={2021}\n}",
    },
    "details": {"directReplies": []},
}
"""As the first API has it."""

ADAM: dict[str, Any] = {
    "id": "ryQu7f-RZ",
    "forum": "ryQu7f-RZ",
    "invitation": "ICLR.cc/2018/Conference/-/Blind_Submission",
    "cdate": 1518730188000,
    "content": {
        "title": "On the Convergence of Adam and Beyond",
        "authors": ["Sashank J. Reddi", "Satyen Kale", "Sanjiv Kumar"],
        "abstract": "Where a popular way to train goes wrong, and a way to mend it.",
        "pdf": "/pdf/adam.pdf",
    },
    "details": {
        "directReplies": [
            {"invitation": "ICLR.cc/2018/Conference/-/Paper1/Official_Review", "content": {"rating": "9"}},
            {
                "invitation": "ICLR.cc/2018/Conference/-/Acceptance_Decision",
                "content": {"decision": "Accept (Oral)"},
            },
        ]
    },
}
"""As the first API has it, from before notes named their venue."""


def second(note_id: str, title: str, venue: str, **content: Any) -> dict[str, Any]:
    """A note as the second API has it: each field of its content an object with a value."""
    fields = {"title": title, "authors": ["Ada Author", "Ben Author"], "abstract": "It says so.", "venue": venue}
    return {
        "id": note_id,
        "forum": note_id,
        "invitations": ["ICLR.cc/2024/Conference/-/Submission", "ICLR.cc/2024/Conference/-/Edit"],
        "cdate": 1695495000000,
        "pdate": 1705409872000,
        "content": {name: {"value": value} for name, value in (fields | content).items()},
        "details": {"directReplies": []},
    }


MAMBA = second(
    "AL1fq05o7H", "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", "Submitted to ICLR 2024",
    authors=["Albert Gu", "Tri Dao"], pdf="/pdf/mamba.pdf", _bibtex="@misc{gu2024mamba, title={Mamba}, year={2024}}",
)  # fmt: skip
SWE_BENCH = second(
    "VTF8yNQM66", "SWE-bench: Can Language Models Resolve Real-world Github Issues?", "ICLR 2024 oral",
    authors=["Carlos E Jimenez", "John Yang"], pdf="/pdf/swe.pdf",
    _bibtex="@inproceedings{\nj2024swe,\nbooktitle={The Twelfth International Conference on Learning Representations}}",
)  # fmt: skip
WITHDRAWN = second("abcdeFGH01", "A Paper Taken Back", "ICLR 2024 Conference Withdrawn Submission")

NONE: tuple[int, Any] = (200, {"notes": [], "count": 0})
FORBIDDEN: tuple[int, Any] = (403, {"name": "ForbiddenError", "message": "not for you", "status": 403})
NOT_FOUND: tuple[int, Any] = (404, {"name": "NotFoundError", "message": "The Note was not found", "status": 404})
CHALLENGE: tuple[int, Any] = (403, {"name": "ChallengeRequiredError", "message": "prove it", "status": 403})


class OpenReviewServer(JsonServer):
    """One of OpenReview's APIs: it has these notes, and says `unknown` of others."""

    def __init__(self, *notes: Mapping[str, Any]) -> None:
        super().__init__()
        self.notes = {each["id"]: each for each in notes}
        self.unknown = NOT_FOUND

    def find(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        """The notes with the id asked for, with their replies only where they are asked for."""
        note = self.notes.get(query.get("id", ""))
        if path != "/notes" or note is None:
            return self.unknown
        shown = note if query.get("details") == "directReplies" else {**note, "details": {}}
        return 200, {"notes": [shown], "count": 1}
