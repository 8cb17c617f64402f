"""Takes the README's pictures of the HTML page again: python tests/take_screenshots.py

Needs what tests/test_html_browser.py needs: `pip install -e '.[browser]'` and a Chromium.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from html_pages import ROOT, chromium, sample
from PIL import Image
from playwright.sync_api import sync_playwright

from floodscan.reports.html import render

PICTURES = {
    "page-storm.png": ("dashboard-flood.jsonl", "light"),
    "page-storm-in-traffic.png": ("incident-in-traffic.jsonl.gz", "dark"),
}
WIDTH = 960
COLOURS = 96
"""In each picture: enough for smooth text, and a third of the bytes."""


def main(folder: Path = ROOT / "docs") -> None:
    """Writes each page from its top to the end of the first loop's attempts."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium())
        for name, (log, scheme) in PICTURES.items():
            page = browser.new_page(color_scheme=scheme, viewport={"width": WIDTH, "height": 800})
            page.set_content(render(sample(log)))
            end = page.locator("#L1 .drivers").bounding_box()
            assert end is not None
            clip = {"x": 0, "y": 0, "width": WIDTH, "height": end["y"] + end["height"] + 8}
            shot = Image.open(BytesIO(page.screenshot(full_page=True, clip=clip))).convert("RGB")
            shot.quantize(COLOURS).save(folder / name, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
