"""junit.xml against our schema, and as a JUnit library reads it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import junitparser
import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import junit, outcomes
from sample_runs import FORGERY, a_case, a_check, a_run, hostile_run, sound_run

SCHEMA = xmlschema.XMLSchema11(Path(__file__).parent / "junit.xsd")


@pytest.mark.parametrize("make", [sound_run, hostile_run])
def test_the_file_validates_and_is_read_back(make):
    run = make()
    content = junit.junit_bytes(run)
    assert [str(error) for error in SCHEMA.iter_errors(content.decode())] == []
    (suite,) = junitparser.JUnitXml.fromstring(content)
    nodes = [node for test in outcomes.tests_of(run) for node in test.walk()]
    read = {case.name: case for case in suite}
    assert list(read) == [node.name for node in nodes]
    for node in nodes:
        case = read[node.name]
        assert case.is_passed == (node.outcome is outcomes.Outcome.PASS)
        assert case.is_skipped == (node.outcome is outcomes.Outcome.SKIP)
        assert (case.is_failure or case.is_error) == (node.outcome is outcomes.Outcome.FAIL)
        assert case.time == node.duration_s
    failed = sum(node.outcome is outcomes.Outcome.FAIL for node in nodes)
    assert (suite.tests, suite.failures + suite.errors) == (len(nodes), failed)
    assert suite.time == 9.5


def test_what_could_not_be_observed_is_an_error_not_a_failure():
    cases = tuple(a_case(verdict.value, verdict=verdict) for verdict in Verdict)
    (suite,) = junitparser.JUnitXml.fromstring(junit.junit_bytes(a_run(a_check(verdict=Verdict.FAIL, cases=cases))))
    found = {case.name.rpartition("/")[2]: [type(result).__name__ for result in case.result] for case in suite}
    assert found == {
        "TestSecureAcceleratorAccess": ["Failure"],
        "PASS": [],
        "FAIL": ["Failure"],
        "ERROR": ["Error"],
        "BLOCKED": ["Error"],
        "NOT_APPLICABLE": ["Skipped"],
        "NOT_TESTED": ["Skipped"],
        "SKIPPED": ["Skipped"],
    }


@given(text=st.text() | st.just(FORGERY), name=st.text())
def test_any_text_gives_well_formed_xml_with_our_elements_alone(text, name):
    run = a_run(
        a_check(verdict=Verdict.ERROR, reason=text, log=text, cases=(a_case(name, variant="v" + text, reason=text),))
    )
    root = ElementTree.fromstring(junit.junit_bytes(run))
    assert len(root.findall(".//testcase")) == len(root.findall(".//system-out")) == 3
    assert {child.tag for child in root.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "error", "system-out",
    }  # fmt: skip
