"""Exporters are found by labels and images that the catalog knows, or named by the user."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance import catalog
from ai_conformance.checks.exporters import finding, places
from ai_conformance.checks.inventory import Mechanism, Supply

KNOWN = catalog.load().exporters
NVIDIA = catalog.load().vendor("nvidia")


def pod(
    *,
    labels: dict[str, str] | None = None,
    image: str = "registry.example.com/other:1",
    ready: bool = True,
    ports: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "gpu-operator", "name": "exporter-x", "labels": labels or {}},
        "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": image, "ports": ports or []}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def test_a_pod_is_recognised_by_its_label_and_the_sign_is_told() -> None:
    (found,) = finding.among([pod(labels={"app": "nvidia-dcgm-exporter"})], known=KNOWN)
    assert found.exporter is not None
    assert found.exporter.name == "dcgm-exporter"
    assert found.recognised_by == "label app=nvidia-dcgm-exporter"
    assert found.path == "/api/v1/namespaces/gpu-operator/pods/exporter-x:9400/proxy/metrics"


@pytest.mark.parametrize(
    "image",
    [
        "nvcr.io/nvidia/k8s/dcgm-exporter:4.2.0-ubuntu22.04",
        "registry.internal:5000/mirror/dcgm-exporter@sha256:" + "0" * 64,
        "dcgm-exporter",
    ],
)
def test_a_pod_is_recognised_by_its_image_wherever_it_is_mirrored(image: str) -> None:
    (found,) = finding.among([pod(image=image)], known=KNOWN)
    assert found.recognised_by == f"image {image}"


def test_the_port_is_the_one_that_the_pod_names() -> None:
    ports = [{"name": "health", "containerPort": 1}, {"name": "metrics", "containerPort": 9500}]
    (found,) = finding.among([pod(labels={"app": "nvidia-dcgm-exporter"}, ports=ports)], known=KNOWN)
    assert ":9500/" in found.path


def test_a_pod_that_is_not_ready_is_found_as_such() -> None:
    (found,) = finding.among([pod(labels={"app": "nvidia-dcgm-exporter"}, ready=False)], known=KNOWN)
    assert (found.ready, found.state) == (False, "phase Running, not ready")


def test_other_pods_and_those_that_have_ended_are_no_exporters() -> None:
    ended = pod(labels={"app": "nvidia-dcgm-exporter"})
    ended["status"]["phase"] = "Succeeded"
    leaving = pod(labels={"app": "nvidia-dcgm-exporter"})
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert finding.among([pod(), ended, leaving], known=KNOWN) == []


def test_an_endpoint_can_be_an_address() -> None:
    assert finding.named("https://metrics.example.com:9400/metrics").url == "https://metrics.example.com:9400/metrics"


def test_an_endpoint_can_be_a_service_or_pod_of_the_cluster() -> None:
    found = finding.named("monitoring/svc/exporter:metrics")
    assert found.path == "/api/v1/namespaces/monitoring/services/exporter:metrics/proxy/metrics"
    assert finding.named("m/pod/x:9400/probe").path == "/api/v1/namespaces/m/pods/x:9400/proxy/probe"


@pytest.mark.parametrize("text", ["exporter", "ftp://x/metrics", "monitoring/exporter:9400", "a/svc/b", "http://"])
def test_anything_else_is_refused_with_the_forms_that_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="NAMESPACE/svc/NAME:PORT"):
        finding.named(text)


@given(st.text(max_size=60))
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    try:
        found = finding.named(text)
    except ValueError:
        return
    assert bool(found.url) != bool(found.path)


def supply(*, node: str = "n1", total: int = 4) -> Supply:
    return Supply(
        mechanism=Mechanism.DEVICE_PLUGIN, node=node, name="nvidia.com/gpu", vendor=NVIDIA, total=total, free=total
    )


def test_shares_of_a_device_are_not_devices() -> None:
    found = places.Found(endpoints=(), named=False, workloads=())
    node = {"metadata": {"labels": {"nvidia.com/gpu.count": "2"}}}
    (place,) = places.planned([supply(total=8)], found=found, nodes={"n1": node})
    assert place.expected.units == 2
    (bare,) = places.planned([supply(total=8)], found=found, nodes={"n1": {"metadata": {}}})
    assert bare.expected.units == 8


def test_a_place_has_the_exporters_of_its_node_and_vendor() -> None:
    other = pod(labels={"app": "nvidia-dcgm-exporter"})
    other["spec"]["nodeName"] = "n2"
    endpoints = tuple(finding.among([pod(labels={"app": "nvidia-dcgm-exporter"}), other], known=KNOWN))
    found = places.Found(endpoints=endpoints, named=False, workloads=())
    one, two, three = places.planned([supply(node=f"n{index}") for index in (1, 2, 3)], found=found, nodes={})
    assert [len(place.endpoints) for place in (one, two, three)] == [1, 1, 0]


def test_what_the_user_names_tells_of_all_nodes_together() -> None:
    found = places.Found(endpoints=(finding.named("http://x/metrics"),), named=True, workloads=())
    (place,) = places.planned([supply(node="n1"), supply(node="n2")], found=found, nodes={})
    assert (place.node, place.expected.units, len(place.endpoints)) == ("cluster", 8, 1)
