"""The report for everybody: light and dark, narrow and wide, by axe's rules; screenshots for people's own eyes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from ai_conformance.reports import run_json
from ai_conformance.reports.html import html_text
from sample_runs import full_run, hostile_run
from samples import RUN

EVIDENCE = '{\n  "kind": "Pod",\n  "metadata": {\n    "name": "member-2"\n  }\n}\n'

PAGES = {
    "real": lambda: html_text(run_json.read_run((RUN / "run.json").read_bytes())),
    "full": lambda: html_text(full_run(), evidence=lambda path: EVIDENCE),
    "hostile": lambda: html_text(hostile_run()),
}


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        ("full", "light", 360),
        ("full", "light", 1280),
        ("full", "dark", 360),
        ("full", "dark", 1280),
        # The same style on other records: each scheme and width once is enough.
        *((name, scheme, width) for name in ("real", "hostile") for scheme, width in (("light", 1280), ("dark", 360))),
    ],
)
def test_no_barrier_is_found_and_nothing_is_wider_than_the_window(opening, shots, name, scheme, width):
    with opening(PAGES[name](), scheme=scheme, width=width) as opened:
        page = opened.page
        page.screenshot(path=shots / f"{name}-{scheme}-{width}.png")
        page.get_by_role("button", name="Unfold all").click()
        page.screenshot(path=shots / f"{name}-{scheme}-{width}-unfolded.png", full_page=name != "hostile")
        assert _barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert opened.complaints == []


def _barriers(page):
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found]


def test_axe_would_find_a_barrier(opening):
    with opening("<!DOCTYPE html><html lang=en><title>x</title><main><h1>x</h1><img src=data:,></main>") as opened:
        assert "image-alt" in [name for name, _impact, _html in _barriers(opened.page)]


def test_light_and_dark_follow_the_reader(opening):
    papers = {}
    for scheme in ("light", "dark"):
        with opening(PAGES["full"](), scheme=scheme) as opened:
            papers[scheme] = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert papers["light"] != papers["dark"]


@pytest.mark.parametrize("width", [320, 600, 1000])
def test_nothing_is_wider_than_any_other_window(opening, width):
    with opening(PAGES["hostile"](), width=width) as opened:
        opened.page.get_by_role("button", name="Unfold all").click()
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
