"""The fast path: what it gives is what the plain path gives, byte for byte, on any input."""

from __future__ import annotations

import gc
import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from weakref import ref

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from floodscan.engines import pieces
from floodscan.engines.pieces import Outcome, Piece, fold_piece
from floodscan.fast import fold, learn
from floodscan.fast.fold import FastFold, available
from floodscan.fast.learn import Learner
from floodscan.profile import to_bytes
from floodscan.profile.profile import Profile
from floodscan.read.sources import find_sources

FOLDER = Path(__file__).resolve().parents[1] / "samples"
SAMPLES = sorted(
    path for path in FOLDER.rglob("*") if path.suffix in (".jsonl", ".log", ".gz") and "node_modules" not in path.parts
)


def folded(path: Path, *, fast: bool, start: int = 0, end: int | None = None) -> Profile:
    """The profile of a file, or of the range [start, end) of it, by one of the two paths."""
    before, pieces.available = pieces.available, lambda: fast  # type: ignore[attr-defined]
    try:
        ((source,), _), out = find_sources([str(path)]), Outcome()
        facts = None
        if start or end is not None:
            facts = pieces.with_facts(source.blocks(), 0)[0]
        number = 1 + path.read_bytes()[: Piece(0, source, start, end).offset].count(b"\n")
        fold_piece(Piece(0, source, start, end, number, facts), out)
        return out.profile
    finally:
        pieces.available = before  # type: ignore[attr-defined]


