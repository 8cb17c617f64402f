"""Pages of the HTML format as its tests read them: reports of real samples, and what an HTML parser makes of a page."""

from __future__ import annotations

import dataclasses
import os
import shutil
from contextlib import chdir
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from floodscan.model import Report, ReportSignature
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources

ROOT = Path(__file__).resolve().parents[1]
VOID = {"meta", "input", "br", "link", "img", "hr"}


@cache
def sample(name: str) -> Report:
    """The report on a file of samples/, as from the project's folder."""
    with chdir(ROOT):
        sources, unreadable = find_sources([f"samples/{name}"])
        assert not unreadable
        return scan(sources, ScanOptions()).report


def chromium() -> str | None:
    """The browser that FLOODSCAN_CHROMIUM names, else one on the PATH."""
    named = os.environ.get("FLOODSCAN_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def many_signatures(report: Report, count: int) -> Report:
    """The report with `count` signatures more, none like another."""
    one = report.signatures[-1]
    more: list[ReportSignature] = []
    for i in range(count):
        text = f"Cache entry of tenant {i:05d} was refreshed by worker <num> and written to <path>"
        more.append(dataclasses.replace(one, id=f"{i:012x}", text=text, count=3, role=None, failure=False))  # type: ignore[arg-type]
    return dataclasses.replace(report, signatures=(*report.signatures, *more))


class Element:
    """An element with its attributes, its children and the text in it."""

    def __init__(self, name: str, attributes: dict[str, str | None], parent: Element | None) -> None:
        self.name, self.attributes, self.parent = name, attributes, parent
        self.children: list[Element] = []
        self.own: list[str] = []

    def all(self, *names: str) -> list[Element]:
        """Every element in it of those names, in the order of the page; of any where none is named."""
        found = []
        for child in self.children:
            if not names or child.name in names:
                found.append(child)
            found += child.all(*names)
        return found

    def one(self, id: str) -> Element:
        [found] = [element for element in self.all() if element.attributes.get("id") == id]
        return found

    @property
    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())

    @property
    def text(self) -> str:
        return "".join(self.own)


class Page(HTMLParser):
    """Reads a page strictly: whatever is opened is closed, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._at = Element("", {}, None)
        self.feed(page)
        self.close()
        assert self._at is self.root, f"never closed: {self._at.name}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in {tag}: {names}"
        element = Element(tag, dict(attrs), self._at)
        self._at.children.append(element)
        if tag not in VOID:
            self._at = element

    def handle_endtag(self, tag: str) -> None:
        assert tag == self._at.name, f"</{tag}> closes <{self._at.name}>"
        assert self._at.parent is not None
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self._at
        while at is not None:
            at.own.append(data)
            at = at.parent


def read(page: str | bytes) -> Element:
    return Page(page.decode() if isinstance(page, bytes) else page).root
