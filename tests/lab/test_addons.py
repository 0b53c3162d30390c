"""An add-on is installed, works, is not installed twice, and goes without a trace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from ai_conformance.lab.addons import operations
from ai_conformance.lab.addons.jobset import EXAMPLE
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.addons.registry import ADDONS
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.paths import cache_root

pytestmark = pytest.mark.lab

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
EVERYWHERE = (
    "/api/v1/namespaces",
    DEFINITIONS,
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "/apis/apiregistration.k8s.io/v1/apiservices",
)


def names(lab: Lab, paths: Iterable[str] = EVERYWHERE) -> set[str]:
    """Cluster-scoped objects."""
    api = lab.api()
    listed: list[dict[str, Any]] = [item for path in paths for item in api.request("GET", path)["items"]]
    return {item["metadata"]["name"] for item in listed}


def test_an_addon_comes_and_goes(lab: Lab) -> None:
    before = names(lab)
    steps: list[str] = []
    operations.install(lab, ["jobset"], cache=cache_root(), progress=steps.append)
    assert steps[-1] == "jobset works"
    assert installed(lab.state) == {"jobset": True}
    assert "jobsets.jobset.x-k8s.io" in names(lab, [DEFINITIONS])
    path = "/apis/jobset.x-k8s.io/v1alpha2/namespaces/default/jobsets?dryRun=All"
    defaulted = lab.api().request("POST", path, body=EXAMPLE)
    assert defaulted["spec"]["network"] == {"enableDNSHostnames": True, "publishNotReadyAddresses": True}, (
        "the mutating webhook has filled in what was left out"
    )
    again: list[str] = []
    operations.install(lab, ["jobset"], cache=cache_root(), progress=again.append)
    assert again == ["jobset at hand"], "what works is left as it is"
    assert operations.remove(lab, "jobset", progress=steps.append)
    assert not operations.remove(lab, "jobset", progress=steps.append)
    assert (names(lab), installed(lab.state)) == (before, {})


def test_every_addon_is_described_for_users() -> None:
    assert all(addon.memory_mib > 0 and addon.summary for addon in ADDONS)
