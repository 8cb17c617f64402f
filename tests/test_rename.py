"""Every word of the application's own in the lab's logs is another: what the report says of them stays, or says less."""

from __future__ import annotations

import functools
import json
import re
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest
from lab import bytes_of, main_loop, names, report_of, report_on, samples, truth_of

LIBRARY_MESSAGES = re.compile(
    r"incoming request\Z|request completed\Z|Route \S+ not found\Z|Server listening at |No Authorization was found in "
    r"|Reached the max retries per request limit "
)
"""What fastify, @fastify/jwt and ioredis write by themselves."""
LIBRARY_KEYS = frozenset(
    "level time pid hostname msg name err req res reqId responseTime method url host remoteAddress remotePort statusCode "
    "type message stack code status details hint errno syscall address port __isAuthError".split()
)
"""Pino's, fastify's and its serialisers' keys, and the fields of the libraries' own errors."""
CLASSES = ("AgentError",)
CODES = ("DATABASE_ERROR",)
ERROR_TEXTS = (
    "could not load agents",
    "Failed to fetch stale agents",
    "Failed to fetch agents",
    "Failed to read agent events",
)
"""What the application's own errors say before the library's text."""

PLAIN_WORDS = {
    "error": "problem", "userId": "ownerId", "connectionId": "sessionId", "component": "part", "closeCode": "endedWith",
    "AgentError": "GadgetFault", "DATABASE_ERROR": "STORE_TROUBLE",
}  # fmt: skip
"""Names that another team might have taken."""
SYLLABLES = "ba ce di fo gu ha ke li mo nu pa re si to vu wa xe zi jo qu".split()


class Words:
    """A new name for each old one: the given names, and nonsense for the rest. The same name always becomes the same."""

    def __init__(self, given: dict[str, str]) -> None:
        self.given = given

    def __call__(self, old: str) -> str:
        return self.given.get(old) or _nonsense(old)

    def code(self, old: str) -> str:
        return self.given.get(old) or f"{_nonsense(old)}_{_nonsense(old[::-1])}".upper()

    def sentence(self, old: str) -> str:
        return self.given.get(old) or " ".join(_nonsense(f"{old}/{i}") for i in range(len(old.split()))).capitalize()


@functools.cache
def _nonsense(old: str) -> str:
    digest = blake2b(old.encode(), digest_size=4).digest()
    return "".join(SYLLABLES[byte % len(SYLLABLES)] for byte in digest)


def renamed(log: bytes, words: Words) -> bytes:
    """The log with every message, key, class and code of the application replaced; library texts stay."""
    return b"\n".join(_line(line, words) for line in log.split(b"\n"))


def _line(line: bytes, words: Words) -> bytes:
    if not line.startswith(b"{"):
        return line
    record = json.loads(line)
    record = {_key(k, record, words): _value(v, words, k) for k, v in record.items()}
    if not LIBRARY_MESSAGES.match(record["msg"]):
        record["msg"] = words.sentence(record["msg"])
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()


def _key(key: str, record: dict[str, Any], words: Words) -> str:
    if key == "type" and "msg" in record and isinstance(record["type"], str) and "stack" not in record:
        return words(key)  # the dashboard message's type, a field of the application's own record
    return key if key in LIBRARY_KEYS else words(key)


