"""`submission status` and `submission landscape`, as a person calls them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import click
import icalendar
import pytest
from click.testing import CliRunner, Result

from ai_conformance.cli import failures
from ai_conformance.cli.submission.landscape import landscape
from ai_conformance.cli.submission.status import status
from ai_conformance.model.verdicts import ExitCode

LANDSCAPE = """landscape:
  - category:
    name: Platform
    subcategories:
      - subcategory:
        name: Others
        items:
          - item:
            name: Acme
            homepage_url: https://acme.example
            logo: acme.svg
      - subcategory:
        name: Certified Kubernetes - AI Platform
        items: []
"""
PRODUCT = "metadata: {platformName: Acme, vendorName: Acme Inc., websiteUrl: https://acme.example, description: x}\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A checkout with one product, merged on the first of February 2026."""
    root = tmp_path / "program"
    for name, content in (
        ("docs/AIConformance-1.35.yaml", "spec: {}\n"),
        ("v1.35/acme/PRODUCT.yaml", PRODUCT),
    ):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text(content)
    who = {f"GIT_{who}_{what}": "tester" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = {f"GIT_{who}_DATE": "2026-02-01T12:00:00Z" for who in ("AUTHOR", "COMMITTER")}
    environment = os.environ | who | when | {"GIT_CONFIG_GLOBAL": os.devnull}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "merge"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True, env=environment, capture_output=True)
    return root


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "landscape.yml"
    path.write_text(LANDSCAPE)
    return path


def call(command: click.Command, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)


def test_a_certificate_is_told_with_its_days(program: Path) -> None:
    told = call(status, "--program", program, "--today", "2026-12-20").output.splitlines()
    assert told[1].split() == ["v1.35/acme", "Acme", "2026-02-01", "2027-02-01", "43", "ending"]
    assert told[-1] == "1 ending"


def test_a_certificate_is_told_to_programs_and_to_calendars(program: Path) -> None:
    found = json.loads(call(status, "--program", program, "--today", "2027-02-01", "--output-format", "json").output)
    assert found["certificates"] == [
        {
            "folder": "v1.35/acme",
            "release": "1.35",
            "product": "Acme",
            "vendor": "Acme Inc.",
            "merged": "2026-02-01",
            "ends": "2027-02-01",
            "days_left": 0,
            "state": "expired",
        }
    ]
    calendar = call(status, "--program", program, "--output-format", "icalendar").stdout_bytes
    assert len(icalendar.Calendar.from_ical(calendar).walk("VEVENT")) == 1


def test_without_a_history_the_days_are_unknown_and_that_is_said(program: Path) -> None:
    (program / ".git").rename(program / "elsewhere")
    result = call(status, "--program", program)
    assert result.exit_code == 0
    assert "it is no git checkout" in result.stderr
    assert result.stdout.splitlines()[-1] == "1 unknown"


def test_a_checkout_whose_history_names_no_product_is_not_said_to_be_none(program: Path) -> None:
    shutil.rmtree(program / ".git")
    subprocess.run(["git", "-C", str(program), "init", "-q"], check=True, capture_output=True)
    subprocess.run(
        ["git", "-C", str(program), "-c", "user.name=t", "-c", "user.email=t", "commit", "-q", "--allow-empty", "-mx"],
        check=True,
        capture_output=True,
    )
    result = call(status, "--program", program)
    assert result.exit_code == 0
    assert "the history there adds no vX.Y/<product>/PRODUCT.yaml" in result.stderr


def test_one_product_is_chosen_in_any_case(program: Path) -> None:
    assert "v1.35/acme" in call(status, "--program", program, "--product", "ACME").output
    assert call(status, "--program", program, "--product", "other").output == "No product is certified here.\n"


def test_the_patch_applies_and_nothing_is_left_to_do(program: Path, file: Path) -> None:
    arguments = ("--program", program, "--landscape", file, "--today", "2026-12-01")
    result = call(landscape, "plan", *arguments)
    assert "second path   Acme" in result.stderr
    subprocess.run(["git", "apply"], input=result.stdout_bytes, check=True, cwd=file.parent)
    assert "Platform / Certified Kubernetes - AI Platform" in file.read_text()
    again = call(landscape, "plan", *arguments)
    assert again.stdout == ""
    assert again.stderr.startswith("listed")
    assert call(landscape, "expired", *arguments).exit_code == 0


def test_what_expired_is_told_with_the_exit_code(program: Path, file: Path) -> None:
    arguments = ("--program", program, "--landscape", file)
    applied = json.loads(call(landscape, "plan", *arguments, "--today", "2026-12-01", "--output-format", "json").output)
    assert [one["kind"] for one in applied["changes"]] == ["second path"]
    subprocess.run(["git", "apply"], input=applied["patch"].encode(), check=True, cwd=file.parent)
    result = call(landscape, "expired", *arguments, "--today", "2027-02-01")
    assert result.exit_code == 1
    assert "removed path  Acme" in result.stdout
    data = json.loads(call(landscape, "expired", *arguments, "--today", "2027-02-01", "--output-format", "json").stdout)
    assert [one["item"] for one in data] == ["Acme"]


def test_a_file_without_an_end_of_line_makes_a_patch_that_applies(program: Path, file: Path) -> None:
    file.write_text(
        LANDSCAPE.replace("name: Acme", "name: Other").replace("acme.example", "other.example").rstrip("\n")
    )
    result = call(landscape, "plan", "--program", program, "--landscape", file, "--today", "2026-12-01")
    assert "new item      Acme" in result.stderr
    subprocess.run(["git", "apply"], input=result.stdout_bytes, check=True, cwd=file.parent)
    assert file.read_text().endswith("            logo: acme.svg")


@pytest.mark.parametrize("content", [b"\xff", b"landscape: [", b"a: b", b"[" * 100_000])
def test_a_file_that_is_no_landscape_is_a_mistake_of_the_command_line(
    program: Path, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    with pytest.raises(failures.Failure) as refused:
        landscape.main(["plan", "--program", str(program), "--landscape", str(file)], standalone_mode=False)
    assert refused.value.code is ExitCode.USAGE


@pytest.mark.parametrize("arguments", [["--today", "tomorrow"], ["--output-format", "xml"], []])
def test_what_cannot_be_meant_is_refused(arguments: list[str]) -> None:
    assert call(status, *arguments).exit_code == 2
