"""Text to records: `facts_of` a source's beginning, then `read_records` of its blocks, or `decode` of one text."""

from __future__ import annotations

from floodscan.decode.front import Facts, TextFamily, decode, text_families
from floodscan.decode.stream import HEAD, facts_of, read_records

__all__ = ["HEAD", "Facts", "TextFamily", "decode", "facts_of", "read_records", "text_families"]
