"""A run that is interrupted, killed, out of disk, without its image or a permission: told so, and nothing is left."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ai_conformance.kube import resources
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import RUN_LABEL
from ai_conformance.lab.lab import Lab
from ai_conformance.model.verdicts import ExitCode

pytestmark = pytest.mark.lab

LIMIT_S = 300


@pytest.fixture
async def session(lab: Lab) -> AsyncIterator[Session]:
    async with await Session.connect(kubeconfig=lab.kubeconfig, user_agent="test") as connected:
        yield connected


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system that is full after a few pages."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


async def started(*arguments: str | Path, kubeconfig: Path) -> asyncio.subprocess.Process:
    command = (*map(str, arguments), "--kubeconfig", str(kubeconfig))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ai_conformance",
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def again(folder: Path) -> asyncio.subprocess.Process:
    """The same verdicts from what was observed, however the run ended."""
    command = (sys.executable, "-m", "ai_conformance", "replay", str(folder))
    return await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def ended(process: asyncio.subprocess.Process, *, code: int) -> str:
    async with asyncio.timeout(LIMIT_S):
        said = (await process.communicate())[0].decode()
    assert process.returncode == code, said
    assert "Traceback" not in said
    return said


async def until_it_has_made_something(process: asyncio.subprocess.Process, folder: Path) -> None:
    """A case that ended with pods is told; by then there is something to clean up."""
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        async for line in process.stdout:
            if b"dra_support: ObjectsCanBeWritten" in line:
                break
    assert '"made"' in (folder / "ledger.jsonl").read_text()


async def ours(session: Session) -> list[str]:
    """Namespaces of runs that are in the cluster now."""
    found = await session.list(resources.NAMESPACE, label_selector=RUN_LABEL)
    return [one["metadata"]["name"] for one in found.items]


async def test_ctrl_c_cleans_up_and_writes_what_there_is(lab: Lab, session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = await started("run", "--profile", "lab", "--output", folder, kubeconfig=lab.kubeconfig)
    await until_it_has_made_something(process, folder)
    process.send_signal(signal.SIGINT)
    said = await ended(process, code=ExitCode.INTERRUPTED)
    assert "cleaning up" in said
    assert json.loads((folder / "run.json").read_text())["interrupted"] is True
    assert await ours(session) == []
    await ended(await again(folder), code=ExitCode.OK)


async def test_clean_takes_away_what_a_killed_run_left(lab: Lab, session: Session, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = await started("run", "--profile", "lab", "--output", folder, kubeconfig=lab.kubeconfig)
    await until_it_has_made_something(process, folder)
    process.kill()
    await ended(process, code=-signal.SIGKILL)
    assert await ours(session) != []
    cleaning = await started("clean", folder, "--yes", kubeconfig=lab.kubeconfig)
    assert "All of it is gone." in await ended(cleaning, code=ExitCode.OK)
    assert await ours(session) == []


async def test_a_killed_run_is_taken_up_and_what_had_finished_is_kept(
    lab: Lab, session: Session, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    both = ("--requirement", "dra_support", "--requirement", "secure_accelerator_access")
    process = await started("run", "--profile", "lab", *both, "--output", folder, kubeconfig=lab.kubeconfig)
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT_S):
        async for line in process.stdout:
            # One check has ended, and the other, which takes longer, has something in the cluster.
            if b"secure_accelerator_access: PASS" in line:
                break
    process.kill()
    await ended(process, code=-signal.SIGKILL)
    assert [name for name in await ours(session) if "dra-support" in name]
    resumed = await started("run", "--resume", folder, kubeconfig=lab.kubeconfig)
    said = await ended(resumed, code=ExitCode.OK)
    assert "1 finished checks are kept" in said
    assert await ours(session) == []
    record = json.loads((folder / "run.json").read_text())
    verdicts = {one["requirement"]: one["verdict"] for one in record["checks"]}
    assert verdicts["dra_support"] == verdicts["secure_accelerator_access"] == "PASS"
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    begun = [one["requirement"] for one in lines if one["event"] == "CheckStarted"]
    assert sorted(begun) == ["dra_support", "dra_support", "secure_accelerator_access"]
    await ended(await again(folder), code=ExitCode.OK)


async def test_a_full_disk_is_told_and_the_cluster_cleaned(lab: Lab, session: Session, small_disk: Path) -> None:
    process = await started("run", "--profile", "lab", "--output", small_disk / "run", kubeconfig=lab.kubeconfig)
    said = await ended(process, code=ExitCode.NOT_EVALUATED)
    assert "no space left on device" in said.lower()
    assert await ours(session) == []


async def test_an_image_that_cannot_be_pulled_blocks(lab: Lab, session: Session, tmp_path: Path) -> None:
    image = "127.0.0.1:1/probe:1"  # refused at once; a name would cost a time-out of DNS for each container
    only = ("--requirement", "secure_accelerator_access", "--image-map", f"probe={image}")
    process = await started("run", "--profile", "lab", *only, "--output", tmp_path / "run", kubeconfig=lab.kubeconfig)
    said = await ended(process, code=ExitCode.NOT_EVALUATED)
    assert "BLOCKED" in said
    assert image in said
    assert await ours(session) == []
