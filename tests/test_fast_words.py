"""The fast path once signatures are coarse: lines that differ in plain words give what they give on the plain path."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from weakref import ref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_fast import folded, needs_kernel, taken

from floodscan.decode import details, error_text
from floodscan.decode.details import AROUND, WORDS, places_in
from floodscan.fast import fold
from floodscan.fast.learn import Learner
from floodscan.fast.words import KEPT, PARTS, STEMS, with_others
from floodscan.model import BLOCK
from floodscan.plain_words import is_plain_word
from floodscan.profile import Caps, to_bytes
from floodscan.profile import profile as profile_module

__all__ = ["taken"]

NEW = ("qnonkxq", "obneflo", "sync", "abc", "second", "minimum", "against", "msgpack", "mysecretive", "adding", "zqjab", "try", "retries")
SIGNS = (
    "17", "5", "(3/9)", "(attempt 4711)", "attempt 5", "retry 3 of", "in 30 s", "after 12", "retry after 7", "5 ms", "user_7", "<x>",
    "connect ECONNREFUSED", "connect ETIMEDOUT 10.0.0.7:5432", "dial tcp", "Error:", "TypeError:", "HTTP/1.1", "GET", "/api/x", "ü",
    "key=", "code", "code:", "at", "id=9", "[x]", '"', "7d1c9f7e-3b52-4c5e-8a90-000000000017", "a", "no", "  ",
)  # fmt: skip
ERRORS: tuple[dict[str, Any], ...] = (
    {}, {}, {"error": {}}, {"err": {"type": "TypeError", "message": "sync abc"}}, {"err": {"type": "Error", "message": "boom 17", "code": "E_X"}},
    {"error": "abc"}, {"error": "dial tcp 10.0.0.7:5432: refused"}, {"err": {"message": "abc"}}, {"err": {"type": "abc", "message": ""}},
    {"err": {"type": "Error", "message": "connect ECONNREFUSED 10.0.0.7:5432", "code": "ECONNREFUSED", "stack": "Error: x\n    at f"}},
    {"attempt": 5}, {"statusCode": 503}, {"retryAfter": 30, "err": {"type": "Error", "message": "slow down"}},
)  # fmt: skip
PIECE = st.sampled_from(["~", "~", "~", *SIGNS, *NEW]) | st.sampled_from(KEPT + PARTS)
SENTENCE = st.tuples(st.lists(PIECE, min_size=1, max_size=7).map(" ".join), st.sampled_from(ERRORS), st.sampled_from([30, 40, 50]))


def lines(sentences: list[tuple[str, dict[str, Any], int]], count: int) -> Iterator[str]:
    """`~` is a word of its own each time, mostly a new one."""
    draw = Random(7)
    for number in range(count):
        sentence, error, level = sentences[number % len(sentences)]
        while "~" in sentence:
            new = "".join(draw.choices("abcdefghijkmnopqrstuvwxyz", k=draw.randrange(2, 17)))
            sentence = sentence.replace("~", draw.choice([*NEW, new, new, new, new]), 1)
        head = {"level": level, "time": 1_795_414_292_000 + number * 40, "pid": 7, "hostname": "api", "userId": number % 90}
        yield json.dumps({**head, **error, "msg": sentence.replace("17", str(number))}, ensure_ascii=False)


@pytest.fixture(params=[6, 30])
def few_signatures(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A profile that makes signatures coarse soon, step by step."""
    monkeypatch.setattr(profile_module.Profile.__init__, "__defaults__", (Caps(signatures=request.param),))
    monkeypatch.setattr(fold, "_PLAIN", 150)


def same(path: Path, log: str) -> bool:
    path.write_text(log + "\n")
    fold._learnt.clear()
    return to_bytes(folded(path, fast=True)) == to_bytes(folded(path, fast=False))


@needs_kernel
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SENTENCE, min_size=1, max_size=9))
def test_any_sentences_with_new_words_give_the_same_profile(
    tmp_path: Path, few_signatures: None, sentences: list[tuple[str, dict[str, Any], int]]
) -> None:
    assert same(tmp_path / "x.jsonl", "\n".join(lines(sentences, 1_600)))


BOOM = {"err": {"type": "TypeError", "message": "at no abc"}}


