from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from fluidattacks_core.sarif import SarifLog

from ai_conformance.submission.findings import Correction, Finding, Report, Severity
from ai_conformance.submission.outputs import data, github, sarif, text
from ai_conformance.submission.rules import Rule

FOLDER = Path("/checkout/v1.37/acme")
FORGED = "\x1b[31mred\x1b[0m\n::error file=x::forged\r\n100% \u202e\x00"
RULE = Rule(
    id="metadata/logo-format",
    severity=Severity.ERROR,
    title="The logo is a vector image",
    source="the program's instructions",
    remedy="Link an SVG",
    explanation="A raster image cannot be scaled.",
)


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "rule": RULE.id,
        "severity": Severity.ERROR,
        "message": "the logo is a PNG",
        "path": FOLDER / "PRODUCT.yaml",
        "line": 7,
        "column": 19,
        "remedy": RULE.remedy,
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def report(*found: Finding, folder: Path = FOLDER, **changes: object) -> Report:
    return Report(folder=folder, rules="strict", findings=found, **changes)  # type: ignore[arg-type]


HOSTILE = [
    report(finding(message=FORGED, rule="other/rule"), finding(path=FOLDER / "\udcff%20: ,.yaml", requirement="a\nb")),
    report(folder=FOLDER.parent / "b", obstacle=FORGED, left_out=(FORGED,)),
]


def test_the_text_names_place_rule_remedy_and_verdict() -> None:
    assert text.text([report(finding(correction=Correction(place=("a",), value="b")))]) == (
        "/checkout/v1.37/acme/PRODUCT.yaml:7:19: error: the logo is a PNG [metadata/logo-format]\n"
        "    Link an SVG (--fix does this)\n"
        "/checkout/v1.37/acme: does not conform (rules: strict; 1 error)\n"
    )


def test_the_text_sums_up_several_products() -> None:
    shown = text.text([report(), report(finding(severity=Severity.NOTE)), report(obstacle="no checklist")])
    assert "Rules strict: 3 products, 2 conform, 1 could not be judged." in shown.splitlines()
    assert "/checkout/v1.37/acme: conforms (rules: strict; 1 note)" in shown.splitlines()


def test_nothing_checked_prints_nothing() -> None:
    assert text.text([]) == ""


def test_the_text_says_what_was_left_out_once() -> None:
    shown = text.text([report(left_out=("the links",)), report(left_out=("the links",))])
    assert shown.endswith("\n\nNot looked at:\n  the links\n")


def test_a_submission_cannot_forge_a_line_or_colour_the_terminal() -> None:
    shown = text.text(HOSTILE)
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert not any(line.startswith("::") for line in shown.splitlines())


def test_annotations_are_relative_to_the_checkout() -> None:
    assert github.github([report(finding(requirement="gang_scheduling"))], base=Path("/checkout")) == (
        "::error file=v1.37/acme/PRODUCT.yaml,line=7,col=19,title=metadata/logo-format"
        "::gang_scheduling: the logo is a PNG. Link an SVG\n"
    )


def test_a_submission_cannot_forge_an_annotation() -> None:
    shown = github.github(HOSTILE, base=Path("/checkout"))
    assert len(shown.splitlines()) == 3
    assert all(line.startswith("::error file=v1.37/") for line in shown.splitlines())
    assert "100%25" in shown
    assert "%2520%3A %2C.yaml" in shown


@pytest.mark.parametrize("reports", [[], [report()], [report(finding())], HOSTILE])
def test_the_json_is_as_its_schema_says(reports: list[Report]) -> None:
    jsonschema.Draft202012Validator.check_schema(data.schema())
    content = json.loads(data.data(reports))
    jsonschema.validate(content, data.schema(), cls=jsonschema.Draft202012Validator)
    assert [len(one["findings"]) for one in content["reports"]] == [len(one.findings) for one in reports]


@pytest.mark.parametrize("reports", [[], [report()], [report(finding())], HOSTILE])
def test_the_sarif_is_as_the_standard_says(reports: list[Report]) -> None:
    printed = sarif.sarif(reports, rules={RULE.id: RULE}, base=Path("/checkout"))
    log = SarifLog.model_validate_json(printed)
    assert sum(len(run.results or []) for run in log.runs) == sum(len(one.findings) for one in reports)


def test_the_sarif_describes_each_rule_and_points_to_it() -> None:
    content = json.loads(sarif.sarif(HOSTILE, rules={RULE.id: RULE}, base=Path("/checkout")))
    (run,) = content["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[one["ruleIndex"]]["id"] for one in run["results"]] == ["other/rule", RULE.id]
    assert rules[0]["help"]["text"].startswith(RULE.remedy)


def test_the_sarif_places_are_relative_uris_of_the_checkout() -> None:
    content = json.loads(sarif.sarif(HOSTILE, rules={}, base=Path("/checkout")))
    place = content["runs"][0]["results"][1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "v1.37/acme/%FF%2520%3A%20%2C.yaml", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 7, "startColumn": 19}


def test_the_sarif_says_that_a_product_could_not_be_judged() -> None:
    invocation = json.loads(sarif.sarif(HOSTILE, rules={}))["runs"][0]["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 1