def _value(value: Any, words: Words, key: str) -> Any:
    if isinstance(value, dict):
        return {_key(k, {}, words): _value(v, words, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_value(item, words, key) for item in value]
    if not isinstance(value, str):
        return value
    if key in ("component", "client", "metric", "type") and "Error" not in value:
        return words(value)
    for old in CLASSES:
        value = value.replace(old, words(old))
    for old in CODES:
        value = value.replace(old, words.code(old))
    for old in ERROR_TEXTS:
        value = value.replace(old, words.sentence(old))
    return value


VOCABULARIES = {"other-words": Words(PLAIN_WORDS), "nonsense": Words({})}
CONFIDENCE = ("hidden", "possible", "likely", "corroborated", "proven")
BLAME = ("root-cause", "hypothesis")
LOOPING = [p for p in samples(".jsonl") if truth_of(p)["failed_attempts"]]
KEPT = ("iterations", "status", "cadence", "outcome", "driver", "lockstep", "iterations_until_success", "schedule")

_reports: dict[tuple[Path, str], dict[str, Any]] = {}


def report_renamed(path: Path, vocabulary: str) -> dict[str, Any]:
    key = (path, vocabulary)
    if key not in _reports:
        _reports[key] = report_of(renamed(bytes_of(path), VOCABULARIES[vocabulary]))
    return _reports[key]


def blamed(report: dict[str, Any]) -> dict[str, int]:
    """Cause -> the highest confidence with which it is blamed."""
    out: dict[str, int] = {}
    for finding in report["findings"]:
        if finding["role"] in BLAME:
            rank = CONFIDENCE.index(finding["confidence"])
            out[finding["cause"]] = max(out.get(finding["cause"], 0), rank)
    return out


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_the_renamer_leaves_no_word_of_the_application(vocabulary: str) -> None:
    words = VOCABULARIES[vocabulary]
    log = b"\n".join(renamed(bytes_of(path), words) for path in LOOPING)
    for old in (
        "Dashboard",
        "dashboard messa",
        "AgentError",
        "DATABASE_ERROR",
        "could not load",
        "Failed to",
        "Token ",
    ):
        assert f'"{old}'.encode() not in log and f'"msg":"{old}'.encode() not in log, old
    for key in ("userId", "connectionId", "component", "error", "closeCode", "openMs", "agents"):
        assert f'"{key}":'.encode() not in log, key
    for kept in (b"FAST_JWT_INVALID_SIGNATURE", b'"msg":"incoming request"', b"fetch failed", b"42703", b"PGRST003"):
        assert kept in log, kept


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("path", LOOPING, ids=names(LOOPING))
def test_the_loop_stays_whatever_its_words_are(path: Path, vocabulary: str) -> None:
    before = main_loop(report_on(path), truth_of(path))
    after = main_loop(report_renamed(path, vocabulary), truth_of(path))
    if before["outcome"] == "false-success" and vocabulary == "nonsense":
        # Only a key that names connections shows that something was connected: without it the claim is not made.
        before = {**before, "outcome": "ongoing"}
    assert {k: after[k] for k in KEPT} == {k: before[k] for k in KEPT}
    actors = [loop["actors"] and loop["actors"]["distinct"] for loop in (before, after)]
    assert actors[0] == actors[1]
    if before["gap_ms"]:  # which events are kept as samples depends on the bytes: the quantiles may move a little
        assert after["gap_ms"]["median"] == pytest.approx(before["gap_ms"]["median"], rel=0.1)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("path", LOOPING, ids=names(LOOPING))
def test_the_verdict_and_the_number_of_loops_stay_whatever_the_words_are(path: Path, vocabulary: str) -> None:
    before, after = report_on(path), report_renamed(path, vocabulary)
    assert after["verdict"] == before["verdict"]
    assert sorted(x["iterations"] for x in after["loops"]) == sorted(x["iterations"] for x in before["loops"])


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("path", LOOPING, ids=names(LOOPING))
def test_causes_stay_or_fall_to_lower_confidence_and_nothing_new_is_blamed(path: Path, vocabulary: str) -> None:
    before, after = blamed(report_on(path)), blamed(report_renamed(path, vocabulary))
    assert after.keys() <= before.keys(), "nothing is blamed that was not blamed before"
    for cause, confidence in after.items():
        assert confidence <= before[cause], cause
    assert before.keys() - {"unclassified"} <= after.keys(), "what a library's own code or text names is named still"


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("path", LOOPING, ids=names(LOOPING))
def test_what_is_hidden_stays_hidden_whatever_the_words_are(path: Path, vocabulary: str) -> None:
    def blind(report: dict[str, Any]) -> bool:
        loop = main_loop(report, truth_of(path))
        return any(f["role"] == "blind-spot" and loop["id"] in f["loops"] for f in report["findings"])

    before, after = report_on(path), report_renamed(path, vocabulary)
    assert blind(after) == blind(before)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_the_expected_jwt_failure_is_noise_whatever_the_words_are(vocabulary: str) -> None:
    for path in LOOPING:
        before = [f["rule"] for f in report_on(path)["findings"] if f["role"] == "noise"]
        after = [f["rule"] for f in report_renamed(path, vocabulary)["findings"] if f["role"] == "noise"]
        assert after == before, path.name


class Salted(Words):
    """Only the messages are others, and others again for each salt."""

    def __init__(self, salt: int) -> None:
        super().__init__({})
        self.salt = salt

    def __call__(self, old: str) -> str:
        return old

    def code(self, old: str) -> str:
        return old

    def sentence(self, old: str) -> str:
        return super().sentence(f"{self.salt}{old}")


TIES = [
    p
    for p in LOOPING
    if p.name.split(".")[0] in ("schema-drift", "rls-refused", "invalid-service-key", "after-init-throttled")
]
"""Logs in which several failing lines have the same count."""


@pytest.mark.parametrize("salt", range(4))
@pytest.mark.parametrize("path", TIES, ids=names(TIES))
def test_no_tie_is_decided_by_what_a_message_hashes_to(path: Path, salt: int) -> None:
    def told(report: dict[str, Any]) -> dict[str, Any]:
        loop = main_loop(report, truth_of(path))
        by_id = {s["id"]: s for s in report["signatures"]}
        steps = [
            (by_id[s]["count"], by_id[s]["level"], (by_id[s]["error"] or {}).get("code")) for s in loop["signatures"]
        ]
        anchor = steps[loop["signatures"].index(loop["anchor"])]
        said = sorted((f["role"], f["cause"], f["confidence"]) for f in report["findings"])
        return {k: loop[k] for k in KEPT} | {"anchor": anchor, "steps": steps, "findings": said}

    assert told(report_of(renamed(bytes_of(path), Salted(salt)))) == told(report_on(path))
