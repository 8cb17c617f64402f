"""The HTML page in a real Chromium: it loads nothing, breaks no policy, and can be searched, sorted and read by all.

Needs `pip install -e '.[browser]'` and a Chromium: the one that FLOODSCAN_CHROMIUM names, else one on the PATH.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from html_pages import chromium, many_signatures, sample

from floodscan.model import Report
from floodscan.reports.html import render

api = pytest.importorskip("playwright.sync_api", reason="no browser driver: pip install -e '.[browser]'")
CHROMIUM = chromium()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the PATH, and FLOODSCAN_CHROMIUM names none"),
]

PAGES = ("seed", "traffic", "many", "healthy")
PHONE, DESK = 400, 1200
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (e) => window.refused.push(e.violatedDirective + " " + e.blockedURI));
"""


@dataclass
class Opened:
    """A page in the browser, and everything that it said or asked for."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def eval(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def shown(self) -> list[str]:
        """Texts of the signatures in the table that can be seen, in their order."""
        return self.page.locator("#all tbody tr:visible code").all_inner_texts()  # type: ignore[no-any-return]

    def column(self, number: int) -> list[float]:
        """What the cells of a column, counted from 1, are sorted by."""
        return self.eval(f"[...document.querySelectorAll('#all td:nth-child({number})')].map((c) => +c.dataset.v)")  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    reports: dict[str, Report] = {
        "seed": sample("dashboard-flood.jsonl"),
        "traffic": sample("incident-in-traffic.jsonl.gz"),
        "many": many_signatures(sample("dashboard-flood.jsonl"), 10_000),
        "healthy": sample("healthy.jsonl"),
    }
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(render(report), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in reports}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any, files: dict[str, Path]) -> Iterator[Any]:
    contexts = []

    def opener(name: str, *, width: int = DESK, scheme: str = "light", script: bool = True) -> Opened:
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 800}, java_script_enabled=script
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("console", lambda message: opened.said.append(message.text))
        opened.page.on("pageerror", lambda error: opened.said.append(str(error)))
        opened.page.on("request", lambda request: opened.asked.append(request.url))
        if script:
            opened.page.add_init_script(WATCH)
        opened.page.goto(files[name].as_uri())
        return opened

    yield opener
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_in_silence_and_fits(
    open_page: Any, files: dict[str, Path], name: str, scheme: str, width: int
) -> None:
    opened = open_page(name, width=width, scheme=scheme)
    opened.page.locator("#all th button").first.click()
    assert opened.asked == [files[name].as_uri()]
    assert opened.said == [] and opened.eval("window.refused") == []
    assert opened.eval("document.documentElement.scrollWidth") <= width
    assert opened.eval("getComputedStyle(document.body).fontSize") == "16px"


def test_a_style_or_a_script_that_is_not_ours_is_refused(open_page: Any) -> None:
    opened = open_page("seed")
    opened.eval(
        """() => {
            const script = document.createElement("script"); script.textContent = "window.ran = true";
            const image = document.createElement("img"); image.src = "http://127.0.0.1:9/beacon.png";
            document.body.append(script, image);
        }"""
    )
    opened.page.wait_for_function("window.refused.length >= 2")
    assert opened.eval("window.ran === undefined")
    assert sorted(refused.split()[0] for refused in opened.eval("window.refused")) == ["img-src", "script-src-elem"]


def test_light_and_dark_differ_as_the_reader_asked(open_page: Any) -> None:
    grounds = {
        scheme: open_page("seed", scheme=scheme).eval("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert (
        sum(map(int, grounds["light"][4:-1].split(","))) > 600 > 200 > sum(map(int, grounds["dark"][4:-1].split(",")))
    )


def test_typing_leaves_the_rows_that_have_every_word(open_page: Any) -> None:
    opened = open_page("seed")
    opened.page.get_by_label("Search").fill("failed DASHBOARD")
    assert opened.shown() == ["Failed to initialize dashboard"]
    assert opened.page.locator("#found").inner_text() == "1 of 24 shown"
    opened.page.get_by_label("Search").fill("blind spot")
    assert len(opened.shown()) == 3
    opened.page.get_by_label("Search").fill("")
    assert len(opened.shown()) == 24


def test_a_heading_sorts_by_its_column_and_again_the_other_way(open_page: Any) -> None:
    opened = open_page("seed")
    head = opened.page.get_by_role("columnheader", name="First")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    times = opened.column(4)
    assert times == sorted(times) and len(set(times)) > 10
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert opened.column(4) == sorted(times, reverse=True)
    lines = opened.page.get_by_role("columnheader", name="Lines")
    lines.get_by_role("button").click()
    assert opened.column(1) == sorted(opened.column(1), reverse=True)
    assert head.get_attribute("aria-sort") is None
    opened.page.get_by_role("columnheader", name="Signature").get_by_role("button").click()
    words = [text.lower() for text in opened.shown() if text[0].isalpha()]
    assert words == sorted(words)


def test_searching_and_sorting_ten_thousand_signatures_is_quick(open_page: Any) -> None:
    opened = open_page("many")
    took = opened.eval(
        """() => {
            const start = performance.now();
            document.querySelectorAll("#all th button")[1].click();
            const find = document.getElementById("find");
            find.value = "tenant"; find.dispatchEvent(new Event("input"));
            document.body.getBoundingClientRect();
            return performance.now() - start;
        }"""
    )
    assert took < 3000
    assert len(opened.shown()) > 500


def test_without_a_script_everything_is_there_but_the_search(open_page: Any) -> None:
    opened = open_page("seed", script=False)
    assert opened.page.get_by_label("Search").is_hidden()
    assert len(opened.shown()) == 24
    opened.page.locator("#F1 summary").click()
    assert opened.page.locator("#F1 pre").first.is_visible()
    assert opened.said == []


def test_the_keyboard_reaches_what_the_mouse_does_and_shows_where_it_is(open_page: Any) -> None:
    opened = open_page("seed")
    opened.page.keyboard.press("Tab")
    skip = opened.page.get_by_role("link", name="Skip to the findings")
    assert skip.evaluate("e => e === document.activeElement") and skip.bounding_box()["x"] >= 0
    opened.page.keyboard.press("Enter")
    assert opened.page.url.endswith("#findings")
    button = opened.page.get_by_role("button", name="Share")
    button.focus()
    opened.page.keyboard.press("Shift+Tab")
    opened.page.keyboard.press("Tab")
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    opened.page.keyboard.press("Enter")
    assert opened.page.get_by_role("columnheader", name="Share").get_attribute("aria-sort") == "descending"


def test_a_screen_reader_is_told_what_the_pictures_show(open_page: Any) -> None:
    opened = open_page("seed")
    assert opened.page.get_by_role("img", name="L1, storm: trigger 8 ms before the onset").count() == 1
    assert opened.page.get_by_role("img", name="user-A: 79 attempts").count() == 1
    assert opened.page.get_by_role("table", name="24 signatures").count() == 1
    assert opened.page.get_by_role("main").count() == opened.page.get_by_role("banner").count() == 1


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(open_page: Any, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: pip install -e '.[browser]'")
    found = axe.Axe().run(open_page("seed", scheme=scheme, width=width).page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_on_paper_the_colours_are_light_and_nothing_is_cut_off(open_page: Any) -> None:
    opened = open_page("seed", scheme="dark")
    opened.page.emulate_media(media="print")
    assert opened.eval("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.page.locator("nav").is_hidden() and opened.page.get_by_label("Search").is_hidden()
    assert opened.eval("getComputedStyle(document.querySelector('.scroll')).overflowY") == "visible"
