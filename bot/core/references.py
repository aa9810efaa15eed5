"""References to papers in any text: arXiv ids, OpenReview forum ids and DOIs.

A text is cut into plain stretches and addresses first, since the same digits are an id in `arxiv.org/abs/…`, part
of a longer name in a DOI, and nothing at all on a site that has nothing to do with papers. Every pattern takes time
in proportion to the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote


class ReferenceKind(StrEnum):
    """Who gave the paper its id: a page, of a publisher of proceedings, is known by its address alone."""

    ARXIV = "arxiv"
    OPENREVIEW = "openreview"
    DOI = "doi"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Reference:
    """One paper as its readers name it.

    id: for arXiv without version and subject class (`2103.06255`, `math/0309136`); of a page its address.
    version: for arXiv only, where one was named.
    """

    kind: ReferenceKind
    id: str
    version: int | None = None

    @property
    def url(self) -> str:
        """The paper's one canonical address, whatever its version."""
        match self.kind:
            case ReferenceKind.ARXIV:
                return f"https://arxiv.org/abs/{self.id}"
            case ReferenceKind.OPENREVIEW:
                return f"https://openreview.net/forum?id={self.id}"
            case ReferenceKind.DOI:
                return f"https://doi.org/{quote(self.id, safe='/:;()+')}"
            case ReferenceKind.PAGE:
                return self.id

    def __str__(self) -> str:
        """What a person would type; `reference` reads it back, and `paper_pages.named` a page too."""
        match self.kind:
            case ReferenceKind.ARXIV:
                return self.id if self.version is None else f"{self.id}v{self.version}"
            case ReferenceKind.OPENREVIEW:
                return f"openreview.net/forum?id={self.id}"
            case ReferenceKind.DOI | ReferenceKind.PAGE:
                return self.id


_ARCHIVE_NAMES = """
    acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga
    funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph
    q-alg q-bio quant-ph solv-int supr-con
"""
_ARCHIVES = frozenset(_ARCHIVE_NAMES.split())
_LATER_ARCHIVES = ("econ", "eess", "q-fin", "stat")

# Sites that are about papers, by registered name: arXiv, its mirrors and readers, indexes, archives of papers.
_SITE_NAMES = """
    arxiv.org xxx.lanl.gov arxiv.lanl.gov xxx.itp.ac.cn arxiv.itp.ac.cn xxx.tau.ac.il xxx.sissa.it xxx.soton.ac.uk
    xxx.uni-augsburg.de xxx.yukawa.kyoto-u.ac.jp xxx.snu.ac.kr xxx.imsc.res.in front.math.ucdavis.edu
    eprintweb.org ar5iv.org alphaxiv.org arxiv-vanity.com arxiv-sanity.com arxiv-sanity-lite.com iarxiv.org
    arxivxplorer.com arxiv.gg arxivdaily.com talk2arxiv.org scirate.com deeplearn.org papers.cool hjfy.top
    huggingface.co hf.co semanticscholar.org scholar.archive.org fatcat.wiki paperswithcode.com shortscience.org
    connectedpapers.com litmaps.com researchrabbit.ai catalyzex.com emergentmind.com themoonlight.io paperdigest.org
    paperreading.club bytez.com aimodels.fyi synthical.com scholar-inbox.com benty-fields.com voxcharta.org
    sciencecast.org scispace.com typeset.io explainpaper.com txyz.ai bohrium.com takara.ai groundai.com gotit.pub
    trendingpapers.com readpaper.com aminer.org aminer.cn x-mol.com scholar.google.com scite.ai core.ac.uk
    inspirehep.net adsabs.harvard.edu dblp.org zbmath.org openalex.org crossref.org datacite.org lens.org
    europepmc.org researchgate.net academia.edu zenodo.org altmetric.com pubpeer.com sciety.org prereview.org
    openreview.net doi.org
"""
_PAPER_SITES = frozenset(_SITE_NAMES.split())
_MOST_LABELS = 5
_COMMON_ENDINGS = (
    "com|org|net|edu|gov|mil|int|info|biz|io|ai|co|dev|app|me|tv|xyz|site|online|blog|tech|science|cloud|wiki|gg|"
    "cn|jp|de|uk|fr|ru|eu|ca|br|au|es|nl|se|ch|kr|tw|hk|pl|fi|dk|cz|pt|gr|mx|nz|za|hu|ro|ua"
)

