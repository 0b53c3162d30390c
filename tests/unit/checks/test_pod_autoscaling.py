"""Whether a custom metrics API is served, what an autoscaler tells, and which pods are the Deployment's."""

from __future__ import annotations

import datetime
import types
from typing import Any, cast

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.autoscaling import pipeline, workload
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.kube import resources
from ai_conformance.lab.custom_metrics import Way, answers

SUPPLY = Supply(
    mechanism=Mechanism.DEVICE_PLUGIN,
    node="n1",
    name="example.com/accelerator",
    vendor=catalog.load().vendor("lab"),
    total=2,
    free=2,
)


def service(version: str, *, available: bool, group: str = pipeline.GROUP) -> dict[str, Any]:
    condition = {"type": "Available", "status": str(available), "message": "no endpoints"}
    return {
        "metadata": {"name": f"{version}.{group}"},
        "spec": {"group": group, "version": version},
        "status": {"conditions": [condition]},
    }


class Cluster:
    """Tells of these APIServices at one look after the other, of the last ones for ever."""

    def __init__(self, *looks: list[dict[str, Any]]) -> None:
        self._looks = list(looks)
        self.session = self

    async def list(self, resource: object) -> Any:
        assert resource is resources.API_SERVICE
        found = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        return types.SimpleNamespace(items=[*found, service("v1beta1", available=True, group="metrics.k8s.io")])

    def seconds(self, wait: waits.Wait) -> float:
        assert wait is waits.TARGET_FOUND
        return 0.05


async def found(*looks: list[dict[str, Any]]) -> pipeline.MetricsApi:
    return await pipeline.look(cast(Any, Cluster(*looks)))


async def test_the_newest_available_version_is_taken() -> None:
    api = await found([service("v1beta1", available=True), service("v1beta2", available=True)])
    assert (api.version, api.service) == ("v1beta2", "APIService v1beta2.custom.metrics.k8s.io")
    api = await found([service("v1beta1", available=True), service("v1beta2", available=False)])
    assert api.version == "v1beta1"


async def test_an_api_that_is_registered_gets_time_to_be_answered() -> None:
    api = await found([service("v1beta2", available=False)], [service("v1beta2", available=True)])
    assert api.version == "v1beta2"


async def test_an_api_that_nobody_answers_is_a_failure_that_says_so() -> None:
    said = r"after 0\.05 s nobody answers it: v1beta2\.custom\.metrics\.k8s\.io: no endpoints"
    with pytest.raises(outcomes.Failed, match=said):
        await found([service("v1beta2", available=False)])


async def test_no_api_at_all_is_a_failure() -> None:
    with pytest.raises(outcomes.Failed, match=r"no API custom\.metrics\.k8s\.io is served"):
        await found([])


def test_an_autoscaler_is_told_in_its_own_words() -> None:
    hpa = {
        "status": {
            "currentReplicas": 1,
            "desiredReplicas": 2,
            "currentMetrics": [{"type": "Pods", "pods": {"current": {"averageValue": "1900"}}}],
            "conditions": [{"type": "ScalingActive", "status": "True", "reason": "ValidMetricFound", "message": "ok"}],
        }
    }
    assert workload.says(hpa) == "1 of 2 desired, sees 1900; ScalingActive=True ValidMetricFound: ok"
    assert workload.says({}) == "0 of 0 desired; no condition"


def test_the_decoy_is_none_of_the_deployments_pods() -> None:
    made = workload.deployment("workers", "ns", image="i", supply=SUPPLY, template=None, run="r", start=100)
    decoy = workload.decoy("decoy", "ns", image="i", supply=SUPPLY, run="r")
    selector = made["spec"]["selector"]["matchLabels"]
    assert selector.items() <= made["spec"]["template"]["metadata"]["labels"].items()
    assert not selector.items() <= decoy["metadata"]["labels"].items()
    assert {*decoy["spec"]["containers"][0]["resources"]["limits"]} == {"cpu", "memory"}
    assert decoy["spec"]["tolerations"] == made["spec"]["template"]["spec"]["tolerations"] != []


def test_pods_of_the_deployment_hold_an_accelerator_each_and_do_not_end() -> None:
    made = workload.deployment("workers", "ns", image="i", supply=SUPPLY, template=None, run="r", start=100)
    spec = made["spec"]["template"]["spec"]
    assert spec["containers"][0]["resources"]["limits"]["example.com/accelerator"] == "1"
    assert not {"activeDeadlineSeconds", "restartPolicy"} & spec.keys()


def test_one_pod_under_load_asks_for_two_and_not_for_three() -> None:
    assert workload.LOW[1] < workload.TARGET < workload.HIGH < 2 * workload.TARGET


NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
SAMPLES = [("ns", "a", 0.5), ("ns", "b", 2.0), ("other", "a", 9.0)]


def test_the_adapter_tells_of_the_pods_that_are_asked_for() -> None:
    found = answers.values("m", namespace="ns", pods=["a"], samples=SAMPLES, now=NOW)
    assert found is not None
    (item,) = found["items"]
    assert (item["describedObject"]["name"], item["value"], item["timestamp"]) == ("a", "500m", "2026-01-02T03:04:05Z")
    assert answers.values("m", namespace="ns", pods=["c"], samples=SAMPLES, now=NOW) is None


def test_the_adapter_knows_its_own_paths() -> None:
    assert answers.asked(f"{answers.ROOT}/namespaces/ns/pods/*/m") == ("ns", "*", "m")
    assert answers.asked(f"{answers.ROOT}/namespaces/ns/services/x/m") is None


def distorted(way: Way, highest: dict[tuple[str, str], float] | None = None) -> list[tuple[str, str, float]]:
    return answers.distorted(SAMPLES, way=way, namespace="ns", pods=["a"], highest={} if highest is None else highest)


def test_each_broken_adapter_is_wrong_in_its_way() -> None:
    assert distorted(Way.SOUND) == SAMPLES
    assert distorted(Way.CONSTANT) == [("ns", "a", 42.0)]
    assert distorted(Way.OTHER_PODS_VALUE) == [("ns", "a", 2.0)]
    assert distorted(Way.NEVER_FALLS, {("ns", "a"): 7.0})[0] == ("ns", "a", 7.0)


def test_the_adapter_asks_every_prometheus_that_is_ready() -> None:
    def pod(address: str, *, ready: bool, port: str) -> dict[str, Any]:
        containers = [
            {"ports": [{"name": "reloader-web", "containerPort": 8080}]},
            {},
            {"ports": [{"name": port, "containerPort": 9090}]},
        ]
        conditions = [{"type": "Ready", "status": str(ready)}]
        return {"spec": {"containers": containers}, "status": {"podIP": address, "conditions": conditions}}

    pods = [
        pod("10.0.0.1", ready=True, port="http"),
        pod("10.0.0.2", ready=False, port="http"),
        pod("10.0.0.3", ready=True, port="web"),
    ]
    assert answers.prometheuses(pods) == ["10.0.0.1:9090", "10.0.0.3:9090"]


def test_the_adapter_tells_one_value_of_a_pod_that_several_jobs_scrape() -> None:
    result = [
        {"metric": {"namespace": "ns", "pod": "p", "job": job}, "value": [1.0, value]}
        for job, value in (("a", "3"), ("b", "4"))
    ]
    assert answers.samples([*result, {"metric": {"job": "c"}, "value": [1.0, "5"]}]) == [("ns", "p", 3.0)]
