"""The report in Markdown: an investigation's headings, and no word of a log that is more than text."""

from __future__ import annotations

import dataclasses
import re

import pytest
from markdown_it import MarkdownIt
from report_samples import dashboard_flood, hidden_type_error, hostile, quiet

from floodscan.reports.markdown import code, fence, prose, render

PARSER = MarkdownIt("commonmark").enable("table")
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![beacon](http://evil/x.png)",
    "@everyone and @org/team",
    "closes #1, GH-12 and org/repo#3",
    "www.evil.com or https://evil",
    "deadbeef1 is a commit",
    "# heading",
    "> quote",
    "- item",
    "1. item",
    "1) item",
    "***",
    "===",
    "a | b | c",
    "`tick` ``two`` ```three```",
    "```\nfence\n```",
    "~~~",
    "**bold** _em_",
    "&lt;b&gt;",
    ":bug:",
    "$x$",
    "\\",
    "trailing \\",
    "`",
    "``",
    "a\nb\n\n# c",
    "\x1b[31m\x9b\u202e",
    "::error::x",
    "##[error]x",
    "]]>",
    "\ud800",
]


def headings(page: str) -> list[str]:
    return re.findall(r"^##? (.*)$", page, re.MULTILINE)


def test_the_document_has_the_headings_of_an_investigation() -> None:
    assert headings(render(dashboard_flood())) == [
        "Log investigation: storm",
        "Summary",
        "Key observations",
        "Root causes",
        "Noise and further findings",
        "Recommendations",
        "Open questions",
        "References",
    ]


def test_where_the_log_proves_no_root_cause_the_document_says_so() -> None:
    assert "The log proves no root cause." in render(dashboard_flood())
    assert "The log proves no root cause." not in render(hidden_type_error())


def test_findings_show_role_confidence_evidence_and_probe() -> None:
    page = render(dashboard_flood())
    assert "### F3: Supabase is unreachable or misconfigured (`DATABASE_ERROR`)" in page
    assert "hypothesis · possible · severity medium · `unclassified`" in page
    assert '- **For:** 412 of 412 lines "Failed to initialize dashboard" carry `"error":{}` (`api.log:12`)' in page
    assert "- **Against:** No line of the loop shares an id" in page
    assert "- **To settle it:** curl `$SUPABASE_URL/rest/v1/` with the service key" in page


def test_recommendations_are_numbered_in_order() -> None:
    page = render(dashboard_flood())
    steps = re.findall(r"^(\d)\. \*\*(\w+):\*\*", page, re.MULTILINE)
    assert steps == [("1", "Stop"), ("2", "Fix"), ("3", "Fix"), ("4", "Fix"), ("5", "Fix"), ("6", "Watch")]


def test_an_example_of_several_lines_stands_in_a_fence() -> None:
    assert "```text\nTypeError: Cannot read properties of undefined (reading 'rows')\n    at syncWorkspace (" in render(
        hidden_type_error()
    )


def test_a_quiet_document_is_short() -> None:
    page = render(quiet())
    assert headings(page) == ["Log investigation: quiet", "Summary"]
    assert len(page.splitlines()) < 12


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_a_log_make_no_element(words: str) -> None:
    """Parsed again, the hostile document has the elements of the harmless one, and all its text is there."""
    plain, page = render(hostile("harmless")), render(hostile(words))
    kinds = [
        [token.type for token in PARSER.parse(text) if not token.type.startswith("inline")] for text in (plain, page)
    ]
    assert kinds[0] == kinds[1]
    for token in PARSER.parse(page):
        for child in token.children or ():
            assert child.type in ("text", "code_inline", "strong_open", "strong_close", "softbreak"), child
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", page)
    assert not [line for line in page.split("\n") if re.match(r"\s*::[A-Za-z]", line)]
    assert "##[" not in page


