"""A running lab for tests that need a cluster, made once for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ai_conformance.lab import bringing_up, registry, taking_down
from ai_conformance.lab.addons import operations
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import cache_root

REUSE = "AI_CONFORMANCE_TEST_LAB"


@pytest.fixture(scope="session", autouse=True)
def _root_only() -> None:
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The lab that ``AI_CONFORMANCE_TEST_LAB`` names, which stays; else one of the tests' own, gone at the end.

    Of several workers each has a lab of its own.
    """
    name = os.environ.get(REUSE, "")
    existing = registry.find(name) if name else None
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    options = existing.options if existing else LabOptions(name=name or f"pytest{worker and '-'}{worker}")
    try:
        bringing_up.up(options)
        yield Lab.open(options.name)
    finally:
        if not name and registry.find(options.name) is not None:
            taking_down.down(options.name)


MONITORING = ("exporter", "prometheus", "custom-metrics")


@pytest.fixture(scope="module")
def monitored(lab: Lab) -> Iterator[Lab]:
    """The lab with an exporter, a monitoring system and custom metrics; what was not there goes at the end."""
    there = installed(lab.state)
    operations.install(lab, MONITORING, cache=cache_root(), progress=lambda _: None)
    yield lab
    for name in reversed(MONITORING):
        if name not in there:
            operations.remove(lab, name, progress=lambda _: None)


@pytest.fixture(scope="module")
def operated(lab: Lab) -> Iterator[Lab]:
    """The lab with an operator, JobSet; it goes at the end where it was not there."""
    there = installed(lab.state)
    operations.install(lab, ["jobset"], cache=cache_root(), progress=lambda _: None)
    yield lab
    if "jobset" not in there:
        operations.remove(lab, "jobset", progress=lambda _: None)


@pytest.fixture(scope="module")
def monitored_by_operator(lab: Lab) -> Iterator[Lab]:
    """The lab with prometheus-operator as its only monitoring system, if no other is there already."""
    there = installed(lab.state)
    if "prometheus" in there:
        pytest.skip("this lab has a Prometheus already that finds workloads by annotation")
    operations.install(lab, ["prometheus-operator"], cache=cache_root(), progress=lambda _: None)
    yield lab
    if "prometheus-operator" not in there:
        operations.remove(lab, "prometheus-operator", progress=lambda _: None)


@pytest.fixture(scope="module")
def queued(lab: Lab) -> Iterator[Lab]:
    """The lab with Kueue; if it was not there it goes at the end, and nobody is asked about pods any more."""
    there = installed(lab.state)
    operations.install(lab, ["kueue"], cache=cache_root(), progress=lambda _: None)
    yield lab
    if "kueue" not in there:
        operations.remove(lab, "kueue", progress=lambda _: None)
        for kind in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
            left = lab.api().request("GET", f"/apis/admissionregistration.k8s.io/v1/{kind}")["items"]
            assert [one["metadata"]["name"] for one in left if "kueue" in one["metadata"]["name"]] == []


@pytest.fixture(scope="module")
def routed(lab: Lab) -> Iterator[Lab]:
    """The lab with an implementation of the Gateway API; what was not there goes at the end."""
    there = installed(lab.state)
    operations.install(lab, ["gateway"], cache=cache_root(), progress=lambda _: None)
    yield lab
    for name in ("gateway", "dns"):
        if name not in there:
            operations.remove(lab, name, progress=lambda _: None)


@pytest.fixture(scope="module")
def scaled(lab: Lab) -> Iterator[Lab]:
    """The lab with an autoscaler; it goes at the end if it was not there."""
    there = installed(lab.state)
    operations.install(lab, ["karpenter"], cache=cache_root(), progress=lambda _: None)
    yield lab
    if "karpenter" not in there:
        operations.remove(lab, "karpenter", progress=lambda _: None)
