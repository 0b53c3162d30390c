"""docs/reports.md, done as it stands there, with a real run of the lab."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

import documented
from ai_conformance.cli.main import main
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import ctrf, formats
from ai_conformance.reports.comparison import timing
from samples import RUN

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reports.md"
COMMANDS = [command for block in documented.blocks(PAGE) for command in block]


def test_every_command_of_the_page_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mine", "before"):
        shutil.copytree(RUN, tmp_path / "results" / name)
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        program, *arguments = shlex.split(command)
        assert program == "ai-conformance"
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0, command
    made = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert made == {"junit.xml", "conformance.sarif", "ctrf-report.json", "run.schema.json"}
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().tag == "testsuites"
    assert json.loads((tmp_path / "conformance.sarif").read_text())["version"] == "2.1.0"


def test_the_page_names_every_format() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE.read_text(encoding="utf-8"), re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(formats.FORMATS)


def test_the_page_tells_the_states_of_ctrf_as_they_are() -> None:
    (row,) = re.findall(r"^\| `ctrf` \|.*$", PAGE.read_text(encoding="utf-8"), re.M)
    told = [cell.strip() for cell in row.split("|")[3:-1]]
    columns = (
        (Verdict.FAIL,),
        (Verdict.ERROR, Verdict.BLOCKED),
        (Verdict.NOT_APPLICABLE, Verdict.SKIPPED),
        (Verdict.NOT_TESTED,),
    )
    assert [{ctrf.STATUS[verdict] for verdict in some} for some in columns] == [{one} for one in told]


def test_what_is_said_of_noise_is_so_of_the_sample_run() -> None:
    """The page and `timing` give these numbers as the reason for what counts as slower."""
    by_node: dict[tuple[str, str], list[float]] = {}
    for check in json.loads((RUN / "run.json").read_text())["checks"]:
        for case in check["cases"]:
            found = re.fullmatch(r"(.*?-)?n[12]", case["variant"])
            if found:
                by_node.setdefault((case["name"], found[1] or ""), []).append(case["duration_s"])
    pairs = [sorted(some) for some in by_node.values() if len(some) == 2]
    assert len(pairs) == 22
    assert max(longer - shorter for shorter, longer in pairs) == pytest.approx(2.0, abs=0.05)
    assert max(longer / shorter for shorter, longer in pairs if shorter > 1) == pytest.approx(1.4, abs=0.05)
    assert timing.NOISE_S > 2.0
    assert timing.NOISE_RATIO > 1.4
