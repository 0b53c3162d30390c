"""What docs/in-cluster.md tells, as far as it can be tried without a cluster; tests/lab does what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

import documented
from ai_conformance.cli.fetch import fetch
from ai_conformance.cli.manifest import manifest
from ai_conformance.engine.in_cluster import layout

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "in-cluster.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [command for block in documented.blocks(PAGE) for command in block]


@pytest.mark.parametrize("command", [one for one in COMMANDS if "manifest" in one])
def test_manifests_of_the_page_are_printed(command: str) -> None:
    program, name, *arguments = shlex.split(re.split(r"[|>]", command)[0])
    assert (program, name) == ("ai-conformance", "manifest")
    printed = CliRunner().invoke(manifest, arguments, catch_exceptions=False).stdout
    assert all(yaml.safe_load_all(printed))


def test_every_option_that_the_page_names_is_there() -> None:
    known = {option for command in (manifest, fetch) for one in command.params for option in one.opts}
    named = set(re.findall(r"`(?:fetch )?(--[a-z-]+)`", TEXT))
    assert named
    assert named <= known
    assert str(layout.RESULTS / "done") in TEXT


def test_what_is_applied_is_deleted_by_the_same_manifest() -> None:
    applied, deleted = (
        [command for command in COMMANDS if command.endswith(f"kubectl {verb} -f -")] for verb in ("apply", "delete")
    )
    assert [one.replace(" apply ", " delete ") for one in applied] == deleted


def test_the_example_of_the_action_has_only_inputs_and_outputs_that_there_are() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    (block,) = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.M | re.S)
    use, echo = yaml.safe_load(block)["jobs"]["conformance"]["steps"]
    assert set(use["with"]) <= set(action["inputs"])
    assert set(re.findall(r"outputs\.([\w-]+)", echo["run"])) <= set(action["outputs"])
    verdicts = set(re.findall(r"verdict=([\w-]+) ;;", (ROOT / "action" / "run").read_text()))
    row = re.search(r"Outputs are `verdict` \((.*?)\)", TEXT, re.S)
    assert row
    assert set(re.findall(r"`([\w-]+)`", row[1])) == verdicts


def test_the_time_that_results_wait_is_the_default() -> None:
    (hold,) = [one for one in manifest.params if isinstance(one, click.Option) and "--hold" in one.opts]
    assert hold.default == "1h"
    assert "an hour unless you say otherwise" in TEXT
