"""Secrets planted wherever checks look are in no file of a run, of its bundle or of its reports.

Besides what is in the cluster already, admission policies put them into everything that the checks make themselves, and
into the refusals that they get, so that they come with what is kept as evidence and with the reasons of verdicts.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lab_trial as trial
from ai_conformance.lab.lab import Lab
from ai_conformance.reports.formats import FORMATS
from canaries import traces_in
from lab_planting import UNFORMED, Planter

pytestmark = pytest.mark.lab

RULES = f"rules:\n  - {{name: project, pattern: '{UNFORMED}'}}\n"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    """A run, packed and told in every format, in one folder."""

    folder: Path
    record: dict[str, Any]

    @property
    def verdicts(self) -> set[str]:
        return {one["verdict"] for one in self.record["checks"]} - {"NOT_TESTED", "SKIPPED"}

    @property
    def text(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in self.folder.rglob("*") if path.is_file())


def told(lab: Lab, folder: Path, *options: str) -> Told:
    """Run, pack, and tell in every format."""
    folder.mkdir()
    rules, run = folder.parent / f"{folder.name}.yaml", folder / "run"
    rules.write_text(RULES)
    said = trial.tool(
        *("run", "--kubeconfig", str(lab.kubeconfig), "--profile", "lab", "--output", str(run)),
        *("--redact-file", str(rules), *options),
        expect=(0, 1, 3),
    )
    (folder / "printed").write_text(said)
    trial.tool("bundle", "create", str(run), "-o", str(folder / "run.bundle.tar"))
    for name in FORMATS:
        (folder / name).write_text(trial.tool("report", "--format", name, str(run)))
    return Told(folder=folder, record=json.loads((run / "run.json").read_text()))


@pytest.fixture(scope="module")
def planter(monitored: Lab, operated: Lab, routed: Lab, scaled: Lab) -> Iterator[Planter]:
    """A lab full of secrets; without them at the end."""
    with contextlib.ExitStack() as undo:
        made = Planter(monitored, undo)
        made.cluster()
        made.operator()
        made.own_objects()
        yield made


def test_a_run_of_everything_tells_no_secret_and_is_not_disturbed(planter: Planter, tmp_path: Path) -> None:
    found = told(planter.lab, tmp_path / "all", "--allow-scale")
    assert traces_in(found.folder) == {}
    assert UNFORMED not in found.text
    assert found.verdicts == {"PASS"}
    # They were there to be found.
    assert found.record["redacted"].keys() >= {
        *("access-key", "bearer", "docker-config", "environment", "header", "jwt", "kubeconfig", "managed-fields"),
        *("password-hash", "private-key", "project", "secret-data", "signed-url", "url-password"),
    }


def test_refusals_tell_no_secret(planter: Planter, tmp_path: Path) -> None:
    planter.refusals()
    chosen = ("dra_support", "secure_accelerator_access", "gang_scheduling")
    found = told(planter.lab, tmp_path / "refused", *(part for name in chosen for part in ("--requirement", name)))
    assert traces_in(found.folder) == {}
    assert UNFORMED not in found.text
    assert "PASS" not in found.verdicts
    reasons = " ".join(one["reason"] for one in found.record["checks"])
    assert "[redacted: docker-config]" in reasons
    assert "[redacted: project]" in reasons
