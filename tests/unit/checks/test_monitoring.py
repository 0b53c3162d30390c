"""What a monitoring system has to have collected, how it is found, and how a workload is declared to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance import catalog
from ai_conformance.checks import outcomes
from ai_conformance.checks.monitoring import declaring, judgements, queries, systems, workload
from ai_conformance.checks.monitoring.queries import Backend, Series
from ai_conformance.kube.resources import Resource

SYSTEMS = catalog.load().monitoring_systems
KINDS = {one.name: one for one in catalog.load().monitor_kinds}


def vector(*results: dict[str, Any]) -> str:
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": list(results)}})


def test_a_vector_is_read_with_its_labels() -> None:
    text = vector({"metric": {"__name__": "up", "job": "pods"}, "value": [1700000000.1, "1"]})
    assert queries.parse(text, query="up", where="here") == [Series(labels={"__name__": "up", "job": "pods"}, value=1)]


def test_a_scalar_is_a_series_without_labels() -> None:
    text = json.dumps({"data": {"resultType": "scalar", "result": [1.0, "42"]}})
    assert queries.parse(text, query="42", where="here") == [Series(labels={}, value=42)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "[]",
        "{}",
        '{"data": null}',
        '{"data": {"resultType": "matrix", "result": []}}',
        vector({"value": 1}),
    ],
)
def test_another_answer_is_a_failure_that_shows_it(text: str) -> None:
    with pytest.raises(outcomes.Failed, match="not as Prometheus' HTTP API does"):
        queries.parse(text, query="up", where="here")


@given(st.text(max_size=200))
def test_any_answer_is_read_or_a_failure(text: str) -> None:
    try:
        found = queries.parse(text, query="up", where="here")
    except outcomes.Failed:
        return
    assert all(isinstance(one, Series) for one in found)


def test_a_secret_is_not_shown_with_its_backend() -> None:
    assert "hunter2" not in repr(Backend(where="w", recognised_by="r", url="https://x", authorization="Bearer hunter2"))


def test_a_label_value_is_quoted() -> None:
    assert queries.quoted('a"b\\c') == r'"a\"b\\c"'


def test_a_count_may_lag_behind_and_must_not_run_ahead() -> None:
    count = judgements.Count(metric="m")
    assert [count.wrong(value, sent=5) for value in (0, 2, 5)] == ["", "", ""]
    assert count.wrong(6, sent=5) == "m is 6, and only 5 requests were sent"


def test_a_count_that_goes_back_has_restarted() -> None:
    count = judgements.Count(metric="m")
    assert count.wrong(4, sent=9) == ""
    assert "went back from 4 to 1" in count.wrong(1, sent=9)


def test_of_several_jobs_the_newest_value_counts() -> None:
    assert judgements.one_value([Series(labels={"job": "a"}, value=3), Series(labels={"job": "b"}, value=4)]) == 4
    assert judgements.one_value([]) is None


def test_namespace_and_pod_are_found_under_any_label() -> None:
    series = [Series(labels={"kubernetes_namespace": "ns", "kubernetes_pod_name": "declared"}, value=1)]
    found, missing = judgements.naming(series, values={"namespace": "ns", "pod": "declared"})
    assert (found, missing) == ({"namespace": "kubernetes_namespace", "pod": "kubernetes_pod_name"}, [])
    assert judgements.naming(series, values={"pod": "other"})[1] == ["no label says that the pod is other"]


def test_a_target_that_an_earlier_run_has_left_is_not_taken_for_ours() -> None:
    left = Series(labels={"namespace": "before", "pod": "declared", "instance": "10.1.0.7:8080"}, value=0)
    ours = Series(labels={"namespace": "now", "pod": "declared", "instance": "10.1.0.9:8080"}, value=0)
    bare = Series(labels={"job": "pods", "instance": "10.1.0.9:8080"}, value=0)
    renamed = Series(labels={"namespace": "monitoring", "exported_namespace": "now"}, value=0)
    moved = Series(labels={"namespace": "monitoring", "instance": "10.1.0.9:8080"}, value=0)
    seen = judgements.perhaps_of([left, ours, bare, renamed, moved], namespace="now", address="10.1.0.9")
    assert seen == [ours, bare, renamed, moved]


def bucket(le: str, value: float) -> Series:
    return Series(labels={"le": le}, value=value)


SOUND = [bucket("0.1", 2), bucket("1", 5), bucket("+Inf", 5)]


def test_a_sound_histogram_has_nothing_wrong() -> None:
    assert judgements.histogram(SOUND, count=5, total_s=1.5, sent=5) == []


@pytest.mark.parametrize(
    ("buckets", "count", "said"),
    [
        ([], 5.0, "its series _bucket are not there"),
        (SOUND[:2], 5.0, "no bucket le=+Inf"),
        ([bucket("0.1", 9), *SOUND[1:]], 5.0, "not cumulative"),
        ([*SOUND[:2], bucket("+Inf", 6)], 5.0, "has 6 of 5"),
        (SOUND, 4.0, "_count is 4 of 5"),
        (SOUND, None, "its series _count are not there"),
    ],
)
def test_a_histogram_that_cannot_be_is_described(buckets: list[Series], count: float | None, said: str) -> None:
    assert said in "; ".join(judgements.histogram(buckets, count=count, total_s=1.5, sent=5))


def pod(*, labels: dict[str, str] | None = None, image: str = "other", ready: bool = True) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "monitoring", "name": "prometheus-0", "labels": labels or {}},
        "spec": {"containers": [{"name": "c", "image": image, "ports": [{"name": "http-web", "containerPort": 9999}]}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def test_a_monitoring_system_is_recognised_and_the_sign_is_told() -> None:
    (by_label,) = systems.among([pod(labels={"app.kubernetes.io/name": "prometheus"})], known=SYSTEMS)
    assert by_label.recognised_by == "Prometheus, label app.kubernetes.io/name=prometheus"
    assert by_label.path == "/api/v1/namespaces/monitoring/pods/prometheus-0:9999/proxy"
    (by_image,) = systems.among([pod(image="quay.io/prometheus/prometheus:v3.5.0")], known=SYSTEMS)
    assert by_image.recognised_by == "Prometheus, image quay.io/prometheus/prometheus:v3.5.0"


def test_exporters_and_pods_that_are_not_ready_answer_no_queries() -> None:
    labelled = pod(labels={"app.kubernetes.io/name": "prometheus"}, ready=False)
    assert systems.among([pod(image="quay.io/prometheus/node-exporter:v1"), labelled], known=SYSTEMS) == []


def test_a_monitor_bears_the_labels_by_which_it_is_chosen() -> None:
    choosing = [
        {"spec": {}},
        {
            "spec": {
                "podMonitorSelector": {
                    "matchLabels": {"release": "stack"},
                    "matchExpressions": [{"key": "team", "operator": "In", "values": ["ai", "web"]}],
                }
            }
        },
    ]
    assert declaring.wanted_labels(choosing, field="podMonitorSelector") == {"release": "stack", "team": "ai"}
    assert declaring.wanted_labels([], field="podMonitorSelector") == {}


def way(name: str, *choosing: dict[str, Any]) -> declaring.Way:
    kind = KINDS[name]
    resource = Resource(group=kind.group, version="v1", plural="x", kind=kind.kind, namespaced=True)
    return declaring.Way(kind=kind, resource=resource, choosing=choosing)


def chooser(name: str = "main", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": "monitoring", "name": name}, "spec": spec}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_monitor_chooses_our_pod_and_no_other(name: str) -> None:
    kind = KINDS[name]
    stack = chooser(**{f"{kind.choice}Selector": {"matchLabels": {"release": "stack"}}})
    *services, made = way(name, *([stack] if kind.chosen_by else [])).objects(name="m", namespace="ns", run="abc")
    declared = workload.pod("p", "ns", image="i", run="abc", declared=True)
    undeclared = workload.pod("p", "ns", image="i", run="def", declared=False)
    assert len(services) == kind.of_services
    assert "labels" not in undeclared["metadata"]
    port, labels = declared["spec"]["containers"][0]["ports"][0], declared["metadata"]["labels"]
    for service in services:
        assert service["spec"]["selector"].items() <= labels.items()
        assert service["spec"]["ports"][0]["targetPort"] == port["name"]
        port, labels = service["spec"]["ports"][0], service["metadata"]["labels"]
    assert made["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert made["spec"][kind.endpoints][0]["port"] == port["name"]
    assert made["metadata"]["labels"] == ({"release": "stack"} if kind.chosen_by else {})


def test_the_platforms_own_interval_holds_unless_the_kind_wants_one() -> None:
    (of_operator,) = way("pod-monitor").objects(name="m", namespace="ns", run="abc")
    assert "interval" not in of_operator["spec"]["podMetricsEndpoints"][0]
    (managed,) = way("pod-monitoring").objects(name="m", namespace="ns", run="abc")
    assert managed["spec"]["endpoints"][0]["interval"] == "30s"


def test_why_a_monitor_is_not_heard_is_told() -> None:
    assert way("pod-monitor").unheard == "there is no Prometheus to choose it"
    assert way("pod-monitoring").unheard == ""
    none = chooser("none", podMonitorNamespaceSelector={})
    own = chooser("own", podMonitorSelector={})
    assert way("pod-monitor", none, own).unheard == (
        "Prometheus monitoring/none has no podMonitorSelector and so chooses none; "
        "Prometheus monitoring/own has no podMonitorNamespaceSelector and so chooses in its own namespace alone"
    )
    assert way("pod-monitor", none, chooser(podMonitorSelector={}, podMonitorNamespaceSelector={})).unheard == ""


def test_whoever_would_count_twice_declares_once_in_a_way_that_is_heard() -> None:
    services = chooser(serviceMonitorSelector={}, serviceMonitorNamespaceSelector={})
    everything = chooser(podMonitorSelector={}, podMonitorNamespaceSelector={}, **services["spec"])
    for one, chosen in ((everything, "pod-monitor"), (services, "service-monitor"), (chooser(), "pod-monitor")):
        found = [way("pod-monitor", one), way("service-monitor", one), way("pod-monitoring")]
        assert [each.kind.name for each in declaring.once(found)] == [chosen, "pod-monitoring"]


def test_a_namespace_bears_what_all_ways_ask_of_it() -> None:
    one = chooser(
        podMonitorNamespaceSelector={"matchLabels": {"team": "ai"}},
        serviceMonitorNamespaceSelector={"matchExpressions": [{"key": "watched", "operator": "Exists"}]},
    )
    found = [way("pod-monitor", one), way("service-monitor", one)]
    assert declaring.namespace_labels(found) == {"team": "ai", "watched": "true"}


def test_only_the_declared_workload_asks_to_be_scraped() -> None:
    assert workload.pod("p", "ns", image="i", run="a", declared=True)["metadata"]["annotations"]
    assert "annotations" not in workload.pod("p", "ns", image="i", run="a", declared=False)["metadata"]
