"""Coverage-guided fuzzing of what reads a log's bytes: `pip install atheris`, then

    python tests/fuzz/fuzz.py lines -max_total_time=60 -timeout=5 [FOLDER OF SEEDS]

Targets: `lines` (bytes to records), `unwrap`, `mask` (shapes and signatures), `redact` (and `safe`), `rules`. A find
becomes a named test beside the others of its module.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
import atheris  # noqa: E402

with atheris.instrument_imports(include=["floodscan"]):
    from floodscan.decode import facts_of, read_records
    from floodscan.model import Skipped
    from floodscan.read.unwrap import unwrap
    from floodscan.redact import TAG, Tagger, clip, redact
    from floodscan.rules.load import load_rules
    from floodscan.rules.view import FailureView
    from floodscan.safe import CLOSE, OPEN, safe
    from floodscan.shape import shape
    from floodscan.signature import signature_of

BLOCK = 1 << 16
CATALOGUE = load_rules()


def lines(data: bytes) -> None:
    """Every byte is in one record or one skip, and every record has a signature."""
    items = list(read_records(iter([data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]), facts_of(data)))
    assert sum(item.size for item in items) == len(data)
    for item in items:
        if not isinstance(item, Skipped):
            signature_of(item)


def unwrapped(data: bytes) -> None:
    unwrap(data.decode("utf-8", "replace"))


def mask(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    assert "\n" not in shape(text)


def redacted(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    hidden = redact(text)
    assert OPEN not in TAG.sub("", hidden) and CLOSE not in TAG.sub("", clip(hidden, len(hidden) // 2))
    shown = Tagger().show(hidden)
    assert safe(shown) == shown and (shown.isprintable() or not shown.isascii())


def rules(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    CATALOGUE.match(FailureView(message=(text,), error_messages=(text,), stacks=(text,)))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "lines": lines,
    "unwrap": unwrapped,
    "mask": mask,
    "redact": redacted,
    "rules": rules,
}

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
