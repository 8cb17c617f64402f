"""Serilog's compact log event format, CLEF (https://clef-json.org): `@t`, `@l`, `@m` or `@mt`, `@x`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from floodscan.decode.levels import level_of
from floodscan.decode.parts import Parts, first_text, logger_of

NAME: Final = "clef"
ORDER: Final = 50
SAMPLES: Final[tuple[str, ...]] = (
    '{"@t":"2026-03-02T08:15:30.1234567Z","@mt":"Failed to load order {OrderId}","@l":"Error","@x":"System.'
    'TimeoutException: The operation has timed out.\\n   at Shop.Orders.Load(Int32 id) in /src/Orders.cs:line 42",'
    '"OrderId":42,"SourceContext":"Shop.Orders"}',
    '{"@t":"2026-03-02T08:15:31Z","@m":"Now listening on: http://0.0.0.0:8080"}',
)


def matches(obj: Mapping[str, Any]) -> bool:
    """Every CLEF event has `@t`."""
    return "@t" in obj and ("@m" in obj or "@mt" in obj or "@l" in obj or "@x" in obj or "@i" in obj)


def decode(obj: Mapping[str, Any]) -> Parts:
    """An absent `@l` means information. The template is preferred: it is the same for every value."""
    body = {key[1:] if key.startswith("@@") else key: value for key, value in obj.items()}
    return Parts(
        body=body,
        message=first_text(obj, ("@mt", "@m")),
        time=obj.get("@t"),
        level=level_of(obj.get("@l", "Information"), scale="text"),
        logger=logger_of(obj, ("SourceContext", "Application")),
    )
