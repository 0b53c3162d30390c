"""What was tested chose these strings: none of them becomes markup, and none hides."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from ai_conformance.reports.html import html_text
from ai_conformance.reports.html.evidence import Folder, link
from hostile_runs import HOSTILE, everywhere
from sample_runs import a_case, a_check, a_run, hostile_run

PARTS = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), min_size=1, max_size=4).map("".join)
# Lone surrogates are no part of what st.text makes.
TEXTS = st.one_of(PARTS, st.text(st.characters(codec=None), max_size=30)).filter(bool)


def shape(page):
    """All elements with their attributes, but for those that text may have more or less of: lines, escapes, links."""
    free = {"id", "href", "aria-labelledby", "aria-label", "height"}
    return [
        (node.tag, *sorted((name, value) for name, value in node.attributes.items() if name not in free))
        for node in page.css("*")
        if node.tag not in {"bdi", "i", "wbr", "span", "a"}
    ]


@functools.cache
def plain_shape():
    return shape(LexborHTMLParser(html_text(everywhere("x"))))


@settings(max_examples=50)
@given(TEXTS)
def test_no_string_changes_the_markup(text):
    written = html_text(everywhere(text))
    written.encode()
    page = LexborHTMLParser(written)
    assert shape(page) == plain_shape()
    ids = [node.attributes["id"] for node in page.css("[id]")]
    assert len(ids) == len(set(ids))
    for node in page.css("*"):
        assert not [name for name in node.attributes if name.startswith("on") or name in {"src", "style", "autofocus"}]
        if "href" in node.attributes:
            address = node.attributes["href"]
            assert address.startswith(("#", "evidence/"))
            assert ".." not in address.split("/")
    assert len(page.css("script")) == len(page.css("style")) == 1


def test_a_record_without_a_word_is_a_page():
    assert len(LexborHTMLParser(html_text(everywhere(""))).css("article.requirement")) == 3


@given(st.text(st.characters(codec=None), max_size=60))
def test_whatever_cannot_be_seen_is_shown_as_an_escape(text):
    written = html_text(a_run(a_check(reason=text, log=text)))
    assert all(line.isprintable() for line in written.split("\n"))


def test_an_escape_is_told_from_a_backslash_that_was_there():
    page = LexborHTMLParser(html_text(a_run(a_check(reason="\\u202e and \u202e"))))
    reason = page.css_first("article .reason")
    assert reason.text() == "\\u202e and \\u202e"
    assert [node.text() for node in reason.css("i.esc")] == ["\\u202e"]


def test_text_from_right_to_left_is_kept_to_its_place():
    page = LexborHTMLParser(html_text(a_run(a_check(reason="\u05d0\u05d1"))))
    assert page.css_first("article .reason > bdi").text() == "\u05d0\u05d1"


def test_a_page_stays_readable_whatever_is_printed():
    flood = "x" * 100_000
    case = dataclasses.replace(
        a_case(reason=flood, log="\n".join(["line"] * 100_000)),
        observed=(flood, *(f"seen {number}" for number in range(1000))),
        evidence=tuple(f"evidence/a/b/{number}.json" for number in range(1000)),
    )
    written = html_text(a_run(a_check(cases=(case,), reason=flood, log=flood)))
    assert len(written) < 400_000
    page = LexborHTMLParser(written)
    assert "98800 more characters, see run.json" in page.css_first("article .reason").text()
    assert "98000 more lines, see run.json" in page.css_first(".variant .log").text()
    assert len(page.css(".evidence a")) == 1000
    assert len(page.css(".observed li")) == 1001


def test_of_the_hostile_sample_nothing_runs():
    page = LexborHTMLParser(html_text(hostile_run()))
    assert len(page.css("script")) == 1
    assert not page.css("b[onclick]")
    assert not [node for node in page.css("a") if "forged.example" in node.attributes["href"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "evidence" / "a").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    return tmp_path


def test_evidence_is_read_from_the_folder_of_evidence_alone(folder):
    (folder / "evidence" / "a" / "x.json").write_text("{}")
    (folder / "evidence" / "a" / "link.json").symlink_to(folder / "secret")
    (folder / "evidence" / "away").symlink_to(folder)
    read = Folder(folder)
    assert read("evidence/a/x.json") == "{}"
    for path in (
        "secret",
        "evidence/../secret",
        "evidence/a/link.json",
        "evidence/away/secret",
        "evidence/a",
        "evidence/absent.json",
        "/etc/passwd",
        "evidence//etc/passwd",
        "evidence/\0",
    ):
        assert read(path) is None


def test_large_and_binary_evidence_is_linked_alone(folder):
    (folder / "evidence" / "a" / "large.log").write_text("x" * 100_000)
    (folder / "evidence" / "a" / "binary.log").write_bytes(b"a\0b")
    (folder / "evidence" / "a" / "odd.log").write_bytes(b"a\xffb\n")
    read = Folder(folder)
    assert read("evidence/a/large.log") is None
    assert read("evidence/a/binary.log") is None
    assert read("evidence/a/odd.log") == "a\\xffb\n"


def test_all_evidence_of_a_page_together_is_bounded():
    case = dataclasses.replace(a_case(), evidence=tuple(f"evidence/a/{number}.log" for number in range(100)))
    text = html_text(a_run(a_check(cases=(case,))), evidence=lambda path: "x" * 30_000)
    page = LexborHTMLParser(text)
    assert len(page.css(".evidence a")) == 100
    assert len(page.css(".evidence pre")) == 2 * 1024 * 1024 // 30_000


def test_what_was_asked_is_linked_and_does_not_take_the_room_of_what_was_seen(tmp_path):
    folder = tmp_path / "evidence" / "dra_support" / "Works"
    folder.mkdir(parents=True)
    for name in ("requests.jsonl", "pod.json"):
        (folder / name).write_text('{"a": 1}\n')
    read = Folder(tmp_path)
    assert read("evidence/dra_support/Works/pod.json") is not None
    assert read("evidence/dra_support/Works/requests.jsonl") is None
    assert link("evidence/dra_support/Works/requests.jsonl") is not None
