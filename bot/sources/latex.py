"""LaTeX as people write it in titles and abstracts, made readable as plain text."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import structlog
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as wordings
from pylatexenc.latexwalker import LatexMacroNode, LatexWalker
from pylatexenc.latexwalker import get_default_latex_context_db as syntax
from pylatexenc.macrospec import MacroSpec

from bot.sources.latex_repair import repair

log = structlog.get_logger()

LONGEST = 20_000
"""Characters that are looked at; arXiv takes abstracts of 1,920 characters at most."""

DEEPEST = 30
"""Groups within groups that are looked at, as each costs the converter some of Python's stack."""

_SIGNS = re.compile(r"[\\${}~`]|--|''")

_LETTERS = {
    "ie": "i.e.",
    "eg": "e.g.",
    "etal": "et al.",
    "etc": "etc.",
    "wrt": "w.r.t.",
    "vs": "vs.",
    "aka": "a.k.a.",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "slash": "/",
    "colon": ":",
    "lbrace": "{",
    "rbrace": "}",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textunderscore": "_",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "S": "§",
    "P": "¶",
    "copyright": "©",
    "pounds": "£",
    "today": "\\today",
    "|": "‖",
    "\\": " ",
    "/": "",
    "-": "",
}
"""Macros that stand for a few letters which pylatexenc does not know, or shows otherwise."""

