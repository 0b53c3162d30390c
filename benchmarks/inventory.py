"""What `plan` takes on a large cluster: prints seconds, processor time and peak memory of the command.

usage: .venv/bin/python benchmarks/inventory.py --simulated [--nodes 5000] [--devices-per-node 8] [--pods 20000]
       .venv/bin/python benchmarks/inventory.py --lab NAME ...      (fills that lab, which is of no other use then)

With --simulated a server on loopback serves the lists: that is the command's own part, without an API server's.
Exits with 1 when a limit is exceeded.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import simulated_api
from large_cluster import Size

from lab import machine

HERE = Path(__file__).parent
LIMIT_S = 10.0
LIMIT_BYTES = 200_000_000
START_LIMIT_S = 300.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """What one call of the command took."""

    seconds: float
    cpu_s: float
    peak_bytes: int


def cost(command: list[str]) -> Cost:
    """Run a command to its end; exit codes of `plan` that say that something is missing are no failures."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):
            said.seek(0)
            sys.exit(said.read().decode())
    return Cost(
        seconds=time.monotonic() - started,
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )


@contextlib.contextmanager
def simulated(size: Size) -> Iterator[Path]:
    """A kubeconfig that leads to a server on loopback."""
    with tempfile.TemporaryDirectory() as folder:
        port_file, kubeconfig = Path(folder, "port"), Path(folder, "config")
        numbers = [str(one) for one in (size.nodes, size.devices_per_node, size.pods)]
        process = subprocess.Popen([sys.executable, str(HERE / "simulated_api.py"), str(port_file), *numbers])
        try:
            deadline = time.monotonic() + START_LIMIT_S
            while not (port_file.exists() and port_file.read_text()):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("the simulated API server did not start")
                time.sleep(0.1)  # another process tells its port by a file, and a file tells no event
            kubeconfig.write_text(simulated_api.kubeconfig(int(port_file.read_text())))
            yield kubeconfig
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def filled(name: str, size: Size) -> Iterator[Path]:
    """The kubeconfig of a lab that holds the objects."""
    from filling import fill  # noqa: PLC0415 - only then is a lab needed

    yield fill(name, size)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--simulated", action="store_true")
    where.add_argument("--lab")
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--devices-per-node", type=int, default=8)
    parser.add_argument("--pods", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    size = Size(nodes=chosen.nodes, devices_per_node=chosen.devices_per_node, pods=chosen.pods)
    click.echo(machine())
    with simulated(size) if chosen.simulated else filled(chosen.lab, size) as kubeconfig:
        command = [sys.executable, "-m", "ai_conformance", "plan", "--kubeconfig", str(kubeconfig)]
        found = [cost(command) for _ in range(chosen.rounds)]
    seconds = sorted(one.seconds for one in found)
    peak = max(one.peak_bytes for one in found)
    click.echo(f"{size.nodes} nodes, {size.nodes * size.devices_per_node} devices in slices, {size.pods} pods")
    click.echo(
        f"plan: {seconds[0]:.1f} / {statistics.median(seconds):.1f} / {seconds[-1]:.1f} s (limit {LIMIT_S:.0f}); "
        f"{statistics.median(one.cpu_s for one in found):.1f} s of CPU; "
        f"peak {peak / 1e6:.0f} MB (limit {LIMIT_BYTES / 1e6:.0f})"
    )
    sys.exit(statistics.median(seconds) > LIMIT_S or peak > LIMIT_BYTES)


if __name__ == "__main__":
    main()
