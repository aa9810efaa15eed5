"""LaTeX in titles, abstracts and names comes out as people would write it, and nothing they wrote gets lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.latex import DEEPEST, LONGEST, readable
from bot.sources.latex_repair import repair


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$O(n^2)$", "O(n^2)"),
        (r"$\mathcal{O}(n \log n)$", "𝒪(n log n)"),
        (r"$x_{ij}^2 \leq \alpha\cdot\frac{a+b}{2}$", "x_{ij}^2 ≤ α·(a+b)/2"),
        (r"$\frac{1}{n}\sum_{i=1}^{n} w_i$", "1/n∑_{i=1}^n w_i"),
        (r"$\sqrt[3]{n}$ of $\sqrt{a+b}$", "3√n of √(a+b)"),
        (r"\(a\) and \[b\] and $$c$$", "a and b and c"),
        (r"$x$$y$", "xy"),
        (r"$3\times$ fewer, at 10$^\circ$C", "3× fewer, at 10°C"),
        (r"$f'(x)$ and $x^\prime$", "f'(x) and x'"),
        (r"\alpha, $\ell_1$, $\mathbb{R}^d$, $\| x \|$", "α, ℓ_1, ℝ^d, ‖ x ‖"),
        (r"the 4-d ${\cal N} =4$ theory, ${\rm SU}(2)$", "the 4-d N =4 theory, SU(2)"),
        (r"a \emph{new} \textbf{Image-to-Tokens (I2T)} module", "a new Image-to-Tokens (I2T) module"),
        (r"(\ie shift, \eg ImageNet-22k) by \ours{} and \ours", r"(i.e. shift, e.g. ImageNet-22k) by \ours and \ours"),
        (r"\href{https://a.example/b}{code} at \url{https://a.example/b_c%20d--e}", None),
        (r"``quoted'' -- or --- not", "“quoted” – or — not"),
        (r"Fig.~3, but ~100 and a/~b", "Fig. 3, but ~100 and a/~b"),
        (r"\begin{align}x=1\end{align}", "x=1"),
        (r"much\footnote{Code is coming.}", "much (Code is coming.)"),
        (r"as in \cite{someone2021}", "as in [someone2021]"),
    ],
)
def test_latex_becomes_plain_characters(text: str, expected: str | None) -> None:
    """What TeX would typeset is shown with the characters that there are for it."""
    wanted = expected or "code (https://a.example/b) at https://a.example/b_c%20d--e"
    assert " ".join(readable(text).split()) == wanted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (r"Martin M\"uller", "Martin Müller"),
        (r"Paul Erd\H{o}s", "Paul Erdős"),
        (r"\L ukasz Kaiser", "Łukasz Kaiser"),
        (r"\'Eric and \'{E}ric", "Éric and Éric"),
        (r"S\o ren G{\aa}rding, na\"{\i}ve", "Søren Gårding, naïve"),
        (r"\c{S}eyma \v{C}ech Nu\~nez", "Şeyma Čech Nuñez"),
        (r"Stra\ss e", "Straße"),
        ("Ana Müller-O'Neil", "Ana Müller-O'Neil"),
        ("李雷", "李雷"),
    ],
)
def test_accents_are_put_on_their_letters(name: str, expected: str) -> None:
    """A name typed with TeX's accents is the name."""
    assert readable(name) == expected


@pytest.mark.parametrize(
    "text",
    [
        "improved by 1.6% top-1 accuracy, 2.5% and 2.4%",
        "87.7% of cats & dogs, C# and item #1",
        "from $5 to $10, then $5-$10, then a lone $",
        "an open { alone",
        "a closed } alone, then an open {",
        "stars *a* _b_ ~~c~~ ||d|| [e](https://f.example) <@1> @everyone",
        "https://www.astronomy.example/~gould/ogle_hot--jupiters.ps.gz?a=%20&b=$1",
        r"\verb|x|",
        "",
    ],
)
def test_what_is_not_latex_stays(text: str) -> None:
    """Per cent signs start no comments, prices are no formulas, addresses stay whole."""
    assert readable(text) == text


def test_signs_escaped_for_tex_lose_the_backslash() -> None:
    r"""`\%`, `\&`, `\$`, `\#`, `\_` and braces are the signs themselves, a backslashed quotation mark is one."""
    assert readable(r"5\% \& \$5 \#1 a\_b \{c\} don\'t \"Quoted\"") == '5% & $5 #1 a_b {c} don\'t "Quoted"'


def test_no_file_is_read_and_no_clock_asked() -> None:
    r"""`\input` and `\today` are words like others."""
    assert readable(r"\input{/etc/hostname} \today") == r"/etc/hostname \today"


_FRAGMENTS = st.sampled_from(
    [
        *"{}$%&#~^_[]\\\"'`",
        *(
            "$$",
            "--",
            r"\(",
            r"\)",
            r"\[",
            r"\]",
            r"\frac",
            r"\sqrt[",
            r"\textbf{",
            r"\\",
            r"\begin{a}",
            r"\end{align}",
        ),
        *(r"\left(", r"\"", r"\'", r"\alpha ", r"\item[", r"\cite[", r"\unknown{", " ", "\n", "数学", "\ufeff"),
    ]
)
_WORDS = st.sampled_from(["networks", "Kernel", "transformers", "2021"])


@given(st.lists(st.tuples(_FRAGMENTS, _WORDS), max_size=30))
def test_words_are_never_lost(pieces: list[tuple[str, str]]) -> None:
    """Whatever stands between them, the words between blanks all come out, in order."""
    shown = readable(" ".join(f"{fragment} {word}" for fragment, word in pieces))
    at = 0
    for _, word in pieces:
        found = shown.find(word[1:], at)
        assert found >= 0, (word, shown)
        at = found + len(word) - 1


@given(st.text(max_size=200) | st.lists(_FRAGMENTS, max_size=60).map("".join))
def test_nothing_makes_it_raise(text: str) -> None:
    """Any text gives a text."""
    assert isinstance(readable(text), str)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\\${}~`'-\U000f0000"), max_size=100))
def test_plain_text_is_left_alone(text: str) -> None:
    """A text without any of TeX's signs comes back letter by letter."""
    assert readable(text) == text


@pytest.mark.parametrize(
    "piece",
    [r"\sqrt[", r"\footnote[", r"\cite[a][", "{", r"\textbf{", "$", r"\(a", r"\begin{a}", r"\frac", "\\", r"\'{"],
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    """What the converter alone takes minutes for, or overflows its stack on, is done at once or left as it is."""
    started = time.process_time()
    for number in (40, LONGEST // len(piece), LONGEST):
        assert readable("word " + piece * number).startswith("word")
    assert time.process_time() - started < 5


def test_groups_too_deep_are_left_as_they_are() -> None:
    """Beyond `DEEPEST` the text itself is the answer."""
    deep = r"\emph{" * (DEEPEST + 1) + "x" + "}" * (DEEPEST + 1)
    assert readable(deep) == deep
    assert readable(deep.removeprefix(r"\emph{").removesuffix("}")) == "x"


def test_characters_of_the_private_plane_are_left_alone() -> None:
    """A text that has the characters used to set things aside is not converted."""
    assert repair("\U000f0000 {", DEEPEST) is None
    assert readable("\U000f0000 {a}") == "\U000f0000 {a}"
