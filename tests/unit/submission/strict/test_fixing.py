"""`--fix`: one right answer is made, the rest of the file keeps every byte, and checking again finds nothing."""

from __future__ import annotations

import difflib

import pytest

from ai_conformance.submission import folders
from ai_conformance.submission.strict import fixing
from ai_conformance.submission.strict.fixing import Fixed
from strict_trial import VALUES, Trial


def fix(trial: Trial) -> Fixed:
    return fixing.fix(folders.of(trial.path), trial.report().findings)


@pytest.mark.parametrize(
    ("old", "new", "fixed"),
    [
        (f'"{VALUES["platformVersion"]}"', "4.2", '"4.2"'),
        (f'"{VALUES["platformVersion"]}"', "0011", '"0011"'),
        (f'"{VALUES["platformVersion"]}"', "2026-02-19", '"2026-02-19"'),
        ('"Acme"', '" Acme "', '"Acme"'),
        ('"v1.37"', "v1.36", "v1.37"),
        ('"v1.37"', "'v1.36'", "'v1.37'"),
        ("level: MUST", "level: SHOULD", "level: MUST"),
        ('status: "Implemented"', "status: implemented", "status: Implemented"),
        (
            VALUES["productLogoUrl"],
            "https://github.com/acme/art/blob/main/logo.svg",
            "https://raw.githubusercontent.com/acme/art/main/logo.svg",
        ),
    ],
)
def test_a_correction_changes_its_value_alone(trial: Trial, old: str, new: str, fixed: str) -> None:
    trial.change(old, new)
    before = trial.text
    done = fix(trial)
    assert [len(done.made), len(done.refused)] == [1, 0]
    changed = [line for line in difflib.ndiff(before.split("\n"), trial.text.split("\n")) if line[0] in "+-"]
    assert len(changed) == 2
    assert fixed in changed[1]
    assert trial.report().findings == ()


def test_the_checklists_own_text_comes_back(trial: Trial) -> None:
    sound = trial.text
    trial.change('      description: "', '      description: "Please ')
    assert len(fix(trial).made) == 1
    assert trial.text == sound


def test_words_that_name_one_file_become_its_name(trial: Trial) -> None:
    (trial.path / "Scaling.md").write_text("# Scaling\n", encoding="utf-8")
    trial.answer("cluster_autoscaling", evidence='["see Scaling.md"]')
    fix(trial)
    assert 'evidence: ["Scaling.md"]' in trial.text
    assert trial.report().findings == ()


def test_a_name_in_another_case_is_corrected(trial: Trial) -> None:
    (trial.path / "Scaling.md").write_text("# Scaling\n", encoding="utf-8")
    trial.answer("cluster_autoscaling", evidence='["file://scaling.md#scaling"]')
    fix(trial)
    assert 'evidence: ["file://Scaling.md#scaling"]' in trial.text
    assert trial.report().findings == ()


def test_a_file_that_cannot_be_read_as_yaml_is_left_as_it_is(trial: Trial) -> None:
    trial.change("metadata:", "metadata: [")
    before = trial.text
    assert fix(trial).made == ()
    assert trial.text == before


def test_a_sound_file_is_not_even_written(trial: Trial) -> None:
    stamp = trial.file.stat().st_mtime_ns
    assert fix(trial).made == ()
    assert trial.file.stat().st_mtime_ns == stamp


def test_line_ends_comments_and_permissions_stay(trial: Trial) -> None:
    trial.change('"Acme"', '" Acme"')
    trial.file.write_bytes(trial.file.read_bytes().replace(b"\n", b"\r\n"))
    trial.file.chmod(0o640)
    fix(trial)
    data = trial.file.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n")
    assert b"# A comment that stays" in data
    assert b'"Implemented"   # as tested' in data
    assert trial.file.stat().st_mode & 0o777 == 0o640
