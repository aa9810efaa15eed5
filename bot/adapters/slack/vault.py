"""Tokens at rest: encrypted with the operator's keys."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.core.errors import BroadsheetError

MAKE = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class Sealed(BroadsheetError):
    """A text was encrypted with none of the keys there are."""


class Vault:
    """Encrypts with the first key, and decrypts with any of them (Fernet: AES-128-CBC with HMAC-SHA256).

    Raises `BroadsheetError` where there is no key, or one that is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise BroadsheetError(f"slack.encryption_keys needs a key; make one with: {MAKE}")
        locks = [_lock(number, key) for number, key in enumerate(keys, 1)]
        self._newest = locks[0]
        self._any = MultiFernet(locks)

    def seal(self, text: str) -> str:
        """The text, encrypted."""
        return self._newest.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text that was encrypted; raises `Sealed` where no key fits."""
        return _decrypt(self._any, sealed)

    def renew(self, sealed: str) -> str | None:
        """The same text under the first key, or None if it is already; raises `Sealed` where no key fits."""
        try:
            _decrypt(self._newest, sealed)
        except Sealed:
            return self.seal(self.open(sealed))
        return None


def _lock(number: int, key: str) -> Fernet:
    try:
        return Fernet(key.strip())
    except ValueError as error:
        reason = f"Key {number} in slack.encryption_keys is no Fernet key"
        raise BroadsheetError(f"{reason}; make one with: {MAKE}") from error


def _decrypt(lock: Fernet | MultiFernet, sealed: str) -> str:
    try:
        return lock.decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError) as error:
        raise Sealed("It was encrypted with none of the keys in slack.encryption_keys.") from error
