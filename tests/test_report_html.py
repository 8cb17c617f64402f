"""The HTML page: the incident in pictures, whole without script or network, and no word of a log that is more than text."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest
from html_pages import Element, many_signatures, read, sample
from report_samples import dashboard_flood, hidden_type_error, hostile, quiet

from floodscan import cli, errors
from floodscan.model import Report
from floodscan.reports import RENDERERS
from floodscan.reports.html import LARGEST, render
from floodscan.reports.html.element import el, prose

SEED = "dashboard-flood.jsonl"
TRAFFIC = "incident-in-traffic.jsonl.gz"
BACKOFF = "backoff-exponential.jsonl.gz"
NO_DATE = "dashboard-flood.log"
MEGABYTE = 1_000_000

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><style>*{display:none}</style>",
    "</title><img src=x onerror=alert(1)>",
    "</pre></code></svg></body></html>",
    '" onfocus="alert(1)" autofocus="',
    "' onmouseover='alert(1)",
    "<svg onload=alert(1)>",
    "<!-- comment",
    "--> ]]> <![CDATA[",
    "&lt;b&gt; &amp; &#60;b&#62;",
    "javascript:alert(1)",
    "<a href=//evil>x</a>",
    "<base href=//evil>",
    "a\u202ecba\u2066\u200b",
    "\x1b[31m\x9b\x00",
    "::error::x",
    "##[error]x",
    "`tick` ``two``",
    "a\nb\r\nc\u2028d",
    "\ud800",
    "{{7*7}} ${x} <%= y %>",
]


def skeleton(root: Element) -> Counter[tuple[str, str]]:
    """Every element and attribute that isn't text of a log: names, and the values of those a browser acts on."""
    seen: Counter[tuple[str, str]] = Counter()
    for element in root.all():
        seen[element.name, ""] += 1
        for name, value in element.attributes.items():
            seen[
                element.name, f"{name}={value}" if name in ("id", "class", "href", "src", "role", "content") else name
            ] += 1
    return seen


def charted(words: str) -> Report:
    """The hostile flood with the pictures of a real one, so that its words stand in drawings, too."""
    real, bad = sample(SEED), hostile(words)
    word = bad.headline
    signatures = tuple(
        dataclasses.replace(s, text=word, logger=word, example=dataclasses.replace(s.example, source=word, text=word))
        for s in real.signatures
    )
    loops = []
    for loop in real.loops:
        actors = loop.actors
        if actors is not None:
            top = tuple(dataclasses.replace(actor, id=word) for actor in actors.top)
            actors = dataclasses.replace(actors, key=word, top=top)
        loops.append(dataclasses.replace(loop, actors=actors, sustained_by=word))
    return dataclasses.replace(bad, signatures=signatures, loops=tuple(loops), input=real.input, timeline=real.timeline)


# ---------------------------------------------------------------- what it shows


def test_it_is_a_format_of_the_scan(tmp_path: Path) -> None:
    page = tmp_path / "out.html"
    sample_path = str(Path(__file__).resolve().parents[1] / "samples" / SEED)
    assert errors.door(lambda: cli.run(["scan", sample_path, "--format", "html", "-o", str(page), "-q"])) == 0
    assert read(page.read_bytes()).all("h1")[0].text.startswith("storm One actor retried at once")


