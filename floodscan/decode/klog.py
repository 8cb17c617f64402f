"""klog and glog (Kubernetes): `I0507 11:59:44.523502    4727 kubelet.go:187] "Pod status updated" pod="a/b"`."""

from __future__ import annotations

from typing import Final

from floodscan.decode.levels import level_of
from floodscan.decode.logfmt import pairs_in
from floodscan.decode.text_parts import from_object, from_text
from floodscan.decode.times import parse_time
from floodscan.model import Record
from floodscan.regex import regex

NAME: Final = "klog"
TEXT_ORDER: Final = 40
SAMPLES: Final[tuple[str, ...]] = (
    'I0302 08:15:30.523502    4727 kubelet_getters.go:187] "Pod status updated" pod="kube-system/kube-proxy-x82q"',
    'E0302 08:15:31.000002       1 pod_workers.go:1300] "Error syncing pod, skipping" err="failed to start container '
    '\\"api\\": CrashLoopBackOff: back-off 5m0s" pod="shop/api-0" podUID="5c1f3a52-0a4e-4a0b-9c55-2b6e0c1d9f01"',
    "W0302 08:15:32.100000       7 reflector.go:535] watch of *v1.Pod ended with: too old resource version",
)

_HEAD = regex(r"([IWEF])(\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?) {1,8}(\d{1,10}) ([^\s:\]]{1,120}):\d{1,6}\] ")
_QUOTED = regex(r'"((?:[^"\\]|\\.)*)"(?: |$)')


def decode(text: str, *, utc_offset_ms: int = 0) -> Record | None:
    """The record, or None where the text isn't klog's. It has no year: its time counts from the year's start."""
    head = _HEAD.match(text)
    if head is None:
        return None
    level, instant, file = level_of(head[1], scale="text"), parse_time(head[2]), head[4]
    body = text[head.end() :]
    quoted = _QUOTED.match(body)
    if quoted is None:
        return from_text(NAME, text, body, instant=instant, level=level, logger=file, process=head[3])
    fields = dict(pairs_in(body[quoted.end() :]))
    obj = {**fields, "level": level, "logger": file, "pid": int(head[3]), "message": quoted[1].replace('\\"', '"')}
    return from_object(NAME, text, obj, instant=instant, utc_offset_ms=utc_offset_ms)
