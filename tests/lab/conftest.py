"""A running lab for tests that need a cluster, made once for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ai_conformance.lab import bringing_up, registry, taking_down
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.addons.registry import MUSTS, parse
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.options import LabOptions
from lab_addons import having

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
    """The lab with an exporter, a monitoring system and custom metrics."""
    with having(lab, *MONITORING):
        yield lab


@pytest.fixture(scope="module")
def operated(lab: Lab) -> Iterator[Lab]:
    """The lab with an operator, JobSet."""
    with having(lab, "jobset"):
        yield lab


@pytest.fixture(scope="module")
def monitored_by_operator(lab: Lab) -> Iterator[Lab]:
    """The lab with prometheus-operator as its only monitoring system, if no other is there already."""
    if "prometheus" in installed(lab.state):
        pytest.skip("this lab has a Prometheus already that finds workloads by annotation")
    with having(lab, "prometheus-operator"):
        yield lab


@pytest.fixture(scope="module")
def queued(lab: Lab) -> Iterator[Lab]:
    """The lab with Kueue; when that has gone nobody is asked about pods any more."""
    with having(lab, "kueue"):
        yield lab
    if "kueue" not in installed(lab.state):
        for kind in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
            left = lab.api().request("GET", f"/apis/admissionregistration.k8s.io/v1/{kind}")["items"]
            assert [one["metadata"]["name"] for one in left if "kueue" in one["metadata"]["name"]] == []


@pytest.fixture(scope="module")
def routed(lab: Lab) -> Iterator[Lab]:
    """The lab with an implementation of the Gateway API."""
    with having(lab, "gateway"):
        yield lab


@pytest.fixture(scope="module")
def scaled(lab: Lab) -> Iterator[Lab]:
    """The lab with an autoscaler."""
    with having(lab, "karpenter"):
        yield lab


@pytest.fixture(scope="module")
def complete(lab: Lab) -> Iterator[Lab]:
    """The lab with all that the MUSTs are tried with."""
    with having(lab, *parse(MUSTS)):
        yield lab