def both_ways(path: Path) -> tuple[bytes, bytes]:
    return to_bytes(folded(path, fast=True)), to_bytes(folded(path, fast=False))


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines the kernel took, each time it was asked."""
    counts: list[int] = []
    take = FastFold.take

    def counting(self: FastFold, data: bytes, start: int, base: int, number: int, *rest: Any) -> Any:
        left = take(self, data, start, base, number, *rest)
        counts.append(left[1] - number)
        return left

    monkeypatch.setattr(FastFold, "take", counting)
    return counts


@pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason="there is no C compiler on this machine")
def test_the_kernel_is_built_where_there_is_a_compiler() -> None:
    assert available()


needs_kernel = pytest.mark.skipif(not available(), reason="the native kernel was not built")


@needs_kernel
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_every_sample_gives_the_same_profile_on_both_paths(path: Path) -> None:
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
def test_a_flood_is_taken_by_the_kernel(tmp_path: Path, taken: list[int]) -> None:
    path = tmp_path / "flood.jsonl"
    path.write_bytes((FOLDER / "dashboard-flood.jsonl").read_bytes() * 20)
    lines = folded(path, fast=True).lines
    assert sum(taken) > 0.98 * lines


@needs_kernel
def test_failures_that_count_their_attempts_are_taken_too(tmp_path: Path, taken: list[int]) -> None:
    path = tmp_path / "attempts.jsonl"
    error = {"type": "Error", "message": "connect ECONNREFUSED 10.0.3.17:5432", "code": "ECONNREFUSED"}
    lines = [line(level=50, time=START + i, err=error, msg=f"Connection failed (attempt {10_000 + i})") for i in range(2_000)]
    path.write_text("\n".join(lines) + "\n")
    folded(path, fast=True)
    assert sum(taken) > 0.9 * len(lines)


@needs_kernel
def test_a_flood_of_new_ids_is_taken_too(tmp_path: Path, taken: list[int]) -> None:
    """More of them than the kernel holds at once."""
    lines = [line(level=50, time=START + i, traceId=uuid(3 * i), spanId=uuid(3 * i + 1), reqId=uuid(3 * i + 2), msg="lost") for i in range(40_000)]
    (path := tmp_path / "ids.jsonl").write_text("\n".join(lines))
    folded(path, fast=True)
    assert sum(taken) > 0.99 * len(lines)


@needs_kernel
def test_what_one_source_has_taught_serves_the_next_and_is_freed_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    learners: list[ref[Learner]] = []

    def noted(utc_offset_ms: int, texts: int) -> Learner:
        learner = Learner(utc_offset_ms, texts)
        learners.append(ref(learner))
        return learner

    monkeypatch.setattr(fold, "Learner", noted)
    gc.disable()  # what only the search for cycles would free is not free
    monkeypatch.setattr(fold, "_learnt", {})
    try:
        first = to_bytes(folded(FOLDER / "dashboard-flood.jsonl", fast=True))
        assert to_bytes(folded(FOLDER / "dashboard-flood.jsonl", fast=True)) == first
        assert len(learners) == 1
        monkeypatch.setattr(learn, "SIGNATURES", 1)
        folded(FOLDER / "dashboard-flood.jsonl", fast=True)
    finally:
        gc.enable()
    assert [learner() for learner in learners] == [None]


@needs_kernel
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_other_sources_have_taught_changes_nothing(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    random, folder = Random(seed), tmp_path_factory.mktemp("streams")
    calls = [LogCall(random) for _ in range(random.randrange(1, 5))]
    fold._learnt.clear()
    for name in "abc":
        path, clock = folder / name, 1_700_000_000_000
        path.write_bytes(b"\n".join(random.choice(calls).line(clock := clock + random.randrange(900)) for _ in range(120)))
        fast, plain = both_ways(path)
        assert fast == plain


@needs_kernel
def test_ranges_of_a_file_add_up_on_both_paths(tmp_path: Path) -> None:
    path = tmp_path / "flood.jsonl"
    lines = (FOLDER / "dashboard-flood.jsonl").read_bytes()
    path.write_bytes(lines * (600_000 // len(lines) + 1))
    block = 65_536
    for fast in (True, False):
        whole = folded(path, fast=fast)
        total = Profile()
        for start, end in ((4 * block, None), (0, block), (block, 4 * block)):
            total.merge(folded(path, fast=fast, start=start, end=end))
        assert to_bytes(total) == to_bytes(whole)


@needs_kernel
def test_more_blocks_than_are_held_at_once_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold, "BLOCKS", 3)
    path = tmp_path / "long.jsonl"
    path.write_bytes(stream(Random(7), 6_000))
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
@example(seed=93)  # an error's text that stands in some UUIDs of the message
def test_any_stream_gives_the_same_profile_on_both_paths(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("stream") / "any.jsonl"
    path.write_bytes(stream(Random(seed), 300))
    fast, plain = both_ways(path)
    assert fast == plain


# ---------------------------------------------------------------- what a line's form must not leave out

START = 1_700_000_000_000
BLOCK = 65_536


def line(**fields: Any) -> str:
    return json.dumps(fields, separators=(",", ":"))


def iso(ms: int) -> str:
    return f"2026-03-02T08:15:30.{ms:03d}Z"


def uuid(number: int) -> str:
    return f"{number:08x}-1111-4111-8111-{number:012x}"


def switching(count: int, make: Callable[[int, bool], str]) -> list[str]:
    """Lines of one call, of which the first four have other values than the rest."""
    return [make(i, i < 4) for i in range(count)]


LISTED = ("10.0.0.{}", "10.0.0.9", "10.0.0.10")
SUBTLE: dict[str, list[str]] = {
    "digits of an error's message make a code": switching(9, lambda i, first: line(
        level=50, time=START + i, err={"type": "Error", "message": f"closed with code {10061 if first else 53300}"}, msg="sync")),
    "a family reads keys by their beginning": switching(9, lambda i, first: line(**{
        "log.level": "error", "@timestamp": iso(i), "message": "q", "error.kind": "TypeError" if first else "RangeError",
        "error.message": "no"})),
    "a family hands over no labels": switching(9, lambda i, first: line(
        severity="INFO", timestamp=iso(i), message="hi", labels={"user": "-" if first else "alice"})),
    "a family hands over a body": switching(9, lambda i, first: line(
        severityNumber=9, timestamp=iso(i), body="hi", message="hi", userId="-" if first else uuid(i))),
    "a list of forwarders under an attempt's key": [line(
        level=30, time=START + i, pid=7, hostname="a", msg="hi", requestId=", ".join(LISTED).format(i % 3)) for i in range(9)],
    "an error tells a detail first": [line(
        level=50, time=START + i, msg="hi", attempt=3 if i < 3 else i // 2, err={"type": "E", "message": "x", "attempt": 3})
        for i in range(60)],
    "a failure at the time zero": [line(level=50, time="1970-01-01T00:00:00.000Z", msg="boom") for _ in range(6)],
    "values that look like a journal's": switching(9, lambda i, first: line(
        level=30, time=START + i, msg="hi", a="x1" if first else "MESSAGE", b="x2" if first else "__REALTIME_TIMESTAMP")),
    "more fields than are looked at": switching(9, lambda i, first: line(
        level=30, time=START + i, msg="hi", **{f"k{j}": True for j in range(260)}, note="x" if first else uuid(i))),
    "two clocks that agree at first": switching(9, lambda i, first: line(**{
        "@t": "2023-11-14T22:13:20.000Z", "@mt": "hi", "message": "hi", "time": START + (0 if first else i)})),
    "a process of number zero": switching(9, lambda i, first: line(
        levelname="INFO", time=START + i, message="hi", pid=0 if first else 5, requestId=f"7a{i}")),
    "a process of number zero, later": switching(9, lambda i, first: line(
        levelname="INFO", time=START + i, message="hi", pid=5 if first else 0, requestId=f"7a{i}")),
    "a message counts attempts beside an error that has digits": [line(
        level=50, time=START + i, msg=f"Connection to primary failed (attempt {i * 7 % 90})", attempts=i % 5,
        err={"type": "Error", "message": "connect ECONNREFUSED 10.0.3.17:5432", "code": "ECONNREFUSED"}) for i in range(200)],
    "a message tells more at times": [line(
        level=50, time=START + i, msg=f"retry {i % 30} in {i % 7}{'s' if i % 3 else 'x'}") for i in range(90)],
    "an id in a message reads like a delay": switching(12, lambda i, first: line(
        level=50, time=START + i, msg=f"retry after {'abcdefab' if first else f'1234567{i % 10}'}-1111-4111-8111-{i:012x}")),
    "two keys of one name": switching(9, lambda i, first: line(**{
        "level": 30, "time": START + i, "msg": "hi", "u": {"id": "-" if first else uuid(i)}, "u.id": uuid(i + 99)})),
    "many keys of one name": [line(level=30, time=START + i, msg="hi", **fields)
        for i in range(4) for n in range(24) for fields in (
            {f"a{n}.b.id": uuid(i)}, {f"a{n}": {"b.id": uuid(i)}}, {f"a{n}.b": {"id": uuid(i)}}, {f"a{n}": {"b": {"id": uuid(i)}}})],
}  # fmt: skip


@needs_kernel
@pytest.mark.parametrize("lines", SUBTLE.values(), ids=SUBTLE)
def test_a_value_is_cut_only_where_nothing_else_follows_from_it(lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "subtle.jsonl"
    path.write_text("\n".join(lines) + "\n")
    fast, plain = both_ways(path)
    assert fast == plain


ORDINARY = {
    "msg": '"Failed to save order {at} of {n}"', "time": "{at}", "pid": "17", "hostname": '"api-{n}"', "requestId": '"7a{n}"',
    "userId": '"u-{n}"', "attempt": "{n}", "url": '"/orders/{at}?page={n}"', "n": "{at}", "said": '"relation {n} is locked"',
    "code": '"E_LOCK"',
}  # fmt: skip
UNLIKE = [
    '""', '"x"', '"7"', "0", "-0", "-5", "5", "1.5", "1e3", "null", "true", '"a\\\\b {at}"', '"\\u00e9 {n}"', '"\u00e9 {at}"', '"MESSAGE"',
    '"__REALTIME_TIMESTAMP"', '"' + 200 * "word {n} " + '"', "[]", "{}", "[{n}]", "123456789012345678", "1234567890123456789",
    '"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc{n}"', '"Bearer abcdefgh{at}"', '"done 12-{n}-56"', '"order 0b0d2e30-1111-4111-8111-0123456789ab"',
    '"abcdefab-abcd-4bcd-8bcd-abcdefabcde{h}"', '"x1abcdefab-abcd-4bcd-8bcd-abcdefabcde{h}"', '"\u00e9 abcdefab-abcd-4bcd-8bcd-abcdefabcde{h}"',
    '"::ffff:10.0.0.{n}"', '"10.0.0.{n}:80{n}"', '" {n}"', '"{n}" ', '"{n}"}', "1700000000", "17000000000000000",
    '"1970-01-01T00:00:00.000Z"', '"2026-03-02T08:15:30.123Z"', '"2026-13-02T08:15:30.123Z"', '"\x7f{n}"', '"tab\t{n}"', '"{n}", "also": {at}',
]  # fmt: skip


def written(number: int, **values: str) -> str:
    at, n = str(START + number), str(number % 7)
    letter = "abcdef"[number % 6]
    of = {name: text.replace("{at}", at).replace("{n}", n).replace("{h}", letter) for name, text in {**ORDINARY, **values}.items()}
    said, code = of.pop("said"), of.pop("code")
    fields = ",".join(f'"{name}":{value}' for name, value in of.items())
    return f'{{"level":50,{fields},"err":{{"type":"Error","message":{said},"code":{code},"severity":"ERROR"}}}}'


@needs_kernel
@pytest.mark.parametrize("time", ["{at}", '"2026-03-02T08:15:30.12{n}Z"'], ids=["number", "iso"])
@pytest.mark.parametrize("slot", ORDINARY)
def test_a_line_that_differs_from_the_last_of_its_kind_in_one_value(slot: str, time: str, tmp_path: Path) -> None:
    """Its kind is well known when the odd value comes, and the odd one is soon known, too."""
    path = tmp_path / "odd.jsonl"
    kinds: list[dict[str, str]] = [{}] * 40
    for odd in UNLIKE:
        kinds += [{slot: odd}, {}, {slot: odd}, {slot: odd}, {}, {slot: odd}, {slot: odd}]
    path.write_text("\n".join(written(number, **{"time": time, **kind}) for number, kind in enumerate(kinds)) + "\n")
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
@pytest.mark.parametrize("text", ['peer said "no", attempt 17', "retry in 5s\n(attempt 17)", 300 * "no " + "attempt 17"])
def test_what_a_message_with_escapes_or_of_many_words_tells_is_not_lost(text: str, tmp_path: Path) -> None:
    path = tmp_path / "escaped.jsonl"
    path.write_text("".join(line(level=50, time=START + i, msg=text) + "\n" for i in range(3)))
    for _ in range(2):  # the second time its form is known from the first line on
        fast, plain = both_ways(path)
        assert fast == plain


@needs_kernel
def test_more_ids_than_the_samples_keep(tmp_path: Path) -> None:
    path = tmp_path / "ids.jsonl"
    path.write_text("\n".join(line(level=50, time=START + i, reqId=uuid(i), userId=i % 90, msg="lost") for i in range(3_000)))
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
def test_a_number_that_python_reads_as_another_is_no_detail_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "zero.jsonl"
    lines = [line(level=50, time=START + i, msg="hi", attempt=i // 2) for i in range(40)]
    path.write_text("\n".join(lines).replace('"attempt":0', '"attempt":-0'))
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
def test_a_hole_in_a_line_makes_two_records_of_one_number_on_both_paths(tmp_path: Path) -> None:
    path = tmp_path / "hole.jsonl"
    lines = "".join(line(level=30, time=START + i, msg="hi") + "\n" for i in range(3000)).encode()
    path.write_bytes(lines[:BLOCK] + bytes(BLOCK) + lines[BLOCK:])
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
def test_forms_beyond_number_and_a_block_full_of_other_lines_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "forms.jsonl"
    known = line(level=30, time=START, msg="hi", x=[0])
    forms = [line(level=30, time=START + i, msg="hi", x=[i]) for i in range(16_500) for _ in range(2)]
    padding = -sum(len(form) + 1 for form in forms) % BLOCK // (len(known) + 1) + 1
    path.write_text("\n".join([*forms, *[known] * (padding + 20), *['{"a":1}'] * 4_000, *[known] * 3_000]))
    fast, plain = both_ways(path)
    assert fast == plain


# ---------------------------------------------------------------- streams: a few log calls, whose values vary

KEYS = (
    "userId connectionId reqId requestId traceId jobId owner upstream attempt retryInMs url method path duration ms id user ip "
    "email statusCode code status reason name module context count host token authorization apiKey address port delay "
    "retryAfter query details hint cause data payload error err stack kind v session_id event channel x-forwarded-for 0 1 note"
).split()
WORDS = (
    "order failed to connect user fetched in ms attempt retry after socket closed code status ECONNREFUSED Error: TypeError: at "
    "/app/x.js GET HTTP/1.1 delay 5s null {} ünïcode done"
).split()
CALLS = (
    "user {} not found", "Failed to load {} of {}", "request completed", "attempt {} failed", "GET /x/{} HTTP/1.1", "code {} of {}",
    "retry in {} ms", "Error: {}", "{}", "done", "order {} {} {}", "a {}}",
)  # fmt: skip
ODD = (
    b"", b"    at foo (x.js:1:2)", b"plain text line 17", b'{"level":50,"time":17', b"Traceback (most recent call last):",
    b"> api start", b"\xff\xfe bad", b"[2026-01-01T00:00:00Z] INFO boot", b"ValueError: x", b"web-1  | hello", b"{}", b'{"a":1}',
    b'{"log":"{\\"level\\":30}\\n","stream":"stdout","time":"2026-01-01T00:00:00.000Z"}',
    b'{"level":30,"level":40,"time":1700000000000,"msg":"dup"}', b'{"level":30,"time":1700000000000,"msg":"\\ud800"}',
)  # fmt: skip
VALUES: tuple[Callable[[Random], Any], ...] = (
    lambda r: str(UUID(int=r.getrandbits(128))),
    lambda r: r.randrange(100_000),
    lambda r: r.choice([0, -1, 1, 10**17, 10**18, 2**63, 2**64, 1.5, 1e5, -2.5, 10**12]),
    lambda r: r.choice([True, False, None, "", [], {}, "a", " ", "x y", ["a", {"id": "b7c2"}]]),
    lambda r: f"10.{r.randrange(256)}.{r.randrange(256)}.{r.randrange(999)}" + r.choice(["", ":80", ":123456", "."]),
    lambda r: f"::ffff:10.0.0.{r.randrange(300)}",
    lambda r: f"req-{r.randrange(10**6):x}",
    lambda r: f"0x{r.getrandbits(48):x}",
    lambda r: f"/api/v{r.randrange(3)}/users/{r.randrange(10**5)}?q={r.randrange(99)}",
    lambda r: f"/api?token={r.getrandbits(100):x}",
    lambda r: f"Bearer {r.getrandbits(100):x}",
    lambda r: f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{r.randrange(5)}.abc",
    lambda r: r.choice(["ECONNREFUSED", "DATABASE_ERROR", "P2002", "22P02", "23505"]),
    lambda r: r.choice(['a"b', "line\nbreak", "é", f"ünïcode {r.randrange(9)}", "\u2028x", "\x7f", "😀", "__REALTIME_TIMESTAMP"]),
    lambda r: r.choice(["{}ms", "{}s", "{}", "user{}", "{}.5", "2026-01-0{}"]).format(r.randrange(10)),
    lambda r: text(r),
    lambda r: {r.choice(KEYS): value(r) for _ in range(r.randrange(4))},
)


def value(random: Random) -> Any:
    return random.choice(VALUES)(random)


def text(random: Random) -> str:
    numbers = (str(random.randrange(10 ** random.randrange(1, 7))), str(UUID(int=random.getrandbits(128))), "10.0.0.9:80")
    return " ".join(random.choice(WORDS if random.random() < 0.7 else numbers) for _ in range(random.randrange(1, 8)))


def error(random: Random) -> Any:
    kind, said = random.choice(["Error", "TypeError", "DatabaseError"]), text(random)
    inner = random.choice(["", "\ncaused by: Error: connect ECONNREFUSED 10.0.0.9:5432\n    at g (/app/b.js:1:1)"])
    whole: dict[str, Any] = {"type": kind, "message": said}
    if random.random() < 0.6:
        whole["stack"] = f"{kind}: {said}\n    at f (/app/src/x.js:{random.randrange(50)}:3){inner}"
    if random.random() < 0.5:
        whole["code"] = random.choice(["ECONNREFUSED", "DATABASE_ERROR", "42703"])
    return random.choice([whole, whole, {}, "boom", {"code": "DATABASE_ERROR", "name": "AgentError"}])


class LogCall:
    """Lines of one call: the same keys in the same order; values change now and then, mostly to others of their type."""

    def __init__(self, random: Random) -> None:
        self.random = random
        fields: dict[str, Callable[[], Any]] = {"time": lambda: None}
        level = random.choice([30, 40, 50, "error", "info", 10, 60])
        fields["level"] = lambda: level
        if random.random() < 0.7:
            pid, host = random.choice([1, 17]), random.choice(["a", "bb", ""])
            fields |= {"pid": lambda: pid, "hostname": lambda: host}
        for _ in range(random.randrange(6)):
            fields[random.choice(KEYS)] = self.varying(value)
        if random.random() < 0.3:
            inner = {key: self.varying(value) for key in ("id", "url", "remoteAddress", "x-forwarded-for")}
            fields["req"] = lambda: {"method": "GET", **{key: get() for key, get in inner.items()}}
        if random.random() < 0.3:
            status = random.choice([200, 404, 500])
            fields["res"] = lambda: {"statusCode": status}
        if random.random() < 0.4:
            fields[random.choice(["err", "error", "e", "cause", "failure", "data"])] = self.varying(error, 0.2)
        if random.random() < 0.93:
            said = random.choice(CALLS)
            fields[random.choice([*["msg"] * 8, "message", "event"])] = lambda: self.message(said)
        order = list(fields)
        if random.random() < 0.3:
            random.shuffle(order)
        self.fields = {key: fields[key] for key in order}

    def varying(self, make: Callable[[Random], Any], often: float = 0.5) -> Callable[[], Any]:
        random, held = self.random, [make(self.random)]

        def get() -> Any:
            if random.random() < often:
                fresh = [make(random) for _ in range(20)]
                alike = [one for one in fresh if type(one) is type(held[0])]
                held[0] = alike[0] if alike and random.random() < 0.8 else fresh[0]
            return held[0]

        return get

    def message(self, said: str) -> str:
        random = self.random
        while "{}" in said and random.random() < 0.98:
            filling = (str(random.randrange(10**5)), str(random.randrange(9)), str(UUID(int=random.getrandbits(128))), "seven")
            said = said.replace("{}", random.choice(filling), 1)
        return said

    def line(self, clock: int) -> bytes:
        whole = {key: clock if key == "time" else get() for key, get in self.fields.items()}
        style = (",", ":") if self.random.random() < 0.9 else (", ", ": ")
        told = json.dumps(whole, ensure_ascii=self.random.random() < 0.5, separators=style).encode()
        if self.random.random() < 0.01:
            told = told.replace(b'"time"', b'"time":1,"time"', 1)
        if self.random.random() < 0.01:
            told = told[: self.random.randrange(len(told))]
        return told + self.random.choice([b""] * 30 + [b"\r", b" "])


def stream(random: Random, count: int) -> bytes:
    """`count` lines of one to five log calls, with odd lines between them in most streams."""
    calls = [LogCall(random) for _ in range(random.randrange(1, 6))]
    clock, odd = 1_700_000_000_000, random.choice([0, 0.02, 0.1])
    lines = []
    for _ in range(count):
        clock += random.randrange(-5, 900)
        lines.append(random.choice(ODD) if random.random() < odd else random.choice(calls).line(clock))
    return b"\n".join(lines) + random.choice([b"", b"\n"])


CARRIERS: tuple[Callable[[Random, int], str], ...] = (
    lambda r, ms: f"{r.choice(['web', 'api', 'worker'])}-{r.randrange(1, 4)}  | ",
    lambda r, ms: f"\x1b[3{r.randrange(8)}mapi-1  |\x1b[0m ",
    lambda r, ms: f"{iso(ms)[:-1]}{r.randrange(10**6):06d}Z stdout F ",
    lambda r, ms: f"{iso(ms)[:-1]}{r.randrange(10**6):06d}Z {r.choice(['stdout', 'stderr'])} {r.choice('FFFP')} ",
    lambda r, ms: f"{iso(ms)[:-1]}{r.randrange(10**r.randrange(3, 7))}Z ",
    lambda r, ms: f"{iso(ms)[:-1]}: ",
    lambda r, ms: f"[pod/api-6d9f7c5b8-x2x9k/app{r.randrange(3)}] ",
    lambda r, ms: f"[pod/api-0/app] {iso(ms)[:-1]}{r.randrange(10**6):06d}Z ",
    lambda r, ms: f"api-{r.randrange(9)}d9f7c5b8-x2x9k app ",
    lambda r, ms: f"{r.randrange(3)}|api  | ",
    lambda r, ms: f"[{r.randrange(3)}] ",
    lambda r, ms: f"Mar {r.randrange(1, 31):2d} 08:15:30 host api[{r.choice([7, 812])}]: ",
    lambda r, ms: f"<{r.randrange(12, 16)}>Mar {r.randrange(10, 31)} 08:15:30 host api[7]: ",
    lambda r, ms: f"Mar  2 08:15:30 {iso(ms)} api: ",
    lambda r, ms: f"<14>1 {iso(ms)} host api 7 - - ",
    lambda r, ms: r.choice(["> ", "INFO ", "Mar 02 08:15:30 host ", "\ufeff", "\x7f" * 900, "{} ", "a: {", "web-1 | \x01"]),
)


def carried(random: Random, count: int) -> bytes:
    """A drawn stream behind one to four carriers, each for some lines on end."""
    carriers = [random.choice(CARRIERS) for _ in range(random.randrange(1, 5))]
    lines, carrier = [], carriers[0]
    often = random.choice([0.01, 0.1, 0.5])
    for at, raw in enumerate(stream(random, count).split(b"\n")):
        if random.random() < often:
            carrier = random.choice(carriers)
        lines.append(raw if random.random() < 0.02 else carrier(random, at % 1000).encode() + raw)
    return b"\n".join(lines)


@needs_kernel
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_stream_behind_carriers_gives_the_same_profile_on_both_paths(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("carried") / "any.log"
    path.write_bytes(carried(Random(seed), 300))
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
@pytest.mark.parametrize("carrier", [*range(4), *range(6, 12)])
def test_a_flood_behind_a_carrier_is_taken_by_the_kernel(carrier: int, tmp_path: Path, taken: list[int]) -> None:
    path, random = tmp_path / "flood.log", Random(1)
    flood = (FOLDER / "dashboard-flood.jsonl").read_text() * 20
    lines = [CARRIERS[carrier](random, 5).replace(" P ", " F ") + line for line in flood.splitlines()]
    path.write_text("\n".join(lines) + "\n")
    assert folded(path, fast=True).lines == len(lines)
    assert sum(taken) > 0.97 * len(lines)


@needs_kernel
@pytest.mark.parametrize("waiting", [40, 2_048])
def test_an_open_record_of_a_quiet_service_holds_back_the_blocks_after_it(
    waiting: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "BLOCKS", 2)
    monkeypatch.setattr(fold, "_PLAIN", waiting)
    path, lines = tmp_path / "compose.log", []
    for i in range(6_000):
        if i % 37 == 0:
            lines.append(f"db-{i % 11}  | {iso(i % 1000)} ERROR text of a service that seldom writes {i}")
        elif i % 5 == 0:
            lines.append("old-1  | " + json.dumps({"odd": f"x{i} y", "time": START + 7 * i, "msg": "u" * (i % 50)}))
        else:
            told = line(level=50, time=START + 7 * i, pid=7, hostname="j", msg="failed to load order", requestId=uuid(i))
            lines.append("api-1  | " + told)
    path.write_text("\n".join(lines) + "\n")
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
def test_control_bytes_before_json_are_counted_on_both_paths(tmp_path: Path) -> None:
    path, told = tmp_path / "control.log", line(level=30, time=START, msg="hi")
    lines = [f"<14>1 2026-01-01T00:00:00Z {chr(2) * 200} app 7 - - {told}" if i % 3 else told for i in range(30)]
    path.write_text("\n".join(lines) + "\n")
    fast, plain = both_ways(path)
    assert fast == plain


@needs_kernel
def test_a_packed_stream_gives_the_same_profile_on_both_paths(tmp_path: Path) -> None:
    path = tmp_path / "flood.jsonl.gz"
    path.write_bytes(gzip.compress(stream(Random(1), 3_000)))
    fast, plain = both_ways(path)
    assert fast == plain
