"""How long it takes to judge every merged submission offline, and in how much memory; each round is a new process.

usage: .venv/bin/python benchmarks/submission.py PROGRAM [--rounds N]     (PROGRAM: a copy of the program's repository)

Fails where the median is beyond a limit. The whole command is measured, the start of Python included. The limit is on
the seconds of the processor: the command is one process with one thread, and on a machine that does nothing else they
are what a person waits; on a busy one only they are the command's own.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import click

LIMIT_S = 3.0
MEMORY_LIMIT_BYTES = 200_000_000
RULES = ("strict", "upstream")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Round:
    """One check of everything."""

    cpu_s: float
    wall_s: float
    peak_bytes: int
    products: int


def one_round(program: Path, rules: str) -> Round:
    """Check everything once, in a process of its own."""
    command = [sys.executable, "-m", "ai_conformance", "submission", "check", str(program)]
    command += ["--program", str(program), "--rules", rules, "--output-format", "json"]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    reports = json.loads(process.stdout.read())["reports"]
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Round(
        cpu_s=usage.ru_utime + usage.ru_stime,
        wall_s=time.monotonic() - started,
        peak_bytes=usage.ru_maxrss * 1024,  # Linux counts in KiB
        products=len(reports),
    )


def main() -> int:
    """Print what was measured; 1 where a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path, metavar="PROGRAM")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    load = os.getloadavg()[0]
    click.echo(f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}, load {load:.1f}")
    broken = False
    for rules in RULES:
        rounds = [one_round(chosen.program, rules) for _ in range(chosen.rounds)]
        took_s, peak = statistics.median(one.cpu_s for one in rounds), max(one.peak_bytes for one in rounds)
        every = ", ".join(f"{one.cpu_s:.2f}" for one in rounds)
        click.echo(
            f"{rules}: {rounds[0].products} products, median {took_s:.2f} s of the processor of {every} "
            f"(limit {LIMIT_S:.0f}), {min(one.wall_s for one in rounds):.2f} s on the clock at best, "
            f"peak {peak / 1e6:.0f} MB (limit {MEMORY_LIMIT_BYTES / 1e6:.0f})"
        )
        broken |= took_s > LIMIT_S or peak > MEMORY_LIMIT_BYTES
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
