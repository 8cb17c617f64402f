"""Where in the code something of a library is made: calls by their name, comments and strings left out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from floodscan.code.languages import LANGUAGES
from floodscan.code.tree import Tree, is_test


def calls_of(tree: Tree, names: Sequence[str], modules: Sequence[str] = ()) -> list[tuple[str, int]]:
    """(file, line) of each call of one of `names` (`new Redis`, `redis.NewClient`), the application's before its tests.

    With `modules`, in files alone that name one of them (`'@supabase/supabase-js'`).
    """
    if not names:
        return []
    each = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    pattern = re.compile(rf"(?<![\w$.])(?:{each})\s{{0,8}}(?:<[^<>()]{{0,80}}>)?\(")
    last = [name.split()[-1] for name in names]
    found: list[tuple[str, int]] = []
    for path in tree.files:
        text = tree.read(path)
        if text is None or not any(name in text for name in last) or not _names(text, modules):
            continue
        offsets = [match.start() for match in pattern.finditer(text)]
        if offsets:
            quoted = [match.span() for match in LANGUAGES[path.rpartition(".")[2].lower()].finditer(text)]
            starts = [start for start, _ in quoted]
            for at in offsets:
                inside = bisect_right(starts, at) - 1
                if inside < 0 or quoted[inside][1] <= at:
                    found.append((path, text.count("\n", 0, at) + 1))
    own = [place for place in found if not is_test(place[0])]
    return list(dict.fromkeys(own or found))


def _names(text: str, modules: Sequence[str]) -> bool:
    """Whether a file names one of the modules where an import does."""
    return not modules or any(
        re.search(rf"[\"'/]{re.escape(name)}[\"'/]|\b(?:import|from|use|require)\s+{re.escape(name)}\b", text)
        for name in modules
    )
