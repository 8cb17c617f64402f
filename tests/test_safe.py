"""`safe` makes any text harmless and visible, and leaves ordinary text as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linear_time import LINEAR, grows

from floodscan.safe import CLOSE, OPEN, safe, trusted, without_commands

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=60)  # lone surrogates too
HOSTILE_PIECES = st.sampled_from(
    [
        "\x1b[2J",
        "\x9b31m",
        "\x1b]52;c;AA\x07",
        "\r",
        "\n",
        "\t",
        "\u202e",
        "::",
        "::error::",
        "##[",
        "##vso[",
        "\\",
        " ",
        f"{OPEN}jwt:0123456789ab{CLOSE}",
        OPEN,
        CLOSE,
        "\ud800",
        "\U000e0041",
        "a",
    ]
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("100 %\rHACKED", r"100 %\rHACKED"),
        ("a\tb", "a b"),
        ("a\nb", r"a\nb"),
        ("\x7f", r"\x7f"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("\u2066\u2069\u200e\u061c", r"\u2066\u2069\u200e\u061c"),
        ("a\u2028b", r"a\u2028b"),
        ("pass\u200bword\ufeff", r"pass\u200bword\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud83d", r"\ud83d"),
        ("\x9f\xad", r"\x9f\xad"),
        ("\uffff\U000e0fff", r"\uffff\U000e0fff"),
        ("##[error]x", r"#\x23[error]x"),
        ("x ##vso[task.x]", r"x #\x23vso[task.x]"),
        ("::error::pwned", r"\x3a:error::pwned"),
        ("x ::set-output name=a", r"x \x3a:set-output name=a"),
    ],
)
def test_what_moves_hides_or_reorders_text_becomes_visible(text: str, shown: str) -> None:
    assert safe(text) == shown


@pytest.mark.parametrize(
    "text",
    ["connect ECONNREFUSED ::1:5432", "::ffff:127.0.0.1", "std::vector<int>", "größer 日本語 ⚠️ €", "C:\\n", "\ufffd"],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_newlines_are_kept_only_where_asked_for() -> None:
    assert safe("Error: x\r\n    at f\x1b", multiline=True) == "Error: x\n    at f\\x1b"


@pytest.mark.parametrize(
    "text",
    [
        "::error::pwned",
        "x ::set-output name=a::b",
        "a\n::stop-commands::tok",
        "##[error]x",
        "##vso[task.x]",
        "##[group]",
    ],
)
def test_no_word_is_a_workflow_command(text: str) -> None:
    for line in safe(text, multiline=True).split("\n"):
        assert not line.lstrip().startswith("::")
        assert "##[" not in line and "##vso[" not in line


def test_a_command_that_wrapping_moved_to_the_start_of_a_line_is_broken() -> None:
    assert (
        without_commands("xxx\n  ::error::y\n\x1b[31m::warning::z") == "xxx\n  \\x3a:error::y\n\x1b[31m\\x3a:warning::z"
    )


def test_an_azure_command_is_broken_wherever_it_stands_in_a_page() -> None:
    assert (
        without_commands("a\n  ##[error]y ##vso[task.x]z\n## head") == "a\n  #\\x23[error]y #\\x23vso[task.x]z\n## head"
    )
    assert without_commands("::error::x\n##[group]y") == "\\x3a:error::x\n#\\x23[group]y"


def test_a_tag_that_nobody_named_shows_its_kind_and_never_its_fingerprint() -> None:
    assert safe(f"a {OPEN}jwt:0123456789ab{CLOSE} b {OPEN}") == r"a <jwt> b \ue000"


@given(ANY_TEXT | st.lists(HOSTILE_PIECES, max_size=8).map("".join), st.booleans())
def test_safe_is_idempotent_and_its_result_can_be_printed(text: str, multiline: bool) -> None:
    once = safe(text, multiline=multiline)
    assert safe(once, multiline=multiline) == once
    once.encode()
    allowed = "\n" if multiline else ""
    bad = {"Cc", "Cs", "Zl", "Zp"}
    assert not [c for c in once if unicodedata.category(c) in bad and c not in allowed]


def test_our_own_words_pass_as_they_are() -> None:
    assert trusted("412 lines") == "412 lines"


@pytest.mark.parametrize(
    "unit", ["\x1b", "::a ", "##a", "::", OPEN, f"{OPEN}jwt:", "\r\n", " ::error", "\U000e0041", "a\x1b"]
)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    assert grows(lambda text: without_commands(safe(text, multiline=True)), unit) < LINEAR
