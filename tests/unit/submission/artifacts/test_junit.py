"""`junit.xml`, as Go's encoding/xml reads it. The answers of the tables were given by a Go program."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.artifacts import ArtifactError, ArtifactKind, ArtifactReport, TestOutcome, read

PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED
CASE = b"<testcase name='T'/>"
ROOT = b"<a>" + CASE + b"</a>"


def report_of(data: bytes) -> ArtifactReport:
    return read(data, kind=ArtifactKind.JUNIT)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + ROOT,
        b"text " + ROOT + b" ]]> \xff & < tail",
        ROOT + b"<b>",
        b"<!DOCTYPE a [<!ENTITY b '>'><!-- ' > --><!ELEMENT c \"<\">]>" + ROOT,
        b"<!><>>" + ROOT,
        b"<?xml?>" + ROOT,
        b"<?xml version='1.0' encoding='Utf-8' standalone=no?>" + ROOT,
        b"<?xml version=version='1.1'?>" + ROOT,
        b"<?XML version='2'?><?a:b:c \xff?>" + ROOT,
        b"<!-- \xff <b> --><!--->-->" + ROOT,
        b"<a b='1'c='2'b = '3' >" + CASE + b"</a\n>",
        b"<a:b>" + CASE + b"</a:b>",
        b"<:a>" + CASE + b"</:a>",
        b"<\xc3\xa9>" + CASE + b"</\xc3\xa9>",
        b"<a><![CDATA[ ]] > &b; <c> ]]>" + CASE + b"</a>",
        b"<a>&#x10FFFF;&#00065;&#13;&#xD800;&amp; ]] &gt; ]" + CASE + b"</a>",
        b"<x:testsuites xmlns:x='u'><y:testsuite><z:testcase w:name='T'/></y:testsuite></x:testsuites>",
        b"<a><testcase name='S' xmlns:name='T'/></a>",
        b"<a><testcase name='T' status='failed'><x><failure/></x>failure</testcase></a>",
        b"<a failures='1'><testsuites><testcase name='S'/></testsuites>" + CASE + b"</a>",
        b"<a><testcase name='T'><testcase name='S'/></testcase></a>",
        b"<a>" + CASE + b"<b>" * 10_001 + b"</b>" * 10_001 + b"</a>",
    ],
)
def test_what_go_tolerates_is_read(data: bytes) -> None:
    assert report_of(data).tests == {"T": PASSED}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        ROOT[:-1],
        b"<a>" + CASE + b"</b>",
        b"<a:b>" + CASE + b"</b>",
        b"</a>" + ROOT,
        b"&b;" + ROOT,
        b"]]>" + ROOT,
        b"\xff" + ROOT,
        b"\x01" + ROOT,
        ROOT.decode().encode("utf-16"),
        b"<?xml version='1.1'?>" + ROOT,
        b"<?xml encoding='UTF8'?>" + ROOT,
        b"<?xml encoding='iso-8859-1'?>" + ROOT,
        b"<!-- a -- b -->" + ROOT,
        b"<!-a>" + ROOT,
        b"<![cdata[]]>" + ROOT,
        b"<!x <!-- > >" + ROOT,
        b"<!x '>" + ROOT,
        b"<??>" + ROOT,
        b"< a>" + CASE + b"</a>",
        b"<a>" + CASE + b"</ a>",
        b"<1a>" + CASE + b"</1a>",
        b"<a:b:c>" + CASE + b"</a:b:c>",
        b"<\xc2\xb7>" + CASE + b"</\xc2\xb7>",
        b"<a b>" + CASE + b"</a>",
        b"<a b=c>" + CASE + b"</a>",
        b"<a b='<'>" + CASE + b"</a>",
        b"<a b='&quot'>" + CASE + b"</a>",
        b"<a/ >" + CASE,
        b"<a>&nbsp;" + CASE + b"</a>",
        b"<a>&#0;" + CASE + b"</a>",
        b"<a>&#x110000;" + CASE + b"</a>",
        b"<a>&#X41;" + CASE + b"</a>",
        b"<a>\xef\xbf\xbe" + CASE + b"</a>",
        b"<a>\xed\xa0\x80" + CASE + b"</a>",
        b"<testsuites/>",
        b"<testcase name='T'/>",
        b"<testsuites><testsuites>" + CASE + b"</testsuites></testsuites>",
        b"<a>" + b"<testsuite>" * 9_999 + CASE + b"</testsuite>" * 9_999 + b"</a>",
    ],
)
def test_what_go_refuses_is_refused(data: bytes) -> None:
    with pytest.raises(ArtifactError):
        report_of(data)


def test_the_line_of_a_mistake_is_told() -> None:
    with pytest.raises(ArtifactError, match=r"^line 3 is no valid XML: ") as refused:
        report_of(b"<a>\n" + CASE + b"\n</b>")
    assert refused.value.line == 3


@pytest.mark.parametrize("child", [b"<failure/>", b"<error>x</error>", b"<skipped/><x:failure><b/></x:failure>"])
def test_a_failure_or_an_error_fails_its_case(child: bytes) -> None:
    report = report_of(b"<a><testcase name='T'>" + child + b"</testcase></a>")
    assert report.tests == {"T": FAILED}
    assert report.failures == ("T",)


def test_the_cases_of_a_suite_come_before_those_of_its_suites() -> None:
    inner = b"<testsuite><testcase name='T'><skipped/></testcase></testsuite>"
    assert report_of(b"<a>" + inner + CASE + b"</a>").tests == {"T": SKIPPED}


def test_a_name_is_read_with_its_references_and_line_ends() -> None:
    assert list(report_of(b"<a><testcase name='&lt;&#65;\r\n\r&#13;&apos;'/><testcase/></a>").tests) == [
        "<A\n\n\r'",
        "",
    ]


XML_TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=8)
KINDS = st.sampled_from([None, "failure", "error", "skipped", "system-out"])


@given(cases=st.lists(st.tuples(XML_TEXT, KINDS, XML_TEXT), min_size=1, max_size=6, unique_by=lambda one: one[0]))
def test_every_case_of_a_sound_file_is_found(cases: list[tuple[str, str | None, str]]) -> None:
    root = ET.Element("testsuites")
    parent = root
    for name, kind, text in cases:
        parent = ET.SubElement(parent, "testsuite", {"name": text})
        case = ET.SubElement(parent, "testcase", {"classname": text, "name": name})
        if kind:
            ET.SubElement(case, kind, {"message": text}).text = text
    outcomes = {"failure": FAILED, "error": FAILED, "skipped": SKIPPED}
    data = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    assert report_of(data).tests == {name: outcomes.get(kind or "", PASSED) for name, kind, _ in cases}


PIECES = [
    b"<a>",
    b"</a>",
    CASE,
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"&#6",
    b";",
    b"<",
    b">",
    b"'",
    b"\xff",
    b"<?xml ",
]


@given(st.lists(st.sampled_from(PIECES)))
def test_whatever_the_bytes_it_is_read_or_refused(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    try:
        tests = dict(report_of(data).tests)
    except ArtifactError:
        tests = {}
    # A case needs to stand in an element that is closed again.
    assert tests in ({}, {"T": PASSED})
    assert not tests or CASE in data.partition(b"<a>")[2].rpartition(b"</a>")[0]
