"""A paper as a BibTeX entry, as arXiv's own export gives it, in plain ASCII wherever LaTeX has the sign."""

from __future__ import annotations

import re
import unicodedata

from pylatexenc.latexencode import UnicodeToLatexEncoder

from bot.core.model import Paper, Precision
from bot.core.references import ReferenceKind
from bot.core.text import one_line

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
} | {sign: f"\\{sign}" for sign in "$&%#_"}
"""BibTeX counts braces whether or not a backslash stands before them: no brace of the text may stay one."""

_ASCII = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
_SMALL_WORDS = frozenset(
    ("a", "an", "the", "on", "of", "in", "for", "to", "and", "or", "is", "are", "from", "with", "by", "at", "how")
)
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_GROUP = re.compile(r",|\band\b|\b(?:collaboration|consortium|team|group|authors)\b", re.IGNORECASE)

_encoder = UnicodeToLatexEncoder(
    non_ascii_only=True,
    replacement_latex_protection="braces-all",
    unknown_char_policy="keep",
    unknown_char_warning=False,
)


def bibtex(paper: Paper) -> str:
    """The paper's entry, the same each time: `@article` of a journal, `@inproceedings`, else `@misc`."""
    arxiv = paper.kind is ReferenceKind.ARXIV
    fields = {
        "title": " ".join(map(_word, one_line(paper.title).split())),
        "author": " and ".join(map(_author, paper.authors)),
        "year": "" if paper.precision is Precision.NONE else str(paper.published.year),
        "journal": _escape(paper.journal),
        "booktitle": "" if paper.journal else _escape(paper.venue),
        "volume": _escape(paper.volume),
        "number": _escape(paper.number),
        "pages": re.sub(r"(?<=[0-9])\s*[-–]+\s*(?=[A-Za-z]?[0-9])", "--", _escape(paper.pages)),
        "publisher": _escape(paper.publisher),
        "doi": re.sub(r"[\\{}\s]", "", paper.doi),
        "eprint": paper.id if arxiv else "",
        "archivePrefix": "arXiv" if arxiv else "",
        "primaryClass": _escape(paper.categories[0]) if arxiv and paper.categories else "",
        "url": re.sub(r"[\\{}\s]", "", paper.url),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    kind = "article" if paper.journal else "inproceedings" if paper.venue else "misc"
    return f"@{kind}{{{key(paper)},\n{lines}}}"


def key(paper: Paper) -> str:
    """The entry's key: who came first, when, and the first word that says something; letters and digits only."""
    names = _folded(paper.authors[0].partition(",")[0]) if paper.authors else []
    names = [each for each in names if each not in _SUFFIXES]
    words = _folded(paper.title)
    telling = next((each for each in words if each not in _SMALL_WORDS), "")
    number = re.sub(r"[^0-9]", "", paper.id)
    year = "" if paper.precision is Precision.NONE else paper.published.year
    return f"{names[-1] if names else paper.kind.value}{year}{telling or number}"


def _folded(text: str) -> list[str]:
    """The text's words in small ASCII letters and digits."""
    letters = "".join(_ASCII.get(each, each) for each in one_line(text).lower())
    plain = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode("ascii")
    return re.findall(r"[a-z0-9]+", re.sub(r"['’`-]", "", plain))


def _author(name: str) -> str:
    """The name as given; a group's name, or one with a comma or an `and`, in braces, so that it stays whole."""
    return f"{{{_escape(name)}}}" if _GROUP.search(name) else _escape(name)


def _word(word: str) -> str:
    """A word of the title; one with capitals inside in braces, as styles make capitals small."""
    escaped = _escape(word)
    return f"{{{escaped}}}" if any(letter.isupper() for letter in word[1:]) else escaped


def _escape(text: str) -> str:
    """The text as LaTeX shows it letter by letter."""
    return str(_encoder.unicode_to_latex("".join(_ESCAPES.get(each, each) for each in one_line(text))))
