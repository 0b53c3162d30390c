"""How long the lab takes and what it holds: prints build, ``up``, ``down`` and idle memory, with the machine it ran on.

usage: .venv/bin/python benchmarks/lab.py [--rounds N]     (as root; what is not cached is fetched and built first)
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import sys
import time
from pathlib import Path

import click

from ai_conformance.lab import bringing_up, registry, status, taking_down
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import read_json
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import cache_root
from ai_conformance.lab.versions import RELEASES

NAME = "benchmark"
LIMITS = {"up": 12.0, "down": 8.0}
MEMORY_LIMIT_BYTES = 1_600_000_000
BUILD_LIMIT_S = 600.0


def machine() -> str:
    """The machine in one line, with what else it has to do."""
    model = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    name = model[1] if model else platform.machine()
    return (
        f"{os.cpu_count()} cores ({name}), {memory:.0f} GiB, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    click.echo(machine())
    options = LabOptions(name=NAME)
    bringing_up.prepare(options)
    for release in RELEASES:
        record = cache_root() / "kubernetes" / release.patch / "build.json"
        if record.exists():
            click.echo(
                f"build of Kubernetes {release.patch}: {read_json(record)['seconds']:.0f} s (limit {BUILD_LIMIT_S:.0f})"
            )
    if registry.find(NAME) is not None:
        taking_down.down(NAME)
    times: dict[str, list[float]] = {"up": [], "down": []}
    pss = rss = 0
    for _ in range(rounds):
        started = time.monotonic()
        lab, _already = bringing_up.up(options)
        times["up"].append(time.monotonic() - started)
        seen = status.look(lab)
        pss, rss = max(pss, seen.memory_bytes), max(rss, sum(part.rss_bytes for part in seen.components))
        started = time.monotonic()
        taking_down.down(NAME)
        times["down"].append(time.monotonic() - started)
    for what, seconds in times.items():
        all_of_them = ", ".join(f"{value:.1f}" for value in seconds)
        click.echo(f"{what}: median {statistics.median(seconds):.1f} s of {all_of_them} (limit {LIMITS[what]:.0f})")
    click.echo(
        f"memory after up: {rss / 1e6:.0f} MB summed RSS, {pss / 1e6:.0f} MB with shared pages counted once "
        f"(limit {MEMORY_LIMIT_BYTES / 1e6:.0f})"
    )


if __name__ == "__main__":
    try:
        main()
    except LabError as error:
        sys.exit(str(error))
