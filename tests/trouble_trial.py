"""A run of checks while something is wrong with the API, as a user would start it, and what it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import remains
from ai_conformance.kube.session import Session
from ai_conformance.lab.lab import Lab
from api_troubles import Outage, Trouble
from lab_trial import Said
from unruly_api import unruly

LIMIT_S = 900
SERVER = "kube-apiserver"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Endured:
    """What came of it."""

    said: dict[str, Said]
    exit_code: int
    output: str
    struck: int
    """How many requests something happened to; of an outage, once."""
    seconds: float
    left: tuple[str, ...]
    """What the run left, and its ledger knew; `clean` has taken it away since."""


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
    try:
        async with asyncio.timeout(LIMIT_S):
            said = (await process.communicate())[0].decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said


async def endure(
    lab: Lab, trouble: Trouble | Outage, *, folder: Path, requirements: Sequence[str], options: Sequence[str] = ()
) -> Endured:
    """Run checks under a trouble, and take away what they left. Raises AssertionError where `clean` leaves anything."""
    output = folder / "run"
    chosen = [part for name in requirements for part in ("--requirement", name)]
    begun = time.monotonic()
    async with _under(lab, trouble, folder) as (kubeconfig, struck):
        code, said = await tool(
            *("run", "--kubeconfig", str(kubeconfig), "--profile", "lab", "--output", str(output)), *chosen, *options
        )
        seconds = time.monotonic() - begun
        times = struck()
    return Endured(
        said=verdicts(output, requirements),
        exit_code=code,
        output=said,
        struck=times,
        seconds=round(seconds, 1),
        left=await cleaned(lab, output),
    )


async def cleaned(lab: Lab, folder: Path) -> tuple[str, ...]:
    """Take away what a run has left; what that was. Raises AssertionError where there is something after that."""
    run = run_of(folder)
    if not run:
        return ()
    async with await Session.connect(kubeconfig=lab.kubeconfig, user_agent="test") as session:
        left = await remains.of_runs(session, run=run)
        if left:
            code, said = await tool("clean", str(folder), "--yes", "--kubeconfig", str(lab.kubeconfig))
            assert code == 0, said
            still = await remains.of_runs(session, run=run)
            assert still == [], still
        return tuple(left)


def verdicts(folder: Path, requirements: Sequence[str]) -> dict[str, Said]:
    """What these checks said in the run of a folder; nothing where it did not come to its end."""
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    told = {one["requirement"]: Said(verdict=one["verdict"], reason=one["reason"]) for one in record["checks"]}
    return {name: told[name] for name in requirements if name in told}


def run_of(folder: Path) -> str:
    """The id of the run in a folder; empty where it ended before it had one, and then without a ledger."""
    try:
        first = (folder / "journal.jsonl").read_text(encoding="utf-8").partition("\n")[0]
        return str(json.loads(first)["run"])
    except (OSError, ValueError):
        # That nothing was made without a ledger is what the ledger's own tests show.
        assert not (folder / "ledger.jsonl").exists()
        return ""


@contextlib.asynccontextmanager
async def _under(lab: Lab, trouble: Trouble | Outage, folder: Path) -> AsyncIterator[tuple[Path, Callable[[], int]]]:
    if isinstance(trouble, Trouble):
        async with unruly(lab.kubeconfig, trouble, folder=folder) as (kubeconfig, proxy):
            yield kubeconfig, lambda: proxy.struck
        return
    outage = asyncio.create_task(_restart(lab, trouble))
    try:
        yield lab.kubeconfig, lambda: int(outage.done())
    finally:
        # Whatever came of the run, the lab has its server again.
        await outage


async def _restart(lab: Lab, outage: Outage) -> None:
    await asyncio.sleep(outage.after_s)
    await asyncio.to_thread(lab.launcher.stop, SERVER)
    await asyncio.sleep(outage.down_s)
    await asyncio.to_thread(lab.restart, SERVER)
