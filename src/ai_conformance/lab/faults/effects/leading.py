"""A controller that does not lead: its pods and webhooks are as they should be, and somebody writes status by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

from ai_conformance.lab.accelerators.api import MERGE_PATCH, Client
from ai_conformance.lab.addons.jobset import NAMESPACE
from ai_conformance.lab.faults.effects import beside
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.effects.operators import PODS, SETTLED_S, deleted, explained, is_ready, restarts
from ai_conformance.lab.faults.model import FaultyLab

_LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
_STRANGER = "somebody-else"
_IMPOSTOR = "impostor"


@dataclasses.dataclass(frozen=True, kw_only=True)
class StatusByHand:
    """The controller does not lead, and a process writes into each JobSet's status what the controller would."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take the lead away, then start the process."""
        with explained():
            stop_leading(Client.with_kubeconfig(lab.kubeconfig))
            beside.start(lab, _IMPOSTOR)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """End it, and let the controller lead."""
        with explained():
            beside.stop(lab, _IMPOSTOR)
            lead_again(Client.with_kubeconfig(lab.kubeconfig))


def stop_leading(api: Client) -> None:
    """Somebody else holds the lease for a day: the manager and its webhooks run, its controllers do not."""
    before = {one["metadata"]["uid"]: restarts(one) for one in api.request("GET", PODS)["items"]}
    (lease,) = api.request("GET", _LEASES)["items"]
    if lease["spec"]["holderIdentity"] == _STRANGER:
        return
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": _STRANGER, "leaseDurationSeconds": 86400, "renewTime": now, "acquireTime": now}
    path = f"{_LEASES}/{lease['metadata']['name']}"
    api.request("PATCH", path, body={"spec": spec}, content_type=MERGE_PATCH)
    wait_for(
        api,
        PODS,
        lambda found: any(restarts(one) > before.get(one["metadata"]["uid"], 0) and is_ready(one) for one in found),
        what="JobSet's manager to give up and to start anew",
        timeout_s=SETTLED_S,
    )


def lead_again(api: Client) -> None:
    """Give the lease up; the manager takes it with its next try."""
    for lease in api.request("GET", _LEASES)["items"]:
        if lease["spec"]["holderIdentity"] == _STRANGER:
            deleted(api, f"{_LEASES}/{lease['metadata']['name']}")
    wait_for(
        api,
        _LEASES,
        lambda found: any(one["spec"].get("holderIdentity") not in (None, "", _STRANGER) for one in found),
        what="JobSet's manager to lead again",
        timeout_s=SETTLED_S,
    )