_SILENT = (
    *("bf", "it", "em", "rm", "sc", "sf", "tt", "sl", "cal", "bfseries", "itshape", "scshape", "ttfamily"),
    *("tiny", "footnotesize", "small", "large", "Large", "normalsize", "boldmath", "unboldmath", "centering"),
    *("displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "middle", "left", "right"),
    *("big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr"),
    *("xspace", "protect", "noindent", "par", "newline", "linebreak", "relax", "null", "label", "color"),
)
"""Macros that change looks only."""

_PLAIN = (
    *("mathbf", "mathit", "mathsf", "mathtt", "boldsymbol", "bm", "operatorname", "mathop", "textnormal"),
    *("overline", "underline", "widehat", "widetilde", "overbrace", "underbrace", "overrightarrow", "ensuremath"),
    *("title", "author", "date", "section", "subsection", "paragraph", "input", "include"),
)
"""Macros whose argument stays as it is: mathematics' bold and slanted letters are missing from many fonts."""

_GLUED = ("aa", "AA", "ae", "AE", "oe", "OE", "o", "O", "l", "L", "ss", "i", "j")
"""Macros that are letters within a word: the blank behind them only ends their name."""


_POINTERS = ("cite", "citep", "citet", "ref", "eqref", "autoref", "cref", "Cref")
"""Macros that point at something which is not in the text."""


def readable(text: str) -> str:
    r"""The text with its LaTeX put into plain characters: `$O(n^2)$` becomes `O(n^2)`, `\'e` becomes `é`.

    Words are never lost: a per cent sign starts no comment, what is not LaTeX after all (a price, a lone
    brace) stays, and a text too long, too nested or too odd for the converter comes back as it is.
    """
    if len(text) > LONGEST or not _SIGNS.search(text):
        return text
    try:
        repaired = repair(text, DEEPEST)
        if repaired is None:
            return text
        nodes = LatexWalker(repaired.text, latex_context=_SYNTAX, tolerant_parsing=True).get_latex_nodes()[0]
        converted = _Readable(latex_context=_WORDINGS, math_mode="text").nodelist_to_text(nodes)
    except Exception as error:  # noqa: BLE001 # whatever the converter stumbles over, the text is there
        log.warning("LaTeX left as it is", reason=repr(error))
        return text
    upright = converted.replace("^∘", "°").replace("^'", "'")
    return unicodedata.normalize("NFC", upright.translate(repaired.restored))


class _Readable(LatexNodes2Text):  # type: ignore[misc] # pylatexenc has no annotations
    """pylatexenc's conversion, with blanks kept and the extent of an index or a power shown."""

    def nodelist_to_text(self, nodelist: list[Any]) -> str:
        """The nodes' text; `x_{ij}` keeps its braces, as `x_ij` says something else."""
        parts: list[str] = []
        for node in nodelist:
            text = self.node_to_text(node)
            raised = parts and parts[-1].endswith(("_", "^"))
            if raised and len(text) > 1 and type(node).__name__ == "LatexGroupNode":
                text = f"{{{text}}}"
            parts.append(text + _blank_after(node))
        return "".join(parts)

    def chars_node_to_text(self, node: Any, textcol: int = 0) -> str:
        """The characters as they are: pylatexenc drops those that are blanks only."""
        return str(node.chars)

    def math_node_to_text(self, node: Any) -> str:
        """The formula in the line."""
        return self.nodelist_to_text(node.nodelist).strip()


def _blank_after(node: Any) -> str:
    """The blank that ends a macro's name, which TeX takes and readers miss."""
    bare = isinstance(node, LatexMacroNode) and not (node.nodeargd and node.nodeargd.argnlist)
    return " " if bare and node.macro_post_space and node.macroname not in (*_SILENT, *_GLUED) else ""


def _unknown(node: Any, l2tobj: LatexNodes2Text) -> str:
    """What to show for a macro nobody knows: its arguments, those before its braces, else its name."""
    if node.nodeargd and node.nodeargd.argnlist:
        return "".join(_given(node, l2tobj))
    following = node.parsing_state.s[node.pos + node.len :][:2]
    return "" if following.startswith("{") and following != "{}" else f"\\{node.macroname}"


def _given(node: Any, l2tobj: LatexNodes2Text) -> list[str]:
    """The arguments that are there, optional ones too."""
    nodes = node.nodeargd.argnlist if node.nodeargd else ()
    return [str(l2tobj.nodelist_to_text([each])) for each in nodes if each]


def _last(node: Any, l2tobj: LatexNodes2Text) -> str:
    return "".join(_given(node, l2tobj)[-1:])


def _item(node: Any, l2tobj: LatexNodes2Text) -> str:
    return f" {''.join(_given(node, l2tobj)) or '•'} "


def _pointer(node: Any, l2tobj: LatexNodes2Text) -> str:
    return f"[{', '.join(_given(node, l2tobj))}]"


def _fraction(node: Any, l2tobj: LatexNodes2Text) -> str:
    above, below = (_whole(l2tobj.node_arg_to_text(node, each)) for each in (0, 1))
    return f"{above}/{below}"


def _root(node: Any, l2tobj: LatexNodes2Text) -> str:
    index, term = (l2tobj.node_arg_to_text(node, each) for each in (0, 1))
    return f"{index}√{_whole(term)}"


def _whole(term: str) -> str:
    return term if len(term) == 1 or term.isalnum() else f"({term})"


def _wordings() -> Any:
    """What stands for what: the table of pylatexenc, with ours before it."""
    ours = [MacroTextSpec(name, letters) for name, letters in _LETTERS.items()]
    ours += [MacroTextSpec(name, discard=True) for name in _SILENT]
    ours += [MacroTextSpec(name, discard=False) for name in _PLAIN]
    ours += [MacroTextSpec(name, _fraction) for name in ("frac", "dfrac", "tfrac", "nicefrac", "sfrac", "textfrac")]
    ours += [MacroTextSpec("item", _item), MacroTextSpec("sqrt", _root)]
    ours += [MacroTextSpec("href", lambda node, l2tobj: f"{_last(node, l2tobj)} ({l2tobj.node_arg_to_text(node, 0)})")]
    ours += [MacroTextSpec(name, _last) for name in ("url", "textcolor", "colorbox", "fcolorbox")]
    ours += [MacroTextSpec("footnote", lambda node, l2tobj: f" ({_last(node, l2tobj)})")]
    ours += [MacroTextSpec(name, _pointer) for name in _POINTERS]
    table = wordings().filter_context(exclude_categories=["latex-placeholders", "latex-ethuebung", "nonstandard-qit"])
    table.add_context_category("broadsheet", macros=ours, prepend=True)
    table.set_unknown_macro_spec(MacroTextSpec("", _unknown))
    return table


def _syntax() -> Any:
    """What takes which arguments: the table of pylatexenc, and what it lacks."""
    ours = [MacroSpec(name, "{{") for name in ("href", "dfrac", "tfrac", "sfrac")]
    table = syntax().filter_context(keep_categories=["latex-base", "nonascii-specials", "natbib"])
    table.add_context_category("broadsheet", macros=ours, prepend=True)
    return table


_SYNTAX = _syntax()
_WORDINGS = _wordings()