@pytest.mark.parametrize("words", HOSTILE)
def test_outside_code_only_plain_words_are_left(words: str) -> None:
    inline = PARSER.parse(prose(words))
    text = "".join(c.content for token in inline for c in token.children or () if c.type == "text")
    assert not re.search(r"[<>@#|*_`\[\]{}$~\\&/]", text)
    assert "www" not in text and "deadbeef1" not in text and "GH-12" not in text


def test_plain_sentences_stay_as_they_are() -> None:
    for text in (
        "One user's dashboard fails 412 times in 6 min 6 s (79 %), and reconnects at once.",
        '412 of 412 lines "Failed to initialize" say so: since 2025-11-01 14:02:11, or not?',
    ):
        assert prose(text) == text


def spans(text: str) -> tuple[str, list[str]]:
    """A sentence's text as CommonMark reads it, and its code spans."""
    [paragraph] = [token for token in PARSER.parse(prose(text)) if token.type == "inline"]
    children = paragraph.children or []
    return "".join(c.content for c in children), [c.content for c in children if c.type == "code_inline"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Now it accepts each attempt (`Token registered`) and fails it.", ["Token registered"]),
        ("start the local stack (`supabase start`).", ["supabase start"]),
        ("what its runs say (`systemctl status`, `docker logs -t`, `pm2 logs --err`).",
         ["systemctl status", "docker logs -t", "pm2 logs --err"]),
        ("(`a b`) stands first, (“`c d`”) later, and `e f` (`g h`)", ["a b", "c d", "e f", "g h"]),
        ("Tokens (they come from http://127.0.0.1:10003); on `host`", ["http://127.0.0.1:10003", "host"]),
        ("Tokens (http://127.0.0.1:10003), and (they came by http://[::1]:80/a_(b)).",
         ["http://127.0.0.1:10003", "http://[::1]:80/a_(b)"]),
        ("it calls load(x) and main().", ["load(x)", "main()"]),
    ],
)  # fmt: skip
def test_brackets_stand_outside_the_code_spans_they_hold(text: str, quoted: list[str]) -> None:
    assert spans(text) == (text.replace("`", ""), quoted)


@pytest.mark.parametrize("text", ["a=`b c`", "`b c`)=d", "x/(`b c`)/y", "see `b c`[1](`d e`)", "`b c`=`d e`"])
def test_a_sign_beside_a_quotation_does_not_break_its_code_span(text: str) -> None:
    told, quoted = spans(text)
    assert "b c" in quoted and "`" not in told
    assert told.replace(" ", "") == text.replace("`", "").replace(" ", "")


@pytest.mark.parametrize("text", ["`", "``", "a`b", "`a`", "``a`` `b`", "```", " ` "])
def test_a_code_span_holds_any_run_of_backticks(text: str) -> None:
    [paragraph] = [token for token in PARSER.parse("x " + code(text)) if token.type == "inline"]
    assert [child.content for child in paragraph.children or () if child.type == "code_inline"] == [text.strip()]


@pytest.mark.parametrize("text", ["```", "````\nx\n````", "~~~\n", "a\n```text\nb"])
def test_a_fence_holds_any_run_of_backticks(text: str) -> None:
    [block] = PARSER.parse(fence(text))
    assert block.type == "fence" and block.content == text + "\n"


def test_references_are_links_only_where_they_are_plain_addresses() -> None:
    report = dashboard_flood()
    links = ("https://getpino.io/#/docs/api?id=serializers", "javascript:alert(1)", "https://x/<b>", "RFC 9110")
    first = dataclasses.replace(report.findings[0], references=links)
    page = render(dataclasses.replace(report, findings=(first, *report.findings[1:])))
    assert "- <https://getpino.io/#/docs/api?id=serializers>" in page
    for other in links[1:]:
        assert f"- `{other}`" in page


def test_the_rest_of_a_huge_report_is_counted() -> None:
    report = dashboard_flood()
    page = render(dataclasses.replace(report, loops=report.loops * 9, findings=report.findings * 5))
    assert "+4 more loops in the JSON report." in page and "+8 more findings in the JSON report." in page
