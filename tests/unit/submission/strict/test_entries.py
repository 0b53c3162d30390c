"""Form, frozen text, status, notes and evidence of requirements."""

from __future__ import annotations

import pytest

from ai_conformance.submission.findings import Severity
from strict_trial import Trial

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


@pytest.mark.parametrize(
    ("answer", "rule", "severity"),
    [
        ({"status": "implemented"}, "status/unknown", ERROR),
        ({"status": "Done"}, "status/unknown", ERROR),
        ({"status": ""}, "status/unknown", ERROR),
        ({"status": "Partially Implemented"}, "status/must", ERROR),
        ({"status": "Not Implemented"}, "status/must", ERROR),
        ({"notes": "The platform does not provide an autoscaler."}, "status/contradiction", WARNING),
        ({"notes": "Acme Platform does not currently support this."}, "status/contradiction", WARNING),
        ({"notes": "It is not applicable in our context."}, "status/contradiction", WARNING),
        ({"notes": "Nodes are added manually."}, "status/contradiction", WARNING),
        ({"evidence": "[]"}, "evidence/missing", ERROR),
        ({"evidence": "[]", "notes": "See https://docs.acme-cloud.io/x"}, "evidence/missing", ERROR),
        ({"evidence": '["N/A"]'}, "evidence/not-a-reference", ERROR),
        ({"evidence": '["our documentation"]'}, "evidence/not-a-reference", ERROR),
        ({"evidence": '["ftp://acme-cloud.io/log.txt"]'}, "evidence/not-a-reference", ERROR),
        ({"evidence": '["report.md"]'}, "evidence/file", ERROR),
        ({"evidence": '["../other/report.md"]'}, "evidence/file", ERROR),
        ({"evidence": '["file:///etc/passwd"]'}, "evidence/file", ERROR),
        ({"evidence": '["file://.."]'}, "evidence/file", ERROR),
        ({"evidence": '["https://acme/log"]'}, "evidence/address", ERROR),
        ({"evidence": '["https://docs.acme-cloud.io/a b"]'}, "evidence/address", ERROR),
        ({"evidence": '[" https://docs.acme-cloud.io/a"]'}, "evidence/white-space", WARNING),
        ({"evidence": '["https://a.acme-cloud.io/", "https://a.acme-cloud.io/"]'}, "evidence/twice", NOTE),
        ({"evidence": '["https://github.com/acme/x/blob/main/log.md"]'}, "evidence/mutable", NOTE),
        ({"evidence": '["https://raw.githubusercontent.com/acme/x/main/log.md"]'}, "evidence/mutable", NOTE),
        ({"evidence": '["https://github.com/acme/x/blob/patch-3/log.md"]'}, "evidence/mutable", WARNING),
        ({"evidence": '["https://github.com/acme/x/releases/1.36/log.md"]'}, "reuse/other-release", WARNING),
        ({"evidence": '["TBD"]'}, "placeholder/template", ERROR),
        ({"evidence": '["https://docs.vendor.com/x"]'}, "placeholder/example", ERROR),
        ({"notes": "To be added later."}, "placeholder/template", ERROR),
        ({"evidence": '"https://docs.acme-cloud.io/a"'}, "structure/value-type", ERROR),
        ({"evidence": "[2026-02-19]"}, "structure/value-type", ERROR),
        ({"evidence": "[[https://docs.acme-cloud.io/a]]"}, "structure/value-type", ERROR),
    ],
)
def test_a_wrong_answer_is_found_where_it_stands(
    trial: Trial, answer: dict[str, str], rule: str, severity: Severity
) -> None:
    trial.answer("cluster_autoscaling", **answer)
    findings = trial.found(rule)
    assert [one.severity for one in findings] == [severity]
    assert findings[0].requirement == "cluster_autoscaling"
    assert trial.line(findings[0]).split(":")[0] in ("status", "evidence", "notes")


