"""Which monitoring systems are asked: those that are ready, and one that has just been replaced gets time to be."""

from __future__ import annotations

import types
from typing import Any, cast

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.monitoring import systems
from ai_conformance.kube import resources

FACTS = catalog.load()
LABEL, _, VALUE = FACTS.monitoring_systems[0].pod_labels[0].partition("=")


def pod(name: str, *, ready: bool, labels: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "monitoring", "name": name, "labels": {LABEL: VALUE} if labels is None else labels},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


class Cluster:
    """Has these pods at one look after the other, the last ones for ever; a check's context, as far as it is asked."""

    catalog = FACTS
    options = types.SimpleNamespace(prometheus_url="")

    def __init__(self, *looks: list[dict[str, Any]]) -> None:
        self._looks = list(looks)
        self.session = self
        self.listed = 0

    async def list(self, resource: object) -> Any:
        assert resource is resources.POD
        self.listed += 1
        found = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return types.SimpleNamespace(items=[*found, pod("another", ready=True, labels={})])

    def seconds(self, wait: waits.Wait) -> float:
        assert wait is waits.TARGET_FOUND
        return 0.05


async def found(cluster: Cluster) -> list[str]:
    return [one.where for one in await systems.look(cast(Any, cluster))]


async def test_one_that_is_ready_is_taken_at_once() -> None:
    cluster = Cluster([pod("a", ready=True), pod("b", ready=False)])
    assert await found(cluster) == ["pod monitoring/a"]
    assert cluster.listed == 1


async def test_one_that_is_being_replaced_gets_time() -> None:
    assert await found(Cluster([pod("a", ready=False)], [pod("b", ready=True)])) == ["pod monitoring/b"]


async def test_one_that_is_not_ready_in_time_is_a_failure_that_says_so() -> None:
    with pytest.raises(outcomes.Failed, match=r"no monitoring system is ready: pod monitoring/a is Running, not ready"):
        await found(Cluster([pod("a", ready=False)]))


async def test_none_at_all_is_a_failure_at_once() -> None:
    cluster = Cluster([])
    with pytest.raises(outcomes.Failed, match="no monitoring system of a known kind is in the cluster"):
        await found(cluster)
    assert cluster.listed == 1
