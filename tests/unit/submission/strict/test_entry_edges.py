"""Where each rule about answers and the file's form ends: what it finds and no other does, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ai_conformance.submission.findings import Severity
from strict_trial import Trial

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
A_FILE = "https://github.com/acme/x/blob"
COPIED = "We installed it, ran a job of eight pods upon it and saw that all of them were started."
NOTHING: set[tuple[str, Severity]] = set()
MUST, SHOULD = "cluster_autoscaling", "workload_sandboxing"


@pytest.mark.parametrize(
    ("requirement", "answer", "expected"),
    [
        (MUST, {"evidence": f'["{A_FILE}/release-1.4/log.md"]'}, NOTHING),
        (MUST, {"evidence": '"only words here"'}, {("structure/value-type", ERROR)}),
        (MUST, {"evidence": '["https://a.acme-cloud.io/", "https://a.acme-cloud.io/ "]'}, None),
        (MUST, {"evidence": "~"}, {("evidence/missing", ERROR)}),
        (MUST, {"evidence": '["https://a.acme-cloud.io/", ~]'}, {("structure/value-type", WARNING)}),
        (MUST, {"evidence": '["https://docs.acme-cloud.io/1.36.2/scale"]'}, NOTHING),
        (MUST, {"evidence": '["https://docs.acme-cloud.io/1.20/scale"]'}, NOTHING),
        (MUST, {"evidence": '["https://docs.acme-cloud.io/1.36/to/1.37"]'}, NOTHING),
        (MUST, {"notes": "The page at example.com has moved."}, NOTHING),
        (MUST, {"notes": "Autoscaling is currently disabled."}, {("status/contradiction", WARNING)}),
        (MUST, {"notes": "It will be added."}, {("status/contradiction", WARNING)}),
        (MUST, {"notes": "We are certified by the CNCF."}, {("wording/certified", WARNING)}),
        (MUST, {"status": "", "evidence": "[]"}, {("status/unknown", ERROR)}),
        (MUST, {"status": " implemented "}, {("status/unknown", ERROR)}),
        (MUST, {"status": "N/A", "notes": "Everybody knows."}, {("status/reason", WARNING)}),
        (MUST, {"status": "N/A"}, {("status/reason", ERROR)}),
        ("accelerator_metrics", {"status": "N/A"}, {("status/not-conditional", ERROR)}),
        (SHOULD, {"status": "N/A", "notes": "It runs on bare metal."}, {("status/not-conditional", WARNING)}),
        (SHOULD, {"status": ""}, {("status/unknown", ERROR)}),
    ],
)
def test_an_answer_is_one_rules_business(
    trial: Trial, requirement: str, answer: dict[str, str], expected: set[tuple[str, Severity]] | None
) -> None:
    trial.answer(requirement, **answer)
    both = {("evidence/twice", NOTE), ("evidence/white-space", WARNING)}
    assert trial.weighed() == (both if expected is None else expected)


def test_the_worst_of_several_branches_is_named_with_the_number_of_the_others(trial: Trial) -> None:
    trial.answer(MUST, evidence=f'["{A_FILE}/main/a.md", "{A_FILE}/patch-3/b.md", "{A_FILE}/main/c.md"]')
    finding = trial.one("evidence/mutable")
    assert finding.message == f"{A_FILE}/patch-3/b.md is linked at the branch patch-3, which moves on (and 2 more)"


def test_words_about_a_file_are_corrected_where_the_file_is_there(trial: Trial) -> None:
    trial.answer(MUST, evidence='["see notes.md"]')
    assert trial.one("evidence/not-a-reference").correction is None
    (trial.path / "notes.md").write_text("x", encoding="utf-8")
    made = trial.one("evidence/not-a-reference").correction
    assert made is not None
    assert made.value == "notes.md"


def test_corrections_of_answers_are_right(trial: Trial) -> None:
    trial.answer(MUST, status=" implemented ", evidence='[" https://a.acme-cloud.io/ "]')
    trial.change("level: MUST", "level: must")
    expected = {
        "status/unknown": "Implemented",
        "evidence/white-space": "https://a.acme-cloud.io/",
        "frozen/level": "MUST",
    }
    for rule, value in expected.items():
        made = trial.one(rule).correction
        assert made is not None
        assert made.value == value


def description_of_the_first(trial: Trial) -> str:
    return trial.text.partition("spec:")[2].partition('description: "')[2].partition('"\n')[0]


def test_line_breaks_in_a_description_do_not_count(trial: Trial) -> None:
    text = description_of_the_first(trial)
    trial.change(f'description: "{text}"', "description: |-\n        " + text.replace(" ", "\n        ", 3))
    assert trial.report().findings == ()


def test_what_is_wrong_with_a_description_is_told_in_few_words(trial: Trial) -> None:
    text = description_of_the_first(trial)
    trial.change(f'description: "{text}"', f'description: "{text} a b c d e f g"')
    finding = trial.one("frozen/description")
    assert finding.message.endswith(": 7 words added, first 'a b c d e f ...'")
    assert finding.correction is not None
    assert finding.correction.value == text
    trial.change(f'description: "{text} a b c d e f g"', 'description: ""')
    assert trial.one("frozen/description").message.endswith(": it is missing")


def test_a_level_that_is_missing_is_found(trial: Trial) -> None:
    trial.change("      level: MUST\n", "")
    assert trial.one("frozen/level").message.startswith("the level is missing")


def test_the_checklists_level_decides_what_a_status_may_be(trial: Trial) -> None:
    trial.change("level: MUST", "level: SHOULD")
    requirement = trial.one("frozen/level").requirement
    assert requirement is not None
    trial.answer(requirement, status="Partially Implemented")
    assert trial.one("status/must").requirement == requirement


def test_a_product_that_calls_itself_layered_is_asked_about_what_it_claims(trial: Trial) -> None:
    trial.set_value("description", "A layered AI platform.")
    every = {finding.requirement for finding in trial.found("layers/owner")}
    trial.answer(SHOULD, status="Not Implemented", evidence="[]")
    assert every - {finding.requirement for finding in trial.found("layers/owner")} == {SHOULD}


@pytest.mark.parametrize(
    ("first", "second", "similar"),
    [
        (COPIED, COPIED, True),
        (COPIED, COPIED.replace("installed it, ran a job of eight pods", "looked at the queue of three jobs"), False),
        ("It was tested.", "It was tested.", False),
        (f"{COPIED} See https://docs.acme-cloud.io/", f"{COPIED} See https://docs.acme-cloud.io/", False),
    ],
)
def test_only_whole_sentences_count_as_copied(trial: Trial, first: str, second: str, similar: bool) -> None:
    trial.answer("gang_scheduling", notes=first)
    trial.answer("pod_autoscaling", notes=second)
    assert bool(trial.found("reuse/notes")) is similar


def test_the_reason_of_two_that_do_not_apply_may_be_the_same(trial: Trial) -> None:
    reason = "Runs on bare metal at the customer's site, so that there are no nodes that it could add."
    for requirement in (MUST, "pod_autoscaling"):
        trial.answer(requirement, status="N/A", notes=reason)
    assert "reuse/notes" not in trial.rules()


def test_evidence_is_compared_with_earlier_releases_alone_and_each_file_once(trial: Trial) -> None:
    for release in ("v1.36", "v1.38"):
        other = trial.path.parent.parent / release / "acme"
        other.mkdir(parents=True)
        (other / "PRODUCT.yaml").write_text(trial.text, encoding="utf-8")
        (other / "report.md").write_text("# Seen\n" if release == "v1.38" else "", encoding="utf-8")
        (other / "empty.md").write_text("", encoding="utf-8")
    (trial.path / "report.md").write_text("# Seen\n", encoding="utf-8")
    (trial.path / "empty.md").write_text("", encoding="utf-8")
    trial.answer(MUST, evidence='["report.md", "empty.md"]')
    trial.answer("robust_controller", evidence='["report.md"]')
    assert trial.rules() == {"evidence/empty-file"}
    (trial.path.parent.parent / "v1.36" / "acme" / "report.md").write_text("# Seen\n", encoding="utf-8")
    assert trial.one("reuse/identical-file").requirement == MUST


def without_an_entry(text: str) -> str:
    head, mark, rest = text.partition("    - id: gang_scheduling\n")
    assert mark
    return head + rest[rest.index("    - id: ") :]


def twice(text: str) -> str:
    head, mark, rest = text.partition("    - id: gang_scheduling\n")
    entry = mark + rest[: rest.index("    - id: ")]
    return head + entry + entry + rest[rest.index("    - id: ") :]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_an_entry, "the requirement (MUST, schedulingOrchestration) is missing"),
        (twice, "gang_scheduling is there again further down; this one is ignored"),
    ],
)
def test_a_requirement_is_there_once(trial: Trial, change: Callable[[str], str], message: str) -> None:
    line = next(number for number, text in enumerate(trial.text.split("\n"), 1) if "- id: gang_scheduling" in text)
    trial.file.write_text(change(trial.text), encoding="utf-8")
    finding = trial.one("structure/requirement")
    assert (finding.message, finding.requirement) == (message, "gang_scheduling")
    assert finding.line <= line


def test_an_entry_without_an_id_is_said_to_have_none(trial: Trial) -> None:
    trial.change("- id: gang_scheduling", '- id: ""')
    assert "an entry without an id" in {finding.message for finding in trial.found("structure/requirement")}


def test_a_misplaced_key_is_known_in_both_styles(trial: Trial) -> None:
    trial.change("spec:\n", "vendor_name: a\nspec:\n")
    assert "it belongs under 'metadata'" in trial.one("structure/unknown-key").message


def test_a_number_in_an_answer_is_no_text(trial: Trial) -> None:
    trial.change('      notes: ""', "      notes: 5")
    assert trial.one("structure/value-type").message == "notes is a whole number, not a text"


def test_a_byte_order_mark_is_worth_a_warning_and_a_key_twice_is_found_at_its_line(trial: Trial) -> None:
    trial.file.write_bytes(b"\xef\xbb\xbf" + trial.file.read_bytes())
    assert trial.one("structure/document").severity is WARNING
    trial.file.write_bytes(trial.file.read_bytes()[3:])
    trial.change("  vendorName:", "  vendorName: a\n  vendorName:")
    finding = trial.one("structure/document")
    assert finding.severity is ERROR
    assert trial.line(finding).startswith("vendorName: ")
