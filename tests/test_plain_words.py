"""A message's signature by way of its plain words is the one that is found for the message itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from floodscan import digit_words, masks, quoted_words, shape
from floodscan import signature as signature_module
from floodscan.model import ErrorInfo, Record, Signature
from floodscan.plain_words import taken_out
from floodscan.redact import flags, forms, keyed, params, redact
from floodscan.redact.literals import LITERALS
from floodscan.signature import signature_of

READERS = (masks, digit_words, quoted_words, shape, flags, forms, keyed, params)


def _patterns(module: ModuleType) -> Iterator[re.Pattern[str]]:
    for value in vars(module).values():
        if hasattr(value, "groupindex"):
            yield value


def _words_asked_for() -> list[str]:
    """Every run of letters that stands in a pattern or a table of what reads messages."""
    sources = [pattern.pattern for module in READERS for pattern in _patterns(module)]
    sources += [mask.pattern.pattern for mask in masks.MASKS] + [form.pattern.pattern for form in forms.FORMS]
    plain = [re.sub(r"\\[a-zA-Z]|\(\?P<\w+>|\?i:", " ", source) for source in sources]
    optional = [re.sub(r"\[(\w)\w\]", r"\1", source) for source in plain]  # `[Cc]ode`
    found = {word.lower() for source in (*plain, *optional) for word in re.findall("[A-Za-z]{2,}", source)}
    found |= {word[:-1] for word in found} | {word.lower() for literal in LITERALS for word in re.findall("[a-z]+", literal)}
    return sorted(found)


ASKED_FOR = _words_asked_for()
NEW = ["qnonkxq", "obneflo", "invoice", "abcdef", "dec", "into", "sync", "mysecretive", "zqjaa", "überall"]
VALUES = [
    "{0}", "{", "%s",     "17", "500", "503", "22P02", "12ms", "0.5", "\"x\"", "'x'", '"bob"', "=", ":", "(", "#", "[", "=x", "a=", "key=", "code:",
    "status=", "10.0.3.17:5432", "/var/log/x.log", "https://x.example/y", "2026-11-23", "10:11:12", "Jan", "12", "<num>",
    "a@b.example", "job_81", "worker12", "1,234", "x:", "[generated", "[cached", "--", "-p", "Bearer", "secret=", "password:",
    "HTTP/1.1\"", "\"GET", "1,", "404", "-", "...", "sid:", "", "retry...3", "Error", "a1b2c3d4e5f6", "eyJhbGciOiJIUzI1NiJ9.e30.x",
]  # fmt: skip
WORDS = st.sampled_from(ASKED_FOR) | st.sampled_from(NEW) | st.text("abcdepin", min_size=1, max_size=5)
WITH_SIGNS = st.builds(str.format, st.sampled_from(["{0}:", "{0}=", '"{0}"', "{0}s", "x{0}", "{0}."]), WORDS)
TEXTS = st.lists(WORDS | st.sampled_from(VALUES) | WITH_SIGNS, min_size=1, max_size=9).map(" ".join)


def found_for_itself(record: Record) -> Signature:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signature_module, "taken_out", lambda text: None)
        return found(record)


def found(record: Record) -> Signature:
    for name, memo in vars(signature_module).items():
        if name.startswith("_by_") and hasattr(memo, "clear"):
            memo.clear()
    return signature_of(record)


@settings(max_examples=1_500)
@given(TEXTS, st.sampled_from([None, ErrorInfo("err", "Error", "E1", message="boom"), ErrorInfo("err", message="boom 1")]))
@example("token: abcdef", None)
@example("[generated into 5s] (abc)", None)
@example("abc 12 abc 12 abc 12 def", None)
@example("my verification code 4711 is wrong", None)
@example("12 sec 12 abc", None)
def test_any_text_has_the_signature_that_is_found_for_itself(text: str, error: ErrorInfo | None) -> None:
    record = Record("pino", text, text, error=error)
    assert found(record) == found_for_itself(record)


def test_each_word_that_a_pattern_asks_for_is_no_plain_word_or_makes_no_difference() -> None:
    between = [f"the {{0}} {value} {{0}} abc" for value in VALUES]
    for word in ASKED_FOR:
        for sentence in (*between, "abc code {0} 5", "abc {0} with 503", "my {0} code 4711 is abc", 'properties {0} "x" abc'):
            text = sentence.replace("{0}", word)
            record = Record("pino", text, text)
            assert found(record) == found_for_itself(record), text


@pytest.mark.parametrize("count", [380, 420, 499])
def test_a_long_message_of_short_words_keeps_its_end(count: int) -> None:
    text = " ".join(["fog", "cat", "sun", "dog"][i * i % 4] for i in range(count))
    record = Record("pino", text, text)
    assert found(record) == found_for_itself(record)


@pytest.mark.parametrize("logs", [["read", "written"], ["qnonkxq", "ghnmkcj"]])
def test_messages_that_differ_in_plain_words_have_one_sentence(logs: list[str]) -> None:
    sentences = {taken_out(f"Request to inventory {word} out, attempt 00000").sentence for word in logs}
    assert len(sentences) == 1
    assert not any(word in sentence for word in logs for sentence in sentences)


@pytest.mark.parametrize("text", ["hunter abc", "", " abc", "a\tabc def", "zqjaa abc", "12 (abc)"])
def test_what_is_put_back_is_what_was_taken_out(text: str) -> None:
    record = Record("pino", text, text)
    assert found(record) == found_for_itself(record)


@settings(max_examples=500)
@given(TEXTS)
def test_a_text_without_a_secrets_literal_holds_no_secret_but_numbers_and_base64(text: str) -> None:
    bare = re.sub(r"\d", "", text)
    if not any(literal in bare.lower() for literal in LITERALS):
        assert redact(bare) == bare
