"""The page as a browser reads it: complete, self-contained, with ids that stay and headings in order."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import os
import re
import subprocess
import sys

import pytest
from selectolax.lexbor import LexborHTMLParser

from ai_conformance.model.records import CaseKind
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import run_json, writer
from ai_conformance.reports.html import html_text
from sample_runs import a_case, a_check, a_run, hostile_run, sound_run, unautomated
from samples import RUN


def real_run():
    return run_json.read_run((RUN / "run.json").read_bytes())


def parsed(run, **options):
    return LexborHTMLParser(html_text(run, **options))


def by_id(page, name):
    (found,) = [node for node in page.css("[id]") if node.attributes["id"] == name]
    return found


def said(node):
    return " ".join(node.text().split())


RUNS = pytest.mark.parametrize("make", [real_run, sound_run, hostile_run, a_run])


@RUNS
def test_nothing_outside_the_page_is_needed(make):
    page = parsed(make())
    for node in page.css("*"):
        assert node.tag not in {"img", "link", "iframe", "object", "embed", "base", "form", "audio", "video", "source"}
        assert not {"src", "srcset", "style", "background", "action", "ping", "data"} & set(node.attributes)
        assert not [name for name in node.attributes if name.startswith("on")]
    for style in page.css("style"):
        assert not re.search(r"url\(|@import|image-set|https?:", style.text())


@RUNS
def test_links_lead_into_the_page_or_to_evidence_beside_it(make):
    page = parsed(make())
    ids = {node.attributes["id"] for node in page.css("[id]")}
    for node in page.css("[href]"):
        address = node.attributes["href"]
        if address.startswith("#"):
            assert address[1:] in ids
        else:
            assert re.fullmatch(r"evidence(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", address)


@RUNS
def test_ids_are_there_once_and_can_be_in_an_address(make):
    ids = [node.attributes["id"] for node in parsed(make()).css("[id]")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9._~/-]+", one) for one in ids)


@RUNS
def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(make):
    page = parsed(make())
    (policy,) = page.css("meta[http-equiv]")
    assert policy.attributes["http-equiv"] == "Content-Security-Policy"
    rules = dict(rule.split(" ", 1) for rule in policy.attributes["content"].split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    for name in ("style", "script"):
        (node,) = page.css(name)
        digest = base64.b64encode(hashlib.sha256(node.text().encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    # It rules what comes after it.
    head = [node.tag for node in page.css("head > *")]
    assert head.index("style") > 1


@RUNS
def test_headings_go_down_one_step_at_a_time_and_the_landmarks_are_there(make):
    page = parsed(make())
    levels = [int(node.tag[1]) for node in page.css("h1,h2,h3,h4,h5,h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
    for landmark in ("main", "nav", "header", "footer"):
        assert len(page.css(f".sheet > {landmark}, .frame > {landmark}")) == 1
    assert page.css_first("html").attributes["lang"] == "en"
    for node in page.css("[aria-labelledby]"):
        assert by_id(page, node.attributes["aria-labelledby"])


@RUNS
def test_every_requirement_case_and_variant_is_there_with_its_verdict_in_words(make):
    run = make()
    page = parsed(run)
    articles = page.css("article.requirement")
    assert len(articles) == len(run.checks)
    in_order = sorted(run.checks, key=lambda check: ["MUST", "SHOULD"].index(check.level) if check.level != "-" else 2)
    for check, article in zip(in_order, articles, strict=True):
        assert article.css_first("header .verdict").text().strip() == check.verdict
        assert len(article.css("details.variant")) == len(check.cases)
        words = sorted(said(node.css_first("summary .verdict")) for node in article.css("details.variant"))
        assert words == sorted(case.verdict for case in check.cases)
    # A shape and a word, wherever a verdict is.
    assert all(node.css("svg use") and said(node) in set(Verdict) for node in page.css(".verdict"))


def test_the_same_record_gives_the_same_bytes_in_any_process():
    text = html_text(real_run())
    assert html_text(real_run()) == text
    program = (
        "import sys, pathlib; from ai_conformance.reports import html, run_json;"
        "sys.stdout.buffer.write(html.html_text(run_json.read_run(pathlib.Path(sys.argv[1]).read_bytes())).encode())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Kathmandu", "LC_ALL": "C"}
    path = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", program, str(RUN / "run.json")]
    other = subprocess.run(command, capture_output=True, check=True, env=environment | {"PYTHONPATH": path})
    assert other.stdout == text.encode()


def test_templates_are_not_imported_until_a_page_is_written():
    program = "import sys; import ai_conformance.reports.writer; sys.exit('jinja2' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)


def test_a_case_can_be_linked_to_by_its_name():
    page = parsed(real_run())
    assert by_id(page, "gang_scheduling").tag == "article"
    case = by_id(page, "gang_scheduling/NegativeGangScheduling")
    assert "no member is bound while 3 of 4 units are free" in said(case)
    assert by_id(page, "gang_scheduling/NegativeGangScheduling/DRA-n1").tag == "details"


def test_the_matrix_says_which_cases_prove_what():
    run = a_run(
        a_check(
            cases=(
                a_case("Works", variant="n1"),
                a_case("Works", variant="n2", verdict=Verdict.FAIL),
                dataclasses.replace(a_case("Refused"), kind=CaseKind.NEGATIVE),
            )
        ),
        unautomated("gpu_sharing", artifact=None),
    )
    page = parsed(run)
    header = [said(node).split()[0] for node in page.css(".matrix thead th")]
    assert header == ["Requirement", "Verdict", "Positive", "Negative", "Control"]
    first, second = page.css(".matrix tbody tr:not(.level)")
    cells = [said(node) for node in first.css("td")]
    assert cells == ["PASS", "Works 1 PASS, 1 FAIL", "Refused PASS", "none"]
    assert [said(node) for node in second.css("td")] == [
        "NOT_TESTED",
        "Access to accelerators is isolated · not yet automated",
    ]


def test_what_needs_work_is_unfolded_and_the_rest_is_folded():
    cases = tuple(a_case(f"Case{verdict}", verdict=verdict) for verdict in Verdict)
    page = parsed(a_run(a_check(cases=cases)))
    unfolded = {said(node.css_first(".verdict")) for node in page.css("details.variant") if "open" in node.attributes}
    assert unfolded == {"FAIL", "ERROR", "BLOCKED"}


def test_the_time_line_says_in_words_what_it_draws():
    page = parsed(real_run())
    rows = {
        said(row.css_first("th")): [said(cell) for cell in row.css("td")] for row in page.css(".lanes.whole tbody tr")
    }
    assert set(rows) == {"gang_scheduling", "secure_accelerator_access", "dra_support"}
    assert rows["gang_scheduling"][1:] == [
        "+0:00.0",
        "57.5 s",
        "accelerators of another check (34.6 s), removed pods to be gone (17.0 s)",
    ]
    assert all(node.attributes.get("aria-hidden") == "true" for node in page.css("svg"))


def test_the_run_its_cluster_and_its_command_are_named():
    head = said(parsed(sound_run()).css_first("header"))
    for fact in ("0c5f", "v1.37.2", "2 nodes", "abc123", "ai-conformance 0.1.0", "2026-11-24 10:00:00 UTC"):
        assert fact in head
    assert "ai-conformance run --run 'Secure|Gang'" in said(parsed(sound_run()).css_first("main"))


def test_a_check_that_did_not_pass_says_what_to_do_next():
    page = parsed(a_run(a_check(verdict=Verdict.BLOCKED)))
    assert said(page.css_first("article .next")) == "Next step look at the evidence"


def test_evidence_that_is_at_hand_is_shown_and_the_rest_is_linked(tmp_path):
    name = "evidence/secure_accelerator_access/PositiveAccessTest/pod.json"
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text('{\n  "kind": "Pod </pre><script>"\n}\n')
    run = a_run(a_check(cases=(a_case(),)))
    writer.write_all(run, tmp_path)
    written = (tmp_path / "report.html").read_bytes()
    page = LexborHTMLParser(written)
    assert page.css_first(".evidence a").attributes["href"] == name
    assert page.css_first(".evidence pre").text() == '{\n  "kind": "Pod </pre><script>"\n}'
    assert not parsed(run).css(".evidence pre")
    writer.write_all(run, tmp_path)
    assert (tmp_path / "report.html").read_bytes() == written
