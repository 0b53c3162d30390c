"""A helpful hand: `python -m ai_conformance.lab.faults.by_hand`, a process that adds a node where no autoscaler does.

It watches for pods that the scheduler has refused and that select a pool of nodes, and makes one Node object with the
pool's label, as somebody might who starts a machine from a console. It ends when the file that keeps it alive is gone.
"""

from __future__ import annotations

import http.client
import secrets
import sys
import threading
from collections.abc import Mapping
from typing import Any

from ai_conformance.lab import node_pool
from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.faults import rogue

MARK = "lab.ai-conformance/by-hand"
"""A label of what was made so."""
_WATCH_S = 300


def node_for(pod: Mapping[str, Any]) -> dict[str, Any] | None:
    """The Node object that the pod waits for; None where the pod selects no pool, or is not pending."""
    pool = pod["spec"].get("nodeSelector", {}).get(node_pool.POOL_LABEL)
    if not pool or not rogue.refused(pod):
        return None
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"by-hand-{secrets.token_hex(3)}", "labels": {node_pool.POOL_LABEL: pool, MARK: "yes"}},
        "spec": {"taints": [{"key": node_pool.STARTING, "effect": "NoSchedule"}]},
    }


def run(api: Client, started: threading.Event) -> None:
    """Watch until the process ends; one node for each pod."""
    served: set[str] = set()
    pause = threading.Event()

    def consider(pod: Mapping[str, Any]) -> None:
        node = node_for(pod)
        if node is not None and pod["metadata"]["uid"] not in served:
            served.add(pod["metadata"]["uid"])
            api.request("POST", "/api/v1/nodes", body=node)

    while True:
        try:
            found = api.request("GET", "/api/v1/pods")
            started.set()
            for pod in found["items"]:
                consider(pod)
            version = found["metadata"]["resourceVersion"]
            for event in api.watch(f"/api/v1/pods?resourceVersion={version}", timeout_s=_WATCH_S):
                if event["type"] in ("ADDED", "MODIFIED"):
                    consider(event["object"])
        except (ApiError, OSError, http.client.HTTPException, ValueError) as error:
            print(f"by hand: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the process's log
            pause.wait(1)  # the server is away; there is nothing to wait on but time


if __name__ == "__main__":
    rogue.serve(run, description=str(__doc__))
