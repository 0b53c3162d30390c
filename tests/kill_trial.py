"""Kill runs at random moments, clean up or take them up again, and look whether anything is left or was touched.

Runs go side by side in lanes, as many as the lab has accelerators for; each has a folder and namespaces of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import remains
from ai_conformance.kube import ledger
from ai_conformance.kube.session import Session
from ai_conformance.model.verdicts import ExitCode
from trouble_trial import run_of, tool
from trouble_trial import verdicts as told

RESUMED = 1 / 3
"""The share of killed runs that is taken up again in place of being cleaned."""
BEFORE = 1 / 20
"""The share that is killed before it has begun, while it reads and asks and makes nothing."""
_LONGEST_S = 240.0
_LOOK_S = 0.05
_EARLY_S = 1.0
"""By then the command has been read, and no cluster was asked."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lane:
    """Runs one after the other, always of the same checks."""

    name: str
    requirements: tuple[str, ...]
    options: tuple[str, ...] = ()
    life_s: float = 0.0
    """How long such a run is thought to last; 0 lets the first one come to its end to find out."""


def lanes(*, many: bool, life_s: float = 0.0) -> tuple[Lane, ...]:
    """Which do not take accelerators from each other, where a node has eight of each mechanism, or four.

    ``many``: eight, and an operator.
    """
    by_claim = ("--allocation-mode", "dra", "--nodes-per-class", "1")
    both = ("dra_support", "secure_accelerator_access")
    gangs = Lane(
        name="gangs",
        requirements=("gang_scheduling",),
        options=("--allocation-mode", "device-plugin"),
        life_s=2 * life_s,
    )
    devices = Lane(name="devices", requirements=both, options=by_claim, life_s=life_s)
    if not many:
        claims = Lane(name="claims", requirements=("dra_support",), options=by_claim, life_s=life_s)
        return gangs, devices, claims
    operators = Lane(
        name="operators", requirements=("robust_controller", "dra_support"), options=by_claim, life_s=life_s
    )
    return gangs, devices, dataclasses.replace(devices, name="again"), operators


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kill:
    """One killed run, and what came after."""

    number: int
    lane: str
    moment_s: float
    """When it was killed, counted from when it had begun, which is when its journal has; 0 is before that."""
    life_s: float
    """How long such a run lasts from there that is not killed."""
    then: str
    """``clean``, ``resume``, or ``nothing`` where it had not begun."""
    there: int
    """Objects with its label in the cluster, when it was dead."""
    open: int
    """Objects that its ledger did not know to be gone."""
    unanswered: int
    """Of these, how many it did not know to exist."""
    seconds: float
    """How long what came after took."""
    left: tuple[str, ...]
    """Objects with its label, namespaces with its prefix, after all that."""
    touched: tuple[str, ...]
    """What had been there before and was not the same any more."""
    verdicts: Mapping[str, str]
    """Of a run that was taken up again."""
    trouble: str = ""
    """What the command said where it did not end as it has to."""

    @property
    def good(self) -> bool:
        """Whether nothing is left, nothing was touched, and what was taken up again passed."""
        passed = all(one == "PASS" for one in self.verdicts.values())
        return (
            not (self.left or self.touched or self.trouble) and passed and bool(self.verdicts or self.then != "resume")
        )


