"""A browser for tests of pages: Debian's Chromium, driven by Playwright, with an empty profile and no network."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from ai_conformance.lab import paths

ROOT = Path(__file__).resolve().parent.parent.parent

SHOTS = ROOT / "build" / "browser"
"""Screenshots and prints of the last run, for people to look at; git ignores the folder."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items):
    """All tests of this folder need the browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program, from the host or as `scripts/browser` unpacked it."""
    found = shutil.which("chromium") or shutil.which(paths.cache_root() / "browser" / "chromium")
    if found is None:
        pytest.skip("no Chromium on this machine; scripts/setup browser fetches it")
    return found


@pytest.fixture(scope="session")
def shots() -> Path:
    """The folder of what people may want to see."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[sync_api.Browser]:
    """One for a module; its loop must not outlive the module, for tests elsewhere have loops of their own."""
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield started
        started.close()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Opened:
    """A page with all that it did."""

    page: sync_api.Page
    loaded: list[str]
    """What it went to the network for; none of it is let through."""
    dialogs: list[str]
    complaints: list[str]
    """What the browser had to say on its console, errors of scripts and of the policy among it."""


_OUTSIDE = re.compile(r"^(?!file:)")

Open = Callable[..., contextlib.AbstractContextManager[Opened]]


@pytest.fixture
def opening(browser: sync_api.Browser, tmp_path: Path) -> Open:
    """Opens a page from disk, as who was sent one does."""

    @contextlib.contextmanager
    def opened(
        text: str, *, fragment: str = "", width: int = 1280, scheme: str = "light", script: bool = True
    ) -> Iterator[Opened]:
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=script,
        )
        page = context.new_page()
        made = Opened(page=page, loaded=[], dialogs=[], complaints=[])
        context.route(_OUTSIDE, lambda route: (made.loaded.append(route.request.url), route.abort()))
        page.on("console", lambda message: made.complaints.append(message.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (made.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri() + fragment)
        try:
            yield made
        finally:
            context.close()

    return opened