@needs_kernel
@pytest.mark.parametrize(
    "sentence",
    [
        "As it is we retry ~ after 17 ms",  # a delay where the word is short
        "In it/them, attempt 17 ~ ~",  # no attempt where the word is a unit
        "In it/them, ~ 17 of it",  # an attempt where the word is one that tells it
        "In it: connect ETIMEDOUT ~ ~",  # the word is a host
        "TypeError: at no ~",  # at times the message repeats the error
    ],
)
def test_words_that_make_a_difference_to_what_a_message_tells_make_it(
    tmp_path: Path, few_signatures: None, sentence: str
) -> None:
    assert same(tmp_path / "x.jsonl", "\n".join(lines([(sentence, BOOM, 50), ("lost ~ in ~ ~", {}, 30)], 2_400)))


DISTINCT: list[tuple[str, dict[str, Any], int]] = [
    ("Failed to persist state for document 17 in ~ ~ ~", {"err": {"type": "Error", "message": "boom", "code": "E_X"}}, 50),
    ("Connection to primary failed (attempt 17) in ~ ~", ERRORS[9], 50),
    ("Request to ~ timed out, attempt 17 in ~", {"error": {}}, 50),
    ("email ~ in ~ ~ for ~", {}, 30),
]


@needs_kernel
def test_a_log_of_new_messages_is_taken_by_the_kernel_once_signatures_are_coarse(
    tmp_path: Path, few_signatures: None, taken: list[int]
) -> None:
    log = "\n".join(lines(DISTINCT, 6_000))
    assert len(log) > 10 * BLOCK
    assert same(tmp_path / "x.jsonl", log)
    assert sum(taken) > 0.5 * 6_000  # the others have words that the patterns ask for


@needs_kernel
def test_a_second_file_is_taken_as_coarsely_as_its_profile_is(tmp_path: Path, few_signatures: None, taken: list[int]) -> None:
    for name in "ab":
        (tmp_path / name).write_text("\n".join(lines(DISTINCT, 2_000)) + "\n")
    assert same(tmp_path / "a", "\n".join(lines(DISTINCT, 2_000)))
    assert same(tmp_path / "b", "\n".join(lines(DISTINCT[:2], 2_000)))


@needs_kernel
def test_what_is_known_too_coarsely_for_the_next_profile_is_freed(
    tmp_path: Path, few_signatures: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    learners: list[ref[Learner]] = []

    def noted(utc_offset_ms: int, texts: int) -> Learner:
        learner = Learner(utc_offset_ms, texts)
        learners.append(ref(learner))
        return learner

    (path := tmp_path / "x.jsonl").write_text("\n".join(lines(DISTINCT, 3_000)) + "\n")
    monkeypatch.setattr(fold, "Learner", noted)
    monkeypatch.setattr(fold, "_learnt", {})
    gc.disable()  # what only the search for cycles would free is not free
    try:
        for _ in range(3):
            folded(path, fast=True)
    finally:
        gc.enable()
    assert len(learners) == 3 and [learner() is None for learner in learners] == [True, True, False]


@given(st.lists(PIECE, min_size=1, max_size=7).map(" ".join), st.sampled_from(STEMS))
def test_other_plain_words_leave_what_a_message_tells(message: str, stem: str) -> None:
    message = message.replace("~", "sync")
    if not any(mark in message for mark in details.TEXT_MARKS) or not AROUND.search(message):
        other = with_others(message.encode(), stem).decode()
        told = [[(place.name, place.value(text)) for place in places_in(text)] for text in (message, other)]
        assert told[0] == told[1]


def test_every_word_that_the_patterns_of_details_ask_for_is_kept() -> None:
    sources = [value.pattern for name, value in vars(details).items() if hasattr(value, "groupindex") and name != "AROUND"]
    plain = " ".join(re.sub(r"\\[a-zA-Z]|\(\?!.*?\)|\[[^]]*\]", " ", source) for source in sources)
    units = {"msec", "milliseconds", "millisecond", "secs", "seconds", "second", "mins", "minutes", "minute", "sec", "min"}
    behind = {"tcp", "udp", "unix", "reconnect", "ion", "number"}  # of `dial`, and a part of a word
    asked = {word for word in re.findall("[a-z]{3,15}", plain)} - units - behind
    assert asked <= WORDS | {"query"}, sorted(asked - WORDS)
    marks = {mark.strip() for mark in (*details.TEXT_MARKS, *error_text.MARKS)}
    assert {mark for mark in marks if is_plain_word(mark)} <= set(PARTS)
