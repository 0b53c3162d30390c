"""Where nodes come and go, an exporter that has not started yet gets time, and a node that has gone needs none."""

from __future__ import annotations

import types
from typing import Any, cast

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.exporters import finding, places
from ai_conformance.checks.exporters.judgements import Expected
from ai_conformance.checks.exporters.places import Found, Place
from ai_conformance.kube import resources

FACTS = catalog.load()
EXPORTER = next(one for one in FACTS.exporters if one.vendor == "lab")
LABEL, _, VALUE = EXPORTER.pod_labels[0].partition("=")
NODE = {"metadata": {"name": "n1"}}
GONE: list[dict[str, Any]] = []


def pod(*, ready: bool, node: str = "n1") -> dict[str, Any]:
    return {
        "metadata": {"namespace": "m", "name": f"exporter-{node}", "labels": {LABEL: VALUE}},
        "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 9400}]}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


class Cluster:
    """Has these nodes and pods at one look after the other, the last ones for ever."""

    catalog = FACTS
    options = types.SimpleNamespace(metrics_endpoints=())

    def __init__(self, *looks: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
        self._looks = list(looks)
        self.session = self
        self.listed = 0

    async def list(self, resource: object, **_: object) -> Any:
        self.listed += 1
        nodes, pods = self._looks[0]
        if resource is resources.NODE:
            return types.SimpleNamespace(items=nodes)
        if resource is resources.DAEMON_SET:
            return types.SimpleNamespace(items=[])
        if len(self._looks) > 1:
            self._looks.pop(0)
        return types.SimpleNamespace(items=pods)

    def seconds(self, wait: waits.Wait) -> float:
        assert wait is waits.METRIC_FOLLOWS
        return 0.05


async def come(cluster: Cluster, *pods: dict[str, Any]) -> list[str]:
    """States of the place's exporters, where these were seen at first."""
    endpoints = tuple(finding.among(pods, known=FACTS.exporters))
    place = Place(
        node="n1",
        vendor=FACTS.vendor("lab"),
        supplies=(),
        expected=Expected(node="n1", devices=(), units=1),
        endpoints=tuple(one for one in endpoints if one.node == "n1"),
        label="n1",
    )
    found = Found(endpoints=endpoints, named=False, workloads=())
    place, _ = await places.once_ready(cast(Any, cluster), place, found=found)
    return [f"{one.node}: {one.ready}" for one in place.endpoints]


async def test_an_exporter_that_is_ready_is_not_looked_for_again() -> None:
    cluster = Cluster((GONE, []))
    assert await come(cluster, pod(ready=True)) == ["n1: True"]
    assert cluster.listed == 0


@pytest.mark.parametrize("first", [[], [pod(ready=False)], [pod(ready=True, node="n2")]])
async def test_an_exporter_that_starts_gets_time(first: list[dict[str, Any]]) -> None:
    other = pod(ready=True, node="n2")
    cluster = Cluster(([NODE], [other, pod(ready=False)]), ([NODE], [other, pod(ready=True)]))
    assert await come(cluster, *first) == ["n1: True"]


async def test_one_that_does_not_come_in_time_is_not_there() -> None:
    assert await come(Cluster(([NODE], [pod(ready=True, node="n2")]))) == []


@pytest.mark.parametrize("nodes", [GONE, [{"metadata": {"name": "n1", "deletionTimestamp": "2026-01-01T00:00:00Z"}}]])
async def test_a_node_that_has_gone_needs_none(nodes: list[dict[str, Any]]) -> None:
    with pytest.raises(outcomes.NotApplicable, match="node n1 has gone since"):
        await come(Cluster((nodes, [pod(ready=True, node="n2")])))
