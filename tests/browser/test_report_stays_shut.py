"""What was tested chose the text of a report: in a real browser nothing of it runs, opens or loads."""

from __future__ import annotations

import pytest

from ai_conformance.reports.html import html_text
from hostile_runs import HOSTILE, everywhere
from sample_runs import sound_run

ADDED = (
    "<script>window.forged = 1</script>"
    "<img src=http://forged.example/x.png onerror='window.forged = 1'>"
    "<link rel=stylesheet href=http://forged.example/x.css>"
    "<iframe src=http://forged.example/></iframe>"
    "<svg onload='window.forged = 1'></svg>"
)


EACH = [text.replace("forged()", "window.forged=alert(1)") for text in HOSTILE]


@pytest.mark.parametrize("texts", [EACH, [" ".join(EACH)]], ids=["each", "joined"])
def test_nothing_runs_opens_or_loads(opening, texts):
    written = html_text(everywhere(*texts), evidence=lambda path: " ".join(EACH))
    with opening(written) as opened:
        page = opened.page
        page.get_by_role("button", name="Unfold all").click()
        page.locator("details.variant summary").first.hover()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.forged") is None
        assert opened.dialogs == []
        assert opened.complaints == []
        assert opened.loaded == []
        assert page.url.startswith("file:")


def test_a_page_that_was_tampered_with_runs_and_loads_nothing(opening):
    """Even if something did break out, the policy would stop it."""
    written = html_text(sound_run()).replace("<main", f"{ADDED}<main")
    with opening(written) as opened:
        opened.page.wait_for_load_state("networkidle")
        assert opened.page.evaluate("window.forged") is None
        assert opened.loaded == []
        # Its own script does run.
        assert opened.page.get_by_role("button", name="Unfold all").is_visible()


def test_the_same_without_the_policy_would_run_and_load(opening):
    written = html_text(sound_run()).replace("<main", f"{ADDED}<main").replace("Content-Security-Policy", "x-nothing")
    with opening(written) as opened:
        opened.page.wait_for_load_state("networkidle")
        assert opened.page.evaluate("window.forged") == 1
        assert any("forged.example" in one for one in opened.loaded)
