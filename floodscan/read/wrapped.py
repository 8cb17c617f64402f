"""A line without its carrier, and what the carrier knew of it."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Wrapped(NamedTuple):
    text: str
    """What the carrier carried."""
    service: str | None = None
    stream: str | None = None
    """stdout, stderr or a pid: lines of different streams don't continue each other."""
    clock: str | None = None
    """The carrier's own time, as it printed it."""
    severity: int | None = None
    """0 (emergency) to 7 (debug), by the scale of syslog."""
    process: str | None = None
    part: Literal["whole", "more", "last"] = "whole"
    """`more` where the runtime cut the line and the next part follows; `last` ends a cut or an uncut line."""

    def within(self, outer: Wrapped) -> Wrapped:
        """Itself with what the outer carrier knew: names add up, the inner clock and level go first."""
        if outer.service is None and outer.clock is None and outer.process is None and outer.stream is None:
            return self
        names = [name for name in (outer.service, self.service) if name]
        return self._replace(
            service="/".join(names) or None,
            stream="/".join(stream for stream in (outer.stream, self.stream) if stream) or None,
            clock=self.clock or outer.clock,
            severity=outer.severity if self.severity is None else self.severity,
            process=self.process or outer.process,
            part=outer.part if self.part == "whole" else self.part,
        )