class Killing:
    """Some kills on one lab."""

    def __init__(
        self, kubeconfig: Path, session: Session, *, folder: Path, seed: int, count: int, tell: Callable[[Kill], object]
    ) -> None:
        """``session`` is the lab's administrator's, who looks on; ``tell`` is called after each kill."""
        self._kubeconfig, self._session, self._folder = kubeconfig, session, folder
        self._seed, self._left, self._tell = seed, count, tell
        self._number = 0
        self._before: Mapping[str, remains.Seen] = {}

    @property
    def before(self) -> int:
        """How many objects were there before."""
        return len(self._before)

    def stop(self) -> None:
        """Begin no more runs."""
        self._left = 0

    async def all(self, some: Sequence[Lane]) -> None:
        """Until there are enough."""
        self._before = await remains.snapshot(self._session)
        async with asyncio.TaskGroup() as tasks:
            for lane in some:
                tasks.create_task(self._lane(lane))

    async def _lane(self, lane: Lane) -> None:
        chance = random.Random(f"{self._seed} {lane.name}")
        life_s = lane.life_s
        if life_s == 0:
            life_s, said = await self._run(lane, number=0, moment_s=_LONGEST_S)
            assert not said, said
        while self._left > 0:
            self._left -= 1
            self._number += 1
            number, moment_s, resumed = self._number, chance.uniform(0.0, life_s), chance.random() < RESUMED
            if chance.random() < BEFORE:
                moment_s = 0.0
            lasted_s, said = await self._run(lane, number=number, moment_s=moment_s)
            if said == "":  # it was quicker than thought: no kill
                self._left += self._left > 0
                life_s = min(life_s, lasted_s)
                continue
            kill = await self._after(lane, number, moment_s=lasted_s, life_s=life_s, resumed=resumed)
            self._tell(kill if said is None else dataclasses.replace(kill, trouble=said))

    def _place(self, lane: Lane, number: int) -> tuple[Path, str]:
        return self._folder / f"{lane.name}-{number}", f"kill-{lane.name[0]}{number}"

    async def _run(self, lane: Lane, *, number: int, moment_s: float) -> tuple[float, str | None]:
        """A run that is killed at a moment: how long it lasted; where it had ended, what it said if that was bad."""
        folder, prefix = self._place(lane, number)
        chosen = [part for name in lane.requirements for part in ("--requirement", name)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ai_conformance", "run", "--kubeconfig", str(self._kubeconfig)),
            *("--profile", "lab", "--output", str(folder), "--namespace-prefix", prefix, *chosen, *lane.options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        talk = asyncio.create_task(process.communicate())
        while moment_s > 0 and not talk.done() and not _has_begun(folder):  # noqa: ASYNC110 - a file tells no event
            await asyncio.sleep(_LOOK_S)
        begun = time.monotonic()
        await asyncio.wait([talk], timeout=moment_s or _EARLY_S)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        lasted_s = time.monotonic() - begun if moment_s > 0 else 0.0
        said = (await talk)[0].decode()
        if process.returncode == -signal.SIGKILL:
            return lasted_s, None
        return lasted_s, "" if process.returncode == 0 else said

    async def _after(self, lane: Lane, number: int, *, moment_s: float, life_s: float, resumed: bool) -> Kill:
        folder, prefix = self._place(lane, number)
        run, entries = run_of(folder), _open(folder)
        there = await remains.of_runs(self._session, run=run) if run else []
        begun = time.monotonic()
        then, verdicts, trouble = "nothing", dict[str, str](), ""
        if run and resumed:
            then = "resume"
            code, said = await tool("run", "--resume", str(folder), "--kubeconfig", str(self._kubeconfig))
            # Killed when all was written, it has ended, and there is nothing to take up.
            trouble = "" if code == 0 or (code == ExitCode.USAGE and "has ended" in said) else said
            verdicts = {name: one.verdict for name, one in told(folder, lane.requirements).items()}
        elif run:
            then = "clean"
            code, said = await tool("clean", str(folder), "--yes", "--kubeconfig", str(self._kubeconfig))
            trouble = "" if code == 0 else said
        seconds = time.monotonic() - begun
        left = await remains.of_runs(self._session, run=run) if run else []
        left += [f"namespace {name}" for name in await remains.namespaces(self._session, prefix=f"{prefix}-")]
        now = await remains.snapshot(self._session)
        running = [uid for uid, seen in self._before.items() if seen.what.startswith("pods ")]
        return Kill(
            number=number,
            lane=lane.name,
            moment_s=round(moment_s, 2),
            life_s=round(life_s, 2),
            then=then,
            there=len(there),
            open=len(entries),
            unanswered=sum(1 for one in entries if one.uid is None),
            seconds=round(seconds, 2),
            left=tuple(left),
            touched=tuple(remains.differences(self._before, now, closely=running)),
            verdicts=verdicts,
            trouble=trouble,
        )


def _has_begun(folder: Path) -> bool:
    journal = folder / "journal.jsonl"
    return journal.exists() and journal.stat().st_size > 0


def _open(folder: Path) -> tuple[ledger.Entry, ...]:
    written = folder / "ledger.jsonl"
    return ledger.read(written) if written.exists() else ()
