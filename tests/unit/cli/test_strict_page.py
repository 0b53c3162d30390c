"""docs/strict-clusters.md says what is so."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from called import told
from click.testing import CliRunner
from fake_api import FakeApi

import documented
import pods_made
from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.checks.inventory import taints
from ai_conformance.cli import values
from ai_conformance.cli.rbac import rbac
from ai_conformance.kube.isolation import POLICY, PULL_SECRET, Network
from ai_conformance.kube.quantities import parse
from ai_conformance.model.verdicts import ExitCode

PAGE = Path(__file__).parents[3] / "docs" / "strict-clusters.md"
TEXT = " ".join(PAGE.read_text(encoding="utf-8").split())
COMMANDS = [shlex.split(command) for block in documented.blocks(PAGE) for command in block]
AUTH = {"auths": {"registry.example.com": {"auth": "eDp5"}}}


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, where the page has it."""
    (tmp_path / "config.json").write_text(json.dumps(AUTH))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("credentials")
async def test_every_command_of_the_page_is_one(api: FakeApi, tmp_path: Path) -> None:
    planning, running, granting = COMMANDS
    assert [one[:2] for one in COMMANDS] == [["ai-conformance", name] for name in ("plan", "run", "rbac")]
    assert planning[2:] == running[2:]
    said = await told(api, *planning[1:], "--output-format", "json", code=ExitCode.NOT_EVALUATED)
    made = json.loads(said)
    assert {one["reference"].split("/", 2)[0] for one in made["images"]} == {"registry.example.com"}
    assert {(one["verb"], one["resource"]) for one in made["permissions"]} >= {("create", "secrets")}
    # This cluster has nothing of what is asked for, and what the run leaves shows nothing of the file.
    await told(api, *running[1:], "--output", tmp_path / "run", code=ExitCode.NOT_CONFORMANT)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert b"--namespace-prefix=team-a" in kept
    assert b"eDp5" not in kept
    assert b"config.json" not in kept
    assert "secrets" in CliRunner().invoke(rbac, granting[2:], catch_exceptions=False).output


def test_it_names_what_is_made_and_the_checks_that_make_it() -> None:
    assert f"`{POLICY}`" in TEXT
    assert f"`{PULL_SECRET}`" in TEXT
    assert f"at most {values.LONGEST_PREFIX} characters" in TEXT
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE.read_text(encoding="utf-8"), re.M)
    checks = [found for one in catalog.load().all_requirements if (found := registry.get(one.id))]
    networked = {one.requirement for one in checks if one.network is not Network.NONE}
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == networked
    for one in checks:
        assert not one.relaxed or f"- `{one.requirement}`" in TEXT


def test_what_containers_ask_for_and_may_take_is_so() -> None:
    sizes: dict[str, list[tuple[float, float, float, float]]] = {}
    for made in pods_made.made():
        for one in [*made.spec["containers"], *made.spec.get("initContainers", ())]:
            found = [one["resources"][kind][what] for kind in ("requests", "limits") for what in ("cpu", "memory")]
            asked = tuple(float(parse(value)) for value in found)
            sizes.setdefault(made.requirement, []).append((asked[0], asked[1], asked[2], asked[3]))
    mib = 1024 * 1024
    inference, loads = sizes.pop("ai_inference"), sizes.pop("accelerator_metrics")
    gangs = sizes.pop("gang_scheduling")
    usual = [one for some in sizes.values() for one in some] + [one for one in gangs if one[0] < 1]
    assert max(one[0] for one in usual) == 0.01
    assert max(one[1] for one in usual) == 16 * mib
    assert max(one[2] for one in usual) == 0.5
    assert max(one[3] for one in usual) == 64 * mib
    assert (max(one[2] for one in inference), max(one[3] for one in inference)) == (2, 128 * mib)
    assert (max(one[2] for one in loads), max(one[3] for one in loads)) == (2, 4096 * mib)


def test_taints_that_are_not_tolerated_are_named() -> None:
    for words in ("node.kubernetes.io/*", "cloud providers'", "Karpenter's", "Cluster API's", "control plane's"):
        assert words in TEXT
    assert len(taints._KEEP_OFF) == 7
