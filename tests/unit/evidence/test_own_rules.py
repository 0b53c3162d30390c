"""A user's own rules cut what they say, are refused where they cannot be meant, and are counted like ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai_conformance.evidence import own_rules
from ai_conformance.evidence.own_rules import BadRule
from ai_conformance.evidence.redaction import Report, redact_object

NAMES = ("gang_scheduling", "TestGangScheduling", "PositiveGangScheduling")


def written(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text)
    return path


def test_what_a_rule_matches_is_cut_everywhere_and_counted(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "rules:\n"
        "  - {name: host-name, pattern: 'node-[0-9]+[.]example[.]com'}\n"
        "  - {name: project, pattern: '(project=)[a-z-]+'}\n",
    )
    report = Report(own=own_rules.read(file, names=NAMES))
    seen = redact_object({"node-7.example.com": ["project=acme-prod on node-12.example.com"]}, report=report)
    assert seen == {"[redacted: host-name]": ["project=[redacted: project] on [redacted: host-name]"]}
    assert report.as_mapping() == {"host-name": 2, "project": 1}


def test_a_group_that_took_no_part_is_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "rules: [{name: x, pattern: '(a)?b'}]")
    assert redact_object("b ab", report=Report(own=own_rules.read(file, names=NAMES))) == "[redacted: x] a[redacted: x]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules:\n  - {name: x, pattern: '('}", "rules.yaml:2:5: pattern: '(' is no regular expression"),
        ("rules:\n  - {name: x, pattern: 'a*'}", "rules.yaml:2:5: pattern: 'a*' matches nothing at all"),
        ("rules:\n  - {name: x, pattern: '[Gg]ang'}", "would cut 'gang_scheduling', by which a run is read"),
        ("rules:\n  - {name: 'X y', pattern: a1}", "rules.yaml:2:5: name: 'X y' is not of"),
        ("rules:\n  - {name: x, patern: a1}", "rules.yaml:2:"),
        ("rule: []", "rules.yaml:1:1"),
        ("rules: [", "no valid YAML"),
        ("", "the file is empty"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadRule) as raised:
        own_rules.read(written(tmp_path, text), names=NAMES)
    assert said in str(raised.value)
