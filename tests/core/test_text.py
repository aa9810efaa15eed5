"""Text from people: what is taken out of it, where it is cut."""

import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import clean, clip, count, first_sentence, one_line


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


def test_the_first_sentence_ends_where_it_ends() -> None:
    """A full stop inside a number or a name does not end it, a Chinese one does; a long one is cut."""
    assert first_sentence("It gains 2.5 points on v1.0 of it. Then more.", 80) == "It gains 2.5 points on v1.0 of it."
    assert first_sentence("提出了一种方法。结果很好。", 80) == "提出了一种方法。"
    assert first_sentence("no end " * 50, 20) == "no end no end no en…"
    assert first_sentence("", 20) == ""


def test_words_of_a_line() -> None:
    """White space of any kind becomes one blank, and numbers take their noun."""
    assert one_line(" a\n\tb c ") == "a b c"
    assert (count(1, "vote"), count(2, "vote"), count(2, "try", "tries")) == ("1 vote", "2 votes", "2 tries")
