"""Try a fault as a user would: apply it, run the checks it breaks, clear it, run them again."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

TOOL = (sys.executable, "-m", "ai_conformance")
RUN_LIMIT_S = 600


@dataclasses.dataclass(frozen=True, kw_only=True)
class Said:
    """What a check said."""

    verdict: str
    reason: str


def tool(*arguments: str, expect: Sequence[int] = (0,)) -> str:
    """Run the command; its output. Anything but an expected exit code fails the test with what was printed."""
    done = subprocess.run(
        [*TOOL, *arguments], capture_output=True, text=True, timeout=RUN_LIMIT_S, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode in expect, (
        f"{arguments}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )
    return done.stdout


def reason_of(kubeconfig: Path, folder: Path, requirement: str, *, options: Sequence[str]) -> Said:
    """Run one check with options of its own; what it said."""
    return run(kubeconfig, folder, requirements=[requirement], options=options)[requirement]


def run(kubeconfig: Path, folder: Path, *, requirements: Sequence[str], options: Sequence[str] = ()) -> dict[str, Said]:
    """Run checks against a lab; what each said, by requirement."""
    chosen = [part for name in requirements for part in ("--requirement", name)]
    tool(
        "run",
        "--kubeconfig",
        str(kubeconfig),
        "--profile",
        "lab",
        "--output",
        str(folder),
        *chosen,
        *options,
        expect=(0, 1, 3),
    )
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {
        one["requirement"]: Said(verdict=one["verdict"], reason=one["reason"])
        for one in record["checks"]
        if one["requirement"] in requirements
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """A fault, what its checks said while it was there, and after it was cleared."""

    fault: str
    nodes: tuple[str, ...]
    expected: dict[str, str]
    broken: dict[str, Said]
    mended: dict[str, Said]


def attempt(
    *,
    lab: str,
    kubeconfig: Path,
    folder: Path,
    fault: str,
    expected: dict[str, str],
    nodes: Sequence[str] = (),
    again: bool = True,
    options: Sequence[str] = (),
) -> Trial:
    """Apply, run, clear; and run again, unless one run at the end is to tell that all faults were cleared."""
    limited = [part for node in nodes for part in ("--node", node)]
    requirements = list(expected)
    tool("lab", "fault", "apply", fault, "--name", lab, *limited)
    try:
        broken = run(kubeconfig, folder / "broken", requirements=requirements, options=options)
    finally:
        tool("lab", "fault", "clear", fault, "--name", lab)
    mended = run(kubeconfig, folder / "mended", requirements=requirements, options=options) if again else {}
    return Trial(fault=fault, nodes=tuple(nodes), expected=expected, broken=broken, mended=mended)
