"""Signatures that came once so far, each as its one record: to make a profile of it costs many times as much.

In a log in which every message is new most of them are joined before anybody asks.
"""

from __future__ import annotations

from floodscan.model import Signature
from floodscan.profile.caps import Caps
from floodscan.profile.signature_profile import Row, weight_of_row


class Once:
    """Signatures with their only rows, by id, and what their profiles would weigh."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Signature, Row]] = {}
        self.weight = 0

    def take(self, signature: Signature, row: Row, caps: Caps) -> bool:
        """Keeps the row of a signature unless it has one, or is better made a profile of at once."""
        record = row[0]
        if signature.id in self.rows or len(record.text) > caps.text:
            return False  # what is made of a longer record is clipped, and so takes less
        if len({key for key, _ in record.ids}) < len(record.ids) or len(record.ids) > caps.keys:
            return False  # what weighs as much as its ids' keys alone say
        self.rows[signature.id] = signature, row
        self.weight += weight_of_row(signature, row)
        return True

    def pop(self, signature_id: str) -> tuple[Signature, Row] | None:
        """The signature and its row, which are kept here no more."""
        found = self.rows.pop(signature_id, None)
        if found is not None:
            self.weight -= weight_of_row(*found)
        return found

    def pop_all(self) -> list[tuple[Signature, Row]]:
        """All of them, which are kept here no more."""
        found = list(self.rows.values())
        self.rows, self.weight = {}, 0
        return found
