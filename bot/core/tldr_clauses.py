"""What may be said of a paper in one sentence: the clauses that an abstract's sentences can be cut down to.

A clause keeps the order of the words and loses whole pieces only: an opening ("In this paper,"), remarks in brackets,
an adverb after "we", an ending that begins at a word which opens a phrase of its own. Nothing is cut inside brackets,
quotations or formulas, nor behind a word that asks for another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.core.tldr_sentences import BRACKETS, Sentence, word_set

MOST_WORDS = 90
FEWEST_WORDS = 5
MOST_STARTS = 6
MOST_ENDS = 8
_LONGEST_BRACKET = 25
_LONGEST_WORD = 80
_LATEST_START = 45
_LONGEST_OPENING = 8
_FARTHEST_SUBJECT = 14
_OWN_STOP = re.compile('[.,!](["”’]+)$')


_VERBS = word_set(
    """achieve achieved achieves adapt address addresses adopt aim aims allow allows analyse analyze apply applies are
    argue ask attempt augment become becomes believe build can capture captures characterize combine combines compare
    compares compute computes conduct consider considers consist consists construct contain contains contribute
    converge converges could create define demonstrate demonstrated demonstrates derive derives describe describes
    design determine develop developed develops devise discover discuss do does employ employs enable enables encode
    encodes encourage encourages establish estimate evaluate evaluates examine examines exhibit exhibits explain
    explains exploit explore explores extend extends find focus focuses formalize formulate generalize generalizes
    generate generates give gives had has have help helps highlight hypothesize identify illustrate implement improve
    improves incorporate integrate integrates introduce introduced introduces investigate investigates is lead leads
    learn learns leverage leverages make makes may model need needs observe obtain obtains offer offers optimize
    outperform outperforms perform performs predict predicts present presented presents proposed propose proposes
    prove proves provide provides quantify reduce reduces release relies rely remain remains replace replaces report
    represent represents require requires reveal reveals review revisit seek serve serves showed show shows solve
    solves study studies suffer suffers suggest suggests tackle tackles take takes tend tends test train try turn
    unify use uses utilize utilizes was were will yield yields"""
)
_REPORTING = word_set(
    """argue argues claim conclude confirm confirms conjecture demonstrate demonstrated demonstrates discover establish
    find finds found hypothesize illustrate indicate indicates note observe observes posit prove proved proves report
    reveal reveals see show showed shown shows suggest suggests validate verify"""
)
_OPENINGS = word_set(
    """accordingly across addressing after also although as at based because besides beyond building by combining
    compared concretely considering contrary despite drawing during following for from further given here if in
    indeed instead inspired leveraging motivated moreover next on overall rather second since then therefore third
    through throughout thus to toward towards under unlike using via when while with within without"""
)
_CONNECTIVES = word_set(
    """accordingly additionally also besides concretely consequently crucially finally furthermore further hence
    here however importantly indeed instead interestingly lastly meanwhile moreover nevertheless notably overall
    secondly similarly specifically surprisingly then therefore thirdly thus unfortunately"""
)
_PAPER = word_set("paper work study article letter here thesis manuscript contribution note report end")
_ADVERBS = word_set("also further additionally therefore thus hence then furthermore moreover finally first next here")
_AFTER_AND = word_set(
    """achieve analyse analyze apply argue compare demonstrate derive describe design develop discuss establish evaluate
    examine explore extend find formulate give highlight identify illustrate improve introduce investigate observe
    present propose prove provide report show study suggest test train use validate verify"""
)
_AFTER_AND_THEY = word_set(
    """achieves allows also are can demonstrates does enables has improves introduces is it leads our outperforms
    provides requires shows that then therefore thus we"""
)
_AFTER_COMMA = word_set(
    """and although as based because but by called compared e.g. especially even for given i.e. if in including inspired
    instead leveraging namely on or particularly rather since so such than thereby though thus through to unlike using
    via when where whereas whereby which while who whose with without a an"""
)
_BARE = word_set(
    """and although as because based but by compared enabling for from if in leading leveraging on over resulting since
    so such that thereby though through to using via when where whereas whereby which while who whose with without"""
)
_DUE = word_set("how if so that what when where whether which while who whom whose why because since although though")
_ALLOWING = word_set(
    """allow allowing allows cause causes causing enable enables enabling encourage encourages encouraging force forces
    forcing help helping helps lets make makes making require requires requiring"""
)
_UNFINISHED = word_set(
    """a able about across against along an and any are as at based be because been being best better between both but
    by called can capable common could deep different do does due during e.g each effective efficient either even every
    existing fast few first for from general generic good had has have he her high his how however i i.e if important
    in instead into is it its key large least less like low main make makes may might more most multiple must my named
    natural near-optimal neither neural new no nor not novel of on one only onto or order other our out over own per
    rather recent respectively robust same several should simple since single small so some specific such term terms
    than that the their then there these they this those three through thus to toward towards two under up upon
    using various very via was we well were what when where whether which while who whom whose why will with within
    without would you your certain particular many all another way
    manner fact responsive sensitive dependent equivalent similar close"""
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A cut of a sentence.

    sentence: the sentence's place in the abstract. kept: the places of the words that stay. start, end: how it was
    cut there, "whole" where it was not. without_brackets: whether remarks in brackets were left out.
    """

    sentence: int
    kept: tuple[int, ...]
    start: str
    end: str
    without_brackets: bool


