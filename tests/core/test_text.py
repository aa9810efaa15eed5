"""Text from people: what is taken out of it, where it is cut."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import clean, clip, count, one_line


@given(st.text(), st.integers(1, 40))
def test_clipping_cuts_between_graphemes(text: str, length: int) -> None:
    """A clipped text is no longer than asked and begins like the original, whole letters only."""
    clipped = clip(text, length)
    assert len(clipped) <= max(length, 1)
    if clipped != text:
        kept = clipped.removesuffix("…")
        letters = regex.findall(r"\X", text)
        assert any("".join(letters[:n]).rstrip() == kept for n in range(len(letters) + 1))


def test_a_family_of_emoji_is_not_torn() -> None:
    """An emoji made of several code points stays whole or goes."""
    assert clip("ab👩‍👩‍👧‍👦cd", 6) == "ab…"


@given(st.text(st.characters()))
def test_cleaned_text_can_be_kept_anywhere(text: str) -> None:
    """What is left can be encoded, and holds no control characters but tab and line breaks."""
    cleaned = clean(text)
    cleaned.encode()
    assert not set(cleaned) & {chr(n) for n in range(32) if chr(n) not in "\t\n\r"}


def test_words_of_a_line() -> None:
    """White space of any kind becomes one blank, and numbers take their noun."""
    assert one_line(" a\n\tb c ") == "a b c"
    assert (count(1, "vote"), count(2, "vote"), count(2, "try", "tries")) == ("1 vote", "2 votes", "2 tries")
