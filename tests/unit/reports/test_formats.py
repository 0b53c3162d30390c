"""Every format of the table, read back by a reader that is not ours, of runs that try to break it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import jsonschema
import junitparser
import pytest
from fluidattacks_core.sarif import SarifLog
from hypothesis import given, settings
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import formats, outcomes, run_folder, run_json
from formats_read import CTRF
from generated_runs import RUNS
from sample_runs import hostile_run, sound_run
from samples import RUN

_VERDICT = re.compile(rb"^\s*--- (PASS|FAIL|SKIP): (\S+)", re.M)


def told(run: RunRecord, name: str) -> bytes:
    return formats.content(run, name=name)


def nodes_of(run: RunRecord) -> list[tuple[str, str]]:
    return [(node.name, node.outcome.value) for test in outcomes.tests_of(run) for node in test.walk()]


def read_markdown(run: RunRecord) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(told(run, "markdown").decode())
    inline = [child.type for token in tokens for child in token.children or ()]
    assert {token.type for token in tokens}.isdisjoint({"html_block", "hr", "lheading_open", "code_block"})
    assert set(inline).isdisjoint({"html_inline", "link_open", "image", "code_inline", "em_open"})
    headings = [token.markup for token in tokens if token.type == "heading_open"]
    automated = [check for check in run.checks if check.automated]
    assert headings.count("#") == 1
    assert headings.count("##") == 3 + len(automated)
    assert headings.count("###") == sum(len(check.cases) for check in automated)
    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows >= len(run.checks) + sum(len(check.cases) for check in automated)


def read_junit(run: RunRecord) -> None:
    (suite,) = junitparser.JUnitXml.fromstring(told(run, "junit"))
    kinds = {"pass": "is_passed", "skip": "is_skipped"}
    for case, (name, outcome) in zip(suite, nodes_of(run), strict=True):
        assert case.name == name
        assert getattr(case, kinds[outcome]) if outcome in kinds else case.is_failure or case.is_error


def read_gotest(run: RunRecord) -> None:
    found = [(match[2].decode(), match[1].decode().lower()) for match in _VERDICT.finditer(told(run, "gotest"))]
    assert found == nodes_of(run)


def read_results(run: RunRecord) -> None:
    events = [json.loads(line) for line in told(run, "results").splitlines()]
    ends = [
        (one["Test"], one["Action"]) for one in events if "Test" in one and one["Action"] in {"pass", "fail", "skip"}
    ]
    assert sorted(ends) == sorted(nodes_of(run))


def read_json(run: RunRecord) -> None:
    content = told(run, "json")
    jsonschema.validate(json.loads(content), run_json.schema(), cls=jsonschema.Draft202012Validator)
    assert len(run_json.read_run(content).checks) == len(run.checks)


def read_sarif(run: RunRecord) -> None:
    (log,) = SarifLog.model_validate_json(told(run, "sarif")).runs
    alerts = [
        part.verdict
        for check in run.checks
        for part in (check, *check.cases)
        if part.verdict in {"FAIL", "ERROR", "BLOCKED"}
    ]
    assert [one.properties.model_extra["verdict"] for one in log.results] == alerts


def read_ctrf(run: RunRecord) -> None:
    report = json.loads(told(run, "ctrf"))
    CTRF.validate(report)
    tests = report["results"]["tests"]
    verdicts = [part.verdict for check in run.checks for part in (check, *check.cases)]
    assert [test["rawStatus"] for test in tests] == verdicts
    assert {test["rawStatus"] for test in tests if test["status"] == "passed"} <= {"PASS"}


def read_html(run: RunRecord) -> None:
    page = LexborHTMLParser(told(run, "html").decode())
    found = [node.attributes.get("id") for node in page.css("[id]")]
    assert len(found) == len(set(found))
    assert page.body is not None
    assert all(check.verdict.value in page.body.text() for check in run.checks)
    assert page.css("script[src], link, img, iframe") == []


READERS: dict[str, Callable[[RunRecord], None]] = {
    "markdown": read_markdown,
    "html": read_html,
    "junit": read_junit,
    "gotest": read_gotest,
    "results": read_results,
    "json": read_json,
    "sarif": read_sarif,
    "ctrf": read_ctrf,
}


def test_every_format_has_a_reader_here() -> None:
    assert READERS.keys() == formats.FORMATS.keys()


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_real_run_is_read_back(name: str) -> None:
    READERS[name](run_folder.read(RUN))


@pytest.mark.parametrize("name", formats.FORMATS)
@pytest.mark.parametrize("make", [sound_run, hostile_run])
def test_a_sound_and_a_hostile_run_are_read_back(make: Callable[[], RunRecord], name: str) -> None:
    READERS[name](make())


@pytest.mark.parametrize("name", formats.FORMATS)
@given(run=RUNS)
@settings(max_examples=20, deadline=None)
def test_nothing_in_a_record_breaks_a_format(name: str, run: RunRecord) -> None:
    READERS[name](run)


@pytest.mark.parametrize("name", formats.FORMATS)
@given(run=RUNS)
@settings(max_examples=10, deadline=None)
def test_no_format_has_a_character_that_moves_a_cursor(name: str, run: RunRecord) -> None:
    text = told(run, name).decode("utf-8")
    assert all(character.isprintable() or character in "\n\t" for character in text)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_the_same_run_gives_the_same_bytes(name: str) -> None:
    assert told(hostile_run(), name) == told(hostile_run(), name)


@given(run=RUNS)
@settings(max_examples=20, deadline=None)
def test_a_record_that_was_written_can_be_told_after_it_is_read(run: RunRecord) -> None:
    read = run_json.read_run(run_json.run_text(run))
    for name in ("sarif", "ctrf"):
        assert told(read, name)