def clauses(abstract: Sequence[Sentence]) -> list[Clause]:
    """Everything that the abstract's sentences can be cut down to, in the abstract's order."""
    return [clause for place, sentence in enumerate(abstract) for clause in _cuts(place, sentence)]


def written(sentence: Sentence, clause: Clause) -> str:
    """The clause as a sentence: with a capital and a full stop."""
    words = [sentence.words[place] for place in clause.kept]
    for at, (place, following) in enumerate(pairwise(clause.kept)):
        # A comma behind a remark that is left out stays; one behind an adverb goes with it.
        if clause.without_brackets and following - place > 1 and sentence.words[following - 1][-1] in ",;:":
            words[at] = words[at].rstrip(",;:") + sentence.words[following - 1][-1]
    if words[0].lower() == "we,":
        words[0] = "We"
    # The full stop goes behind a quotation that brings its own.
    text = _OWN_STOP.sub(r"\1", " ".join(words).rstrip(" ,;:.!-–—"))
    return f"{text[:1].upper()}{text[1:]}."


def _cuts(place: int, sentence: Sentence) -> Iterator[Clause]:
    if not _is_statement(sentence):
        return
    remarks = _remarks(sentence)
    seen: set[tuple[int, ...]] = set()
    for start, first, subject in list(_starts(sentence))[:MOST_STARTS]:
        for end, stop in list(_ends_of(sentence, first))[:MOST_ENDS]:
            kept = _without_adverb(sentence, (*subject, *range(first, stop)))
            bare = tuple(word for word in kept if word not in remarks)
            for places in (kept, bare):
                if len(places) >= FEWEST_WORDS and places not in seen:
                    seen.add(places)
                    yield Clause(place, places, start, end, places is bare and bare != kept)


def _is_statement(sentence: Sentence) -> bool:
    """Whether it is a whole sentence that tells something: no question, no heading, nothing opened and not closed."""
    words = sentence.words
    text = " ".join(words)
    return (
        FEWEST_WORDS <= len(words) <= MOST_WORDS
        and max(map(len, words)) <= _LONGEST_WORD
        and words[-1][-1] not in "?:"
        and not sentence.inside[-1]
        and text.count('"') % 2 == 0
        and all(text.count(opening) <= text.count(closing) for opening, closing in BRACKETS)
        and all(first or second for first, second in pairwise(sentence.lower))
    )


def _without_adverb(sentence: Sentence, kept: tuple[int, ...]) -> tuple[int, ...]:
    """The words without an adverb right after a "we" that comes first: "We also show" is then "We show"."""
    if sentence.lower[kept[0]] == "we" and len(kept) > 1 and sentence.lower[kept[1]] in _ADVERBS:
        return (kept[0], *kept[2:])
    return kept


def _remarks(sentence: Sentence) -> frozenset[int]:
    """The words of remarks in brackets that stand between blanks, each closed within reach."""
    places: set[int] = set()
    at = 1
    while at < len(sentence.words):
        if sentence.words[at][0] in "([" and not sentence.inside[at]:
            end = next((to for to in range(at, len(sentence.words)) if not sentence.inside[to + 1]), None)
            if end is None:
                break
            if end - at < _LONGEST_BRACKET and sentence.words[end].rstrip(".,;:")[-1:] in {")", "]"}:
                places.update(range(at, end + 1))
            at = end
        at += 1
    return frozenset(places)


