"""The inventory of a large cluster, as far as that does not depend on time: what is asked for, and what stays.

The cluster is that of the benchmark, on a smaller scale.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

import simulated_api
from large_cluster import CLASSES, SLICES, Size

from ai_conformance import catalog
from ai_conformance.checks import inventory
from ai_conformance.checks.options import AllocationMode, Options
from ai_conformance.kube.session import Session

SIZE = Size(nodes=300, devices_per_node=8, pods=600)


@pytest.fixture(scope="module")
def cluster() -> simulated_api.Simulated:
    return simulated_api.Simulated(SIZE)


@pytest.fixture
async def session(cluster: simulated_api.Simulated, tmp_path: Path) -> AsyncIterator[Session]:
    """A session with a server that has the cluster; what was asked begins with nothing."""
    cluster.asked.clear()
    runner = web.ServerRunner(web.Server(cluster.handle), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(simulated_api.kubeconfig(runner.addresses[0][1]))
    try:
        async with await Session.connect(kubeconfig=kubeconfig) as made:
            yield made
    finally:
        await runner.cleanup()


def asked(cluster: simulated_api.Simulated, path: str) -> list[dict[str, str]]:
    """The queries for a collection."""
    found = [urlsplit(one) for one in cluster.asked]
    return [dict(parse_qsl(one.query)) for one in found if one.path == path]


async def test_every_list_is_asked_for_in_pages(session: Session, cluster: simulated_api.Simulated) -> None:
    found = await inventory.take(session, catalog=catalog.load(), options=Options())
    assert len(found.supplies) == 300 + 60
    assert sum(one.total for one in found.of(inventory.Mechanism.DRA)) == 2400
    assert [len(asked(cluster, path)) for path in ("/api/v1/nodes", "/api/v1/pods", SLICES, CLASSES)] == [2, 2, 2, 1]
    assert all(0 < int(dict(parse_qsl(urlsplit(one).query)).get("limit", "1")) <= 500 for one in cluster.asked)
    assert all("spec.nodeName!=" in query["fieldSelector"] for query in asked(cluster, "/api/v1/pods"))


async def test_pods_are_read_only_where_a_device_plugin_is(session: Session, cluster: simulated_api.Simulated) -> None:
    options = Options(allocation_mode=AllocationMode.DRA)
    await inventory.take(session, catalog=catalog.load(), options=options)
    assert asked(cluster, "/api/v1/pods") == []
    assert len(asked(cluster, SLICES)) == 2


async def test_little_of_what_was_read_stays(session: Session) -> None:
    await inventory.take(session, catalog=catalog.load(), options=Options())  # what is loaded once
    gc.collect()
    before = sys.getallocatedblocks()
    found = await inventory.take(session, catalog=catalog.load(), options=Options())
    gc.collect()
    # A device has a name, attributes in one mapping and a UUID of its own; as it came it has fifty blocks of memory.
    assert (sys.getallocatedblocks() - before) / sum(one.total for one in found.supplies) < 15
