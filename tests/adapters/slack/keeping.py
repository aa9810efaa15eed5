"""A store of small texts, for tests."""

from __future__ import annotations

from collections.abc import Mapping


class FakeKeep:
    """The port `Keep` over a dict."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.texts.get(key)

    async def put(self, key: str, value: str) -> None:
        self.texts[key] = value

    async def take(self, key: str) -> str | None:
        return self.texts.pop(key, None)

    async def under(self, prefix: str) -> Mapping[str, str]:
        return {key: value for key, value in self.texts.items() if key.startswith(prefix)}