def _starts(sentence: Sentence) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """How, and at which word, a clause may start; and the subject that it then takes along."""
    words, lower = sentence.words, sentence.lower
    connected = lower[0] in _CONNECTIVES and words[0].endswith(",")
    yield ("connective", 1, ()) if connected else ("whole", 0, ())
    opening = connected or lower[0] in _OPENINGS or lower[0].endswith(("ly", "ing"))
    for at in range(2 if connected else 1, min(len(words) - FEWEST_WORDS + 1, _LATEST_START)):
        if sentence.inside[at]:
            continue
        pause = words[at - 1][-1]
        if lower[at] == "we":
            if pause in ",;:-—" or lower[at - 1] == "and":
                yield "we", at, ()
            elif opening and at <= _LONGEST_OPENING and lower[at - 1] in _PAPER:
                yield "we after opening", at, ()
        elif opening and pause == "," and lower[at] in {"our", "this"} and lower[at + 1] not in _VERBS:
            yield "opening", at, ()
        if lower[at - 1] == "that" and _reported(lower, at - 1):
            yield "reported", at, ()
    yield from _shared(sentence)


def _reported(lower: Sequence[str], that: int) -> bool:
    before = that - 1 - (that > 1 and lower[that - 1].endswith("ly"))
    return before >= 0 and lower[before] in _REPORTING


def _shared(sentence: Sentence) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Second predicates of "we": "We train it and show that it works" holds "We show that it works"."""
    lower = sentence.lower
    subject = next((at for at in range(min(len(lower), _FARTHEST_SUBJECT)) if lower[at] == "we"), None)
    if subject is None:
        return
    for at in range(subject + 4, min(len(lower) - FEWEST_WORDS, _LATEST_START)):
        if lower[at] == "and" and not sentence.inside[at]:
            verb = at + 1 + (lower[at + 1] in _ADVERBS or lower[at + 1].endswith("ly"))
            if lower[verb] in _AFTER_AND:
                yield "shared", verb, (subject,)


def _ends_of(sentence: Sentence, first: int) -> Iterator[tuple[str, int]]:
    """How, and before which word, a clause that starts at `first` may end."""
    words, lower = sentence.words, sentence.lower
    yield "whole", len(words)
    stated, commas = False, 0
    for at in range(first + 1, len(words) - 1):
        before, pause = lower[at - 1], words[at - 1][-1]
        # Behind "which" or "how" a verb is due, and behind "allows" what is allowed: until it comes, nothing ends.
        if before in _DUE or before in _ALLOWING:
            stated = False
        elif before in _VERBS or (before == "to" and lower[at] not in _UNFINISHED):
            stated = True
        if stated and not sentence.inside[at] and at - first >= FEWEST_WORDS and _may_end(before):
            if pause in ";:":
                yield "pause", at
            elif (pause == "," and _opens_after_comma(lower, at, commas)) or (pause != "," and _opens(lower, at)):
                yield f"{pause if pause == ',' else ''}{lower[at]}", at
        commas += pause == ","


def _may_end(word: str) -> bool:
    return bool(word) and word not in _UNFINISHED and word not in _VERBS and not word.endswith(("ed", "ly"))


def _opens_after_comma(lower: Sequence[str], at: int, commas: int) -> bool:
    """Whether a piece that can go begins behind this comma, rather than the next of a list."""
    if lower[at] in {"and", "or", "a", "an"} and commas:
        return lower[at + 1] in _AFTER_AND or lower[at + 1] in _AFTER_AND_THEY
    return lower[at] in _AFTER_COMMA or lower[at].endswith("ing")


def _opens(lower: Sequence[str], at: int) -> bool:
    before, word, after = lower[at - 1], lower[at], lower[at + 1]
    if word == "and":
        return after in _AFTER_AND or after in _AFTER_AND_THEY
    if word in {"so", "such"}:
        return after in {"that", "as"}
    if word == "that":
        return before not in _REPORTING and before not in _VERBS
    return word in _BARE and before not in _VERBS