@pytest.mark.parametrize(
    "answer",
    [
        {"notes": "A pod that does not request an accelerator sees none; MIG is not supported on the T4."},
        {"notes": "k0s does not bundle an autoscaler; the upstream one was installed and seen to work."},
        {"evidence": '["https://github.com/acme/x/blob/v1.4.2/log.md"]'},
        {"evidence": f'["https://github.com/acme/x/blob/{"0a" * 20}/log.md"]'},
        {"evidence": '["https://github.com/acme/x"]'},
        {"evidence": '["https://docs.acme-cloud.io/1.36.2/scale", "https://docs.acme-cloud.io/v1.37/scale"]'},
        {"evidence": '["https://docs.acme-cloud.io/v1.4/scale"]'},
        {"status": "N/A", "notes": "Runs on bare metal at the customer's site: there are no nodes to add."},
    ],
)
def test_a_right_answer_is_left_alone(trial: Trial, answer: dict[str, str]) -> None:
    trial.answer("cluster_autoscaling", **answer)
    assert trial.report().findings == ()


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ("", "no reason"),
        ("Not applicable for Acme at this time.", "at this time"),
        ("The platform does not provide an autoscaler.", "does not provide"),
        ("Everybody knows.", "nothing about the environment"),
    ],
)
def test_a_reason_about_will_does_not_excuse(trial: Trial, notes: str, said: str) -> None:
    trial.answer("cluster_autoscaling", status="N/A", notes=notes)
    (finding,) = trial.found("status/reason")
    assert said in finding.message


def test_a_requirement_without_a_condition_cannot_be_not_applicable(trial: Trial) -> None:
    trial.answer("accelerator_metrics", status="N/A", notes="Runs on bare metal.")
    (finding,) = trial.found("status/not-conditional")
    assert finding.severity is ERROR


def test_a_should_may_stay_open_and_may_be_partly_done(trial: Trial) -> None:
    trial.answer("gpu_sharing", status="", evidence="[]")
    trial.answer("virtualized_accelerator", status="Not Implemented", evidence="[]", notes="We do not support it.")
    trial.answer("workload_sandboxing", status="Partially Implemented")
    assert trial.report().findings == ()


def test_a_should_that_is_claimed_needs_evidence_too(trial: Trial) -> None:
    trial.answer("gpu_sharing", evidence="[]")
    (finding,) = trial.found("evidence/missing")
    assert finding.severity is WARNING


def test_a_changed_level_and_a_shortened_description_are_found(trial: Trial) -> None:
    trial.change("level: MUST", "level: SHOULD")
    trial.change('      description: "', '      description: "Please ')
    assert {"frozen/level", "frozen/description"} == trial.rules()
    assert "1 word added, first 'Please'" in trial.found("frozen/description")[0].message


def test_white_space_in_a_description_does_not_count(trial: Trial) -> None:
    text = trial.text.partition("spec:")[2].partition('description: "')[2].partition('"\n')[0]
    trial.change(f'description: "{text}"', "description: >-\n        " + text.replace(" ", "\n        ", 3))
    assert trial.report().findings == ()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("- id: gang_scheduling", "- id: gang_schedulin", "did you mean gang_scheduling"),
        ("- id: gang_scheduling", "- id: ai_inference", "ai_inference stands under"),
        ("  security:\n", "  safety:\n", "belongs under security"),
    ],
)
def test_requirements_are_there_once_and_in_their_place(trial: Trial, old: str, new: str, words: str) -> None:
    trial.change(old, new)
    assert any(words in one.message for one in trial.found("structure/requirement"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("spec:\n", "contactEmailAddress: a\nspec:\n", "it belongs under 'metadata'"),
        ("  vendorName:", "  vendorname: x\n  vendorName:", "did you mean vendorName"),
        ("      status:", "      state: x\n      status:", "did you mean status"),
    ],
)
def test_an_unknown_key_is_found_with_the_nearest_known_one(trial: Trial, old: str, new: str, words: str) -> None:
    trial.change(old, new)
    (finding,) = trial.found("structure/unknown-key")
    assert words in finding.message


def test_a_key_twice_is_an_error_of_the_document(trial: Trial) -> None:
    trial.change("  vendorName:", "  vendorName: a\n  vendorName:")
    assert [one.severity for one in trial.found("structure/document")] == [ERROR]


def test_notes_that_were_copied_from_another_requirement_are_found(trial: Trial) -> None:
    notes = "We installed it, ran a job of eight pods upon it and saw that {} of them was started at all."
    trial.answer("gang_scheduling", notes=notes.format("none"))
    trial.answer("cluster_autoscaling", notes=notes.format("each"))
    (finding,) = trial.found("reuse/notes")
    assert "gang_scheduling" in finding.message


def test_a_layered_product_names_the_layer_everywhere(trial: Trial) -> None:
    trial.answer("gang_scheduling", notes="Layer: the base platform.")
    findings = trial.found("layers/owner")
    assert len(findings) > 5
    assert "gang_scheduling" not in {one.requirement for one in findings}
