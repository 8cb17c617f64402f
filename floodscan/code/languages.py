"""The languages whose files are read: how each writes a string and a comment. Nothing else of a language matters."""

from __future__ import annotations

from typing import Final

from floodscan.regex import regex

# Every pattern is linear: what it has taken it never gives back, and what has no end goes to the end of the file.
_SLASHES = r"//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)"
_HASH = r"#[^\n]*+"
_DASHES = r"--[^\n]*+"
_DOUBLE = r'"(?:[^"\\\n]++|\\[\s\S])*+"'
_SINGLE = r"'(?:[^'\\\n]++|\\[\s\S])*+'"
_TRIPLE = r'"""(?:[^"\\]++|\\[\s\S]|"(?!""))*+(?:"""|\Z)'
_TRIPLE_SINGLE = r"'''(?:[^'\\]++|\\[\s\S]|'(?!''))*+(?:'''|\Z)"
_BACKTICK = r"`(?:[^`\\]++|\\[\s\S])*+(?:`|\Z)"
_RAW = r"`[^`]*+(?:`|\Z)"
_CHARACTER = r"'(?:[^'\\\n]|\\[^\n]{1,9}?)'"
# A regular expression's own quotes begin no string. It stands after a sign, where a division can't.
_REGEX = r"[=(,:;!&|?{}\[]\s*+/(?![/*])(?:[^/\\\n\[]++|\\.|\[(?:[^\]\\\n]++|\\.)*+\])++/"

_BY_SYNTAX: Final = {
    "js jsx mjs cjs ts tsx mts cts vue svelte astro": (_SLASHES, _DOUBLE, _SINGLE, _BACKTICK, _REGEX),
    "java kt kts scala swift cs c h cc cpp cxx hpp m mm rs": (_SLASHES, _TRIPLE, _DOUBLE, _CHARACTER),
    "go": (_SLASHES, _DOUBLE, _RAW, _CHARACTER),
    "dart groovy gradle": (_SLASHES, _TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    "php": (_SLASHES, _HASH, _DOUBLE, _SINGLE),
    "py pyi pyx": (_HASH, _TRIPLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE),
    "ex exs": (_HASH, _TRIPLE, _DOUBLE, _SINGLE),
    "rb rake pl pm sh bash r jl cr coffee": (_HASH, _DOUBLE, _SINGLE),
    "lua sql": (_DASHES, _DOUBLE, _SINGLE),
    "hs elm fs fsx": (_SLASHES, _DASHES, _DOUBLE),
    "clj cljs cljc": (r";[^\n]*+", _DOUBLE),
    "erl hrl": (r"%[^\n]*+", _DOUBLE),
}

LANGUAGES: Final = {
    extension: regex("|".join(syntax))
    for extensions, syntax in _BY_SYNTAX.items()
    for extension in extensions.split()
}
"""By file extension: what finds the comments and strings of a file, one after another."""
