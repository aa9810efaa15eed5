"""Real papers and newsletters that lie beside the repository on some machines, and are no part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def needs_shared(name: str) -> pytest.MarkDecorator:
    """Skip a test where `../shared/<name>` is absent, and say so.

    `name` is a path inside that folder, such as "newsletters" or "arxiv/id_cases.json".
    """
    return pytest.mark.skipif(not (SHARED / name).exists(), reason=f"../shared/{name} is not on this machine")
