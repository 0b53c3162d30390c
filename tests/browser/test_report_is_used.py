"""The report in use: links that unfold, a keyboard alone, no script at all, paper."""

from __future__ import annotations

import pytest

from ai_conformance.reports.html import html_text
from sample_runs import full_run

CASE = "gang_scheduling/NegativeNothingIsPlacedInPart"


@pytest.fixture(scope="module")
def text():
    return html_text(full_run(), evidence=lambda path: '{"kind": "Pod"}\n')


def by_id(page, name):
    return page.locator(f'[id="{name}"]')


def test_a_link_to_a_case_unfolds_its_proof(opening, text):
    with opening(text, fragment=f"#{CASE}") as opened:
        case = by_id(opened.page, CASE)
        assert case.evaluate("one => one.getBoundingClientRect().top") < 100
        for proof in case.locator(".proof").all():
            assert proof.is_visible()
        assert not by_id(opened.page, "isolation_scheduling").locator(".proof").first.is_visible()


def test_a_link_to_a_variant_unfolds_that_one(opening, text):
    with opening(text, fragment=f"#{CASE}/DRA-node-1") as opened:
        assert by_id(opened.page, f"{CASE}/DRA-node-1").locator(".proof").is_visible()
        assert not by_id(opened.page, f"{CASE}/DevicePlugin-node-1").locator(".proof").is_visible()


def test_a_link_in_the_matrix_unfolds_too_and_again(opening, text):
    with opening(text) as opened:
        page = opened.page
        link = page.locator(f'.matrix a[href="#{CASE}"]')
        proof = by_id(page, f"{CASE}/DRA-node-1").locator(".proof")
        assert not proof.is_visible()
        link.click()
        assert proof.is_visible()
        assert page.url.endswith(f"#{CASE}")
        by_id(page, f"{CASE}/DRA-node-1").locator("summary").first.click()
        assert not proof.is_visible()
        link.click()
        assert proof.is_visible()


@pytest.mark.parametrize("fragment", ["#nowhere", "#%", "#%E0%A4%A", "#", "#gang_scheduling%2FNegative"])
def test_a_link_to_nothing_does_no_harm(opening, text, fragment):
    with opening(text, fragment=fragment) as opened:
        assert opened.page.locator("h1").is_visible()
        assert opened.complaints == []


def test_an_escaped_link_leads_there_as_well(opening, text):
    with opening(text, fragment="#" + CASE.replace("/", "%2F")) as opened:
        assert by_id(opened.page, CASE).locator(".proof").first.is_visible()


def test_the_keyboard_alone_leads_to_a_proof_and_back(opening, text):
    with opening(text) as opened:
        page, keyboard = opened.page, opened.page.keyboard
        focused = "document.activeElement.textContent.trim()"
        keyboard.press("Tab")
        assert page.evaluate(focused) == "Skip to the answer"
        assert page.locator(".skip").evaluate("one => one.getBoundingClientRect().left") >= 0
        keyboard.press("Enter")
        keyboard.press("Tab")
        # The index was skipped: the first stop is in what it led to.
        assert page.evaluate("document.activeElement.closest('main') !== null")
        summary = by_id(page, f"{CASE}/DRA-node-1").locator("summary").first
        proof = by_id(page, f"{CASE}/DRA-node-1").locator(".proof")
        for _ in range(200):
            if summary.evaluate("one => one === document.activeElement"):
                break
            keyboard.press("Tab")
        assert summary.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
        keyboard.press("Enter")
        assert proof.is_visible()
        keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')").startswith("evidence/")
        keyboard.press("Shift+Tab")
        keyboard.press("Space")
        assert not proof.is_visible()


def test_all_can_be_unfolded_and_folded(opening, text):
    with opening(text) as opened:
        page = opened.page
        count = lambda: page.locator("main details[open]").count()  # noqa: E731
        page.get_by_role("button", name="Unfold all").click()
        assert count() == page.locator("main details").count()
        page.get_by_role("button", name="Fold all", exact=True).click()
        assert count() == 0


def test_without_a_script_all_can_be_read_and_unfolded(opening, text, shots):
    with opening(text, fragment=f"#{CASE}", script=False) as opened:
        page = opened.page
        assert not page.get_by_role("button").first.is_visible()
        assert by_id(page, CASE).locator(".expected").is_visible()
        fold = by_id(page, f"{CASE}/DRA-node-1")
        assert not fold.locator(".proof").is_visible()
        fold.locator("summary").first.click()
        assert fold.locator(".proof").is_visible()
        page.screenshot(path=shots / "full-without-script.png")


@pytest.mark.parametrize("script", [True, False])
def test_on_paper_everything_is_unfolded(opening, text, shots, script):
    with opening(text, script=script, scheme="dark") as opened:
        page = opened.page
        page.emulate_media(media="print")
        proof = by_id(page, f"{CASE}/DRA-node-1").locator(".proof")
        assert proof.bounding_box()["height"] > 50
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.locator(".index").is_visible()
        page.screenshot(path=shots / f"full-print-{'with' if script else 'without'}-script.png", full_page=True)
        if script:
            page.emulate_media(media="screen")
            page.pdf(path=shots / "full.pdf", format="A4")
            assert not proof.is_visible()