_MONEY = r"\u00a2-\u00a5\u20a0-\u20cf\uff04\uffe0\uffe1\uffe5\uffe6"
# A number with its error, its unit or its exponent was measured, and is no id: `1008.3408(5)`, `1008.3408 ± 0.0002`.
_MEASURED = rf"\([0-9]{{1,2}}\)(?!\.[a-z])|\s?(?:±|\+/-|\\pm)|[\^_]\{{?[-+]|[‰°{_MONEY}]|%(?![0-9a-f]{{2}})"
_ID = (
    r"(?:(?P<archive>[a-z]{1,7}(?:[-\u2010\u2011\u2013\uff0d][a-z]{2,4})?)"
    r"(?:\.(?:[a-z]{2}|[a-z]{2,5}-[a-z]{2,5}|other|soft|optics))?[/／](?:(?:papers|pdf|ps)/[0-9]{4}/)?"
    r"(?P<old_month>[0-9]{4})(?P<old_number>[0-9]{3})"
    r"|(?P<month>[0-9]{4})[.．](?P<number>[0-9]{4,5}))"
    rf"(?:v(?P<version>[1-9][0-9]{{0,2}})|(?!{_MEASURED}))(?![a-z0-9])(?![.．][0-9])"
)
# viXra numbers its papers as arXiv does, and is another archive.
_BEFORE_ID = (
    rf"(?:(?<![a-z0-9.=${_MONEY}±×÷−≈≠≤≥])(?<!vixra:)(?<!vixra:\s)(?<![a-z0-9][-\u2010\u2011](?=[a-z]))"
    r"|(?<=arxiv[.=-])|(?<=eprint=))"
)
# The tail of a DOI that was made from a journal's SICI: `<0946:ASTFHH>2.0.CO;2`.
_SICI = r"[0-9]\.[0-9]\.[a-z]{2};[0-9](?:-[a-z0-9\#])?"
_NAME = r"(?:(?!https?://)[-._/+a-z0-9]|:(?!//))"
_DOI = (
    rf"(?:(?<![a-z0-9.])|(?<=doi))10\.[0-9]{{4,9}}(?:\.[0-9]+){{0,3}}/(?:{_NAME}++|\({_NAME}*\)|\[{_NAME}*\]"
    rf"|<[-.:a-z0-9]{{1,40}}>{_SICI}|(?<=[0-9]\.[a-z]{{2}});[0-9](?:-[a-z0-9\#])?)++"
)
_SCHEME = r"(?:(?<![a-z0-9])|(?<=%[0-9a-f]{2}))(?:https?|ftp)(?::|%(?:25)*3a)(?:/|%(?:25)*2f){2}"
_PORT = r"(?::[0-9]{1,5}(?![0-9]))?"
_LETTERS = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u058f"
# `math.CO/…` and `stat.ME/…` are subject classes, though `co` and `me` end the names of sites too.
_CLASS = rf"(?:arxiv\.)?(?:{'|'.join((*sorted(_ARCHIVES), *_LATER_ARCHIVES))})\.[a-z-]+/"
_ADDRESS = (
    rf"{_SCHEME}(?:[a-z0-9._~!$&*+,;=:%-]{{1,80}}@)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._{_LETTERS}-]*){_PORT}"
    rf"|(?:(?<![a-z0-9@._~/%-])|(?<=//))(?!{_CLASS})"
    rf"(?P<bare_host>(?:[a-z0-9-]++\.)++(?:{_COMMON_ENDINGS})){_PORT}(?=[/?]|%(?:25)*2f)"
)
_EMAIL = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]++@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}(?![a-z0-9-])"
# Where an address ends, or may end: another one inside it, a bracket, a character that addresses do not hold.
_EDGES = (
    rf"{_SCHEME}|[()\[\]]|<(?![-.:a-z0-9]{{1,40}}>{_SICI})|>(?!{_SICI})"
    rf"|[^-!#$%&()*+,./0-9:;<=>?@a-z\[\]_~{_LETTERS}]"
)

_FLAGS = re.IGNORECASE | re.ASCII
_MARK = re.compile(rf"{_ADDRESS}|(?P<email>{_EMAIL})|(?P<doi>{_DOI})", _FLAGS)
_EDGE = re.compile(_EDGES, _FLAGS)
_FIND = re.compile(rf"(?P<doi>{_DOI})|{_BEFORE_ID}{_ID}", _FLAGS)
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv[.:](?:{_ID})?", _FLAGS)
_PAGE_OF_DOI = re.compile(
    r"(?:/(?:abs|abstract|full|fulltext|e?pdf|html|meta|references|summary)|(?:\.full(?:-text)?)?(?:\.pdf|\.html?)?)$",
    _FLAGS,
)
_VERSION_OF_DOI = re.compile(r"(?<=[0-9])v[0-9]{1,3}$", _FLAGS)
_FORUM = re.compile(r"/(?:forum|pdf|attachment|revisions|notes)/?\?([^#]*)")
_FORUM_ID = re.compile(r"(?:amp;)?(?:id|forum)=([A-Za-z0-9_-]{5,40})(?![A-Za-z0-9_-])")