@pytest.mark.parametrize(
    "report",
    [dashboard_flood(), hidden_type_error(), quiet(), *map(sample, (SEED, TRAFFIC, BACKOFF, NO_DATE, "healthy.jsonl"))],
    ids=["flood", "hidden", "quiet", SEED, TRAFFIC, BACKOFF, NO_DATE, "healthy"],
)
def test_a_page_is_well_formed_and_the_same_on_every_run(report: Report) -> None:
    page = render(report)
    root = read(page)
    ids = [element.attributes["id"] for element in root.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    assert render(report) == page == RENDERERS["html"](report).decode()
    assert page.startswith("<!DOCTYPE html>\n<html") and page.endswith("</html>\n")


def test_the_picture_comes_first_then_loops_findings_remedies_and_lines() -> None:
    root = read(render(sample(SEED)))
    assert [title.text for title in root.all("h2")] == [
        "When it happened", "The loops", "Findings", "What to do", "Open questions", "Lines by signature",
    ]  # fmt: skip


def test_the_timeline_names_trigger_onset_last_failure_and_recovery() -> None:
    timeline = read(render(sample(SEED))).one("timeline")
    [captions] = [svg for svg in timeline.all("svg") if "captions" in svg.classes]
    words = [text.text for text in captions.all("text")]
    assert sorted(words) == [
        "last failure 06:11:13.4", "onset 06:10:58.7", "recovered 06:11:13.6", "trigger 8 ms before the onset",
    ]  # fmt: skip


def test_the_timeline_has_a_lane_for_each_signature_of_the_iteration() -> None:
    report = sample(TRAFFIC)
    lanes = {code.text for code in read(render(report)).one("timeline").all("code")}
    known = {signature.id: signature.text for signature in report.signatures}
    assert {known[id] for id in report.loops[0].signatures} < lanes
    assert {"Failed to check for stale agents", "Dashboard authenticated and connected"} < lanes


def test_a_storm_inside_traffic_is_framed_in_the_whole_log() -> None:
    timeline = read(render(sample(TRAFFIC))).one("timeline")
    [frame] = [rect for rect in timeline.all("rect") if "window" in rect.classes]
    left, wide = (float((frame.attributes[name] or "").rstrip("%")) for name in ("x", "width"))
    assert 45 < left < 55 and 1 < wide < 6  # 20 s in the middle of ten minutes


def test_the_iteration_tells_the_time_from_step_to_step_and_until_the_next_attempt() -> None:
    [steps, *_] = [ol for ol in read(render(sample(SEED))).one("L1").all("ol") if "steps" in ol.classes]
    told = [text.text for text in steps.all("text")]
    assert told == ["start", "+1 ms", "+0 ms", "+107 ms", "+3 ms", "+1 ms", "+2 ms", "pause, about 71 ms"]


def test_attempts_without_backoff_stand_beside_what_a_backoff_would_have_made() -> None:
    [drivers, *_] = [ul for ul in read(render(sample(SEED))).one("L1").all("ul") if "drivers" in ul.classes]
    rows = [row.all("span")[0].text for row in drivers.children]
    assert rows == ["user-A79×, median gap 185 ms", "With backoffWaits of 1 s, doubling to 30 s: 4× in that time"]
    ticks = [(path.attributes["d"] or "").count("M") for path in drivers.all("path") if "tick" in path.classes]
    assert ticks == [79, 4]


def test_a_backoff_is_shown_as_it_is_with_the_pauses_of_each_driver() -> None:
    [drivers, *_] = [ul for ul in read(render(sample(BACKOFF))).one("L1").all("ul") if "drivers" in ul.classes]
    assert len(drivers.children) == 8 and "With backoff" not in drivers.text
    tall = [
        float(v)
        for v in re.findall(
            r"v-([\d.]+)", next(p for p in drivers.all("path") if "pause" in p.classes).attributes["d"] or ""
        )
    ]
    assert len(tall) == 9 and all(b > a for a, b in itertools.pairwise(tall[:5]))


def test_a_clock_of_whole_seconds_shows_no_pause() -> None:
    loop = read(render(sample(NO_DATE))).one("L1")
    assert not [path for path in loop.all("path") if "pause" in path.classes]
    assert "too coarse to tell all of them apart" in loop.text
    assert "onset +6 s" in read(render(sample(NO_DATE))).one("timeline").text


def test_without_any_clock_the_page_begins_with_the_loop() -> None:
    assert [title.text for title in read(render(hidden_type_error())).all("h2")][0] == "The loop"


def test_findings_show_role_confidence_evidence_with_its_line_and_the_lines_themselves() -> None:
    first = read(render(sample(SEED))).one("F1")
    assert "blind spot · error-hidden-by-logger" in first.text
    assert "Failed to initialize dashboard prints error: {} samples/dashboard-flood.jsonl:33" in first.text
    assert "after Token registered for management, before Failed to initialize dashboard" in first.text
    [line, *_] = first.all("details")[0].all("pre")
    assert json.loads(line.text)["msg"] == "Failed to initialize dashboard"


def test_each_step_to_take_leads_to_its_findings() -> None:
    root = read(render(sample(SEED)))
    links = {link.attributes["href"] for link in root.one("remedies").all("a")}
    told = {f"#{finding.id}" for finding in sample(SEED).findings if finding.remediation}
    assert links == told and len(told) > 4
    assert "First: Refuse or delay repeated attempts" in root.all("main")[0].text, "a hypothesis is no first step"


def test_the_first_step_is_about_the_incident_and_not_about_what_was_also_seen() -> None:
    report = sample(SEED)
    aside = [finding for finding in report.findings if finding.role in ("noise", "observation")]
    page = render(dataclasses.replace(report, findings=tuple(aside)))
    assert "First:" not in read(page).text and "Stop the bleeding" in page


def test_the_first_step_leads_to_the_others_where_there_are_any() -> None:
    report = sample(SEED)
    bare = dataclasses.replace(report, findings=tuple(dataclasses.replace(f, remediation=()) for f in report.findings))
    pages = [read(render(one)).all("p") for one in (report, bare)]
    [[full], [alone]] = [[p for p in page if p.text.startswith("First: ")] for page in pages]
    assert "All steps" in full.text and "All steps" not in alone.text


def test_what_was_not_read_to_its_end_says_so() -> None:
    assert "Incomplete: the reading was interrupted" in read(render(hidden_type_error())).all("header")[0].text


# ---------------------------------------------------------------- signatures


def test_all_signatures_stand_in_a_table_that_needs_no_script() -> None:
    report = sample(SEED)
    root = read(render(report))
    table = root.one("all")
    rows = table.all("tbody")[0].all("tr")
    assert [row.all("code")[0].text for row in rows] == [signature.text for signature in report.signatures]
    assert not [row for row in rows if "hidden" in row.attributes]
    assert "hidden" in root.one("search").attributes, "the search shows only where the script runs"
    assert [row.all("td")[0].text for row in rows[:2]] == ["126", "80"]


def test_ten_thousand_signatures_fit_and_the_rest_is_counted() -> None:
    report = many_signatures(sample(SEED), 10_000)
    page = render(report)
    assert len(page.encode()) < MEGABYTE
    root = read(page)
    shown = len(root.one("all").all("tbody")[0].all("tr"))
    [more] = re.findall(r"\+([\d,]+) more signatures", root.one("signatures").text)
    assert shown > 1000 and shown + int(more.replace(",", "")) == len(report.signatures)
    assert f"{shown:,} of {len(report.signatures):,} signatures" in root.text


def test_a_failure_is_in_the_table_however_rare_it_is() -> None:
    report = many_signatures(sample(SEED), 10_000)
    last = dataclasses.replace(report.signatures[-1], id="f" * 12, text="Payment lost", count=1, failure=True)  # type: ignore[arg-type]
    page = render(dataclasses.replace(report, signatures=(*report.signatures, last)))
    assert "Payment lost" in [code.text for code in read(page).one("all").all("code")]


@pytest.mark.parametrize("words", ['"&<' * 400, "\u202e" * 400, "é" * 1200], ids=["markup", "bidi", "wide"])
def test_no_text_makes_a_page_of_a_megabyte(words: str) -> None:
    bad = many_signatures(charted(words), 2000)
    finding = dataclasses.replace(bad.findings[0], evidence_for=bad.findings[0].evidence_for[:1] * 40)
    page = render(dataclasses.replace(bad, findings=(finding,) * 60, loops=bad.loops * 3))
    assert len(page.encode()) < MEGABYTE
    assert "more findings in the JSON report" in page


# ---------------------------------------------------------------- self-contained


def test_nothing_is_loaded_and_nothing_is_asked() -> None:
    page = render(sample(SEED))
    root = read(page)
    names = {element.name for element in root.all()}
    assert not names & {"link", "img", "iframe", "object", "embed", "base", "form", "image", "use", "source", "video"}
    assert not [e for e in root.all() if {"src", "srcset", "style", "action", "background"} & e.attributes.keys()]
    assert not [name for e in root.all() for name in e.attributes if name.startswith("on")]
    style = root.all("style")[0].text
    assert "url(" not in style and "@import" not in style
    script = root.all("script")[0].text
    assert not re.search(r"fetch|XMLHttp|WebSocket|import\(|innerHTML|eval|https?:", script)


@pytest.mark.parametrize("report", [sample(SEED), quiet()], ids=["storm", "quiet"])
def test_links_stay_on_the_page_but_for_the_references_of_findings(report: Report) -> None:
    root = read(render(report))
    ids = {element.attributes.get("id") for element in root.all()}
    for link in root.all("a"):
        href = link.attributes["href"] or ""
        assert href[1:] in ids if href.startswith("#") else href.startswith("https://"), href
        assert href.startswith("#") or link.attributes["rel"] == "noopener noreferrer"


def test_the_policy_allows_the_one_style_and_the_one_script_by_their_hashes() -> None:
    root = read(render(sample(SEED)))
    [policy] = [
        m.attributes["content"] for m in root.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None and policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for kind in ("style", "script"):
        [block] = root.all(kind)
        digest = b64encode(sha256(block.text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


# ---------------------------------------------------------------- hostile text


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_a_log_make_no_element_and_no_attribute(words: str) -> None:
    plain, bad = render(charted("harmless")), render(charted(words))
    one, other = read(plain), read(bad)
    # What is quoted in backticks becomes code: the one element that words may make, and it holds text only.
    kinds = [Counter({k: n for k, n in skeleton(root).items() if k[0] != "code"}) for root in (one, other)]
    assert kinds[0] == kinds[1]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\u2028\ud800-\udfff]", bad)
    assert not [line for line in bad.split("\n") if re.match(r"\s*::[A-Za-z]", line)]
    assert "##[" not in bad


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "&lt;b&gt; &amp;", '" onfocus="x', "</title>"])
def test_words_of_a_log_are_shown_as_they_stand(words: str) -> None:
    root = read(render(charted(words)))
    assert words in root.all("h1")[0].text
    assert words in root.one("timeline").all("title")[2].text
    assert words in root.one("all").all("code")[0].text
    assert words in root.all("title")[0].text


def test_a_hostile_log_is_read_and_shown_harmless(tmp_path: Path) -> None:
    log, page = tmp_path / "bad.jsonl", tmp_path / "out.html"
    lines = []
    for i in range(60):
        bad = HOSTILE[i % 3]
        record = {
            "level": 50,
            "time": 1_790_000_000_000 + 150 * i,
            "userId": bad,
            "msg": bad,
            "err": {"type": bad, "message": bad, "code": "EBAD"},
        }
        lines.append(json.dumps(record))
    log.write_text("\n".join(lines))
    assert errors.door(lambda: cli.run(["scan", str(log), "--format", "html", "-o", str(page), "-q"])) == 0
    root = read(page.read_bytes())
    assert len(root.all("script")) == len(root.all("style")) == 1
    assert not [element for element in root.all() if any(name.startswith("on") for name in element.attributes)]
    assert "<script>alert(" in root.one("all").text


def test_an_element_escapes_its_children_and_its_attributes() -> None:
    made = el("p", "<b>", el("i", "x & y"), title='"><b>')
    assert made == '<p title="&quot;&gt;&lt;b&gt;">&lt;b&gt;<i>x &amp; y</i></p>'
    assert prose("a `<b>` c") == "a <code>&lt;b&gt;</code> c"
    with pytest.raises(ValueError):
        el("p", **{"a b": "c"})


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize("name", [SEED, TRAFFIC, "healthy.jsonl"])
def test_headings_go_down_one_by_one_under_a_single_first(name: str) -> None:
    levels = [int(heading.name[1]) for heading in read(render(sample(name))).all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_the_page_has_landmarks_a_language_and_a_title() -> None:
    root = read(render(sample(SEED)))
    assert root.all("html")[0].attributes["lang"] == "en"
    assert root.all("title")[0].text.startswith("storm: One actor")
    for landmark in ("header", "nav", "main", "footer"):
        assert len(root.all(landmark)) == 1, landmark
    assert root.all("body")[0].children[0].attributes["href"] == "#findings"


def test_every_drawing_has_words_that_stand_for_it() -> None:
    for svg in read(render(sample(TRAFFIC))).all("svg"):
        outer = svg
        while outer.parent is not None and outer.parent.name == "svg":
            outer = outer.parent
        if outer.attributes.get("aria-hidden") == "true":
            continue
        assert outer.attributes["role"] == "img"
        assert outer.children[0].name == "title" and len(outer.children[0].text) > 5


def test_the_table_has_a_caption_and_heads_for_its_columns() -> None:
    table = read(render(sample(SEED))).one("all")
    assert table.children[0].name == "caption"
    assert all(head.attributes["scope"] == "col" for head in table.all("th"))


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_has_enough_contrast_on_every_ground(scheme: str) -> None:
    style = read(render(quiet())).all("style")[0].text
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", blocks[["light", "dark", "print"].index(scheme)]))
    for ink in ("ink", "soft", "fail", "noise", "good", "link"):
        for ground in ("page", "card", "wash"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (scheme, ink, ground)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_largest_page_leaves_room_for_its_head_below_a_megabyte() -> None:
    assert LARGEST + len(render(quiet()).encode()) < MEGABYTE
