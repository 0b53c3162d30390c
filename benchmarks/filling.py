"""Put a large cluster's objects into a lab's API server; no kubelet stands behind them.

The controllers that would notice that (nodes that do not report, pods that do not run) are left out from then on, so
the lab is good for nothing else until it is taken down.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import click
import large_cluster
from large_cluster import Object, Size

from ai_conformance.kube.errors import Conflict
from ai_conformance.kube.session import Session
from ai_conformance.lab.lab import Lab

_SIDE_BY_SIDE = 32
_LEFT_OUT = (
    "node-lifecycle-controller",
    "taint-eviction-controller",
    "device-taint-eviction-controller",
    "pod-garbage-collector-controller",
    "resourceclaim-controller",
)


def fill(name: str, size: Size) -> Path:
    """Make what is not there yet; the lab's kubeconfig."""
    lab = Lab.open(name)
    without = ",".join(f"-{one}" for one in _LEFT_OUT)
    lab.restart("kube-controller-manager", extra_args=[f"--controllers=*,{without}"])
    asyncio.run(_fill(lab.kubeconfig, size))
    return lab.kubeconfig


async def _fill(kubeconfig: Path, size: Size) -> None:
    async with await Session.connect(kubeconfig=kubeconfig, actor="benchmark") as session:

        async def make(obj: Object) -> None:
            await session.create(obj)

        async def make_allocated(obj: Object) -> None:
            made = await session.create({key: value for key, value in obj.items() if key != "status"})
            await session.replace({**made, "status": obj["status"]}, subresource="status")

        await _all("DeviceClasses", large_cluster.classes(), make)
        await _all("Nodes", large_cluster.nodes(size), make)
        await _all("ResourceSlices", large_cluster.slices(size), make)
        await _all("ResourceClaims", large_cluster.claims(size), make_allocated)
        await _all("Pods", large_cluster.pods(size), make)


async def _all(what: str, objects: Iterable[Object], make: Callable[[Object], Awaitable[None]]) -> None:
    left = iter(objects)
    made = 0
    begun = time.monotonic()

    async def work() -> None:
        nonlocal made
        for obj in left:
            try:
                await make(obj)
            except Conflict:
                continue  # from the last time
            made += 1

    await asyncio.gather(*(work() for _ in range(_SIDE_BY_SIDE)))
    click.echo(f"{what}: {made} made in {time.monotonic() - begun:.0f} s")
