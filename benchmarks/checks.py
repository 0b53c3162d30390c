"""How long checks take on a sound lab and what they ask of the API server: prints seconds, cases, requests, verdicts.

usage: .venv/bin/python benchmarks/checks.py [--rounds N] [--lab NAME] [--requirement ID ...] [--allow-scale]
Without --lab it brings a lab of its own up and takes it down again. Exits with 1 when a verdict differs between rounds.
"""

from __future__ import annotations

import argparse
import collections
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from ai_conformance.lab import bringing_up, registry, taking_down
from ai_conformance.lab.options import LabOptions
from ai_conformance.reports.run_json import read_run
from lab import machine

NAME = "benchmark-checks"
LIMITS_S = {"secure_accelerator_access": 15.0}
REQUESTS = {"secure_accelerator_access": 43}
"""What the program's own suite takes for three cases on one node by one mechanism (docs/lab.md)."""


def run_once(kubeconfig: Path, requirements: list[str], *, allow_scale: bool) -> Any:
    """One run by the command, as a user would; its record."""
    chosen = [part for name in requirements for part in ("--requirement", name)]
    chosen += ["--allow-scale"] if allow_scale else []
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        command = [sys.executable, "-m", "ai_conformance", "run", "--kubeconfig", str(kubeconfig), "--profile", "lab"]
        done = subprocess.run(
            [*command, "--output", str(output), *chosen], check=False, capture_output=True, text=True, timeout=1800
        )
        if not (output / "run.json").exists():
            sys.exit(done.stderr)
        return read_run((output / "run.json").read_bytes())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lab", default="")
    parser.add_argument("--requirement", action="append", default=[])
    parser.add_argument(
        "--allow-scale", action="store_true", help="as of run: a lab with an autoscaler is named by --lab"
    )
    chosen = parser.parse_args()
    if chosen.lab:
        kubeconfig = registry.get(chosen.lab).kubeconfig
    else:
        record, _ = bringing_up.up(LabOptions(name=NAME))
        kubeconfig = record.kubeconfig
    click.echo(machine())
    seconds: dict[str, list[float]] = collections.defaultdict(list)
    verdicts: dict[str, list[str]] = collections.defaultdict(list)
    whole: list[float] = []
    shares: list[float] = []
    cases: dict[str, int] = {}
    asked: dict[str, list[int]] = collections.defaultdict(list)
    try:
        for _ in range(chosen.rounds):
            run = run_once(kubeconfig, chosen.requirement, allow_scale=chosen.allow_scale)
            whole.append((run.ended_at - run.started_at).total_seconds())
            shares.append(whole[-1] / max(check.duration_s for check in run.checks))
            for check in run.checks:
                if check.automated and check.cases:
                    seconds[check.requirement].append(check.duration_s)
                    verdicts[check.requirement].append(check.verdict.value)
                    cases[check.requirement] = len(check.cases)
                    asked[check.requirement].append(check.api_requests)
    finally:
        if not chosen.lab:
            taking_down.down(NAME)
    for name, values in seconds.items():
        limit = f" (limit {LIMITS_S[name]:.0f})" if name in LIMITS_S else ""
        most = f" (limit {REQUESTS[name]})" if name in REQUESTS else ""
        requests = f"{min(asked[name])} / {max(asked[name])} API requests{most} (min/max)"
        said = ", ".join(f"{count} {verdict}" for verdict, count in collections.Counter(verdicts[name]).items())
        click.echo(
            f"{name}: {min(values):.1f} / {statistics.median(values):.1f} / {max(values):.1f} s{limit}; "
            f"{cases[name]} cases, {requests}; {said}"
        )
    click.echo(f"whole run: {min(whole):.1f} / {statistics.median(whole):.1f} / {max(whole):.1f} s (min/median/max)")
    click.echo(f"times its longest check: {min(shares):.2f} / {statistics.median(shares):.2f} / {max(shares):.2f}")
    sys.exit(any(len(set(said)) > 1 for said in verdicts.values()))


if __name__ == "__main__":
    main()
