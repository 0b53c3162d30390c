"""Whatever the API server does, no verdict is given that a sound run would not give, and what was made goes again."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from ai_conformance.kube import resources
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import RUN_LABEL
from ai_conformance.lab.lab import Lab
from api_troubles import Trouble, troubles
from unruly_api import unruly

pytestmark = pytest.mark.lab

LIMIT_S = 600
# Both look at devices, by two mechanisms, with claims, pods, execs and watches; the others do so for longer.
CHECKS = ("dra_support", "secure_accelerator_access")
HONEST = {"PASS", "BLOCKED", "ERROR"}


async def tool(*arguments: str) -> tuple[int, str]:
    """Call the command; its exit code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ai_conformance",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(LIMIT_S):
        said = (await process.communicate())[0].decode()
    assert process.returncode is not None
    return process.returncode, said


async def ours(lab: Lab) -> list[str]:
    """Namespaces of runs that are in the cluster now."""
    async with await Session.connect(kubeconfig=lab.kubeconfig, user_agent="test") as session:
        found = await session.list(resources.NAMESPACE, label_selector=RUN_LABEL)
    return [one["metadata"]["name"] for one in found.items]


@pytest.mark.parametrize("trouble", troubles(), ids=lambda one: one.name)
async def test_no_verdict_is_made_up(lab: Lab, trouble: Trouble, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    chosen = [part for name in CHECKS for part in ("--requirement", name)]
    async with unruly(lab.kubeconfig, trouble, folder=tmp_path) as (kubeconfig, proxy):
        code, said = await tool("run", "--kubeconfig", str(kubeconfig), *chosen, "--output", str(folder))
    assert proxy.struck > 0
    assert code in (0, 3), said
    # A run that did not get as far as its verdicts would show nothing.
    record = json.loads((folder / "run.json").read_text())
    verdicts = {one["requirement"]: (one["verdict"], one["reason"]) for one in record["checks"]}
    for name in CHECKS:
        assert verdicts[name][0] in HONEST, verdicts[name]
    # What is not PASS names its cause.
    assert all(reason for _verdict, reason in verdicts.values())
    if await ours(lab):
        code, said = await tool("clean", str(folder), "--yes", "--kubeconfig", str(lab.kubeconfig))
        assert code == 0, said
    assert await ours(lab) == []
