"""How long certificates last, from the history of a repository to a calendar."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import icalendar
import pytest

from ai_conformance.model.releases import Release
from ai_conformance.submission import folders
from ai_conformance.submission.certified import Certificate, State, calendar, certificates, merges
from ai_conformance.submission.errors import Unavailable

TODAY = date(2026, 12, 1)


def certificate(merged: date | None, *, folder: str = "v1.35/acme") -> Certificate:
    release = Release.parse(folder.partition("/")[0])
    return Certificate(folder=folder, release=release, metadata={"platformName": "Acme"}, merged=merged)


@pytest.mark.parametrize(
    ("merged", "ends", "days", "state"),
    [
        (date(2026, 10, 31), date(2027, 10, 31), 334, State.VALID),
        (date(2026, 1, 16), date(2027, 1, 16), 46, State.VALID),
        (date(2026, 1, 15), date(2027, 1, 15), 45, State.ENDING),
        (date(2025, 12, 2), date(2026, 12, 2), 1, State.ENDING),
        (date(2025, 12, 1), date(2026, 12, 1), 0, State.EXPIRED),
        (date(2024, 2, 29), date(2025, 3, 1), -640, State.EXPIRED),
        (None, None, None, State.UNKNOWN),
    ],
)
def test_a_certificate_lasts_a_year_and_warns_45_days_before(
    merged: date | None, ends: date | None, days: int | None, state: State
) -> None:
    one = certificate(merged)
    assert (one.ends, one.days_left(TODAY), one.state(TODAY)) == (ends, days, state)


class Repository:
    """A git repository whose commits have the days that a test gives them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, day: str = "2026-01-01") -> None:
        moment = f"{day}T12:00:00Z"
        environment = os.environ | {
            **{f"GIT_{who}_{what}": "tester" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
            "GIT_AUTHOR_DATE": moment,
            "GIT_COMMITTER_DATE": moment,
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        subprocess.run(["git", "-C", str(self.root), *arguments], check=True, env=environment, capture_output=True)

    def commit(self, path: str, *, day: str, content: str = "metadata: {platformName: Acme}\n") -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(content)
        self.git("add", ".")
        self.git("commit", "-q", "-m", path, day=day)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.commit("README.md", day="2025-01-01")
    return made


def test_the_day_is_that_of_the_merge_and_not_of_the_commit_that_was_merged(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "submission")
    repository.commit("v1.35/acme/PRODUCT.yaml", day="2026-02-01")
    repository.commit("v1.35/acme/PRODUCT.yaml", day="2026-02-02", content="metadata: {}\n")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "submission", day="2026-03-01")
    repository.commit("v1.35/acme/PRODUCT.yaml", day="2026-06-01")
    repository.commit("v1.35/Straße x/PRODUCT.yaml", day="2026-07-01")
    repository.commit("v1.35/acme/sub/PRODUCT.yaml", day="2026-08-01")
    days = merges.merge_dates(repository.root)
    assert days == {"v1.35/acme": date(2026, 3, 1), "v1.35/Straße x": date(2026, 7, 1)}


def test_what_was_removed_and_came_back_counts_from_then(repository: Repository) -> None:
    repository.commit("v1.35/acme/PRODUCT.yaml", day="2026-02-01")
    repository.git("rm", "-q", "v1.35/acme/PRODUCT.yaml")
    repository.git("commit", "-q", "-m", "remove", day="2026-03-01")
    repository.commit("v1.35/acme/PRODUCT.yaml", day="2026-04-01")
    assert merges.merge_dates(repository.root) == {"v1.35/acme": date(2026, 4, 1)}


def test_a_folder_without_a_history_has_no_days(tmp_path: Path) -> None:
    assert merges.merge_dates(tmp_path) == {}


def test_a_history_that_is_cut_off_is_no_history(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository.commit("v1.35/acme/PRODUCT.yaml", day="2026-02-01")
    shallow = tmp_path_factory.mktemp("clone") / "shallow"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(shallow))
    with pytest.raises(Unavailable, match="unshallow"):
        merges.merge_dates(shallow)


def test_a_history_that_git_cannot_read_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    with pytest.raises(Unavailable, match="git cannot read"):
        merges.merge_dates(tmp_path)


def test_a_product_is_certified_whatever_its_file_looks_like(tmp_path: Path) -> None:
    for name, content in (
        ("v1.35/acme", 'metadata: {platform_name: "A\\u001b[2Jc\\n  me", vendorName: 1}\nspec: {a: {a: b, a: c}}\n'),
        ("v1.34/broken", "metadata: [\n"),
    ):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "PRODUCT.yaml").write_text(content)
    products = [folders.of(tmp_path / name) for name in ("v1.35/acme", "v1.34/broken", "elsewhere/acme")]
    found = certificates(products, {"v1.35/acme": date(2026, 1, 1)})
    assert [(one.folder, one.name, one.vendor, one.merged) for one in found] == [
        ("v1.34/broken", "broken", "", None),
        ("v1.35/acme", "A [2Jc me", "", date(2026, 1, 1)),
    ]


def test_the_calendar_has_a_day_and_an_alarm_for_each_certificate_and_is_the_same_twice() -> None:
    known = certificate(date(2026, 1, 15))
    content = calendar.to_bytes([known, certificate(None, folder="v1.34/acme")])
    assert content == calendar.to_bytes([known, certificate(None, folder="v1.34/acme")])
    events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2027, 1, 15)]
    alarms = [alarm.decoded("trigger").days for alarm in events[0].walk("VALARM")]
    assert alarms == [-45]
    assert "Acme" in events[0]["summary"]