_WIDE = {0xFEE0 + code: code for code in (*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B))}


def references(text: str) -> tuple[Reference, ...]:
    """Every paper a text refers to, in order of first mention, each once, with the version named there."""
    found: dict[tuple[ReferenceKind, str], Reference] = {}
    for each in _mentions(text.translate(_WIDE)):
        key = each.id.lower() if each.kind is ReferenceKind.DOI else each.id
        found.setdefault((each.kind, key), each)
    return tuple(found.values())


def reference(text: str) -> Reference | None:
    """The paper a person means by a whole argument of a command: the first one named, or None."""
    return next(_mentions(text.translate(_WIDE)), None)


def _mentions(text: str) -> Iterator[Reference]:
    at = 0
    while mark := _MARK.search(text, at):
        yield from _in_words(text[at : mark.start()])
        at = mark.end()
        if mark["doi"]:
            yield from _of_doi(mark["doi"])
        elif not mark["email"]:
            at = _end_of_address(text, at)
            yield from _in_address(mark["host"] or mark["bare_host"] or "", text[mark.end() : at])
    yield from _in_words(text[at:])


def _end_of_address(text: str, at: int) -> int:
    """Where the address ends whose host ends at `at`: a bracket that it did not open is not part of it."""
    if text[at : at + 1] not in {"/", "?", "#", "%"}:
        return at
    opened = {")": 0, "]": 0}
    for edge in _EDGE.finditer(text, at):
        match edge.group():
            case "(":
                opened[")"] += 1
            case "[":
                opened["]"] += 1
            case ")" | "]" as bracket if opened[bracket]:
                opened[bracket] -= 1
            case _:
                return edge.start()
    return len(text)


def _in_address(host: str, rest: str) -> Iterator[Reference]:
    """The references in an address, given as its host and what follows; on most sites only a DOI is one."""
    rest = _decoded(rest)
    labels = host.lower().rstrip(".").rsplit(".", _MOST_LABELS)[-_MOST_LABELS:]
    names = {".".join(labels[start:]) for start in range(len(labels))}
    if "openreview.net" in names and (forum := _FORUM.match(rest)):
        ids = (_FORUM_ID.match(part) for part in forum[1].split("&"))
        yield from (Reference(ReferenceKind.OPENREVIEW, each[1]) for each in ids if each)
        return
    about_papers = not names.isdisjoint(_PAPER_SITES)
    # In a query `=` parts a name from its value; only in prose does it announce a quantity.
    for match in _FIND.finditer(rest.replace("=", " ")):
        if match["doi"]:
            yield from _of_doi(match["doi"] if "doi.org" in names else _without_page(match["doi"]))
        elif about_papers:
            yield from _of_arxiv(match)


def _decoded(part: str) -> str:
    """The part of an address without percent-encoding, up to three layers of it, as redirecting links have."""
    for _ in range(3):
        if (plain := unquote(part)) == part:
            break
        part = plain
    return part


def _in_words(text: str) -> Iterator[Reference]:
    for match in _FIND.finditer(text):
        yield from _of_arxiv(match)


def _of_arxiv(match: re.Match[str]) -> Iterator[Reference]:
    """The reference that digits of the right shape are, where archive, month, width and number allow it."""
    version = int(match["version"]) if match["version"] else None
    if match["archive"]:
        archive = re.sub(r"[\u2010-\u2013\uff0d]", "-", match["archive"].lower())
        month, number = match["old_month"], match["old_number"]
        known = archive in _ARCHIVES and (month >= "9107" or month <= "0703")
        name = f"{archive}/{month}{number}"
    else:
        month, number = match["month"], match["number"]
        known = month >= "0704" and len(number) == (4 if month < "1501" else 5)
        name = f"{month}.{number}"
    if known and "01" <= month[2:] <= "12" and number.strip("0"):
        yield Reference(ReferenceKind.ARXIV, name, version)


def _of_doi(text: str) -> Iterator[Reference]:
    """The DOI without punctuation after it; arXiv's own DOIs are its ids."""
    if arxiv := _ARXIV_DOI.match(text):
        if arxiv["archive"] or arxiv["month"]:
            yield from _of_arxiv(arxiv)
        return
    registrant, _, name = text.partition("/")
    name = name.rstrip(".:/_+-")
    if name:
        yield Reference(ReferenceKind.DOI, f"{registrant}/{name}")


def _without_page(doi: str) -> str:
    """The DOI in a publisher's address, without what the address says about the page: `/full`, `.pdf`, `v2.full`."""
    doi = _PAGE_OF_DOI.sub("", doi.rstrip("/"), count=1)
    return _VERSION_OF_DOI.sub("", doi) if doi.startswith("10.1101/") else doi
